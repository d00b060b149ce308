"""Writes plans: drawn up, changed unit by unit, proposed, talked about. `approval` takes them further."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction
from django.db.models import F

from watchfloor.kernel import Period
from watchfloor.metrics.definition import Definition
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets import guards
from watchfloor.operations.targets.errors import TargetError
from watchfloor.operations.targets.models import Plan, PlanComment, PlanLine
from watchfloor.operations.targets.plan_record import check, check_line, held, note
from watchfloor.operations.targets.scopes import checked_scope, scope_key

MOST_LINES = 2_000
OPEN = ("draft", "proposed")
_LINE_FIELDS = (
    "weight", "effort", "least", "most", "value", "upper", "stretch", "min_n", "owner", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a plan as it is drawn up: its scope, where it stands, and what it weighs."""

    scope: Mapping[str, Sequence[str]]
    weight: float
    baseline: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a plan is about, before it has lines."""

    title: str
    kind: str
    history: Period
    effective_from: datetime
    effective_to: datetime | None = None
    period: str = "month"
    scope: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by: Sequence[str] = ()
    parent_value: float | None = None
    contractual: bool = False
    reason: str = ""


@transaction.atomic
def draw_up(
    outline: Outline, units: Sequence[Unit], *, definition: Definition, by: Viewer, now: datetime
) -> Plan:
    """Return a new plan in draft with a line a unit.

    Raises:
        TargetError: there is no unit, or there are too many.
        ScopeError: the metric cannot be split like that.
        GuardError: the weights do not sum to 1, or units contain one another.

    """
    by.require("targets.change")
    if not 0 < len(units) <= MOST_LINES:
        raise TargetError(
            f"The plan has {len(units):,} units; it needs 1 to {MOST_LINES:,}.",
            remedy="Choose other dimensions, or a longer history.",
        )
    scopes = [checked_scope(unit.scope, definition=definition) for unit in units]
    keys = [scope_key(scope) for scope in scopes]
    guards.check_distinct(scopes)
    guards.check_weights([unit.weight for unit in units], names=keys)
    if outline.parent_value is not None:
        guards.check_values(definition, kind="floor", value=outline.parent_value, upper=None, any_way=True)
    plan = Plan.objects.create(
        title=outline.title.strip()[:160] or definition.id,
        metric_id=definition.id,
        metric_version=definition.version,
        period=outline.period,
        kind=outline.kind,
        scope=checked_scope(outline.scope, definition=definition),
        by=list(outline.by),
        parent_value=outline.parent_value,
        history_start=outline.history.start,
        history_end=outline.history.end,
        effective_from=outline.effective_from,
        effective_to=outline.effective_to,
        contractual=outline.contractual,
        owner=by.name,
        reason=outline.reason,
        created_at=now,
    )
    PlanLine.objects.bulk_create(
        PlanLine(
            plan=plan,
            scope=scope,
            scope_key=key,
            weight=unit.weight,
            baseline=unit.baseline,
            baseline_low=unit.low,
            baseline_high=unit.high,
            n=unit.n,
            owner=unit.owner,
        )
        for unit, scope, key in zip(units, scopes, keys, strict=True)
    )
    note(plan, "drawn_up", by=by, now=now, after={"lines": len(units), "title": plan.title})
    return plan


@transaction.atomic
def change_lines(
    plan_id: int,
    changes: Mapping[str, Mapping[str, Any]],
    *,
    revision: int,
    definition: Definition,
    by: Viewer,
    now: datetime,
    method: str = "",
    inputs: Mapping[str, Any] | None = None,
) -> Plan:
    """Return the plan with the changes of its lines by scope key; all of them or none.

    Args:
        plan_id: The plan.
        changes: Scope key → field → value, in the metric's unit.
        revision: The revision that the changes were made from.
        definition: The plan's metric.
        by: Who changes.
        now: When.
        method: The method that gave the values; blank leaves what stands.
        inputs: What it was computed from.

    Raises:
        StalePlanError: somebody changed the plan meanwhile.
        TargetError: it is no longer open, or a line or a field is unknown.
        GuardError: a value is outside the metric's unit.

    """
    by.require("targets.change")
    plan = _open(plan_id, revision=revision)
    lines = {line.scope_key: line for line in plan.lines.select_for_update()}
    before: dict[str, Any] = {}
    for key, fields in changes.items():
        line = lines.get(key)
        if line is None:
            raise TargetError(f"The plan has no unit “{key}”.", remedy="Open the plan again.")
        for name, value in fields.items():
            if name not in _LINE_FIELDS:
                raise TargetError(
                    f"A unit has no {name!r} to change.", remedy=f"Change one of {', '.join(_LINE_FIELDS)}."
                )
            before.setdefault(key, {})[name] = getattr(line, name)
            setattr(line, name, value)
        check_line(line, plan=plan, definition=definition)
    PlanLine.objects.bulk_update([lines[key] for key in changes], _LINE_FIELDS, batch_size=500)
    if method:
        plan.method, plan.inputs = method, dict(inputs or {})
    plan.revision = F("revision") + 1
    plan.save(update_fields=["method", "inputs", "revision"])
    plan.refresh_from_db()
    after = {key: dict(fields) for key, fields in changes.items()}
    note(plan, "changed", by=by, now=now, before=before, after=after)
    return plan


@transaction.atomic
def propose(plan_id: int, *, revision: int, definition: Definition, by: Viewer, now: datetime) -> Plan:
    """Return the plan, proposed to whoever may approve it.

    Raises:
        TargetError: it is no draft, or a unit has no value.
        GuardError: a guard refuses it.

    """
    by.require("targets.change")
    plan = _open(plan_id, revision=revision)
    check(plan, definition=definition, now=now)
    plan.state, plan.proposed_by, plan.proposed_at = "proposed", by.name, now
    plan.save(update_fields=["state", "proposed_by", "proposed_at"])
    note(plan, "proposed", by=by, now=now)
    return plan


@transaction.atomic
def comment(
    plan_id: int,
    *,
    text: str,
    by: Viewer,
    now: datetime,
    key: str = "",
    asked_value: float | None = None,
) -> PlanComment:
    """Return what somebody said about the plan or one of its units, with the value they ask for.

    Raises:
        TargetError: nothing is said, the unit is unknown, or the value is no number.

    """
    by.require("targets.view")
    plan = Plan.objects.filter(pk=plan_id).first()
    line = PlanLine.objects.filter(plan_id=plan_id, scope_key=key).first() if key else None
    if plan is None or (key and line is None):
        raise TargetError(f"There is no unit “{key}” in plan {plan_id}.", remedy="Open the plan again.")
    if not text.strip() and asked_value is None:
        raise TargetError("The comment says nothing.", remedy="Write a sentence, or ask for a value.")
    if asked_value is not None and not isfinite(asked_value):
        raise TargetError(f"{asked_value!r} is no number.", remedy="Ask for a finite value.")
    said = PlanComment.objects.create(
        plan=plan, line=line, author=by.name, at=now, text=text.strip()[:4000], asked_value=asked_value
    )
    note(plan, "commented", by=by, now=now, after={"unit": key, "asked_value": asked_value})
    return said


@transaction.atomic
def accept(comment_id: int, *, definition: Definition, by: Viewer, now: datetime) -> Plan:
    """Return the plan with the value that the comment asks for.

    Raises:
        TargetError: the comment asks for no value, or the plan is no longer open.

    """
    said = PlanComment.objects.select_related("plan", "line").filter(pk=comment_id).first()
    if said is None or said.line is None or said.asked_value is None:
        raise TargetError("The comment asks for no value.", remedy="Change the unit itself.")
    return change_lines(
        said.plan_id,
        {said.line.scope_key: {"value": said.asked_value}},
        revision=said.plan.revision,
        definition=definition,
        by=by,
        now=now,
    )


def _open(plan_id: int, *, revision: int) -> Plan:
    return held(plan_id, OPEN, revision=revision)
