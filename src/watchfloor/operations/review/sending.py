"""Cases that are put aside, sent to a named reviewer or another queue, or taken back by a team lead.

A case sent to a person waits for them alone until they leave or most of the time to its deadline is gone. A
case sent to another queue becomes a child case there, whose decision also decides this one, as in an
escalation.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from watchfloor.operations.people.models import Certification, Reviewer
from watchfloor.operations.queues.models import Queue, SopAcknowledgement
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.errors import NotServableError
from watchfloor.operations.review.escalation import open_child
from watchfloor.operations.review.models import ActivityInterval, Case, Held, Lease, Pending, QueueDelta
from watchfloor.operations.review.selectors import cases
from watchfloor.operations.review.serving import stale
from watchfloor.operations.review.turns import Ending, Submitted, end_or_refuse, peek

LONGEST_HOLD = timedelta(days=30)
# Share of the time to the deadline for which a case waits for one person alone.
RESERVED_SHARE = 0.8


@transaction.atomic
def hold(
    *, lease_token: UUID, until: datetime, reason: str, now: datetime, by: Viewer | None = None
) -> Submitted:
    """Put a case aside until an instant; then it waits first for the person who held it.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.
        NotServableError: the instant lies behind, or more than thirty days ahead.

    """
    if not now < until <= now + LONGEST_HOLD:
        raise NotServableError(
            f"A case cannot be put aside until {until.isoformat()}.",
            remedy=f"Name an instant after now, at most {LONGEST_HOLD.days} days ahead.",
        )
    lease = peek(lease_token, now)
    ending = Ending(
        sent_to=lease["reviewer_id"], sent_until=_alone_until(lease["deadline_at"], until), hold_until=until
    )
    done = end_or_refuse(lease_token, now, "returned", reason=reason, ending=ending)
    _note(lease["case_id"], "hold case", by, now, {"until": until.isoformat(), "reason": reason})
    return done


@transaction.atomic
def take_back(*, lease_token: UUID, by: Viewer, now: datetime, reason: str) -> Submitted:
    """Return a case from a person's hands to its queue, whether or not its lease still runs.

    Raises:
        NotFoundError: the case does not lie within the caller's reach.
        StaleLeaseError: there is no such lease.

    """
    by.require("cases.assign")
    lease = peek(lease_token, now, late=True)
    _require_reach(lease["case_id"], by)
    done = end_or_refuse(lease_token, now, "returned", reason=reason, late=True)
    detail = {"reviewer": lease["dimensions"]["reviewer_id"], "reason": reason}
    _note(lease["case_id"], "take back case", by, now, detail)
    return done


@transaction.atomic
def send_to(
    *,
    by: Viewer,
    reason: str,
    now: datetime,
    case_id: UUID | None = None,
    lease_token: UUID | None = None,
    reviewer: Reviewer | None = None,
    queue: Queue | None = None,
) -> UUID:
    """Send a case to a reviewer or to a queue; return the case that waits there.

    Args:
        by: Who sends it; a team lead names the case, whoever holds it may name their lease.
        reason: Why, for the audit trail.
        now: When.
        case_id: A case that waits, is held or is in somebody's hands.
        lease_token: The lease of a case in somebody's hands.
        reviewer: Who is to have it, and nobody else until they leave or its deadline comes near.
        queue: Where it is to go, as a child case.

    Raises:
        NotFoundError: the case does not lie within the caller's reach.
        StaleLeaseError: the lease no longer holds.
        NotServableError: the case is not open, or the person or queue may not have it.

    """
    if (case_id is None) == (lease_token is None) or (reviewer is None) == (queue is None):
        raise NotServableError(
            "A case is sent by its id or its lease, to one reviewer or one queue.",
            remedy="Name one of each.",
        )
    found: UUID
    if lease_token is not None:
        found = peek(lease_token, now)["case_id"]
        if not by.can("cases.work"):
            by.require("cases.assign")
    else:
        by.require("cases.assign")
        _require_reach(case_id, by)
        assert case_id is not None  # noqa: S101 -- exactly one of the two was given
        found = case_id
    case = Case.objects.select_related("queue__current_version", "queue__data_boundary").get(pk=found)
    if reviewer is not None:
        _require_fit(reviewer, case)
    sent_to: dict[str, object] = {"reviewer": reviewer.code} if reviewer else {}
    stands = _leave_place(case, lease_token, reviewer, reason, now)
    if queue is not None:
        sent_to = {"queue": queue.slug}
        found = open_child(case_id=case.pk, queue_id=queue.pk, excluded=stands, now=now)
    _note(case.pk, "send case", by, now, {**sent_to, "reason": reason})
    return found


def _leave_place(
    case: Case, lease_token: UUID | None, reviewer: Reviewer | None, reason: str, now: datetime
) -> list[int]:
    """Return who may not have the case, after it left where it stood, for one person or another queue."""
    alone_until = _alone_until(case.deadline_at, now)
    lease = Lease.objects.select_for_update().filter(case=case).first()
    if lease is not None:
        excluded = [*lease.excluded]
        if reviewer is not None:
            ending = Ending(sent_to=reviewer.pk, sent_until=alone_until)
        else:
            ending = Ending(next_turn=None)
        outcome = "returned" if reviewer else "escalated"
        end_or_refuse(lease.token, now, outcome, reason=reason, late=lease_token is None, ending=ending)
        return [*excluded, lease.reviewer_id]
    if lease_token is not None:
        raise stale(lease_token)
    waiting = Pending.objects.select_for_update().filter(case=case).first()
    aside = None if waiting else Held.objects.select_for_update().filter(case=case).first()
    stands = waiting or aside
    if stands is None:
        raise NotServableError(
            f"Case {case.pk} does not wait for review.", remedy="Reopen it if it was decided."
        )
    if reviewer is None:
        stands.delete()
        QueueDelta.objects.create(queue_id=case.queue_id, backlog=-1, at=now)
        return list(stands.excluded)
    stands.reserved_for, stands.reserved_until = reviewer.pk, alone_until
    if aside is not None:
        aside.until = now
    stands.save()
    if aside is not None:
        run("review", "return_held", {"now": now, "limit": 1})
    return list(stands.excluded)


def _alone_until(deadline_at: datetime, since: datetime) -> datetime:
    left = deadline_at - since
    return since + left * RESERVED_SHARE if left > timedelta(0) else since


def _require_reach(case_id: UUID | None, by: Viewer) -> None:
    if case_id is None or not cases(viewer=by, permission="cases.assign").filter(pk=case_id).exists():
        raise NotFoundError(f"There is no case {case_id}.", remedy="Check the id and your access.")


def _require_fit(reviewer: Reviewer, case: Case) -> None:
    """Refuse to send a case to somebody who could not be served it."""
    version = case.queue.current_version
    waits = Pending.objects.filter(case=case).first() or Lease.objects.filter(case=case).first()
    excluded = waits.excluded if waits else []
    away = ActivityInterval.objects.filter(reviewer=reviewer, state="offline").exists()
    reasons = {
        "is not active": not reviewer.active,
        "is offline": away,
        "is outside the queue's data boundary": case.queue.data_boundary_id
        not in {None, reviewer.data_boundary_id},
        "does not read its language": bool(case.language) and case.language not in reviewer.languages,
        "lacks a skill": version is not None and not set(version.required_skills) <= set(reviewer.skills),
        "is not certified for its policy": version is not None
        and version.certification_required
        and not Certification.objects.filter(
            reviewer=reviewer, policy=version.policy_slug, policy_version=version.policy_number or 0
        ).exists(),
        "has not read its procedure": version is not None
        and version.sop_required
        and not SopAcknowledgement.objects.filter(
            reviewer=reviewer, sop__queue=case.queue, sop__version=version.sop_version or 0
        ).exists(),
        "worked on it before": reviewer.pk in excluded,
    }
    if wrong := [reason for reason, holds in reasons.items() if holds]:
        raise NotServableError(
            f"Reviewer {reviewer.code} cannot have case {case.pk}: {reviewer.code} {wrong[0]}.",
            remedy="Choose somebody whom the queue would serve.",
        )


def _note(case_id: UUID, action: str, by: Viewer | None, now: datetime, detail: dict[str, object]) -> None:
    if by is None:
        return
    queue = Queue.objects.select_related("data_boundary").get(cases__id=case_id)
    audit(
        actor=by.name,
        action=action,
        object_kind="case",
        object_id=str(case_id),
        after=detail,
        now=now,
        place=place_of(queue),
    )
