"""What can be wrong with a target or a plan."""

from watchfloor.kernel import WatchfloorError


class TargetError(WatchfloorError):
    """A target or a plan cannot be written as asked.

    TargetError
    ├── ScopeError     a scope names a dimension that the metric does not know, or no value
    ├── OverlapError   two targets of one unit and kind would hold at once
    └── GuardError     a guard refuses it: a speed target alone, a weight that does not sum, a ratchet
    """


class ScopeError(TargetError):
    """The scope of a target names what the metric cannot be split by, or nothing."""


class OverlapError(TargetError):
    """Two targets of the same unit, kind and period would hold at the same time."""


class GuardError(TargetError):
    """A guard refuses the target; the message says which and what would satisfy it."""
