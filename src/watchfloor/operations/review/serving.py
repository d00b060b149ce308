"""Cases go out and come back: claim, submit, release, skip, escalate, expire. Each is one transaction."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.statements import run
from watchfloor.operations.review.configuration import Answer, answer_rules
from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.escalation import decide_parent, open_child
from watchfloor.operations.review.models import Lease
from watchfloor.operations.review.recording import NOT_MEASURED, Timing
from watchfloor.operations.review.resolution import KINDS, Answered, Resolution, is_doubled, resolve

ENFORCING_PURPOSES = ("production", "appeal")


@dataclass(frozen=True, slots=True)
class ClaimedCase:
    """A case in a reviewer's hands, and the token that its answer must carry."""

    token: UUID
    case_id: UUID
    turn: int
    queue_id: int
    queue_version_id: int
    queue: str
    object_id: str
    language: str
    content: dict[str, Any]
    severity_hint: str
    media_seconds: float | None
    deadline_at: datetime
    enqueued_at: datetime
    claimed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a turn led to: its review, and the decision or the next turn."""

    review_id: UUID
    case_id: UUID
    outcome: str
    decision_id: UUID | None = None
    rule: str = ""
    next_turn: int | None = None


def claim(*, reviewer: Reviewer | int, now: datetime, queues: list[int] | None = None) -> ClaimedCase | None:
    """Return the most urgent case the reviewer may work on, leased to them; None when there is none.

    Eligible are queues that serve, inside the reviewer's boundary, whose skills and certification they have
    and whose site shares name their site; in the case's language; and never a case they worked on before.
    Order: priority, deadline, enqueue instant, id. `queues` keeps to those queue ids.
    """
    reviewer_id = reviewer if isinstance(reviewer, int) else reviewer.pk
    rows = run("review", "claim", {"reviewer": reviewer_id, "now": now, "queues": queues})
    if not rows:
        return None
    row = rows[0]
    dimensions = row.pop("dimensions")
    return ClaimedCase(queue=dimensions["queue_id"], **row)


def submit(*, lease_token: UUID, answer: Answer, now: datetime, timing: Timing = NOT_MEASURED) -> Submitted:
    """Write the turn, and the decision if it settles the case.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.
        AnswerRejectedError: the answer does not fit; the lease still holds.

    """
    with transaction.atomic():
        lease = _take(lease_token, now)
        rules = answer_rules(lease["queue_version_id"])
        settled = rules.settle(answer)
        given = Answered(settled.labels, settled.action)
        earlier = [Answered(tuple(e["labels"]), e["action"]) for e in lease["earlier"] or []]
        doubled = lease["turn"] > 0 or is_doubled(
            mode=lease["mode"], case_id=lease["case_id"], double_share=lease["double_share"]
        )
        resolution = resolve(doubled=doubled, answers=[*earlier, given])
        if lease["superseded"]:
            resolution = Resolution(decided=given, rule="last_turn")
        excluded = [*lease["excluded"], lease["reviewer_id"]]
        result = _record(lease, settled, "submitted", now, timing, resolution, excluded=excluded)
        if result.decision_id and lease["parent_id"]:
            decide_parent(
                parent_id=lease["parent_id"],
                child_decision_id=result.decision_id,
                dimensions=lease["dimensions"],
            )
    return result


def release(*, lease_token: UUID, now: datetime, reason: str = "") -> Submitted:
    """Give a case back; anyone eligible, the same reviewer too, may claim it again.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.

    """
    return _give_back(lease_token, "returned", now, reason, exclude=False)


def skip(*, lease_token: UUID, reason: str, now: datetime) -> Submitted:
    """Leave a case to somebody else, with a reason; the reviewer does not meet it again.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.

    """
    return _give_back(lease_token, "skipped", now, reason, exclude=True)


def escalate(*, lease_token: UUID, reason: str, now: datetime) -> Submitted:
    """Send a case up: to the queue's escalation queue as a child case, whose decision also decides this one.

    A queue without one serves the case first to another of its reviewers.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.

    """
    with transaction.atomic():
        lease = _take(lease_token, now)
        excluded = [*lease["excluded"], lease["reviewer_id"]]
        if lease["escalation_queue_id"] is None:
            lease = lease | {"priority": 0}
            return _record(
                lease,
                Answer(),
                "escalated",
                now,
                NOT_MEASURED,
                Resolution(next_turn=lease["turn"]),
                excluded=excluded,
                reason=reason,
            )
        result = _record(
            lease, Answer(), "escalated", now, NOT_MEASURED, Resolution(), excluded=excluded, reason=reason
        )
        open_child(
            case_id=lease["case_id"], queue_id=lease["escalation_queue_id"], excluded=excluded, now=now
        )
        return result


def expire_leases(*, now: datetime, limit: int = 500) -> int:
    """Return how many leases past their instant were ended; each leaves a review with outcome `timeout`."""
    expired = 0
    overdue = Lease.objects.filter(expires_at__lte=now).order_by("expires_at", "token")
    for token in list(overdue.values_list("token", flat=True)[:limit]):
        try:
            _give_back(token, "timeout", now, "", exclude=False, expired=True)
        except StaleLeaseError:
            continue
        expired += 1
    return expired


def _give_back(
    token: UUID, outcome: str, now: datetime, reason: str, *, exclude: bool, expired: bool = False
) -> Submitted:
    with transaction.atomic():
        lease = _take(token, now, expired=expired)
        excluded = [*lease["excluded"], lease["reviewer_id"]] if exclude else lease["excluded"]
        again = Resolution(next_turn=lease["turn"])
        return _record(lease, Answer(), outcome, now, NOT_MEASURED, again, excluded=excluded, reason=reason)


def _take(token: UUID, now: datetime, *, expired: bool = False) -> dict[str, Any]:
    rows = run("review", "take_lease", {"token": token, "now": now, "expired": expired})
    if not rows:
        raise StaleLeaseError(
            f"Lease {token} no longer holds: it expired, or the case was taken back or already answered.",
            remedy="Keep the draft and claim a case again.",
        )
    return rows[0]


def _record(
    lease: dict[str, Any],
    answer: Answer,
    outcome: str,
    now: datetime,
    timing: Timing,
    resolution: Resolution,
    *,
    excluded: list[int],
    reason: str = "",
) -> Submitted:
    review_id = fresh_id(now=now)
    decided = resolution.decided
    decision_id = fresh_id(now=now) if decided else None
    handle_ms = max(0, int((now - lease["claimed_at"]).total_seconds() * 1000) - timing.idle_ms)
    violative = (
        answer_rules(lease["queue_version_id"]).violative(decided.labels, decided.action) if decided else None
    )
    run(
        "review",
        "record_review",
        {
            "review": review_id,
            "case": lease["case_id"],
            "decision": decision_id,
            "now": now,
            "dimensions": json.dumps(lease["dimensions"]),
            "answer": json.dumps({"labels": answer.labels, "action": answer.action, **answer.fields}),
            "labels": list(answer.labels),
            "action": answer.action,
            "kind": KINDS[min(lease["turn"], len(KINDS) - 1)],
            "turn": lease["turn"],
            "reviewer": lease["reviewer_id"],
            "queue": lease["queue_id"],
            "version": lease["queue_version_id"],
            "assigned_at": lease["claimed_at"],
            "first_render_at": timing.first_render_at,
            "handle_ms": handle_ms,
            "active_ms": timing.active_ms,
            "media_ms": timing.media_ms,
            "outcome": outcome,
            "reason": reason[:200],
            "blind": lease["turn"] > 0,
            "rule": resolution.rule,
            "decided_labels": list(decided.labels) if decided else [],
            "decided_action": decided.action if decided else "",
            "violative": violative,
            "enforced": lease["dimensions"]["purpose"] in ENFORCING_PURPOSES,
            "language": lease["language"],
            "priority": lease["priority"],
            "deadline_at": lease["deadline_at"],
            "enqueued_at": lease["enqueued_at"],
            "next_turn": resolution.next_turn,
            "excluded": excluded,
            "policy_version": lease["policy_number"],
            "template_version": lease["template_number"],
            "sop_version": lease["sop_version"],
            "decision_version": lease["superseded"]["version"] + 1 if lease["superseded"] else 0,
            "supersedes": lease["superseded"]["id"] if lease["superseded"] else None,
        },
    )
    return Submitted(
        review_id=review_id,
        case_id=lease["case_id"],
        outcome=outcome,
        decision_id=decision_id,
        rule=resolution.rule,
        next_turn=resolution.next_turn,
    )
