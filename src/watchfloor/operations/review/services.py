"""The writes of the review floor, by the names the other features use."""

from watchfloor.operations.review.activity import end_activity, enter_state
from watchfloor.operations.review.bulk import Bulk, bulk_submit, look_alikes
from watchfloor.operations.review.cases import Enqueued, NewCase
from watchfloor.operations.review.configuration import Answer
from watchfloor.operations.review.door import Refusal, enter, enter_batch
from watchfloor.operations.review.drafts import draft_of, save_draft
from watchfloor.operations.review.enqueueing import enqueue, enqueue_batch
from watchfloor.operations.review.recording import Timing, write_review
from watchfloor.operations.review.sending import hold, send_to, take_back
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
    "Bulk",
    "ClaimedCase",
    "Enqueued",
    "NewCase",
    "Refusal",
    "Submitted",
    "Timing",
    "bulk_submit",
    "claim",
    "claim_many",
    "draft_of",
    "end_activity",
    "enqueue",
    "enqueue_batch",
    "enter",
    "enter_batch",
    "enter_state",
    "escalate",
    "expire_leases",
    "hold",
    "look_alikes",
    "release",
    "renew",
    "return_leases",
    "save_draft",
    "send_to",
    "skip",
    "start_lease",
    "submit",
    "take_back",
    "write_review",
]
