"""Guards of a strategy's states that higher features offer: what its canary showed, before it sends in full.

Routing stands below the feature that measures what strategies bring (`intake`), so that one registers here
when the application starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from watchfloor.operations.routing.models import Strategy


@dataclass(frozen=True, slots=True)
class Turn:
    """A step between a strategy's states that somebody wants to take now."""

    strategy: Strategy
    before: str
    to: str
    now: datetime


TurnGuard = Callable[[Turn], list[str]]
_GUARDS: dict[str, TurnGuard] = {}


def register_turn_guard(name: str, guard: TurnGuard) -> None:
    """Have the guard asked about every step from now on; a second one of that name takes its place."""
    _GUARDS[name] = guard


def turn_faults(turn: Turn) -> list[str]:
    """Return what the guards say against the step, one sentence each; empty when it may be taken."""
    return [fault for name in sorted(_GUARDS) for fault in _GUARDS[name](turn)]
