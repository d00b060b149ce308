"""Closes a case that nobody needs to review any more: it leaves its queue without a decision."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Case, Held, Pending, QueueDelta


@transaction.atomic
def close_waiting(*, case_id: UUID, reason: str, by: Viewer, now: datetime) -> bool:
    """Return whether the case was taken out of its queue; one in hand or decided stays as it is.

    The caller knows that `by` may: what asked for the case, an appeal say, was theirs to end.
    """
    taken, _ = Pending.objects.filter(case_id=case_id).delete()
    aside, _ = Held.objects.filter(case_id=case_id).delete()
    if not taken and not aside:
        return False
    case = Case.objects.select_related("queue__data_boundary").get(pk=case_id)
    QueueDelta.objects.create(queue_id=case.queue_id, backlog=-1, at=now)
    audit(
        actor=by.name,
        action="close case",
        object_kind="case",
        object_id=str(case_id),
        after={"reason": reason[:200]},
        now=now,
        place=place_of(case.queue),
    )
    return True
