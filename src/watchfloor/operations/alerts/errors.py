"""What can be wrong with a rule, an alert or a channel."""

from watchfloor.kernel import WatchfloorError


class AlertError(WatchfloorError):
    """An alert cannot be moved as asked.

    AlertError
    ├── RuleError      a rule cannot be written as asked
    └── ChannelError   a channel cannot be set up or reached as asked
    """


class RuleError(AlertError):
    """A rule cannot be written as asked; the message names the part, its limit and the remedy."""


class ChannelError(AlertError):
    """A channel cannot be set up or used as asked."""
