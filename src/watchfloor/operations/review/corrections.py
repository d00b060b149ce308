"""Decisions after the first: corrected, withdrawn, or opened again. Nothing is overwritten.

A correction is a review of kind `correction` and a decision of the next version that supersedes the last. A
withdrawal marks a decision that has no successor. A reopened case waits for one more turn by somebody new,
whose decision supersedes. What follows from each outside (callbacks, restrictions, appeals) is read from the
decision's event by `enforcement`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.models import SERVING_STATES, QueueVersion
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.services import audit, write_event
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.configuration import Answer, answer_rules
from watchfloor.operations.review.errors import ReviewError
from watchfloor.operations.review.models import Case, Decision, Lease, Pending, QueueDelta, Review
from watchfloor.operations.review.recording import case_dimensions, person_dimensions, write_review
from watchfloor.operations.review.waiting import Held

PERMISSION = "decisions.correct"


class DecisionStateError(ReviewError):
    """The case or its decision does not stand where it would have to; nothing was written."""

    status = 409


@transaction.atomic
def correct(
    *,
    case_id: UUID,
    reviewer: Reviewer | None,
    answer: Answer,
    reason: str,
    by: Viewer,
    now: datetime,
    rule: str = "correction_wins",
    queue_version: QueueVersion | None = None,
) -> Decision:
    """Return the decision that supersedes the case's last one, settled by a correction review.

    A parent that was decided by this case's escalation, and so carries the same decision, is corrected too.

    Args:
        case_id: The case; it must have been decided.
        reviewer: Whose answer it is; None when nobody under a reviewer's code gave it.
        answer: The labels, action and fields that hold now.
        reason: Why, for the audit trail.
        by: Who asks; the case must lie within their reach.
        now: When the correction is made.
        rule: The rule that the new decision names.
        queue_version: The configuration that the answer must fit; the one of the last turn by default.

    Raises:
        NotFoundError: there is no such case within reach.
        DecisionStateError: the case has no decision yet.
        AnswerRejectedError: the answer does not fit.

    """
    case = _locked_case(case_id, by)
    superseded = _last_decision(case)
    review = write_review(
        case=case,
        kind="correction",
        reviewer=reviewer,
        answer=answer,
        assigned_at=now,
        now=now,
        blind=False,
        reason=reason,
        queue_version=queue_version,
    )
    corrected = _supersede(case, superseded, review, rule, now)
    _audit(case, "correct decision", by, now, reason, superseded, corrected)
    for parent in _parents(case):
        copied = parent.decisions.order_by("-version").first()
        if copied is None or copied.deciding_review_id != superseded.deciding_review_id:
            break
        _audit(
            parent, "correct decision", by, now, reason, copied, _supersede(parent, copied, review, rule, now)
        )
    return corrected


@transaction.atomic
def withdraw(*, decision_id: UUID, by: Viewer, reason: str, now: datetime) -> Decision:
    """Return the decision, withdrawn without a successor: what it restricted is to be lifted.

    Raises:
        NotFoundError: there is no such decision within reach.
        DecisionStateError: it was superseded or withdrawn before.

    """
    found = Decision.objects.filter(pk=decision_id).values_list("case_id", flat=True).first()
    unknown = NotFoundError(f"There is no decision {decision_id}.", remedy="Check the id and your access.")
    if found is None:
        raise unknown
    try:
        case = _locked_case(found, by)
    except NotFoundError:  # its words would tell the case
        raise unknown from None
    decision = Decision.objects.select_for_update().get(pk=decision_id)
    if decision.withdrawn_at or Decision.objects.filter(supersedes=decision).exists():
        raise DecisionStateError(
            f"Decision {decision_id} no longer stands: it was superseded or withdrawn.",
            remedy="Withdraw the case's last decision, or correct it.",
        )
    decision.withdrawn_at = now
    decision.save(update_fields=["withdrawn_at"])
    write_event(fact="decision", key=str(decision.pk), payload=decision_row(decision))
    _audit(case, "withdraw decision", by, now, reason, decision, None)
    return decision


@transaction.atomic
def reopen(*, case_id: UUID, reason: str, by: Viewer, now: datetime) -> Pending:
    """Return the case's place among the waiting: one more turn, by somebody who has not seen it.

    It gets as long to its deadline again as it had at first. The new turn's decision supersedes the last.

    Raises:
        NotFoundError: there is no such case within reach.
        DecisionStateError: the case has no decision, waits or is held already, or its queue does not serve.

    """
    case = _locked_case(case_id, by)
    last = _last_decision(case)
    if any(table.objects.filter(case=case).exists() for table in (Pending, Lease, Held)):
        raise DecisionStateError(f"Case {case_id} is open already.", remedy="Wait for its next decision.")
    if case.queue.state not in SERVING_STATES:
        raise DecisionStateError(
            f"Queue {case.queue.slug!r} is {case.queue.state} and serves no case.",
            remedy="Correct the decision, or bring the queue to serve.",
        )
    turn = case.reviews.filter(outcome="submitted").aggregate(last=Max("turn"))["last"]
    pending = Pending.objects.create(
        case=case,
        queue=case.queue,
        priority=case.priority,
        language=case.language,
        deadline_at=max(case.deadline_at, now + (case.deadline_at - case.enqueued_at)),
        enqueued_at=case.enqueued_at,
        turn=1 if turn is None else turn + 1,
        excluded=earlier_reviewers(case),
        topics=case.topics,
        wellness_class=case.wellness_class,
    )
    QueueDelta.objects.create(queue=case.queue, backlog=1, at=now)
    _audit(case, "reopen case", by, now, reason, last, None)
    return pending


def earlier_reviewers(case: Case) -> list[int]:
    """Return who worked on the case, on those it came from, or on those that came from it, by id."""
    family = {case.pk, *(parent.pk for parent in _parents(case))}
    while fresh := set(Case.objects.filter(parent__in=family).values_list("pk", flat=True)) - family:
        family |= fresh
    seen = Review.objects.filter(case__in=family, reviewer__isnull=False).exclude(
        outcome__in=("timeout", "returned")
    )
    return sorted(set(seen.values_list("reviewer_id", flat=True)))


def decision_row(decision: Decision) -> dict[str, Any]:
    """Return the decision as a row of its fact, made from what is stored now.

    The team is the one that the deciding reviewer is in now; all else is as it was.
    """
    case = Case.objects.select_related("queue", "queue_version").get(pk=decision.case_id)
    deciding = (
        Review.objects.select_related("reviewer__team__site", "queue_version").get(
            pk=decision.deciding_review_id
        )
        if decision.deciding_review_id
        else None
    )
    own = deciding is not None and deciding.case_id == case.pk
    version = deciding.queue_version if deciding and own else case.queue_version
    person = (
        person_dimensions(deciding.reviewer, decision.decided_at) if deciding and deciding.reviewer else {}
    )
    return {
        **case_dimensions(case, version),
        **person,
        "decision_id": str(decision.pk),
        "case_id": str(case.pk),
        "decision_version": decision.version,
        "deciding_review_id": str(decision.deciding_review_id) if decision.deciding_review_id else None,
        "rule": decision.rule,
        "enqueued_at": case.enqueued_at,
        "deadline_at": case.deadline_at,
        "decided_at": decision.decided_at,
        "labels": list(decision.labels),
        "action": decision.action or None,
        "violative": decision.violative,
        "callback_status": decision.callback_status,
        "enforced": decision.enforced,
        "supersedes": str(decision.supersedes_id) if decision.supersedes_id else None,
        "withdrawn_at": decision.withdrawn_at,
        "automated": decision.automated,
    }


def _locked_case(case_id: UUID, by: Viewer) -> Case:
    within = reach(viewer=by, permission=PERMISSION, prefix="queue__")
    markets = {grant.market for grant in by.grants if PERMISSION in grant.permissions}
    if "" not in markets:
        within &= Q(market__in=[*markets, ""])
    case = (
        Case.objects.filter(within, pk=case_id)
        .select_related("queue__data_boundary", "queue_version__template_version")
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if case is None:
        raise NotFoundError(f"There is no case {case_id}.", remedy="Check the id and your access.")
    return case


def _last_decision(case: Case) -> Decision:
    last = case.decisions.order_by("-version").first()
    if last is None:
        raise DecisionStateError(
            f"Case {case.pk} has no decision yet.", remedy="Let it be reviewed; a decision can be corrected."
        )
    return last


def _parents(case: Case) -> list[Case]:
    found: list[Case] = []
    parent_id = case.parent_id
    while parent_id is not None and len(found) < 32:  # a chain of escalations is short; a loop would hang
        parent = Case.objects.select_related("queue__data_boundary", "queue_version").get(pk=parent_id)
        found.append(parent)
        parent_id = parent.parent_id
    return found


def _supersede(case: Case, superseded: Decision, review: Review, rule: str, now: datetime) -> Decision:
    labels = tuple(review.labels)
    decision = Decision.objects.create(
        id=fresh_id(now=now),
        case=case,
        version=superseded.version + 1,
        queue_id=case.queue_id,
        deciding_review=review,
        rule=rule,
        decided_at=now,
        labels=review.labels,
        action=review.action,
        violative=answer_rules(review.queue_version_id).violative(labels, review.action),
        enforced=superseded.enforced,
        supersedes=superseded,
    )
    write_event(fact="decision", key=str(decision.pk), payload=decision_row(decision))
    return decision


def _audit(
    case: Case,
    action: str,
    by: Viewer,
    now: datetime,
    reason: str,
    before: Decision | None,
    after: Decision | None,
) -> None:
    audit(
        actor=by.name,
        action=action,
        object_kind="case",
        object_id=str(case.pk),
        before=_plain(before),
        after={"reason": reason, **(_plain(after) or {})},
        now=now,
        place=place_of(case.queue),
    )


def _plain(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "decision": str(decision.pk),
        "version": decision.version,
        "labels": list(decision.labels),
        "action": decision.action,
    }
