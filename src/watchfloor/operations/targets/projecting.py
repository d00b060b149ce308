"""Where the present period of a target will end: P(hit), the required run-rate, and a fan. Pure.

Sums and ratios are carried on by days drawn from the history, each with its numerator and denominator; a
sampled share by the beta-binomial of what was found so far. Neither knows of a holiday or a new rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isnan
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchfloor.kernel import Period
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.targets.judging import is_sampled
from watchfloor.science import targeting, uncertainty
from watchfloor.science.targeting import Direction

Verdict = Literal["impossible", "secured", "open"]
DRAWS = 1_000
FEWEST_DAYS = 5
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a metric: what stands above and below the line; below is 1 for a sum."""

    start: datetime
    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a period ends.

    Attributes:
        period: The whole period.
        value: Expected value at its end; None where `why_not` says why.
        low: 5 % of the drawn ends lie below.
        high: 5 % lie above.
        probability: P(the target is kept).
        required: What the rest must reach, in the metric's unit (of a sum: a day).
        verdict: `impossible`, `secured` or `open`.
        done: Value so far.
        missing: Cases that the expected end lacks; 0 where none.
        days_left: Days still to come.
        fan: (instant, quantiles) after each remaining day.
        passed: (instant, value so far) after each day that is over.
        why_not: Code of why nothing is said.

    """

    period: Period
    value: float | None = None
    low: float | None = None
    high: float | None = None
    probability: float | None = None
    required: float | None = None
    verdict: Verdict = "open"
    done: float | None = None
    missing: float = 0.0
    days_left: float = 0.0
    fan: tuple[tuple[datetime, tuple[float, ...]], ...] = ()
    passed: tuple[tuple[datetime, float], ...] = field(default=())
    why_not: str = ""


def days_from(cells: Sequence[Cell], definition: Definition) -> list[Day]:
    """Return the days of a metric from its daily cells, oldest first."""
    is_sum = definition.additivity == "ADD"
    days = []
    for cell in cells:
        if cell.bucket_start is None:
            continue
        if is_sum and cell.estimate.value is not None:
            days.append(Day(cell.bucket_start, cell.estimate.value, 1.0))
        elif cell.numerator is not None and cell.denominator:
            days.append(Day(cell.bucket_start, cell.numerator, cell.denominator))
    return sorted(days, key=lambda day: day.start)


def project(
    definition: Definition,
    *,
    days: Sequence[Day],
    period: Period,
    at: datetime,
    goal: float,
    better: Direction,
    sampled: Cell | None = None,
    rng: np.random.Generator,
) -> Outlook:
    """Return where the period ends.

    Args:
        definition: The metric.
        days: Days of the period so far and of the history before it.
        period: The whole period.
        at: Now.
        goal: The target's value.
        better: Which side keeps it.
        sampled: For a sampled metric, the cell of the period so far.
        rng: Draws the days to come.

    """
    left = max((period.end - at).total_seconds() / 86_400.0, 0.0)
    if definition.additivity not in ("ADD", "RATIO", "EST"):
        return Outlook(period, why_not="not_carried_on", days_left=left)
    if is_sampled(definition) and definition.unit == "share":
        return _sampled(sampled, period=period, at=at, goal=goal, better=better, left=left, rng=rng)
    past = [day for day in days if day.start < at - timedelta(days=1)]
    if len(past) < FEWEST_DAYS:
        return Outlook(period, why_not="few_days", days_left=left)
    is_sum = definition.additivity == "ADD"
    own = [day for day in days if period.start <= day.start < at]
    above, below = sum(day.above for day in own), sum(day.below for day in own)
    drawn = _drawn(past, left, rng)
    ends_above = above + np.cumsum(drawn[:, :, 0], axis=1)
    ends_below = np.ones_like(ends_above) if is_sum else below + np.cumsum(drawn[:, :, 1], axis=1)
    paths = ends_above / np.maximum(ends_below, 1e-12)
    done = above if is_sum else above / below if below else None
    if not drawn.shape[1]:
        paths = np.full((1, 1), done if done is not None else np.nan)
    if isnan(float(paths[0, -1])):
        return Outlook(period, why_not="no_data", days_left=left)
    end = targeting.project_draws(draws=paths[:, -1], target=goal, direction=better)
    rest = drawn.sum(axis=1).mean(axis=0) if drawn.shape[1] else np.zeros(2)
    required, verdict = _required(definition, above, below, rest, goal=goal, better=better, left=left)
    return Outlook(
        period,
        end.value,
        end.low,
        end.high,
        1.0 if verdict == "secured" else 0.0 if verdict == "impossible" else end.probability,
        required,
        verdict,
        done,
        _missing(definition, end.value, below + float(rest[1]), goal, better),
        left,
        _fan(paths, at=at, end=period.end) if left > 0 else (),
        _passed(own, is_sum=is_sum),
    )


def _drawn(past: Sequence[Day], left: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return draws × days × (above, below); the last day counts for the part of it that is left."""
    table = np.array([(day.above, day.below) for day in past[-28:]], dtype=np.float64)
    count = int(np.ceil(left - 1e-9))
    drawn = table[rng.integers(0, len(table), size=(DRAWS, count))]
    if count:
        drawn[:, 0, :] *= left - (count - 1)
    return drawn


def _required(
    definition: Definition,
    above: float,
    below: float,
    rest: NDArray[np.float64],
    *,
    goal: float,
    better: Direction,
    left: float,
) -> tuple[float | None, Verdict]:
    up = better == "higher_is_better"
    if definition.additivity == "ADD":
        missing = goal - above
        settled: Verdict = "secured" if up else "impossible"
        if missing <= 0 and not (not up and missing == 0):
            return 0.0, settled
        if left <= 0:
            return None, "impossible" if up else "secured"
        return missing / left, "open"
    total = below + float(rest[1])
    if definition.unit == "share" and 0 <= above <= below <= total and 0 <= goal <= 1:
        found = targeting.required_rate(done=above, done_of=below, total=total, target=goal, direction=better)
        return (None if isnan(found.rate) else found.rate), found.verdict
    if rest[1] <= 0:
        kept = below > 0 and (above / below >= goal if up else above / below <= goal)
        return None, "secured" if kept else "impossible"
    rate = (goal * total - above) / float(rest[1])
    # A time or a cost cannot be below nothing.
    return rate, ("secured" if up else "impossible") if rate < 0 else "open"


def _missing(definition: Definition, value: float, total: float, goal: float, better: Direction) -> float:
    if better != "higher_is_better" or value >= goal:
        return 0.0
    return (goal - value) * (1.0 if definition.additivity == "ADD" else total)


def _fan(
    paths: NDArray[np.float64], *, at: datetime, end: datetime
) -> tuple[tuple[datetime, tuple[float, ...]], ...]:
    quantiles = np.quantile(paths, LEVELS, axis=0)
    count = paths.shape[1]
    return tuple(
        (max(at, end - timedelta(days=count - 1 - day)), tuple(float(value) for value in quantiles[:, day]))
        for day in range(count)
    )


def _passed(own: Sequence[Day], *, is_sum: bool) -> tuple[tuple[datetime, float], ...]:
    found, above, below = [], 0.0, 0.0
    for day in own:
        above, below = above + day.above, below + day.below
        found.append((day.start + timedelta(days=1), above if is_sum else above / below))
    return tuple(found)


def _sampled(
    cell: Cell | None,
    *,
    period: Period,
    at: datetime,
    goal: float,
    better: Direction,
    left: float,
    rng: np.random.Generator,
) -> Outlook:
    value = cell.estimate.value if cell is not None else None
    if cell is None or value is None or cell.n <= 0:
        return Outlook(period, why_not="no_data", days_left=left)
    size = float(
        cell.n_eff if cell.n_eff is not None and np.isfinite(cell.n_eff) and cell.n_eff > 0 else cell.n
    )
    hits = min(max(value, 0.0), 1.0) * size
    passed = max((at - period.start).total_seconds() / 86_400.0, 1 / 24)
    total = size * (1.0 + left / passed)
    probability = float(
        uncertainty.beta_binomial_final(
            successes=hits, trials=size, total=round(total, 6), target=goal, direction=better
        )
    )
    required = targeting.required_rate(done=hits, done_of=size, total=total, target=goal, direction=better)
    rest = total - size
    ends = hits + rng.beta(hits + 1, size - hits + 1, size=DRAWS) * rest if rest > 0 else np.array([hits])
    low, high = np.quantile(ends / total, (0.05, 0.95))
    verdict = required.verdict
    return Outlook(
        period,
        float(np.mean(ends / total)),
        float(low),
        float(high),
        1.0 if verdict == "secured" else 0.0 if verdict == "impossible" else probability,
        None if isnan(required.rate) else required.rate,
        verdict,
        value,
        0.0,
        left,
    )
