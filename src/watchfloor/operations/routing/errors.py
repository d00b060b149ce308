"""What can be wrong with a strategy or a rule set."""

from watchfloor.kernel import WatchfloorError


class RoutingError(WatchfloorError):
    """A strategy or a rule set cannot be written as asked."""
