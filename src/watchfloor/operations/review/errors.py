"""What can go wrong between a case and its decision.

ReviewError
├── BatchRejectedError      at least one case of a batch is wrong; nothing was enqueued
├── StrategyRefusedError    the case's strategy may not send it now; the same case may come later
├── StaleLeaseError         the lease ended, was taken back or never was; nothing was written
├── NotServableError        a case cannot be sent, held or given as asked
├── BulkRefusedError        each case of this kind is answered alone; nothing was written
└── AnswerRejectedError     labels, action or fields do not fit what the queue asks
"""

from collections.abc import Sequence
from dataclasses import dataclass

from watchfloor.kernel import WatchfloorError


class ReviewError(WatchfloorError):
    """A case could not be enqueued, claimed or answered."""


@dataclass(frozen=True, slots=True)
class ItemError:
    """What is wrong with one case of a batch."""

    index: int
    field: str
    message: str
    remedy: str = ""


class BatchRejectedError(ReviewError):
    """At least one case of a batch is wrong, so none was enqueued."""

    def __init__(self, items: Sequence[ItemError], *, size: int) -> None:
        self.items = tuple(items)
        wrong = len({item.index for item in items})
        first = items[0]
        super().__init__(
            f"{wrong} of {size} cases cannot be enqueued, so none was; case {first.index}: {first.message}",
            remedy="Correct the cases listed and send the whole batch again.",
        )


class StaleLeaseError(ReviewError):
    """The lease no longer holds; nothing was written."""

    status = 409


class AnswerRejectedError(ReviewError):
    """The answer does not fit the queue's policy or template."""


class BulkRefusedError(ReviewError):
    """One answer may not be given to many cases of this kind; nothing was written."""

    status = 409


class StrategyRefusedError(ReviewError):
    """The case's strategy has ended, has not started, is over its throttle, or leaves it out of its trial."""

    status = 409


class NotServableError(ReviewError):
    """The case cannot be sent, held or given as asked; nothing was written."""

    status = 409
