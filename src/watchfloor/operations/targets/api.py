"""The API of targets: those in force, the one that applied somewhere, and a proposal for one unit or many."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from ninja import Field, Query, Router, Schema, Status

from watchfloor.kernel import Period, parse_instant
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.targets.errors import ScopeError
from watchfloor.operations.targets.models import Plan, Target
from watchfloor.operations.targets.plans import Outline, Unit, change_lines, draw_up, propose
from watchfloor.operations.targets.resolver import choose, in_force, value_at
from watchfloor.operations.targets.scopes import checked_scope, scope_key, scope_of
from watchfloor.operations.targets.seeing import is_seen, limits_of, seen_targets

router = Router(auth=ACCESS, tags=["targets"])

MOST_UNITS = 400


class TargetOut(Schema):
    """One version of a target as it holds at an instant."""

    target_id: UUID
    version: int
    metric: str
    metric_version: int
    scope: dict[str, list[str]]
    kind: str
    period: str
    direction: str
    value: float
    upper: float | None
    method: str
    min_n: int
    owner: str
    approver: str
    reason: str
    contractual: bool
    effective_from: datetime
    effective_to: datetime | None
    recorded_at: datetime


class TargetQuery(Schema):
    """Which targets: of a metric, in force at an instant, as known at another."""

    metric: str | None = None
    at: str | None = Field(None, description="In force then; default is now.")
    known_at: str | None = Field(None, description="As it was known then; default is everything known now.")


class AppliedQuery(Schema):
    """Where and when: a metric, a scope as dimension:value, an instant, an instant of knowledge."""

    metric: str
    where: list[str] = Field(default_factory=list, description="dimension:value,value; repeat for several.")
    at: str | None = None
    known_at: str | None = None


class AppliedOut(Schema):
    """The target that applied, the codes of why, and those it won against; no target where none did."""

    target: TargetOut | None
    value: float | None
    why: list[str]
    beaten: list[TargetOut]


class UnitIn(Schema):
    """One unit of a proposal."""

    model_config = {"extra": "forbid"}

    scope: dict[str, list[str]]
    value: float
    upper: float | None = None
    weight: Annotated[float, Field(ge=0, le=1)] | None = None


class ProposalIn(Schema):
    """Targets of one metric for one unit or many, proposed to whoever may approve them."""

    model_config = {"extra": "forbid"}

    title: Annotated[str, Field(min_length=1, max_length=160)]
    metric: str
    kind: Literal["floor", "ceiling", "band"]
    period: Literal["day", "week", "month", "quarter", "rolling_7d", "rolling_28d"] = "month"
    effective_from: datetime
    effective_to: datetime | None = None
    reason: Annotated[str, Field(max_length=2000)] = ""
    contractual: bool = False
    units: Annotated[list[UnitIn], Field(min_length=1, max_length=MOST_UNITS)]


class PlanOut(Schema):
    """Where a plan stands."""

    plan_id: int
    title: str
    state: str
    revision: int
    units: int


@router.get("/targets", response=list[TargetOut], summary="List targets in force")
def list_targets(request: Caller, query: Query[TargetQuery]) -> list[dict[str, Any]]:
    """Return the targets in force within the caller's reach, by metric and scope."""
    at, known_at = _instants(query.at, query.known_at)
    metrics = [query.metric] if query.metric else list(catalogue())
    if query.metric:
        catalogue()[query.metric]
    held = seen_targets(in_force(metrics, at=at, known_at=known_at), viewer=request.auth)
    return [_told(one, at) for one in held]


@router.get("/targets/applied", response=AppliedOut, summary="Say which target applied")
def read_applied(request: Caller, query: Query[AppliedQuery]) -> dict[str, Any]:
    """Return the target that applied to a scope at an instant, and why that one."""
    at, known_at = _instants(query.at, query.known_at)
    request.auth.require("targets.view")
    scope = checked_scope(_scope(query.where), definition=catalogue()[query.metric])
    held = seen_targets(in_force([query.metric], at=at, known_at=known_at), viewer=request.auth)
    found = choose(held, scope=scope_of(scope), at=at)
    return {
        "target": _told(found.target, at) if found.target else None,
        "value": found.value,
        "why": list(found.why),
        "beaten": [_told(one, at) for one in found.beaten],
    }


@router.post("/targets/plans", response={201: PlanOut}, summary="Propose targets")
def propose_targets(request: Caller, body: ProposalIn) -> Status[dict[str, Any]]:
    """Draw up a plan and propose it; somebody else approves and publishes it."""
    viewer, now = request.auth, datetime.now(UTC)
    viewer.require("targets.change")
    limits = limits_of(viewer)
    if not all(is_seen(unit.scope, limits) for unit in body.units):
        raise NotFoundError("A unit lies outside your reach.")
    definition = catalogue()[body.metric]
    weights = _weights(body.units)
    units = [Unit(unit.scope, weight) for unit, weight in zip(body.units, weights, strict=True)]
    outline = Outline(
        body.title,
        body.kind,
        Period(now - timedelta(days=28), now),
        effective_from=body.effective_from,
        effective_to=body.effective_to,
        period=body.period,
        by=sorted({name for unit in body.units for name in unit.scope}),
        contractual=body.contractual,
        reason=body.reason,
    )
    with transaction.atomic():
        plan = draw_up(outline, units, definition=definition, by=viewer, now=now)
        changes = {scope_key(unit.scope): {"value": unit.value, "upper": unit.upper} for unit in body.units}
        plan = change_lines(
            plan.pk,
            changes,
            revision=plan.revision,
            definition=definition,
            by=viewer,
            now=now,
            method="by_hand",
        )
        plan = propose(plan.pk, revision=plan.revision, definition=definition, by=viewer, now=now)
    return Status(201, _plan(plan, len(units)))


def _plan(plan: Plan, units: int) -> dict[str, Any]:
    return {
        "plan_id": plan.pk,
        "title": plan.title,
        "state": plan.state,
        "revision": plan.revision,
        "units": units,
    }


def _weights(units: list[UnitIn]) -> list[float]:
    """Return the weights as given, or equal ones where none was."""
    if all(unit.weight is None for unit in units):
        return [1.0 / len(units)] * len(units)
    return [unit.weight or 0.0 for unit in units]


def _instants(at: str | None, known_at: str | None) -> tuple[datetime, datetime | None]:
    return parse_instant(at) if at else datetime.now(UTC), parse_instant(known_at) if known_at else None


def _scope(written: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in written:
        name, colon, values = each.partition(":")
        kept = [value.strip() for value in values.split(",") if value.strip()]
        if not colon or not kept:
            raise ScopeError(
                f"where={each!r} names no values.", remedy="Write dimension:value,value, such as site:manila."
            )
        found[name.strip()] = kept
    return found


def _told(target: Target, at: datetime) -> dict[str, Any]:
    return {
        "target_id": target.target_id,
        "version": target.version,
        "metric": target.metric_id,
        "metric_version": target.metric_version,
        "scope": target.scope,
        "kind": target.kind,
        "period": target.period,
        "direction": target.direction,
        "value": value_at(target, at),
        "upper": target.upper,
        "method": target.method,
        "min_n": target.min_n,
        "owner": target.owner,
        "approver": target.approver,
        "reason": target.reason,
        "contractual": target.contractual,
        "effective_from": target.effective_from,
        "effective_to": target.effective_to,
        "recorded_at": target.recorded_at,
    }
