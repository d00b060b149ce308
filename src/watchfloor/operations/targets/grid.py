"""The studio's screen: units with the methods side by side, where they disagree, what is in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from watchfloor.metrics.definition import Definition
from watchfloor.operations.targets import guards
from watchfloor.operations.targets.errors import GuardError
from watchfloor.operations.targets.evidence import Asking, evidence_of
from watchfloor.operations.targets.judging import is_sampled
from watchfloor.operations.targets.methods import Method, UnitEvidence, achieved, side_by_side, spread
from watchfloor.operations.targets.models import Plan, PlanLine
from watchfloor.operations.targets.plan_record import faults
from watchfloor.operations.targets.resolver import Applied, applied_many, in_force
from watchfloor.operations.targets.scopes import scope_of
from watchfloor.science import targeting

RATCHET_SHARE = 0.25
"""How far a target may move in one go beyond what drivers explain, as a share of the room that is left."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit on the screen.

    Attributes:
        line: The plan's line.
        told: What each method asks, in the order of the screen's methods.
        stretch: What lies beyond the floor, where a method says so.
        spread: How far the methods lie apart.
        lift: Value − baseline.
        units: What the lift means in a period, in the metric's units; None where it has none.
        feasible: Share of simulated periods that keep the value; None where nothing was simulated.
        ratchet: Codes of what the ratchet guard says.
        now: What applies to the unit at present.
        fault: What is wrong with its values; empty where nothing is.
        comments: How many things were said about it.

    """

    line: PlanLine
    told: tuple[float | None, ...]
    stretch: float | None
    spread: float | None
    lift: float | None
    units: float | None
    feasible: float | None
    ratchet: tuple[str, ...]
    now: Applied
    fault: str
    comments: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole screen; `reached` is the parent when every unit reaches its value."""

    rows: tuple[Row, ...]
    methods: tuple[Method, ...]
    reached: float | None
    mean_baseline: float | None
    unpaired: str
    missing: int


def grid_of(
    plan: Plan,
    lines: Sequence[PlanLine],
    *,
    definition: Definition,
    asking: Asking,
    order: str = "",
) -> Grid:
    """Return the plan's screen; `order` is `spread` for the units that the methods disagree on first."""
    rng = np.random.default_rng(plan.pk)
    units, asked = evidence_of(plan, lines, asking=asking, rng=rng)
    methods = side_by_side(units, asked, definition=definition)
    present = applied_many(
        [(plan.metric_id, scope_of(line.scope)) for line in lines], at=asking.now, period=plan.period
    )
    wrong = faults(plan, definition=definition, lines=lines)
    said = _comments(plan)
    share = (asked.period_units or 0.0) / max(sum(line.n for line in lines), 1)
    rows = [
        Row(
            line=line,
            told=tuple(method.values[at] if at < len(method.values) else None for method in methods),
            stretch=next((method.stretch[at] for method in methods if method.stretch), None),
            spread=spread(methods, at),
            lift=_lift(line),
            units=_moved(line, share, definition),
            feasible=_feasible(line, units[at]),
            ratchet=_ratchet(line, units[at], present[at], definition),
            now=present[at],
            fault=wrong.get(line.scope_key, ""),
            comments=said.get(line.pk, 0),
        )
        for at, line in enumerate(lines)
    ]
    if order == "spread":
        rows.sort(key=lambda row: (-(row.spread or 0.0), row.line.scope_key))
    elif order != "name":
        rows.sort(key=lambda row: (-row.line.weight, row.line.scope_key))
    return Grid(
        tuple(rows),
        tuple(methods),
        achieved([line.value for line in lines], units),
        achieved([line.baseline for line in lines], units),
        _unpaired(plan, lines, now=asking.now),
        sum(line.value is None for line in lines),
    )


def method_values(grid: Grid, name: str, *, kind: str) -> Mapping[str, dict[str, Any]]:
    """Return the changes of the units that a method would make, by scope key; none where it says nothing."""
    at = next((at for at, method in enumerate(grid.methods) if method.name == name), None)
    if at is None:
        return {}
    has_stretch = bool(grid.methods[at].stretch)
    changes: dict[str, dict[str, Any]] = {}
    for row in grid.rows:
        if (value := row.told[at]) is None:
            continue
        changes[row.line.scope_key] = {"value": _rounded(value)}
        if has_stretch and row.stretch is not None and kind != "band":
            changes[row.line.scope_key]["stretch"] = _rounded(row.stretch)
    return changes


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _comments(plan: Plan) -> dict[int, int]:
    found: dict[int, int] = {}
    for pk in plan.comments.filter(line__isnull=False).values_list("line_id", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def _lift(line: PlanLine) -> float | None:
    return None if line.value is None or line.baseline is None else line.value - line.baseline


def _moved(line: PlanLine, share: float, definition: Definition) -> float | None:
    """Return how many of the unit's cases in a period must come out otherwise; shares alone say that."""
    lift = _lift(line)
    return (
        None
        if lift is None or definition.unit != "share" or is_sampled(definition) or not share
        else lift * line.n * share
    )


def _feasible(line: PlanLine, unit: UnitEvidence) -> float | None:
    if line.value is None or not unit.simulated:
        return None
    found = targeting.attainment(simulated=unit.simulated, target=line.value)
    return float(found.probability)


def _ratchet(line: PlanLine, unit: UnitEvidence, present: Applied, definition: Definition) -> tuple[str, ...]:
    known = [value for value in unit.history if value is not None]
    if line.value is None or present.value is None or present.inherited or not known:
        return ()
    up = definition.direction == "higher_is_better"
    room = 1.0 - present.value if definition.unit == "share" and up else abs(present.value)
    found = targeting.ratchet_guard(
        previous=present.value,
        proposed=line.value,
        own_best=max(known) if up else min(known),
        drivers={},
        bound=max(room * RATCHET_SHARE, 1e-9),
        direction="higher_is_better" if up else "lower_is_better",
    )
    return tuple(found.reasons)


def _unpaired(plan: Plan, lines: Sequence[PlanLine], *, now: datetime) -> str:
    """Return what a target on speed lacks beside it; empty where nothing is."""
    if plan.metric_id not in guards.SPEED:
        return ""
    beside = [
        (target.metric_id, target.kind, target.scope)
        for target in in_force(
            guards.QUALITY_FLOORS | guards.WELLBEING_CEILINGS, at=max(plan.effective_from, now)
        )
    ]
    for line in lines:
        try:
            guards.check_paired(plan.metric_id, scope=line.scope, beside=beside)
        except GuardError as error:
            return str(error)
    return ""
