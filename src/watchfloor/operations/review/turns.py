"""How a turn ends: answered, skipped, returned, sent up, put aside, or run out. Each is one transaction.

An answer that decides its case alone is one round trip. Where others have answered, or a parent waits for the
decision, the lease is read first, the case resolved in Python, and the end written in the same transaction.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.statements import call, run
from watchfloor.operations.review.configuration import Answer, AnswerRules, rules_shown
from watchfloor.operations.review.escalation import decide_parent, open_child
from watchfloor.operations.review.models import Lease
from watchfloor.operations.review.recording import NOT_MEASURED, Timing
from watchfloor.operations.review.resolution import (
    Answered,
    Resolution,
    is_doubled,
    resolve,
    resolve_consensus,
)
from watchfloor.operations.review.serving import stale

_SAME_TURN = -1
_END = (
    "SELECT * FROM review_end_turn(%s::uuid, %s::timestamptz, %s::boolean, %s::boolean, %s::uuid, %s::uuid,"
    " %s::text, %s::text, %s::jsonb, %s::varchar[], %s::text, %s::boolean, %s::timestamptz, %s::bigint,"
    " %s::bigint, %s::bigint, %s::bigint, %s::boolean, %s::boolean, %s::text, %s::varchar[], %s::text,"
    " %s::int, %s::uuid, %s::int, %s::boolean, %s::boolean, %s::bigint, %s::timestamptz, %s::timestamptz)"
)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a turn led to: its review, and the decision or the next turn."""

    review_id: UUID
    case_id: UUID
    outcome: str
    decision_id: UUID | None = None
    rule: str = ""
    next_turn: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What follows from the end of a turn; `next_turn` -1 opens the same turn again, None opens none."""

    next_turn: int | None = _SAME_TURN
    excludes: bool = False
    first_of_all: bool = False
    sent_to: int | None = None
    sent_until: datetime | None = None
    hold_until: datetime | None = None


def submit(*, lease_token: UUID, answer: Answer, now: datetime, timing: Timing = NOT_MEASURED) -> Submitted:
    """Write the turn, and the decision if it settles the case.

    The answer is checked against the policy and template versions under which the case was shown.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written, and a saved draft is kept.
        AnswerRejectedError: the answer does not fit; the lease still holds.

    """
    rules = rules_shown(lease_token)
    if rules is None:
        raise stale(lease_token)
    settled = rules.settle(answer)
    violative = rules.violative(settled.labels, settled.action)
    done = _end(lease_token, now, "submitted", answer=settled, violative=violative, timing=timing)
    return done or _submit_resolved(lease_token, settled, rules, now, timing)


def _submit_resolved(
    token: UUID, settled: Answer, rules: AnswerRules, now: datetime, timing: Timing
) -> Submitted:
    with transaction.atomic():
        lease = peek(token, now)
        resolution = _resolution(lease, Answered(settled.labels, settled.action))
        decided = resolution.decided
        done = _end(
            token,
            now,
            "submitted",
            answer=settled,
            violative=rules.violative(decided.labels, decided.action) if decided else None,
            timing=timing,
            resolution=resolution,
            superseded=lease["superseded"],
            ending=Ending(next_turn=resolution.next_turn, excludes=True),
        )
        if done is None:
            raise stale(token)
        if done.decision_id and lease["parent_id"]:
            decide_parent(
                parent_id=lease["parent_id"],
                child_decision_id=done.decision_id,
                dimensions=lease["dimensions"],
            )
    return done


def release(*, lease_token: UUID, now: datetime, reason: str = "") -> Submitted:
    """Give a case back; anyone eligible, the same reviewer too, may claim it again.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.

    """
    return end_or_refuse(lease_token, now, "returned", reason=reason)


def skip(*, lease_token: UUID, reason: str, now: datetime, timing: Timing = NOT_MEASURED) -> Submitted:
    """Leave a case to somebody else, with a reason; the reviewer does not meet it again.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.

    """
    ending = Ending(excludes=True)
    return end_or_refuse(lease_token, now, "skipped", reason=reason, ending=ending, timing=timing)


def escalate(
    *,
    lease_token: UUID,
    reason: str,
    now: datetime,
    to_queue: int | None = None,
    timing: Timing = NOT_MEASURED,
) -> Submitted:
    """Send a case up: as a child case to the queue asked for, else to the queue's escalation queue.

    The child's decision also decides this case. A queue without an escalation queue serves the case first to
    another of its reviewers.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.
        NotServableError: the other queue lies outside the case's data boundary.

    """
    with transaction.atomic():
        lease = peek(lease_token, now)
        queue_id = to_queue or lease["escalation_queue_id"]
        if queue_id is None:
            ending = Ending(excludes=True, first_of_all=True)
        else:
            ending = Ending(next_turn=None)
        done = end_or_refuse(lease_token, now, "escalated", reason=reason, ending=ending, timing=timing)
        if queue_id is None:
            return done
        excluded = [*lease["excluded"], lease["reviewer_id"]]
        open_child(case_id=lease["case_id"], queue_id=queue_id, excluded=excluded, now=now)
        return done


def return_leases(*, reviewer_id: int, now: datetime) -> int:
    """Return how many cases were given back because their holder takes a minute or leaves.

    No reason is asked. What was only fetched ahead leaves no trace; what was begun is recorded as returned.
    """
    held = Lease.objects.filter(reviewer_id=reviewer_id).order_by("token").values_list("token", flat=True)
    return sum(_end(token, now, "returned", late=True, ending=Ending()) is not None for token in list(held))


def expire_leases(*, now: datetime, limit: int = 500) -> int:
    """Return how many leases past their instant were ended; each leaves a review with outcome `timeout`.

    A case that was fetched ahead and never begun only waits again. Cases put aside until now wait again too.
    """
    run("review", "return_held", {"now": now, "limit": limit})
    overdue = Lease.objects.filter(expires_at__lte=now).order_by("expires_at", "token")
    tokens = list(overdue.values_list("token", flat=True)[:limit])
    return sum(_end(token, now, "timeout", late=True, ending=Ending()) is not None for token in tokens)


def peek(token: UUID, now: datetime, *, late: bool = False) -> dict[str, Any]:
    """Return a good lease with what resolves its case, kept from ending until the transaction does.

    Raises:
        StaleLeaseError: the lease no longer holds.

    """
    rows = run("review", "peek_lease", {"token": token, "now": now, "late": late})
    if not rows:
        raise stale(token)
    return rows[0]


def end_or_refuse(
    token: UUID,
    now: datetime,
    outcome: str,
    *,
    reason: str = "",
    late: bool = False,
    ending: Ending | None = None,
    timing: Timing = NOT_MEASURED,
) -> Submitted:
    """Return what the end of a turn without an answer led to.

    Raises:
        StaleLeaseError: the lease no longer holds; nothing was written.

    """
    done = _end(token, now, outcome, reason=reason, late=late, ending=ending or Ending(), timing=timing)
    if done is None:
        raise stale(token)
    return done


def _resolution(lease: dict[str, Any], given: Answered) -> Resolution:
    if lease["superseded"] or lease["gold_id"]:
        return Resolution(decided=given, rule="last_turn")
    earlier = [Answered(tuple(each["labels"]), each["action"]) for each in lease["earlier"] or []]
    answers = [*earlier, given]
    if lease["mode"] == "consensus":
        return resolve_consensus(
            required=lease["consensus_required"], most=lease["consensus_of"], answers=answers
        )
    doubled = lease["turn"] > 0 or is_doubled(
        mode=lease["mode"], case_id=lease["case_id"], double_share=lease["double_share"]
    )
    return resolve(doubled=doubled, answers=answers)


_NO_ANSWER = Answer()


def _end(
    token: UUID,
    now: datetime,
    outcome: str,
    *,
    answer: Answer = _NO_ANSWER,
    violative: bool | None = None,
    timing: Timing = NOT_MEASURED,
    reason: str = "",
    late: bool = False,
    resolution: Resolution | None = None,
    superseded: dict[str, Any] | None = None,
    ending: Ending | None = None,
) -> Submitted | None:
    """Return what followed; None where the lease does not hold, or (without an ending) decides not alone."""
    review_id = fresh_id(now=now)
    decided = resolution.decided if resolution else None
    follows = ending or _NOTHING
    labels = list(answer.labels)
    rows = call(
        _END,
        (
            token,
            now,
            late,
            ending is not None,
            review_id,
            fresh_id(now=now) if decided or ending is None else None,
            outcome,
            reason[:200],
            json.dumps({"labels": labels, "action": answer.action, **answer.fields}),
            labels,
            answer.action,
            violative,
            timing.first_render_at,
            timing.active_ms,
            timing.media_ms,
            timing.idle_ms,
            timing.visible_ms,
            timing.blurred,
            timing.sound_on,
            resolution.rule if resolution else "",
            list(decided.labels) if decided else [],
            decided.action if decided else "",
            superseded["version"] + 1 if superseded else 0,
            superseded["id"] if superseded else None,
            follows.next_turn,
            follows.excludes,
            follows.first_of_all,
            follows.sent_to,
            follows.sent_until,
            follows.hold_until,
        ),
    )
    if not rows:
        return None
    case_id, decision_id, rule, next_turn, _ = rows[0]
    return Submitted(
        review_id=review_id,
        case_id=case_id,
        outcome=outcome,
        decision_id=decision_id,
        rule=rule or "",
        next_turn=next_turn,
    )


_NOTHING = Ending(next_turn=None)
