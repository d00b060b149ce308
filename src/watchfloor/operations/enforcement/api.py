"""The API of what follows decisions: the feed, corrections, appeals, callbacks, statements of reasons."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Path, Query, Router, Schema, Status

from watchfloor.operations.enforcement import api_schemas as shapes
from watchfloor.operations.enforcement import appeals, endpoints, selectors
from watchfloor.operations.enforcement.lifting import lift_restriction
from watchfloor.operations.enforcement.messages import decision_message, decision_part
from watchfloor.operations.enforcement.signing import secret_of
from watchfloor.operations.enforcement.statement_terms import MOST_IN_A_CALL
from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.review.configuration import Answer
from watchfloor.operations.review.corrections import correct, reopen, withdraw

router = Router(auth=ACCESS, tags=["enforcement"])

Limit = Annotated[int, Field(ge=1, le=1000)]
After = Annotated[int, Field(ge=0, le=2**63 - 1)]


def _now() -> datetime:
    return datetime.now(UTC)


class Page(Schema):
    """Where to read on, and how much at once."""

    after: After = 0
    limit: Limit = 100


@router.get("/decisions", response=shapes.FeedOut, summary="Follow decisions")
def read_feed(request: Caller, page: Query[Page]) -> dict[str, Any]:
    """Return decisions made and withdrawn, in an order that never changes; keep `next_after` and ask again.

    A decision stands in the feed within about a second of its making. Each entry carries the case, the
    decision, its restrictions and all earlier reviews, as callbacks do.
    """
    found = selectors.feed(viewer=request.auth, after=page.after, limit=page.limit)
    entries = [
        {"position": each.position, "type": f"decision.{each.kind}", **decision_message(each.decision)}
        for each in found.entries
    ]
    return {"entries": entries, "next_after": found.next_after, "has_more": found.has_more}


@router.post("/cases/{case_id}/corrections", response={201: shapes.DecisionOut}, summary="Correct a decision")
def correct_decision(request: Caller, case_id: UUID, body: shapes.CorrectionIn) -> Status[dict[str, Any]]:
    """Write a correction review and the decision that supersedes the case's last one."""
    reviewer = None
    if body.reviewer:
        reviewer = Reviewer.objects.filter(code=body.reviewer).first()
        if reviewer is None:
            raise NotFoundError(f"There is no reviewer {body.reviewer!r}.", remedy="Check the code.")
    made = correct(
        case_id=case_id,
        reviewer=reviewer,
        answer=Answer(labels=tuple(body.labels), action=body.action, fields=body.fields),
        reason=body.reason,
        by=request.auth,
        now=_now(),
    )
    return Status(201, decision_part(made))


@router.post("/cases/{case_id}/reopening", response={201: shapes.ReopenedOut}, summary="Open a case again")
def reopen_case(request: Caller, case_id: UUID, body: shapes.ReasonIn) -> Status[dict[str, Any]]:
    """Put a decided case back among the waiting, for somebody who has not seen it."""
    pending = reopen(case_id=case_id, reason=body.reason, by=request.auth, now=_now())
    return Status(201, {"case_id": case_id, "deadline_at": pending.deadline_at})


@router.post(
    "/decisions/{decision_id}/withdrawal", response=shapes.DecisionOut, summary="Withdraw a decision"
)
def withdraw_decision(request: Caller, decision_id: UUID, body: shapes.ReasonIn) -> dict[str, Any]:
    """Withdraw a decision without a successor; what it restricted is lifted and its endpoints are told."""
    return decision_part(withdraw(decision_id=decision_id, by=request.auth, reason=body.reason, now=_now()))


@router.post("/appeals", response={200: shapes.AppealOut, 201: shapes.AppealOut}, summary="File an appeal")
def file_appeal(request: Caller, body: shapes.AppealIn) -> Status[dict[str, Any]]:
    """File an appeal against a decision. 201: filed now; 200: its client key had filed it before."""
    filed = appeals.file_appeal(**body.dict(), by=request.auth, now=_now())
    found = _appeal(filed.appeal)
    return Status(201 if filed.created else 200, found)


@router.get("/appeals", response=shapes.AppealsOut, summary="List appeals")
def list_appeals(request: Caller, asked: Query[shapes.AppealFilters]) -> dict[str, Any]:
    """Return appeals, newest first."""
    rows = selectors.appeals(viewer=request.auth, state=asked.state, kind=asked.kind, outcome=asked.outcome)
    return {"appeals": [_appeal(each) for each in rows[asked.offset : asked.offset + asked.limit]]}


@router.get("/appeals/{appeal_id}", response=shapes.AppealOut, summary="Read an appeal")
def read_appeal(request: Caller, appeal_id: UUID) -> dict[str, Any]:
    """Return one appeal and what came of it."""
    return _appeal(selectors.appeal(viewer=request.auth, appeal_id=appeal_id))


@router.post("/appeals/{appeal_id}/settlement", response=shapes.AppealOut, summary="Settle an appeal by hand")
def settle_appeal(request: Caller, appeal_id: UUID, body: shapes.SettlementIn) -> dict[str, Any]:
    """Take an appeal back or set it aside; record the outcome of an out-of-court settlement."""
    settled = appeals.settle_appeal(
        appeal_id=appeal_id, outcome=body.outcome, implemented=body.implemented, by=request.auth, now=_now()
    )
    return _appeal(settled)


def _appeal(appeal: Any) -> dict[str, Any]:
    names = [name for name in shapes.AppealOut.model_fields if name != "appeal_id"]
    return {name: getattr(appeal, name) for name in names} | {"appeal_id": appeal.pk}


@router.get(
    "/decisions/{decision_id}/restrictions",
    response=shapes.RestrictionsOut,
    summary="List what a decision restricts",
)
def list_restrictions(request: Caller, decision_id: UUID) -> dict[str, Any]:
    """Return the restrictions of a decision within reach, lifted ones too."""
    rows = selectors.restrictions(viewer=request.auth, decision_ids=[decision_id])
    return {"restrictions": [_restriction(each) for each in rows]}


@router.post(
    "/restrictions/{restriction_id}/lift", response=shapes.RestrictionOut, summary="Lift a restriction"
)
def lift(
    request: Caller, restriction_id: Annotated[int, Path(ge=1, le=2**63 - 1)], body: shapes.LiftIn
) -> dict[str, Any]:
    """Lift a restriction before its end; the decision stands. 409: it has ended already."""
    lifted = lift_restriction(restriction_id=restriction_id, reason=body.reason, by=request.auth, now=_now())
    return _restriction(lifted)


def _restriction(restriction: Any) -> dict[str, Any]:
    names = shapes.RestrictionPart.model_fields
    return {name: getattr(restriction, name) for name in names} | {
        "restriction_id": restriction.pk,
        "decision_id": restriction.decision_id,
    }


@router.get("/callbacks/endpoints", response=shapes.EndpointsOut, summary="List endpoints")
def list_endpoints(request: Caller) -> dict[str, Any]:
    """Return the endpoints with their deliveries counted; secrets only for those who may change them."""
    counts = selectors.endpoint_counts(viewer=request.auth, now=_now())
    rows = selectors.endpoints(viewer=request.auth)
    return {"endpoints": [_endpoint(request, each, counts.get(each.pk)) for each in rows]}


@router.put("/callbacks/endpoints/{slug}", response=shapes.EndpointOut, summary="Set up an endpoint")
def put_endpoint(request: Caller, slug: str, body: shapes.EndpointIn) -> dict[str, Any]:
    """Make or change an endpoint; a queue names it in its setting `callback_endpoint`."""
    made = endpoints.put_endpoint(slug=slug, **body.dict(), by=request.auth, now=_now())
    return _endpoint(request, made)


@router.post("/callbacks/endpoints/{slug}/secret", response=shapes.EndpointOut, summary="Rotate a secret")
def rotate_secret(request: Caller, slug: str) -> dict[str, Any]:
    """Give an endpoint a new secret; for a day its messages carry both signatures."""
    return _endpoint(request, endpoints.rotate_secret(slug=slug, by=request.auth, now=_now()))


def _endpoint(request: Caller, endpoint: Any, counts: dict[str, int] | None = None) -> dict[str, Any]:
    return {
        "slug": endpoint.slug,
        "url": endpoint.url,
        "active": endpoint.active,
        "boundary": endpoint.boundary.slug if endpoint.boundary else "",
        "secret": secret_of(endpoint) if endpoints.may_change(request.auth, endpoint) else None,
        "rotated_at": endpoint.rotated_at,
        "deliveries": counts or {},
    }


@router.get("/callbacks/deliveries", response=shapes.DeliveriesOut, summary="List deliveries")
def list_deliveries(request: Caller, asked: Query[shapes.DeliveryFilters]) -> dict[str, Any]:
    """Return deliveries, newest first; `state=dead` are the dead letters."""
    rows = selectors.deliveries(
        viewer=request.auth, state=asked.state, endpoint=asked.endpoint, decision_id=asked.decision_id
    )
    shown = rows[asked.offset : asked.offset + asked.limit]
    return {"deliveries": [_delivery(each) for each in shown]}


def _delivery(delivery: Any) -> dict[str, Any]:
    return {
        "delivery_id": delivery.pk,
        "idempotency_key": delivery.idempotency_key,
        "decision_id": delivery.decision_id,
        "case_id": delivery.decision.case_id,
        "endpoint": delivery.endpoint.slug,
        "kind": delivery.kind,
        "state": delivery.state,
        "attempt": delivery.attempt,
        "next_at": delivery.next_at,
        "created_at": delivery.created_at,
        "delivered_at": delivery.delivered_at,
        "response": delivery.response,
    }


@router.post("/callbacks/replay", response=shapes.ReplayedOut, summary="Send deliveries again")
def replay(request: Caller, body: shapes.ReplayIn) -> dict[str, int]:
    """Send dead and failed deliveries again: those named, or all of an endpoint."""
    again = endpoints.replay(
        by=request.auth, now=_now(), delivery_ids=body.deliveries, endpoint=body.endpoint
    )
    return {"replayed": again}


@router.get("/statements", response=shapes.StatementsOut, summary="List statements of reasons")
def list_statements(request: Caller, asked: Query[shapes.StatementFilters]) -> dict[str, Any]:
    """Return statements of reasons with their state, faults and errors, newest first."""
    rows = selectors.statements(viewer=request.auth, state=asked.state)
    names = [name for name in shapes.StatementOut.model_fields if name != "decision_id"]
    return {
        "statements": [
            {name: getattr(each, name) for name in names} | {"decision_id": each.decision_id}
            for each in rows[asked.offset : asked.offset + asked.limit]
        ]
    }


@router.get("/statements/batch", response=shapes.BatchOut, summary="Take statements for one call")
def read_batch(request: Caller, after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0) -> dict[str, Any]:
    """Return up to 100 ready statements as the transparency database's batch call takes them.

    Ask again with `next_after` for the following ones. Reading marks nothing as sent.
    """
    rows = selectors.statements(viewer=request.auth, state="ready").filter(pk__gt=after).order_by("pk")
    batch = list(rows[:MOST_IN_A_CALL])
    return {
        "statements": [each.payload for each in batch],
        "next_after": batch[-1].pk if batch else after,
    }
