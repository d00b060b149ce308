"""Gathers what the methods need from the facts: where every unit stands, what it weighs, how it went."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import UNKNOWN, Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.errors import TargetError
from watchfloor.operations.targets.methods import Asked, UnitEvidence
from watchfloor.operations.targets.models import Plan, PlanLine
from watchfloor.operations.targets.plans import Unit
from watchfloor.operations.targets.scopes import scope_key
from watchfloor.operations.targets.spans import days_of, grain_of

MOST_UNITS = 400
SIMULATED_PERIODS = 200
_HISTORY_GRAINS = {"day": "day", "month": "month"}


@dataclass(frozen=True, slots=True)
class Tree:
    """What is split into units: a metric in a scope, by one or two dimensions, over a history."""

    metric_id: str
    by: tuple[str, ...]
    history: Period
    scope: Mapping[str, Sequence[str]] = field(default_factory=dict)
    period: str = "month"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, of which operation, from when."""

    viewer: Viewer
    operation: str
    now: datetime
    known_at: datetime | None = None

    def cells(self, metric: str, tree: Tree, *, grain: Any = None) -> tuple[Cell, ...]:
        """Return the metric's cells over the tree."""
        query = Query(
            metrics=(metric,),
            period=tree.history,
            by=tree.by,
            grain=grain,
            where={name: tuple(kept) for name, kept in tree.scope.items()},
        )
        return ask_as(
            query, viewer=self.viewer, operation=self.operation, now=self.now, known_at=self.known_at
        ).cells


def units_of(tree: Tree, *, asking: Asking) -> list[Unit]:
    """Return the tree's units with baseline, interval and planned share, the largest first.

    The planned share is the unit's share of what was counted below the line over the history: of a sampled
    metric, of the population that the sample stands for. Of a sum every unit weighs the same, and its
    baseline is scaled to one period.

    Raises:
        TargetError: the metric cannot carry such a tree, nothing was observed, or the units are too many.

    """
    definition = checked_tree(tree, viewer=asking.viewer)
    scale = _periods(tree, definition, now=asking.now)
    found = [
        (cell, _size(cell))
        for cell in asking.cells(tree.metric_id, tree)
        if cell.estimate.value is not None and UNKNOWN not in _values(cell, tree.by)
    ]
    sizes = [1.0 if definition.additivity == "ADD" else size for _, size in found]
    total = sum(sizes)
    if not found or total <= 0:
        raise TargetError(
            f"Nothing was observed of {tree.metric_id} by {', '.join(tree.by)} in this history.",
            remedy="Choose an earlier or a longer history, another metric or another scope.",
        )
    if len(found) > MOST_UNITS:
        raise TargetError(
            f"The tree has {len(found):,} units; a screen holds {MOST_UNITS}.",
            remedy="Split by one dimension, or choose a narrower scope.",
        )
    units = [
        Unit(
            scope={**{name: list(kept) for name, kept in tree.scope.items()}, **_scope(cell, tree.by)},
            weight=size / total,
            baseline=_scaled(cell.estimate.value, scale),
            low=_scaled(cell.estimate.low, scale),
            high=_scaled(cell.estimate.high, scale),
            n=int(cell.n),
        )
        for (cell, _), size in zip(found, sizes, strict=True)
    ]
    return sorted(units, key=lambda unit: (-unit.weight, scope_key(unit.scope)))


def checked_tree(tree: Tree, *, viewer: Viewer) -> Definition:
    """Return the metric, when the viewer may split it like that.

    Raises:
        TargetError: a dimension is unknown, stands twice, or the metric may not be set for people.

    """
    definition = catalogue()[tree.metric_id]
    if not 1 <= len(tree.by) <= 2 or len(set(tree.by)) != len(tree.by):
        raise TargetError(
            f"The tree is split by {', '.join(tree.by) or 'nothing'}.",
            remedy="Choose one dimension or two different ones.",
        )
    for name in tree.by:
        if name not in definition.dimensions:
            raise TargetError(
                f"{definition.id} cannot be split by {name!r}.",
                remedy=f"It knows {', '.join(definition.dimensions)}.",
            )
    if "reviewer" in tree.by:
        viewer.require("scorecards.people")
        if not definition.rankable:
            raise TargetError(
                f"{definition.id} is never set for single people.", remedy="Split it by team or site."
            )
    return definition


def evidence_of(
    plan: Plan, lines: Sequence[PlanLine], *, asking: Asking, rng: np.random.Generator
) -> tuple[list[UnitEvidence], Asked]:
    """Return what is known of each of the plan's units, in order, and what the plan gives the methods.

    What the facts cannot say stays unknown, and the methods that need it say so.
    """
    definition = catalogue()[plan.metric_id]
    tree = Tree(
        plan.metric_id,
        tuple(plan.by),
        Period(plan.history_start, plan.history_end),
        scope=plan.scope,
        period=plan.period,
    )
    keys = [line.scope_key for line in lines]
    history = _histories(tree, asking)
    periods = max((len(values) for values in history.values()), default=0)
    hours, completed = _work(tree, asking)
    passes = _passes(tree, asking) if definition.id == "leakage_fo" else {}
    tenure = _tenure(tree, asking)
    days = _days(tree, asking) if definition.id == "sla_attainment" else {}
    asked = _asked_values(plan)
    share = days_of(plan.period, at=plan.effective_from) / max(tree.history.seconds / 86_400.0, 1.0)
    found = [
        UnitEvidence(
            weight=line.weight,
            baseline=line.baseline,
            low=line.baseline_low,
            high=line.baseline_high,
            n=float(line.n),
            effort=line.effort,
            least=line.least,
            most=line.most,
            asked=asked.get(key),
            history=tuple(history.get(key, ())) or (None,) * periods,
            hours=hours.get(key),
            completed=completed.get(key),
            simulated=_simulated(
                days.get(key, ()), length=days_of(plan.period, at=plan.effective_from), rng=rng
            ),
            passes=passes[key] * share if key in passes else None,
            tenure_weeks=tenure[key] / (7 * 86_400.0) if key in tenure else None,
        )
        for line, key in zip(lines, keys, strict=True)
    ]
    counted = sum(line.n for line in lines)
    return found, _given(plan, tree, periods=periods, units=counted * share)


def _given(plan: Plan, tree: Tree, *, periods: int, units: float) -> Asked:
    seasons: tuple[int, ...] = ()
    next_season = None
    if tree.period == "day" and periods:
        first = tree.history.start.weekday()
        seasons = tuple((first + at) % 7 for at in range(periods))
        next_season = plan.effective_from.weekday()
    elif tree.period == "month" and periods:
        first = tree.history.start.month - 1
        seasons = tuple((first + at) % 12 for at in range(periods))
        next_season = plan.effective_from.month - 1
    numbers = {
        name: float(plan.inputs[name])
        for name in ("harm_budget", "severity", "views")
        if isinstance(plan.inputs.get(name), (int, float))
    }
    return Asked(
        parent=plan.parent_value,
        period_units=units or None,
        seasons=seasons,
        next_season=next_season,
        harm_budget=numbers.get("harm_budget"),
        severity=numbers.get("severity"),
        views=numbers.get("views"),
    )


def _histories(tree: Tree, asking: Asking) -> dict[str, list[float | None]]:
    grain = grain_of(tree.period) or "week"
    held: dict[str, dict[datetime, float | None]] = defaultdict(dict)
    starts: set[datetime] = set()
    for cell in _tried(asking, tree.metric_id, tree, grain=grain):
        if cell.bucket_start is not None:
            held[_key(cell, tree)][cell.bucket_start] = cell.estimate.value
            starts.add(cell.bucket_start)
    return {key: [values.get(start) for start in sorted(starts)] for key, values in held.items()}


def _work(tree: Tree, asking: Asking) -> tuple[dict[str, float], dict[str, float]]:
    """Return productive hours and cases completed by unit, where both are known."""
    cells = _tried(asking, "throughput", tree)
    hours = {_key(cell, tree): cell.denominator for cell in cells if cell.denominator}
    done = {_key(cell, tree): cell.numerator for cell in cells if cell.numerator is not None}
    return {key: float(value) for key, value in hours.items()}, {
        key: float(value) for key, value in done.items()
    }


def _passes(tree: Tree, asking: Asking) -> dict[str, float]:
    return {
        _key(cell, tree): float(cell.weight_sum or cell.denominator or 0.0)
        for cell in _tried(asking, tree.metric_id, tree)
    }


def _tenure(tree: Tree, asking: Asking) -> dict[str, float]:
    return {
        _key(cell, tree): float(cell.estimate.value)
        for cell in _tried(asking, "tenure", tree)
        if cell.estimate.value is not None
    }


def _days(tree: Tree, asking: Asking) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for cell in _tried(asking, tree.metric_id, tree, grain="day"):
        if cell.numerator is not None and cell.denominator:
            found[_key(cell, tree)].append((cell.numerator, cell.denominator))
    return found


def _simulated(
    days: Sequence[tuple[float, float]], *, length: float, rng: np.random.Generator
) -> tuple[float, ...]:
    """Return the attainment of periods made of the history's days, drawn with their staff and load."""
    if len(days) < 7:
        return ()
    table = np.asarray(days, dtype=np.float64)
    drawn = table[rng.integers(0, len(table), size=(SIMULATED_PERIODS, max(1, round(length))))].sum(axis=1)
    return tuple(float(value) for value in drawn[:, 0] / drawn[:, 1])


def _tried(asking: Asking, metric: str, tree: Tree, *, grain: Any = None) -> tuple[Cell, ...]:
    """Return the cells, or none where the metric cannot be asked like that."""
    definition = catalogue()[metric]
    if not {*tree.by, *tree.scope} <= set(definition.dimensions):
        return ()
    try:
        return asking.cells(metric, tree, grain=grain)
    except WatchfloorError:
        return ()


def _asked_values(plan: Plan) -> dict[str, float]:
    """Return the value that was last asked for, by unit."""
    said = plan.comments.filter(line__isnull=False, asked_value__isnull=False).select_related("line")
    return {one.line.scope_key: float(one.asked_value or 0.0) for one in said if one.line is not None}


def _periods(tree: Tree, definition: Definition, *, now: datetime) -> float:
    """Return what a sum over the history is divided by to be one of a period."""
    if definition.additivity != "ADD":
        return 1.0
    return tree.history.seconds / 86_400.0 / days_of(tree.period, at=now)


def _size(cell: Cell) -> float:
    if cell.weight_sum is not None and cell.weight_sum > 0:
        return float(cell.weight_sum)
    return float(cell.denominator if cell.denominator else cell.n)


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def _values(cell: Cell, by: Sequence[str]) -> list[str]:
    held = cell.scope.as_dict()
    return [held[name][0] for name in by if name in held]


def _scope(cell: Cell, by: Sequence[str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in zip(by, _values(cell, by), strict=True)}


def _key(cell: Cell, tree: Tree) -> str:
    return scope_key({**tree.scope, **_scope(cell, tree.by)})
