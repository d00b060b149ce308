"""Guards of changes that higher features offer: what they say against one, and approval is refused.

Queues stand below the features that know what a change would do (`insights` knows how a template on trial
did), so those register here when the application starts. An approver may go on in spite of it and says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from watchfloor.operations.queues.models import Queue, QueueVersion


@dataclass(frozen=True, slots=True)
class Change:
    """The version in force, and the one that would take its place now."""

    queue: Queue
    before: QueueVersion
    after: QueueVersion
    now: datetime


ChangeGuard = Callable[[Change], list[str]]
_GUARDS: dict[str, ChangeGuard] = {}


def register_change_guard(name: str, guard: ChangeGuard) -> None:
    """Have the guard asked about every change from now on; a second one of that name takes its place."""
    _GUARDS[name] = guard


def change_faults(change: Change) -> list[str]:
    """Return what the guards say against the change, one sentence each; empty when nothing does."""
    return [fault for name in sorted(_GUARDS) for fault in _GUARDS[name](change)]
