"""What a simulated case carries: content that a reviewer can look at, and beside it what it really is."""

from typing import Any, Protocol
from zlib import crc32

from watchfloor.operations.review.actors import TRUTH
from watchfloor.science.simulation.content import content_for

CLEAR = "no_violation"


class Simulated(Protocol):
    """A case of the simulation, arriving or open."""

    @property
    def queue(self) -> str:
        """Slug of the queue; its first part is the surface."""

    @property
    def language(self) -> str:
        """Language of the case."""

    @property
    def media_seconds(self) -> float | None:
        """Length of its media."""

    @property
    def true_label(self) -> str:
        """What it really is."""


def simulated_content(case: Simulated, *, key: str) -> dict[str, Any]:
    """Return the case's content, the same for the same key, with its truth for the actor alone."""
    policy, _, label = case.true_label.partition(".")
    content = content_for(
        surface=case.queue.split("-")[0],
        policy=policy,
        language=case.language,
        violative=label != CLEAR,
        seed=crc32(key.encode()),
        media_seconds=case.media_seconds,
    )
    return {**content, TRUTH: case.true_label}
