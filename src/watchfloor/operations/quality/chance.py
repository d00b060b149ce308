"""The generator that the edge passes in: pages and jobs make one, all below takes it as an argument."""

import random
import secrets


def fresh_generator() -> random.Random:
    """Return a new generator, seeded from the system."""
    return random.Random(secrets.randbits(64))  # noqa: S311 -- chooses among cases; no secret depends on it
