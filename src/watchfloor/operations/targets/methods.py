"""The methods side by side: what each would ask of every unit, or why it says nothing here. Pure.

The formulas are `science.targeting`; here they meet the units of a plan and what is known of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray

from watchfloor.kernel import WatchfloorError
from watchfloor.metrics.definition import Definition
from watchfloor.science import targeting

Values = tuple[float | None, ...]
PEER_SHARE = 2 / 3
"""A percentile of peers between the sixtieth and the seventy-fifth (section 15.2 of the domain reference)."""
FEASIBLE_AT = 0.8


@dataclass(frozen=True, slots=True)
class UnitEvidence:
    """What is known of one unit. Values stand in the metric's unit; None is not known.

    Attributes:
        weight: Planned share of the parent's denominator.
        baseline: Where it stands over the history.
        low: Lower bound of that.
        high: Upper bound.
        n: Observations; effective ones where the metric says so.
        effort: Cost of moving it, against the others.
        least: Least value that may be asked.
        most: Greatest value that may be asked.
        asked: What the unit proposes itself.
        history: The metric by period, oldest first.
        hours: Productive hours over the history.
        completed: Cases completed over the history.
        simulated: Attainment of simulated periods with the present staff.
        passes: Decisions to pass in a period.
        tenure_weeks: Tenure of its people, weeks.

    """

    weight: float
    baseline: float | None
    low: float | None = None
    high: float | None = None
    n: float = 0.0
    effort: float = 1.0
    least: float | None = None
    most: float | None = None
    asked: float | None = None
    history: Values = ()
    hours: float | None = None
    completed: float | None = None
    simulated: tuple[float, ...] = ()
    passes: float | None = None
    tenure_weeks: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person gives the methods.

    Attributes:
        parent: The parent's target; None where the units are to say it.
        period_units: Cases (or reviews) of the whole parent in a period, for error budgets.
        seasons: The season of each period of the histories, from 0.
        next_season: The season of the target's period.
        harm_budget: Harm that may be done in a period, severity × views.
        severity: Harm of one view.
        views: Mean views of what was passed wrongly.
        stretch_share: How much further than the floor a stretch lies, as a share of the parent's gap.

    """

    parent: float | None = None
    period_units: float | None = None
    seasons: tuple[int, ...] = ()
    next_season: int | None = None
    harm_budget: float | None = None
    severity: float | None = None
    views: float | None = None
    stretch_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Method:
    """What one method asks of every unit, in order.

    `why_not` says in a code why it says nothing at all; `notes` are codes with their numbers.
    """

    name: str
    values: Values = ()
    stretch: Values = ()
    why_not: str = ""
    notes: Mapping[str, float] = field(default_factory=dict)


class NotApplicableError(WatchfloorError):
    """A method does not apply; its message is a code that the page has words for."""


def side_by_side(units: Sequence[UnitEvidence], asked: Asked, *, definition: Definition) -> list[Method]:
    """Return every method, in the order of the domain reference."""
    found = []
    for name, method in _METHODS.items():
        try:
            found.append(method(units, asked, definition))
        except NotApplicableError as reason:
            found.append(Method(name, why_not=reason.message))
        except (targeting.TargetingError, ValueError) as error:
            found.append(Method(name, why_not=str(error)))
    return found


def spread(methods: Sequence[Method], at: int) -> float | None:
    """Return how far the methods lie apart for one unit; None where fewer than two say something."""
    told = [
        value
        for method in methods
        if at < len(method.values) and (value := method.values[at]) is not None and isfinite(value)
    ]
    return max(told) - min(told) if len(told) > 1 else None


def achieved(values: Sequence[float | None], units: Sequence[UnitEvidence]) -> float | None:
    """Return what the parent reaches when every unit reaches its value; None where one has none."""
    if any(value is None for value in values):
        return None
    return float(sum(unit.weight * (value or 0.0) for unit, value in zip(units, values, strict=True)))


def _equal_lift(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    found = targeting.equal_lift(weights=_weights(units), baselines=_baselines(units), target=_parent(asked))
    return Method("equal_lift", _bounded(found.targets, definition))


def _effort(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    floor, ceiling = (0.0, 1.0) if definition.unit == "share" else (-np.inf, np.inf)
    found = targeting.cascade(
        weights=_weights(units),
        baselines=_baselines(units),
        target=_parent(asked),
        costs=[unit.effort for unit in units],
        low=[floor if unit.least is None else unit.least for unit in units],
        high=[ceiling if unit.most is None else unit.most for unit in units],
    )
    notes = {"clipped": float(found.clipped.sum())}
    if not found.is_feasible:
        notes["shortfall"] = found.shortfall
    return Method("effort", _values(found.targets), notes=notes)


def _reconcile(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    if not any(unit.asked is not None for unit in units):
        raise NotApplicableError("no_proposals")
    proposals = [unit.baseline if unit.asked is None else unit.asked for unit in units]
    if any(value is None for value in proposals):
        raise NotApplicableError("no_baseline")
    spreads = [_variance(unit) for unit in units]
    found = targeting.reconcile(
        proposals=[value or 0.0 for value in proposals],
        covariance=spreads,
        aggregation=_weights(units),
        totals=_parent(asked),
    )
    return Method("reconcile", _bounded(found.values, definition))


def _peers(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    del asked
    if definition.unit != "share":
        raise NotApplicableError("needs_share")
    known = [unit for unit in units if unit.baseline is not None and unit.n > 0]
    if len(known) < 3:
        raise NotApplicableError("few_peers")
    found = targeting.peer_percentile(
        successes=[(unit.baseline or 0.0) * unit.n for unit in known],
        trials=[unit.n for unit in known],
        probability=PEER_SHARE if _up(definition) else 1 - PEER_SHARE,
    )
    notes = {"raw_best": found.raw_best, "peers": float(found.peers)}
    return Method("peers", (found.value,) * len(units), notes=notes)


def _frontier(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    del asked
    if definition.unit != "share" or not _up(definition):
        raise NotApplicableError("needs_share_up")
    if any(unit.hours is None or unit.completed is None or unit.baseline is None for unit in units):
        raise NotApplicableError("no_hours")
    if len(units) < 5:
        raise NotApplicableError("few_peers")
    found = targeting.frontier(
        inputs=[[unit.hours or 0.0] for unit in units],
        outputs=[
            [(unit.completed or 0.0), (unit.completed or 0.0) * (unit.baseline or 0.0)] for unit in units
        ],
    )
    # The share of what is attainable that would be right, at the unit's own volume.
    values = [
        min(1.0, (unit.baseline or 0.0) * float(expansion))
        for unit, expansion in zip(units, found.expansion, strict=True)
    ]
    return Method(
        "frontier", tuple(values), notes={"on_frontier": float((found.expansion <= 1 + 1e-9).sum())}
    )


def _learning(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    del definition
    known = [unit for unit in units if unit.tenure_weeks is not None and unit.baseline]
    if len(known) < len(units) or not known:
        raise NotApplicableError("no_tenure")
    curve = targeting.learning_band(
        values=[unit.baseline or nan for unit in known],
        tenure=[unit.tenure_weeks or 0.0 for unit in known],
        exposure=[max(unit.n, 1.0) for unit in known],
    )
    found = curve.targets(plateau_target=_parent(asked), tenure=[unit.tenure_weeks or 0.0 for unit in known])
    return Method("learning", _values(found), notes={"plateau": curve.plateau, "scale": curve.scale})


def _capacity(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    del asked
    if definition.id != "sla_attainment":
        raise NotApplicableError("needs_sla")
    if not any(unit.simulated for unit in units):
        raise NotApplicableError("no_simulation")
    # What four simulated periods of five reach: P(attained ≥ value) = .8.
    values = tuple(
        float(np.quantile(unit.simulated, 1 - FEASIBLE_AT)) if unit.simulated else None for unit in units
    )
    return Method("capacity", values, notes={"required": FEASIBLE_AT})


def _seasonal(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    if not asked.seasons or asked.next_season is None:
        raise NotApplicableError("no_season")
    if min(np.bincount(asked.seasons)) < 2:
        raise NotApplicableError("short_history")
    values: list[float | None] = []
    for unit in units:
        kept = [
            (value, season)
            for value, season in zip(unit.history, asked.seasons, strict=True)
            if value is not None and value > 0
        ]
        if len({season for _, season in kept}) < len(set(asked.seasons)):
            values.append(None)
            continue
        index = targeting.seasonal_index(
            values=[value for value, _ in kept], seasons=[season for _, season in kept]
        )
        found = targeting.seasonal_targets(
            target=_parent(asked), index=index, highest=1.0 if definition.unit == "share" else None
        )
        values.append(float(found.targets[asked.next_season]))
    return Method("seasonal", tuple(values))


def _harm(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    if definition.id != "leakage_fo":
        raise NotApplicableError("needs_leakage")
    if asked.harm_budget is None or asked.severity is None or asked.views is None:
        raise NotApplicableError("no_harm_budget")
    values = tuple(
        None
        if not unit.passes
        else min(
            1.0,
            float(
                targeting.harm_floor(
                    budget=asked.harm_budget * unit.weight,
                    passes=unit.passes,
                    severity=asked.severity,
                    views=asked.views,
                )
            ),
        )
        for unit in units
    )
    return Method("harm", values)


def _error_budget(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    if definition.unit != "share" or not _up(definition):
        raise NotApplicableError("needs_share_up")
    parent = _parent(asked)
    if not asked.period_units:
        raise NotApplicableError("no_volume")
    # Every unit gets the same share of misses for its volume; the budget in cases is what it means.
    budget = (1.0 - parent) * asked.period_units
    return Method("error_budget", (parent,) * len(units), notes={"budget": budget})


def _floor_and_stretch(units: Sequence[UnitEvidence], asked: Asked, definition: Definition) -> Method:
    parent, sign = _parent(asked), 1.0 if _up(definition) else -1.0
    floors: list[float | None] = []
    stretches: list[float | None] = []
    for unit in units:
        gap = None if unit.baseline is None else sign * (parent - unit.baseline)
        if gap is None or unit.baseline is None:
            floors.append(None)
            stretches.append(None)
            continue
        # Who stands beyond the parent keeps what it has; its stretch goes as far again.
        floor = parent if gap > 0 else unit.baseline
        step = max(abs(gap) * asked.stretch_share, abs(parent) * 0.01)
        limits = targeting.floor_and_stretch(
            floor=floor,
            stretch=floor + sign * step,
            direction="higher_is_better" if sign > 0 else "lower_is_better",
        )
        floors.append(limits.floor)
        stretches.append(limits.stretch)
    stretch = _bounded(np.array([nan if one is None else one for one in stretches]), definition)
    return Method("floor_and_stretch", tuple(floors), stretch)


_METHODS: Mapping[str, Callable[[Sequence[UnitEvidence], Asked, Definition], Method]] = {
    "equal_lift": _equal_lift,
    "effort": _effort,
    "reconcile": _reconcile,
    "peers": _peers,
    "frontier": _frontier,
    "learning": _learning,
    "capacity": _capacity,
    "seasonal": _seasonal,
    "harm": _harm,
    "error_budget": _error_budget,
    "floor_and_stretch": _floor_and_stretch,
}
NAMES = tuple(_METHODS)


def _up(definition: Definition) -> bool:
    return definition.direction == "higher_is_better"


def _parent(asked: Asked) -> float:
    if asked.parent is None:
        raise NotApplicableError("no_parent")
    return asked.parent


def _weights(units: Sequence[UnitEvidence]) -> list[float]:
    return [unit.weight for unit in units]


def _baselines(units: Sequence[UnitEvidence]) -> list[float]:
    if any(unit.baseline is None for unit in units):
        raise NotApplicableError("no_baseline")
    return [unit.baseline or 0.0 for unit in units]


def _variance(unit: UnitEvidence) -> float:
    if unit.low is not None and unit.high is not None and unit.high > unit.low:
        return float(((unit.high - unit.low) / 3.92) ** 2)
    return 1e-6


def _values(found: NDArray[np.float64]) -> Values:
    return tuple(None if isnan(value) else float(value) for value in found)


def _bounded(found: NDArray[np.float64], definition: Definition) -> Values:
    return _values(np.clip(found, 0.0, 1.0) if definition.unit == "share" else found)
