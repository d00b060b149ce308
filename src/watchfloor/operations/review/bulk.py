"""One answer to many cases that look alike: the same object, or the same content, in the same queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from watchfloor.operations.record.statements import call, run
from watchfloor.operations.review.configuration import Answer
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

    """
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
    Left out is what is no look-alike, was taken meanwhile, or may not be this person's.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.
        AnswerRejectedError: the answer does not fit; nothing was written.

    """
    wanted = list(dict.fromkeys(look_alikes))[:MOST_ALIKE]
    values = {"token": lease_token, "now": now, "limit": MOST_ALIKE, "asked": wanted}
    rows = run("review", "look_alikes", values)
    if not rows:
        raise stale(lease_token)
    alike = {row["case_id"] for row in rows}
    reviewer_id, queue_id = rows[0]["reviewer_id"], rows[0]["queue_id"]
    submitted = submit(lease_token=lease_token, answer=answer, now=now, timing=timing)
    done = []
    for case_id in wanted:
        if case_id in alike:
            token = call(_CLAIM_NAMED, (reviewer_id, now, case_id, queue_id))[0][0]
            if token is not None:
                done.append(submit(lease_token=token, answer=answer, now=now))
    answered = {each.case_id for each in done}
    return Bulk(submitted, tuple(done), tuple(each for each in wanted if each not in answered))
