"""What can be wrong with a proposal."""

from watchfloor.kernel import WatchfloorError


class GovernanceError(WatchfloorError):
    """A definition cannot be proposed, approved or retired as asked."""
