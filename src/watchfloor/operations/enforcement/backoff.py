"""How long to wait before somebody else's server is asked again. Pure; the randomness is passed in."""

import random

MOST_ATTEMPTS = 14
FIRST_WAIT_SECONDS = 10.0
GROWTH = 3.0
LONGEST_WAIT_SECONDS = 4 * 3600.0


def wait_seconds(*, attempt: int, rng: random.Random, asked_seconds: float | None = None) -> float:
    """Return the seconds to wait after the attempt of that number failed, from 1.

    Ten seconds at first, three times as long after each failure, four hours at most; a random part of up to
    half is taken off, so that what failed together does not come back together. What the server asked for
    (`Retry-After`) is respected up to the longest wait. The fourteen attempts span about a day.

    >>> wait_seconds(attempt=1, rng=random.Random(1)) <= 10.0
    True
    >>> wait_seconds(attempt=13, rng=random.Random(1)) >= 7200.0
    True
    """
    longest = min(FIRST_WAIT_SECONDS * GROWTH ** (attempt - 1), LONGEST_WAIT_SECONDS)
    wait = longest * (1.0 - 0.5 * rng.random())
    return max(wait, min(asked_seconds or 0.0, LONGEST_WAIT_SECONDS))
