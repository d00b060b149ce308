"""The API of alerts: what stands and why, taking on and ending, the rules and writing one."""

from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal

from ninja import Field, Query, Router, Schema, Status

from watchfloor.operations.alerts import selectors
from watchfloor.operations.alerts.lifecycle import acknowledge, resolve
from watchfloor.operations.alerts.models import Alert, AlertRule
from watchfloor.operations.alerts.rule_checks import NewRule
from watchfloor.operations.alerts.rules import save_rule
from watchfloor.operations.alerts.snapshots import value_of
from watchfloor.operations.alerts.vocabulary import STANDING
from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.record.viewers import NotFoundError

router = Router(auth=ACCESS, tags=["alerts"])

LARGEST_PAGE = 500


class AlertOut(Schema):
    """An alert: its cell as it stood when it fired, its explanation, who has it."""

    id: int
    rule: str
    title: str
    state: str
    severity: str
    metric: str
    scope: dict[str, str]
    queue: str | None
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    goal: float | None
    materiality: float
    owner: str
    plan: str
    due_at: datetime | None
    fired_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    closing_reason: str
    explanation: dict[str, Any]


class AlertQuery(Schema):
    """What to keep of the alerts; by default those that stand."""

    state: Literal["standing", "open", "acknowledged", "resolved", "expired", "all"] = "standing"
    queue: str | None = None
    severity: Literal["critical", "high", "medium", "low"] | None = None
    limit: int = Field(100, ge=1, le=LARGEST_PAGE)


class AcknowledgeIn(Schema):
    """What whoever takes the alert on will do, and by when."""

    model_config = {"extra": "forbid"}

    plan: Annotated[str, Field(min_length=1, max_length=2_000)]
    due_at: datetime | None = None


class ResolveIn(Schema):
    """Why the alert ends by hand."""

    model_config = {"extra": "forbid"}

    reason: Annotated[str, Field(min_length=1, max_length=400)]


class RuleIn(Schema):
    """A rule; limits stand in the metric's unit, and a level of null is the target in force."""

    model_config = {"extra": "forbid"}

    slug: Annotated[str, Field(max_length=80)]
    title: Annotated[str, Field(max_length=160)]
    kind: Literal["level", "burst", "budget_burn", "yield", "freshness"] = "level"
    metric_id: Annotated[str, Field(max_length=48)] = ""
    scope: dict[str, list[str]] = Field(default_factory=dict)
    by: list[str] = Field(default_factory=list)
    window_seconds: int = 3_600
    every_seconds: int = 60
    comparison: Literal["above", "below"] = "above"
    level: float | None = None
    needed: int = 2
    looked: int = 3
    min_n: int = Field(30, ge=0, le=1_000_000)
    growth_share: float | None = None
    absolute_change: float | None = None
    prior_min: float | None = None
    burn_pairs: list[tuple[float, float]] = Field(default_factory=list, max_length=10)
    severity: Literal["critical", "high", "medium", "low"] = "medium"
    owner: Annotated[str, Field(max_length=254)] = ""
    route: Literal["rule", "group"] = "rule"
    quiet_from: time | None = None
    quiet_until: time | None = None
    time_zone: Annotated[str, Field(max_length=64)] = "UTC"
    deduplicate: Literal["unit", "rule"] = "unit"
    cool_down_seconds: int = Field(3_600, ge=0, le=1_209_600)
    reason: Annotated[str, Field(max_length=2_000)] = ""
    channels: list[str] = Field(default_factory=list, max_length=50)


class RuleOut(Schema):
    """A rule, and what it has seen."""

    slug: str
    title: str
    kind: str
    metric_id: str
    scope: dict[str, list[str]]
    by: list[str]
    window_seconds: int
    every_seconds: int
    comparison: str
    level: float | None
    needed: int
    looked: int
    min_n: int
    severity: str
    owner: str
    state: str
    snoozed_until: datetime | None
    evaluated_at: datetime | None
    units: int
    expected_false: float
    trouble: str


def _alert(found: Alert) -> dict[str, Any]:
    kept = found.cell
    return {
        "id": found.pk,
        "rule": found.rule.slug,
        "title": found.rule.title,
        "metric": found.metric_id,
        "queue": found.queue.slug if found.queue else None,
        "value": value_of(kept),
        **{name: kept.get(name) for name in ("low", "high", "n", "goal")},
        **{
            name: getattr(found, name)
            for name in (
                "state", "severity", "scope", "materiality", "owner", "plan", "due_at", "fired_at", "seen_at",
                "closed_at", "closing_reason", "explanation",
            )
        },
    }  # fmt: skip


@router.get("/alerts", response=list[AlertOut], summary="List alerts")
def list_alerts(request: Caller, query: Query[AlertQuery]) -> list[dict[str, Any]]:
    """Return the alerts within the caller's reach, the gravest first."""
    states = {"standing": STANDING, "all": None}.get(query.state, (query.state,))
    rows = selectors.alerts(viewer=request.auth, states=states)
    if query.queue:
        rows = rows.filter(queue__slug=query.queue)
    if query.severity:
        rows = rows.filter(severity=query.severity)
    return [_alert(each) for each in rows[: query.limit]]


@router.get("/alerts/{alert_id}", response=AlertOut, summary="Read an alert")
def read_alert(request: Caller, alert_id: int) -> dict[str, Any]:
    """Return one alert with its explanation."""
    return _alert(selectors.alert(viewer=request.auth, alert_id=alert_id))


@router.post("/alerts/{alert_id}/acknowledge", response=AlertOut, summary="Take an alert on")
def acknowledge_alert(request: Caller, alert_id: int, body: AcknowledgeIn) -> dict[str, Any]:
    """Return the alert, taken on by the caller."""
    due_at = body.due_at
    if due_at is not None and due_at.tzinfo is None:
        due_at = due_at.replace(tzinfo=UTC)
    return _alert(
        acknowledge(alert_id=alert_id, plan=body.plan, due_at=due_at, by=request.auth, now=datetime.now(UTC))
    )


@router.post("/alerts/{alert_id}/resolve", response=AlertOut, summary="End an alert")
def resolve_alert(request: Caller, alert_id: int, body: ResolveIn) -> dict[str, Any]:
    """Return the alert, ended by hand."""
    return _alert(resolve(alert_id=alert_id, reason=body.reason, by=request.auth, now=datetime.now(UTC)))


@router.get("/alert-rules", response=list[RuleOut], summary="List alert rules")
def list_rules(request: Caller) -> list[AlertRule]:
    """Return the rules within the caller's reach, by name."""
    return list(selectors.rules(viewer=request.auth).exclude(state="retired"))


@router.get("/alert-rules/{slug}", response=RuleOut, summary="Read an alert rule")
def read_rule(request: Caller, slug: str) -> AlertRule:
    """Return one rule."""
    return selectors.rule(viewer=request.auth, slug=slug)


@router.post("/alert-rules", response={201: RuleOut}, summary="Write an alert rule")
def write_rule(request: Caller, body: RuleIn) -> Status[AlertRule]:
    """Return the new rule.

    Raises:
        NotFoundError: a channel is unknown.

    """
    said = body.dict()
    names = said.pop("channels")
    known = {one.slug: one for one in selectors.channels(viewer=request.auth)}
    if unknown := [name for name in names if name not in known]:
        raise NotFoundError(f"There is no channel {', '.join(unknown)}.", remedy="Check the names.")
    made = save_rule(
        new=NewRule(**said),
        channels=[known[name] for name in names],
        by=request.auth,
        now=datetime.now(UTC),
    )
    return Status(201, made)
