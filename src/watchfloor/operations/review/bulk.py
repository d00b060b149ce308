"""One answer to many cases that look alike: the same object, or the same content, in the same queue.

A severe case, one hinted critical and a case of training are answered alone: somebody looks at each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from watchfloor.operations.record.statements import call, run
from watchfloor.operations.review.configuration import Answer
from watchfloor.operations.review.errors import AnswerRejectedError, BulkRefusedError
from watchfloor.operations.review.models import Lease
from watchfloor.operations.review.recording import NOT_MEASURED, Timing
from watchfloor.operations.review.serving import stale
from watchfloor.operations.review.turns import Submitted, submit

MOST_ALIKE = 200
_CLAIM_NAMED = "SELECT review_claim_named(%s::bigint, %s::timestamptz, %s::uuid, %s::bigint)"


@dataclass(frozen=True, slots=True)
class Bulk:
    """What became of the case in hand and of those that look like it; `left` were not answered."""

    submitted: Submitted
    alike: tuple[Submitted, ...]
    left: tuple[UUID, ...]


def look_alikes(*, lease_token: UUID, now: datetime, limit: int = MOST_ALIKE) -> list[UUID]:
    """Return the waiting cases of the same queue with the same object or the same content, oldest first.

    Raises:
        StaleLeaseError: the lease no longer holds.
        BulkRefusedError: cases of this kind are answered alone.

    """
    _refuse_alone(lease_token)
    rows = run("review", "look_alikes", {"token": lease_token, "now": now, "limit": limit, "asked": None})
    if not rows:
        raise stale(lease_token)
    return [row["case_id"] for row in rows if row["case_id"]]


@transaction.atomic
def bulk_submit(
    *,
    lease_token: UUID,
    look_alikes: Sequence[UUID],
    answer: Answer,
    now: datetime,
    timing: Timing = NOT_MEASURED,
) -> Bulk:
    """Answer the case in hand, and with it the named cases that look alike and still wait for such an answer.

    Each gets a review and what follows from it, as if claimed and answered alone; its handle time is zero.
    Left out is what is no look-alike, was taken meanwhile, may not be this person's, is grave by itself, or
    is shown in a form that this answer does not fit.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.
        BulkRefusedError: cases of this kind are answered alone; nothing was written.
        AnswerRejectedError: the answer does not fit; nothing was written.

    """
    _refuse_alone(lease_token)
    wanted = list(dict.fromkeys(look_alikes))[:MOST_ALIKE]
    values = {"token": lease_token, "now": now, "limit": MOST_ALIKE, "asked": wanted}
    rows = run("review", "look_alikes", values)
    if not rows:
        raise stale(lease_token)
    alike = {row["case_id"] for row in rows}
    reviewer_id, queue_id = rows[0]["reviewer_id"], rows[0]["queue_id"]
    submitted = submit(lease_token=lease_token, answer=answer, now=now, timing=timing)
    done = [
        one
        for case_id in wanted
        if case_id in alike and (one := _answer_also(case_id, reviewer_id, queue_id, answer, now))
    ]
    answered = {each.case_id for each in done}
    return Bulk(submitted, tuple(done), tuple(each for each in wanted if each not in answered))


def _answer_also(
    case_id: UUID, reviewer_id: int, queue_id: int, answer: Answer, now: datetime
) -> Submitted | None:
    """Return what came of one look-alike; None where it was left, and then still waits."""
    try:
        with transaction.atomic():
            token = call(_CLAIM_NAMED, (reviewer_id, now, case_id, queue_id))[0][0]
            return submit(lease_token=token, answer=answer, now=now) if token else None
    except AnswerRejectedError:  # a canary of the template asks for other fields
        return None


def _refuse_alone(lease_token: UUID) -> None:
    lease = Lease.objects.select_related("queue", "case").filter(pk=lease_token).first()
    if lease is None:
        raise stale(lease_token)
    for is_so, kind in (
        (lease.exposure_class == "severe", "severe content"),
        (lease.case.severity_hint == "critical", "a critical hint"),
        (lease.queue.purpose == "training", "training"),
    ):
        if is_so:
            raise BulkRefusedError(
                f"A case of {kind} is answered alone, not together with others.",
                remedy="Answer it by itself; the next one follows.",
            )
