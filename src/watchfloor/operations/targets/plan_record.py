"""What every write of a plan does first and last: holds it in a state, checks its units, leaves a trace."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from watchfloor.metrics.definition import Definition
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets import guards
from watchfloor.operations.targets.errors import GuardError, TargetError
from watchfloor.operations.targets.models import Plan, PlanLine
from watchfloor.operations.targets.resolver import in_force


class StalePlanError(TargetError):
    """The plan changed since it was read; nothing was written."""


def held(plan_id: int, states: Sequence[str], *, revision: int | None = None) -> Plan:
    """Return the plan, locked, when it is in one of the states and at the revision that was read.

    Raises:
        TargetError: it is in another state, or there is none.
        StalePlanError: it changed since it was read.

    """
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None or plan.state not in states:
        stands = f"is {plan.state}" if plan else "does not exist"
        raise TargetError(
            f"Plan {plan_id} {stands}; this needs one that is {' or '.join(states)}.",
            remedy="Open it again to see where it stands.",
        )
    if revision is not None and plan.revision != revision:
        raise StalePlanError(
            f"“{plan.title}” is at revision {plan.revision}; yours was made from {revision}.",
            remedy="Open it again; nothing of yours was applied.",
        )
    return plan


def check(plan: Plan, *, definition: Definition, now: datetime) -> None:
    """Refuse a plan that could not be published.

    Raises:
        TargetError: a unit has no value.
        GuardError: weights, values, or a speed target that stands alone.

    """
    lines = list(plan.lines.all())
    empty = [line.scope_key for line in lines if line.value is None]
    if empty:
        raise TargetError(
            f"{len(empty)} of {len(lines)} units have no value, the first is “{empty[0]}”.",
            remedy="Choose a method for them, or write a value.",
        )
    guards.check_weights([line.weight for line in lines], names=[line.scope_key for line in lines])
    guards.check_distinct([line.scope for line in lines])
    for line in lines:
        check_line(line, plan=plan, definition=definition)
    if plan.metric_id in guards.SPEED:
        beside = [
            (target.metric_id, target.kind, target.scope)
            for target in in_force(
                guards.QUALITY_FLOORS | guards.WELLBEING_CEILINGS, at=max(plan.effective_from, now)
            )
        ]
        for line in lines:
            guards.check_paired(plan.metric_id, scope=line.scope, beside=beside)


def faults(plan: Plan, *, definition: Definition, lines: Iterable[PlanLine]) -> dict[str, str]:
    """Return what is wrong with each unit's values, by scope key; empty where nothing is."""
    found = {}
    for line in lines:
        try:
            check_line(line, plan=plan, definition=definition)
        except GuardError as error:
            found[line.scope_key] = str(error)
    return found


def check_line(line: PlanLine, *, plan: Plan, definition: Definition) -> None:
    """Refuse a unit whose weight or values are impossible; the message names it.

    Raises:
        GuardError: which one, and what would be right.

    """
    try:
        guards.check_weights([line.weight, 1.0 - min(line.weight, 1.0)], names=[line.scope_key, ""])
        if line.value is not None:
            upper = line.upper if plan.kind == "band" else None
            guards.check_values(definition, kind=plan.kind, value=line.value, upper=upper)
        if line.stretch is not None:
            guards.check_values(definition, kind="stretch", value=line.stretch, upper=None)
    except GuardError as error:
        raise GuardError(f"“{line.scope_key}”: {error.message}", remedy=error.remedy) from error


def note(
    plan: Plan,
    action: str,
    *,
    by: Viewer,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write who did what to the plan."""
    audit(
        actor=by.name,
        action=f"target_plan.{action}",
        object_kind="target_plan",
        object_id=str(plan.pk),
        before=before,
        after=after,
        now=now,
    )
