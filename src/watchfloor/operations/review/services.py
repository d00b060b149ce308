"""The writes of the review floor, by the names the other features use."""

from watchfloor.operations.review.activity import end_activity, enter_state
from watchfloor.operations.review.cases import Enqueued, NewCase
from watchfloor.operations.review.configuration import Answer
from watchfloor.operations.review.enqueueing import enqueue, enqueue_batch
from watchfloor.operations.review.recording import Timing, write_review
from watchfloor.operations.review.serving import ClaimedCase, claim, claim_many, renew, start_lease
from watchfloor.operations.review.turns import (
    Submitted,
    escalate,
    expire_leases,
    release,
    return_leases,
    skip,
    submit,
)

__all__ = [
    "Answer",
    "ClaimedCase",
    "Enqueued",
    "NewCase",
    "Submitted",
    "Timing",
    "claim",
    "claim_many",
    "end_activity",
    "enqueue",
    "enqueue_batch",
    "enter_state",
    "escalate",
    "expire_leases",
    "release",
    "renew",
    "return_leases",
    "skip",
    "start_lease",
    "submit",
    "write_review",
]
