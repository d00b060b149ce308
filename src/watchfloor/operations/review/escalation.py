"""A case sent up: the child case that carries it, and the decision that comes back down."""

from datetime import datetime
from typing import Any
from uuid import UUID

from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.services import write_event
from watchfloor.operations.review.cases import NewCase
from watchfloor.operations.review.enqueueing import enqueue
from watchfloor.operations.review.errors import NotServableError
from watchfloor.operations.review.models import Case, Decision

_WORK = ("production", "appeal")
"""Purposes that a case leaves behind when it is sent up: the other queue's hold. Any other goes with it."""


def open_child(*, case_id: UUID, queue_id: int, excluded: list[int], now: datetime) -> UUID:
    """Enqueue the case's content in another queue, as its child; return the child.

    Raises:
        NotServableError: the other queue lies outside the case's data boundary.

    """
    case = Case.objects.select_related("queue").get(pk=case_id)
    queue = Queue.objects.select_related("data_boundary").get(pk=queue_id)
    inside = queue.data_boundary.slug if queue.data_boundary else ""
    if case.data_boundary and inside != case.data_boundary:
        raise NotServableError(
            f"Case {case_id} must not leave boundary {case.data_boundary!r} for queue {queue.slug!r}.",
            remedy="Send it to a queue inside the same boundary.",
        )
    served = not queue.languages or case.language in queue.languages
    child = NewCase(
        queue=queue.slug,
        object_id=case.object_id,
        strategy_id=case.strategy_id,
        severity_hint=case.severity_hint,
        risk_score=case.risk_score,
        language=case.language if served else "",
        market=case.market,
        media_seconds=case.media_seconds,
        content=case.content,
        source=case.source,
        author_id=case.author_id,
        topics=tuple(case.topics),
        wellness_class=case.wellness_class,
        purpose=case.purpose or ("" if case.queue.purpose in _WORK else case.queue.purpose),
        parent_case_id=case.pk,
        excluded_reviewers=tuple(excluded),
    )
    return enqueue(case=child, now=now).case_id


def decide_parent(*, parent_id: UUID, child_decision_id: UUID, dimensions: dict[str, Any]) -> None:
    """Give the parent, and its parents, the decision of the child where they wait for one.

    They do when they have none, or were opened again and then sent up.
    The decision keeps the child's deciding review and its reviewer; the queue columns are the parent's.
    """
    decided = Decision.objects.get(pk=child_decision_id)
    case_id: UUID | None = parent_id
    while case_id is not None:
        case = Case.objects.select_related("queue", "queue_version").get(pk=case_id)
        last = case.decisions.order_by("-version").first()
        if last is None or _sent_up_since(case, last.decided_at):
            _decide(case, decided, dimensions, superseded=last)
        case_id = case.parent_id


def _sent_up_since(case: Case, at: datetime) -> bool:
    last = case.reviews.filter(turn__isnull=False).order_by("-submitted_at", "-id").first()
    return last is not None and last.outcome == "escalated" and last.submitted_at > at


def _decide(case: Case, child: Decision, dimensions: dict[str, Any], superseded: Decision | None) -> None:
    decision = Decision.objects.create(
        id=fresh_id(now=child.decided_at),
        case=case,
        version=superseded.version + 1 if superseded else 0,
        queue=case.queue,
        deciding_review_id=child.deciding_review_id,
        rule=child.rule,
        decided_at=child.decided_at,
        labels=child.labels,
        action=child.action,
        violative=child.violative,
        enforced=child.enforced,
        supersedes=superseded,
    )
    write_event(
        fact="decision",
        key=str(decision.id),
        payload={
            **dimensions,
            "queue_id": case.queue.slug,
            "queue_version": case.queue_version.version,
            "purpose": case.purpose or case.queue.purpose,
            "surface": case.queue.surface,
            "strategy_id": case.strategy_id or None,
            "language": case.language or None,
            "market": case.market or None,
            "data_boundary": case.data_boundary or None,
            "decision_id": str(decision.id),
            "case_id": str(case.id),
            "decision_version": decision.version,
            "supersedes": str(superseded.pk) if superseded else None,
            "deciding_review_id": str(child.deciding_review_id),
            "rule": decision.rule,
            "enqueued_at": case.enqueued_at,
            "deadline_at": case.deadline_at,
            "decided_at": decision.decided_at,
            "labels": decision.labels,
            "action": decision.action or None,
            "violative": decision.violative,
            "callback_status": "none",
            "enforced": decision.enforced,
            "automated": False,
        },
    )
