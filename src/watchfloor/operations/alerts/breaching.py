"""Says which cells of one evaluation are out of order, by a rule's kind. Pure: cells and the rule in.

A level is judged like a target: what is counted in full by its value, an estimate by its whole interval
and only where it stands out among the cells of the evaluation (Benjamini–Hochberg). A cell of too few
observations is `no_data`, which neither fires nor clears.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan
from typing import Any, Literal

import numpy as np

from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.alerts.models import AlertRule
from watchfloor.operations.targets.judging import FALSE_ALARM_RATE, judge
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.resolver import Applied, choose
from watchfloor.science import uncertainty

DAY_SECONDS = 86_400.0
Standing = Literal["over", "within", "no_data"]


@dataclass(frozen=True, slots=True)
class Looked:
    """One unit at one evaluation.

    Attributes:
        unit: The unit's key; empty for the whole.
        scope: Dimension → value of the unit.
        cell: The number.
        standing: `over`, `within`, or `no_data`.
        goal: What it was held against; None where nothing applies.
        materiality: Units between the value and what was allowed.
        measures: Further figures of the kind: growth, burn rate, the value before.
        adjusted: How likely a result this bad is by chance, over all cells of the evaluation.

    """

    unit: str
    scope: Mapping[str, str]
    cell: Cell | None
    standing: Standing
    goal: float | None = None
    materiality: float = 0.0
    measures: Mapping[str, Any] = field(default_factory=dict)
    adjusted: float | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """The units of one evaluation, and how many of those that are over are expected to be false."""

    looked: tuple[Looked, ...]
    expected_false: float = 0.0


def unit_of(cell: Cell, by: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the key and the scope of a cell's unit: its values of the split alone."""
    held = cell.scope.as_dict()
    scope = {name: held[name][0] for name in by if held.get(name)}
    return " ".join(f"{name}={value}" for name, value in sorted(scope.items())), scope


def levels(
    cells: Sequence[Cell],
    *,
    rule: AlertRule,
    definition: Definition,
    targets: Iterable[Target],
    at: datetime,
) -> Findings:
    """Return which cells miss the rule's level, or the target in force where it names none."""
    held = list(targets)
    applied = [
        Applied(_own_target(rule), rule.level)
        if rule.level is not None
        else choose(held, scope=cell.scope, at=at)
        for cell in cells
    ]
    board = judge(cells, applied, definitions={definition.id: definition})
    looked = []
    for one in board.judged:
        unit, scope = unit_of(one.cell, rule.by)
        standing: Standing = "within"
        if one.status in ("no_data", "no_target") or one.cell.n < rule.min_n or _thin(one.cell, rule):
            standing = "no_data"
        elif one.status == "missed" and (not one.sampled or one.p_value is None or one.stands_out):
            standing = "over"
        looked.append(
            Looked(
                unit,
                scope,
                one.cell,
                standing,
                goal=one.applied.value,
                materiality=one.shortfall or 0.0,
                measures={"upper": one.applied.upper, "why": list(one.applied.why), "noise": one.noise},
                adjusted=one.adjusted,
            )
        )
    return Findings(tuple(looked), board.expected_false_alarms)


def _own_target(rule: AlertRule) -> Target:
    kind = "ceiling" if rule.comparison == "above" else "floor"
    better = "lower_is_better" if kind == "ceiling" else "higher_is_better"
    return Target(
        metric_id=rule.metric_id,
        scope={},
        kind=kind,
        direction=better,
        value=rule.level or 0.0,
        min_n=rule.min_n,
    )


def _thin(cell: Cell, rule: AlertRule) -> bool:
    """Return whether a yield rests on less volume a day than the rule asks for."""
    if rule.kind != "yield" or rule.prior_min is None:
        return False
    volume = cell.denominator if cell.denominator is not None else float(cell.n)
    return volume * DAY_SECONDS / rule.window_seconds < rule.prior_min


def bursts(now: Sequence[Cell], before: Sequence[Cell], *, rule: AlertRule) -> Findings:
    """Return which units grew: by share, by daily change, from enough before, and beyond their own scatter.

    `before` holds one cell a unit and day. Sums are averaged over the days that were observed at all, a day
    without a cell of the unit among them is none; ratios are computed again from their sums.
    """
    days = sorted({cell.bucket_start for cell in before if cell.bucket_start and cell.n})
    past: dict[str, dict[datetime, Cell]] = {}
    for cell in before:
        if cell.bucket_start in days and cell.bucket_start is not None:
            past.setdefault(unit_of(cell, rule.by)[0], {})[cell.bucket_start] = cell
    looked, p_values = [], []
    for cell in now:
        unit, scope = unit_of(cell, rule.by)
        found = _growth(cell, past.get(unit, {}), days, rule=rule)
        looked.append((unit, scope, cell, found))
        p_values.append(found["p"])
    adjusted = uncertainty.benjamini_hochberg(p_values=np.array(p_values, dtype=float), rate=FALSE_ALARM_RATE)
    made = []
    for (unit, scope, cell, found), rejected, p in zip(
        looked, adjusted.rejected, adjusted.adjusted, strict=True
    ):
        over = found["standing"] == "over" and (bool(rejected) or isnan(found["p"]))
        standing: Standing = "over" if over else "no_data" if found["standing"] == "no_data" else "within"
        measures = {name: found[name] for name in ("before", "growth", "change", "days")}
        allowed = found["before"] * (1.0 + (rule.growth_share or 0.0))
        made.append(
            Looked(
                unit,
                scope,
                cell,
                standing,
                goal=allowed * rule.window_seconds / DAY_SECONDS if cell.denominator is None else allowed,
                materiality=max(0.0, found["change"]),
                measures=measures,
                adjusted=None if isnan(p) else float(p),
            )
        )
    out = sum(one.standing == "over" for one in made)
    return Findings(tuple(made), FALSE_ALARM_RATE * out)


def _growth(
    cell: Cell, past: Mapping[datetime, Cell], days: Sequence[datetime], *, rule: AlertRule
) -> dict[str, Any]:
    nothing = {"standing": "no_data", "before": 0.0, "growth": None, "change": 0.0, "days": len(days)}
    value = cell.estimate.value
    if value is None or not days:
        return {**nothing, "p": float("nan")}
    if cell.denominator is not None:
        top = sum(one.numerator or 0.0 for one in past.values())
        below = sum(one.denominator or 0.0 for one in past.values())
        before, volume = (top / below if below else 0.0), below / len(days)
        rate, scatter = value, float("nan")
    else:
        each = [
            float(one.estimate.value or 0.0) if (one := past.get(day)) is not None else 0.0 for day in days
        ]
        before = volume = sum(each) / len(days)
        rate = value * DAY_SECONDS / rule.window_seconds
        scatter = float(np.std(each, ddof=1)) if len(each) > 2 else float("nan")
    change = rate - before
    growth = change / before if before > 0 else None
    p = float("nan")
    if scatter > 0:
        error = scatter * (DAY_SECONDS / rule.window_seconds) ** 0.5
        p = float(
            uncertainty.one_sided_p_of_value(
                value=rate, standard_error=error, target=before, direction="lower_is_better"
            )
        )
    enough = volume >= (rule.prior_min or 0.0) and cell.n >= rule.min_n
    over = (
        (growth is not None and growth >= (rule.growth_share or 0.0))
        and change >= (rule.absolute_change or 0.0)
        and change > 0
    )
    return {
        "standing": "no_data" if not enough else "over" if over else "within",
        "before": before,
        "growth": growth,
        "change": change,
        "days": len(days),
        "p": p,
    }


def burns(
    windows: Mapping[float, Sequence[Cell]],
    *,
    rule: AlertRule,
    definition: Definition,
    targets: Iterable[Target],
    at: datetime,
) -> Findings:
    """Return which units spend their error budget faster than any of the rule's pairs allows.

    `windows` maps the hours of each pair to its cells; the budget is what the target leaves: 1 − T of a share
    where more is better, T where less is.
    """
    held = list(targets)
    found: dict[str, Looked] = {}
    better_high = definition.direction != "lower_is_better"
    for rate, hours in rule.burn_pairs:
        for cell in windows.get(float(hours), ()):
            unit, scope = unit_of(cell, rule.by)
            applied = choose(held, scope=cell.scope, at=at)
            goal = rule.level if rule.level is not None else applied.value
            kept = found.get(unit)
            standing, burn, beyond = _burn(
                cell, goal=goal, better_high=better_high, limit=float(rate), min_n=rule.min_n
            )
            measures = {"burn": burn, "hours": hours, "limit": rate}
            one = Looked(unit, scope, cell, standing, goal, beyond, measures)
            if kept is None or _graver(one, kept):
                found[unit] = one
    return Findings(tuple(found.values()))


def _burn(
    cell: Cell, *, goal: float | None, better_high: bool, limit: float, min_n: int
) -> tuple[Standing, float | None, float]:
    top, below = cell.numerator, cell.denominator
    if goal is None or top is None or not below or cell.n < min_n:
        return "no_data", None, 0.0
    budget = 1.0 - goal if better_high else goal
    bad = below - top if better_high else top
    if budget <= 0:
        return ("over" if bad > 0 else "within"), None, bad
    burn = bad / below / budget
    return ("over" if burn >= limit else "within"), burn, max(0.0, bad - budget * below)


def _graver(one: Looked, other: Looked) -> bool:
    order = {"over": 2, "within": 1, "no_data": 0}
    if one.standing != other.standing:
        return order[one.standing] > order[other.standing]
    return (one.measures.get("burn") or 0.0) > (other.measures.get("burn") or 0.0)


def staleness(last: Mapping[str, datetime | None], *, rule: AlertRule, at: datetime) -> Findings:
    """Return which facts are older than the rule's level in seconds."""
    looked = []
    for fact, newest in sorted(last.items()):
        age = (at - newest).total_seconds() if newest is not None else None
        standing: Standing = "no_data" if age is None else "over" if age > (rule.level or 0.0) else "within"
        beyond = max(0.0, (age or 0.0) - (rule.level or 0.0))
        looked.append(
            Looked(f"fact={fact}", {"fact": fact}, None, standing, rule.level, beyond, {"age_seconds": age})
        )
    return Findings(tuple(looked))
