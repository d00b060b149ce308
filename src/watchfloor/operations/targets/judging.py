"""Says whether a miss is a miss: status by evidence, signal or noise, across a board, and whether it matters.

A sampled metric is judged by its interval, a census by its value: there is no sampling error about the past
itself, and whether the process changed is said apart (`signal` or `noise`). Pure: cells and targets in.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Literal

import numpy as np

from watchfloor.kernel import Scope
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.targets.resolver import Applied
from watchfloor.science import uncertainty

SAMPLED = frozenset({"W", "NE", "FPC", "CP", "PX", "CS"})
FEWEST_PERIODS = 8
FALSE_ALARM_RATE = 0.05
_NORMAL_95 = 1.959963984540054

Key = tuple[str, Scope]
Noise = Literal["signal", "noise", ""]


@dataclass(frozen=True, slots=True)
class Judged:
    """One cell against what applies to it.

    Attributes:
        cell: The number.
        applied: The target that applies and why; its `target` is None where none was set.
        status: `met`, `missed`, `inconclusive`, `no_data`, or `no_target`.
        sampled: Whether it was judged by its interval; a census is judged by its value.
        noise: For a census off its target: `signal` where the process differs, `noise` where it may not;
            empty where nothing can be said.
        probability: P(the true value keeps the target | data), for shares; None otherwise.
        p_value: How likely a result this bad is where the target is just kept; None where unknown.
        adjusted: The same over the whole board (Benjamini–Hochberg).
        stands_out: Whether it is a miss that stands out on this board.
        audits_needed: Audits in all that would decide an inconclusive share; None where it has no answer.
        shortfall: Units (cases, reviews …) between the value and the target; None where it has no unit.
        material: Whether the shortfall reaches what the target calls material.

    """

    cell: Cell
    applied: Applied
    status: Literal["met", "missed", "inconclusive", "no_data", "no_target"]
    sampled: bool = False
    noise: Noise = ""
    probability: float | None = None
    p_value: float | None = None
    adjusted: float | None = None
    stands_out: bool = False
    audits_needed: int | None = None
    shortfall: float | None = None
    material: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """Judged cells, and what to expect of them together.

    `expected_false_alarms` is how many of the misses that stand out are false at most; `by_chance` how many
    cells would miss by chance alone if all of them just kept their targets.
    """

    judged: tuple[Judged, ...]
    expected_false_alarms: float
    by_chance: float

    @property
    def counts(self) -> Mapping[str, int]:
        """How many cells have each status."""
        return Counter(each.status for each in self.judged)


def judge(
    cells: Sequence[Cell],
    applied: Sequence[Applied],
    *,
    definitions: Mapping[str, Definition],
    histories: Mapping[Key, Sequence[float | None]] | None = None,
    rate: float = FALSE_ALARM_RATE,
) -> Board:
    """Return the board of cells against the targets that apply to them, in the same order.

    Args:
        cells: One a unit.
        applied: What applies to each, from `resolver.applied_many`.
        definitions: By metric id.
        histories: Earlier values of a (metric, scope), oldest first, one a period; None for a missing one.
        rate: Share of false alarms allowed among the misses that stand out.

    """
    past = histories or {}
    judged = [
        _judge(cell, found, definitions[cell.metric], past.get((cell.metric, cell.scope), ()))
        for cell, found in zip(cells, applied, strict=True)
    ]
    p_values = np.array([np.nan if one.p_value is None else one.p_value for one in judged])
    found = uncertainty.benjamini_hochberg(p_values=p_values, rate=rate)
    board = tuple(
        replace(
            one,
            adjusted=None if isnan(adjusted) else float(adjusted),
            stands_out=bool(rejected) and one.status in ("missed", "inconclusive"),
        )
        for one, adjusted, rejected in zip(judged, found.adjusted, found.rejected, strict=True)
    )
    out = sum(one.stands_out for one in board)
    tested = int((~np.isnan(p_values)).sum())
    return Board(board, expected_false_alarms=rate * out, by_chance=tested * rate / 2.0)


def _judge(cell: Cell, applied: Applied, definition: Definition, history: Sequence[float | None]) -> Judged:
    target, goal = applied.target, applied.value
    if target is None or goal is None:
        return Judged(cell, applied, "no_target" if cell.estimate.value is not None else "no_data")
    value, low, high = cell.estimate.value, cell.estimate.low, cell.estimate.high
    sampled = is_sampled(definition) and target.confidence_rule == "interval"
    better: uncertainty.Direction = (
        "higher_is_better"
        if target.kind == "floor" or (target.kind == "stretch" and target.direction == "higher_is_better")
        else "lower_is_better"
    )
    band = (goal, applied.upper) if target.kind == "band" and applied.upper is not None else None
    status = uncertainty.status(
        low=low if sampled else None,
        high=high if sampled else None,
        value=value,
        target=None if band else goal,
        band=band,
        direction=better,
        n=cell.n,
        min_n=target.min_n,
    )
    if value is None or status == "no_data":
        return Judged(cell, applied, "no_data", sampled)
    # Of a band, the edge that is nearer to being broken is the one to judge by.
    if band is not None:
        above = value - (band[0] + band[1]) / 2.0 > 0
        goal, better = (band[1], "lower_is_better") if above else (band[0], "higher_is_better")
    kept = value >= goal if better == "higher_is_better" else value <= goal
    short = _shortfall(cell, value=value, goal=goal, kept=kept)
    return Judged(
        cell,
        applied,
        status,
        sampled,
        "" if sampled or kept else _noise(cell, goal=goal, history=history),
        _probability(cell, definition, goal=goal, better=better),
        _p_value(cell, definition, goal=goal, better=better),
        audits_needed=_audits(cell, definition, goal=goal) if status == "inconclusive" else None,
        shortfall=short,
        material=short is None or short >= target.material_units,
    )


def is_sampled(definition: Definition) -> bool:
    """Return whether the metric is estimated from a sample rather than counted in full."""
    return definition.additivity == "EST" or definition.interval.method in SAMPLED


def _size(cell: Cell) -> float:
    return float(cell.n_eff if cell.n_eff is not None and isfinite(cell.n_eff) else cell.n)


def _is_share(cell: Cell, definition: Definition, goal: float) -> bool:
    value = cell.estimate.value
    return (
        definition.unit == "share"
        and value is not None
        and 0 <= value <= 1
        and 0 < goal < 1
        and _size(cell) > 0
    )


def _probability(
    cell: Cell, definition: Definition, *, goal: float, better: uncertainty.Direction
) -> float | None:
    if not _is_share(cell, definition, goal):
        return None
    size = _size(cell)
    value = cell.estimate.value or 0.0
    return float(
        uncertainty.probability_met(successes=value * size, trials=size, target=goal, direction=better)
    )


def _p_value(
    cell: Cell, definition: Definition, *, goal: float, better: uncertainty.Direction
) -> float | None:
    low, high, value = cell.estimate.low, cell.estimate.high, cell.estimate.value
    if value is None:
        return None
    if low is not None and high is not None and high > low and not is_sampled(definition):
        error = (high - low) / (2.0 * _NORMAL_95)
        found = uncertainty.one_sided_p_of_value(
            value=value, standard_error=error, target=goal, direction=better
        )
    elif _is_share(cell, definition, goal):
        size = _size(cell)
        found = uncertainty.one_sided_p(successes=value * size, trials=size, target=goal, direction=better)
    else:
        return None
    return None if isnan(float(found)) else float(found)


def _noise(cell: Cell, *, goal: float, history: Sequence[float | None]) -> Noise:
    known = [np.nan if one is None else float(one) for one in history]
    value, low, high = cell.estimate.value, cell.estimate.low, cell.estimate.high
    if sum(not isnan(one) for one in known) >= FEWEST_PERIODS:
        limits = uncertainty.xmr(values=[*known, value or 0.0], baseline=len(known))
        return "signal" if bool(limits.signal[-1]) else "noise"
    if low is not None and high is not None:
        return "noise" if low <= goal <= high else "signal"
    return ""


def _audits(cell: Cell, definition: Definition, *, goal: float) -> int | None:
    value = cell.estimate.value
    if value is None or not _is_share(cell, definition, goal):
        return None
    needed = float(uncertainty.audits_needed(estimate=value, target=goal))
    # The formula is for a simple random sample: this design needs as many more as it is less effective.
    scaled = needed * max(1.0, cell.n / _size(cell))
    return int(min(np.ceil(scaled), 10_000_000)) if isfinite(scaled) else None


def _shortfall(cell: Cell, *, value: float, goal: float, kept: bool) -> float | None:
    if kept:
        return 0.0
    if cell.denominator is not None:
        return abs(value - goal) * cell.denominator
    return abs(value - goal) if cell.numerator is not None else None
