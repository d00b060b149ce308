"""Guards of a queue's states that higher features offer: what they say against a step, and they are asked.

Queues stand below the features that know whether a queue is ready (`launches`), so those register here when
the application starts. `services.transition` is the only way between states, and asks every guard inside its
transaction, with the queue locked: pages, administration and API pass the same guards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.viewers import Viewer


@dataclass(frozen=True, slots=True)
class Step:
    """A step between states that somebody wants to take now."""

    queue: Queue
    before: str
    to: str
    by: Viewer
    now: datetime


Guard = Callable[[Step], list[str]]
_GUARDS: dict[str, Guard] = {}


def register_guard(name: str, guard: Guard) -> None:
    """Have the guard asked about every step from now on; a second one of that name takes its place."""
    _GUARDS[name] = guard


def guard_faults(step: Step) -> list[str]:
    """Return what the guards say against the step, one sentence each; empty when it may be taken."""
    return [fault for name in sorted(_GUARDS) for fault in _GUARDS[name](step)]
