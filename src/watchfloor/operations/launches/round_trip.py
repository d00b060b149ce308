"""Gate 4: a synthetic case goes round: enqueued, assigned, submitted, decided, called back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.models import Endpoint
from watchfloor.operations.enforcement.outward import checked_target, post
from watchfloor.operations.enforcement.rehearsal import Rehearsed, rehearse_callback, told_endpoints
from watchfloor.operations.launches.receiver import receiving
from watchfloor.operations.launches.rehearsal import Stage, rehearsed
from watchfloor.operations.queues.logical import logical_queues_of
from watchfloor.operations.queues.models import LogicalQueue, Queue
from watchfloor.operations.review.models import Case, Decision
from watchfloor.operations.review.services import submit

MOST_TURNS = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test came to, and what it saw on the way."""

    passed: bool
    reason: str
    evidence: dict[str, Any]


class _BrokenError(Exception):
    """A step of the way did not do what it has to."""


def run_round_trip(*, queue: Queue, now: datetime) -> Outcome:
    """Return whether a synthetic case went round; the message to the endpoint goes to a local receiver."""
    seen: dict[str, Any] = {"steps": []}
    message: Rehearsed | None = None
    try:
        with rehearsed(queue=queue, now=now) as stage:
            message = _inside(stage, seen)
        if message is None:
            raise _BrokenError("No message was made.")
        _call_back(message, seen)
    except (_BrokenError, WatchfloorError, DatabaseError) as error:
        return Outcome(passed=False, reason=str(error)[:400], evidence=seen)
    return Outcome(passed=True, reason="", evidence=seen)


def _inside(stage: Stage, seen: dict[str, Any]) -> Rehearsed:
    case_id = stage.case()
    case = Case.objects.get(pk=case_id)
    boundary = stage.queue.data_boundary.slug if stage.queue.data_boundary else ""
    if case.data_boundary != boundary:
        raise _BrokenError(f"The case lies in boundary {case.data_boundary!r}, the queue in {boundary!r}.")
    _step(seen, "enqueue", case=str(case_id), boundary=boundary, deadline=case.deadline_at.isoformat())
    decision_id = None
    for _turn in range(MOST_TURNS):
        claimed = stage.claim(stage.insider())
        if claimed is None:
            raise _BrokenError("Nobody was assigned the case, though the reviewer has all that is asked.")
        if claimed.case_id != case_id:
            raise _BrokenError("Another case was served before the synthetic one.")
        _step(seen, "assign", turn=claimed.turn, template=claimed.template_version)
        done = submit(lease_token=claimed.token, answer=stage.answer(), now=stage.now)
        _step(seen, "submit", review=str(done.review_id), rule=done.rule, next_turn=done.next_turn)
        decision_id = done.decision_id
        if decision_id is not None or done.next_turn is None:
            break
    if decision_id is None:
        raise _BrokenError("The answers led to no decision.")
    decision = Decision.objects.select_related("case__queue__current_version").get(pk=decision_id)
    if decision.enforced:
        raise _BrokenError("The decision of a synthetic case would be enforced.")
    _logical(stage.queue, case, seen)
    return _message(decision, stage, seen)


def _logical(queue: Queue, case: Case, seen: dict[str, Any]) -> None:
    found = logical_queues_of(
        queue=queue,
        language=case.language,
        market=case.market,
        strategy=case.strategy_id,
        severity=case.severity_hint,
    )
    held = [each.slug for each in found]
    named = LogicalQueue.objects.filter(state="live", conditions__queue__contains=[queue.slug])
    asked = [each for each in named.order_by("slug") if set(each.conditions) <= {"queue", "group", "surface"}]
    if lost := [each.slug for each in asked if each.slug not in held]:
        raise _BrokenError(f"Logical queue {lost[0]!r} names this queue, and does not hold its case.")
    _step(seen, "logical", queues=held)


def _message(decision: Decision, stage: Stage, seen: dict[str, Any]) -> Rehearsed:
    named = sorted(told_endpoints(decision))
    rows = {one.slug: one for one in Endpoint.objects.filter(slug__in=named).select_related("boundary")}
    boundary = decision.case.data_boundary
    for slug in named:
        lies_in = rows[slug].boundary if slug in rows else None
        if boundary and slug in rows and (lies_in is None or lies_in.slug != boundary):
            raise _BrokenError(f"Endpoint {slug!r} lies outside data boundary {boundary!r}.")
    endpoint = next((rows[slug] for slug in named if slug in rows), None)
    if endpoint is None:
        endpoint = Endpoint.objects.create(slug="launch-check-receiver", created_at=stage.now)
    _step(seen, "decide", decision=str(decision.pk), rule=decision.rule, endpoints=named)
    return rehearse_callback(decision_id=decision.pk, endpoint=endpoint, now=stage.now)


def _call_back(message: Rehearsed, seen: dict[str, Any]) -> None:
    with receiving(message.secrets) as receiver:
        target = checked_target(receiver.url, private_hosts=("127.0.0.1",))
        answer = post(target=target, body=message.body, headers=message.headers)
    if answer.status != 204 or not receiver.received:
        raise _BrokenError(f"The receiver answered {answer.status}: the signature does not hold.")
    got = receiver.received[0]
    decided = got["message"]["decision"]["decision_id"]
    if not got["is_test"] or got["idempotency_key"] != decided:
        raise _BrokenError("The message is not marked as a test, or has another key.")
    _step(
        seen,
        "callback",
        status=answer.status,
        signature_holds=got["signature_holds"],
        reviews=len(got["message"]["reviews"]),
        milliseconds=round(answer.seconds * 1000, 1),
    )


def _step(seen: dict[str, Any], name: str, **values: Any) -> None:
    seen["steps"].append({"step": name, **values})
