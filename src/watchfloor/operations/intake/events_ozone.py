"""What Ozone's events do here beside reporting: send an item's open case up, and withdraw its decision.

Each is what a person's own call would do, by the same service, permission and audit row; none decides for a
person. Every other event is refused with what takes its place (`shapes_atproto.INSTEAD`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.intake.shapes_atproto import EVENTS, subject_of
from watchfloor.operations.record.models import AuditEntry
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.corrections import withdraw
from watchfloor.operations.review.models import Case, Decision, Held, Lease, Pending
from watchfloor.operations.review.sending import send_to
from watchfloor.operations.routing.models import Report

ESCALATE = f"{EVENTS}modEventEscalate"
REVERSE_TAKEDOWN = f"{EVENTS}modEventReverseTakedown"
ACTING = {ESCALATE: "cases.assign", REVERSE_TAKEDOWN: "decisions.correct"}
LONGEST_REASON = 200


class EventStateError(WatchfloorError):
    """The item's case does not stand where the event would have it; nothing was written."""

    status = 409


def act(*, body: Mapping[str, Any], queue: str, client: str, by: Viewer, now: datetime) -> int:
    """Do what an Ozone event asks for and return the number of its audit entry.

    Raises:
        NotPermittedError: the caller's token does not hold the permission of the same act by hand.
        ReportRefusedError: the subject cannot be read.
        EventStateError: no case of the item, or more than one, stands where the event would have it.

    """
    kind = str(body["event"]["$type"])
    by.require(ACTING[kind])
    item_id, _, _ = subject_of(body["subject"])
    comment = str(body["event"].get("comment") or "")
    reason = f"{body['createdBy']}: {comment}".strip(": ")[:LONGEST_REASON]
    reported = Report.objects.filter(client=client, item_id=item_id)
    case_ids = set((reported.filter(queue=queue) if queue else reported).values_list("case_id", flat=True))
    with transaction.atomic():
        if kind == ESCALATE:
            acted = _send_up(item_id, case_ids, reason=reason, by=by, now=now)
        else:
            acted = _withdraw(item_id, case_ids, reason=reason, by=by, now=now)
        entries = AuditEntry.objects.filter(actor=by.name, object_id=str(acted))
        return int(entries.order_by("-id").values_list("pk", flat=True)[0])


def _send_up(item_id: str, case_ids: set[UUID], *, reason: str, by: Viewer, now: datetime) -> UUID:
    """Send the item's waiting case to the queue that its own escalates to; return the case."""
    waiting = {
        case_id
        for model in (Pending, Held)
        for case_id in model.objects.filter(case_id__in=case_ids).values_list("case_id", flat=True)
    }
    if not waiting and Lease.objects.filter(case_id__in=case_ids).exists():
        raise EventStateError(
            f"The case of {item_id!r} is in somebody's hands.",
            remedy="Wait for their answer; they can send it up themselves.",
        )
    case = Case.objects.select_related("queue__current_version__escalation_queue").get(
        pk=_only(waiting, item_id, "waits")
    )
    version = case.queue.current_version
    above = version.escalation_queue if version else None
    if above is None:
        raise EventStateError(
            f"Queue {case.queue.slug!r} escalates nowhere.", remedy="Name its escalation queue first."
        )
    send_to(case_id=case.pk, queue=above, reason=reason, by=by, now=now)
    return case.pk


def _withdraw(item_id: str, case_ids: set[UUID], *, reason: str, by: Viewer, now: datetime) -> UUID:
    """Withdraw the item's decision that restricts, and those of its child cases; return the case."""
    standing = _restricting(case_ids)
    case_id = _only(set(standing.values()), item_id, "carries a decision that restricts")
    family = {case_id}
    while found := set(Case.objects.filter(parent__in=family).values_list("pk", flat=True)) - family:
        family |= found
    for decision_id in sorted(_restricting(family)):
        withdraw(decision_id=decision_id, reason=reason, by=by, now=now)
    return case_id


def _restricting(case_ids: set[UUID]) -> dict[UUID, UUID]:
    """Return the decisions in force that restrict something, with their cases."""
    rows = Decision.objects.filter(case_id__in=case_ids, withdrawn_at__isnull=True, violative=True)
    in_force = rows.exclude(pk__in=Decision.objects.filter(supersedes__isnull=False).values("supersedes"))
    return dict(in_force.values_list("pk", "case_id"))


def _only(found: set[UUID], item_id: str, stands: str) -> UUID:
    if len(found) == 1:
        return next(iter(found))
    if not found:
        raise EventStateError(
            f"No case of {item_id!r} {stands}.", remedy="Report it, or look at what was decided."
        )
    raise EventStateError(
        f"{len(found)} cases of {item_id!r} stand so, in different queues.", remedy="Name one by ?queue=."
    )
