"""Lifts a restriction by hand before its end: the decision stands, and the endpoints told of it are told."""

from datetime import datetime

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.callback_status import tell_status
from watchfloor.operations.enforcement.models import Delivery, Restriction
from watchfloor.operations.enforcement.reaching import case_reach
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit, write_event
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.corrections import decision_row
from watchfloor.operations.review.models import Decision

PERMISSION = "decisions.correct"
SHORTEST_REASON = 10
LONGEST_REASON = 400


class RestrictionStateError(WatchfloorError):
    """The restriction cannot be lifted as asked; nothing was written."""

    status = 409


@transaction.atomic
def lift_restriction(*, restriction_id: int, reason: str, by: Viewer, now: datetime) -> Restriction:
    """Return the restriction, lifted now; the decision, its labels and its statement of reasons stay.

    Raises:
        NotFoundError: there is no such restriction within reach.
        RestrictionStateError: it ended or was lifted already, has not begun, or the reason is too short.

    """
    within = case_reach(viewer=by, permission=PERMISSION, prefix="decision__case__")
    rows = Restriction.objects.filter(within, pk=restriction_id).select_for_update(of=("self",))
    found = rows.select_related("decision__case__queue__data_boundary").first()
    if found is None:
        raise NotFoundError(
            f"There is no restriction {restriction_id}.", remedy="Check the id and your access."
        )
    said = reason.strip()[:LONGEST_REASON]
    if len(said) < SHORTEST_REASON:
        raise RestrictionStateError(
            f"The reason {said!r} is shorter than {SHORTEST_REASON} characters.",
            remedy="Say why the restriction is lifted before its end.",
        )
    if found.lifted_at is not None or (found.ends_at is not None and found.ends_at <= now):
        ended = found.lifted_at or found.ends_at
        raise RestrictionStateError(
            f"Restriction {restriction_id} ended at {ended:%Y-%m-%d %H:%M} UTC.", remedy="Nothing is to do."
        )
    found.lifted_at = now
    found.save(update_fields=["lifted_at"])
    decision = Decision.objects.select_related("case__queue").get(pk=found.decision_id)
    audit(
        actor=by.name,
        action="lift restriction",
        object_kind="case",
        object_id=str(decision.case_id),
        before={"restriction": found.type, "decision": str(decision.pk)},
        after={"restriction": found.type, "lifted_at": now.isoformat(), "reason": said},
        now=now,
        place=place_of(found.decision.case.queue),
    )
    write_event(fact="decision", key=str(decision.pk), payload=decision_row(decision))
    _tell(found, now)
    return found


def _tell(restriction: Restriction, now: datetime) -> None:
    """Queue a message for each endpoint that was told of the decision."""
    told = Delivery.objects.filter(decision=restriction.decision_id, kind="made").order_by("endpoint_id")
    messages = [
        Delivery(
            decision_id=restriction.decision_id,
            endpoint_id=each.endpoint_id,
            kind="lifted",
            restriction=restriction,
            # One that lies outside the case's data boundary was refused then, and is refused now.
            state="dead" if _is_outside(each) else "pending",
            response=each.response if _is_outside(each) else {},
            next_at=now,
            created_at=now,
            fact=each.fact,
        )
        for each in told
    ]
    Delivery.objects.bulk_create(messages)
    tell_status(facts={each.decision_id: each.fact for each in messages}, now=now)


def _is_outside(delivery: Delivery) -> bool:
    return delivery.state == "dead" and delivery.attempt == 0
