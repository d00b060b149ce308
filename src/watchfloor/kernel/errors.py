"""The base of every error that a person may see. Specific errors stand beside the code that raises them.

WatchfloorError
├── PeriodError            kernel.periods
└── one family a room      facts.*, metrics.*, settings.*, operations.*
"""


class WatchfloorError(Exception):
    """Something could not be done; the message names the value, the limit and the remedy.

    Args:
        message: What is wrong, naming the offending value and the limit it broke.
        remedy: What the reader can do about it, as one sentence.

    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}".strip())
