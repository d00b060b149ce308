"""One figure out of several, with its interval, and the gate that overrules it. Pure.

Each measure counts by how far its target is kept: 1 where it is just kept. Shares that should be low count
by what is left of them (1 − value over 1 − target), times by target over value; none above 1.2, so that no
strong point buys off a weak one. Without targets there is no summary: there are no default ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Literal

from watchfloor.operations.targets.judging import Judged

MOST = 1.2
LEAST_COVERED = 0.8
"""Share of the weights that must have a target and enough data."""
_NORMAL_95 = 1.959963984540054

Gate = Literal["none", "no_limit", "no_data", "passed", "open", "failed"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A measure that counts: its weight, what was judged, and its unit."""

    weight: float
    judged: Judged
    unit: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The weighted attainment with its interval; None where too little of the weight can be judged.

    `covered` is the share of the weights behind it.
    """

    value: float | None
    low: float | None
    high: float | None
    covered: float


def gate_state(
    *, value: float | None, low: float | None, high: float | None, limit: float | None, n: int, min_n: int
) -> Gate:
    """Return how a critical rate stands to its upper limit, by its interval.

    >>> gate_state(value=0.02, low=0.01, high=0.06, limit=0.03, n=200, min_n=30)
    'open'
    >>> gate_state(value=0.08, low=0.05, high=0.12, limit=0.03, n=200, min_n=30)
    'failed'
    """
    if limit is None:
        return "no_limit"
    if value is None or n < min_n:
        return "no_data"
    if (value if low is None else low) > limit:
        return "failed"
    return "passed" if (value if high is None else high) <= limit else "open"


def summary(measures: Sequence[Weighed], *, whole: float) -> Summary:
    """Return the weighted mean of attainments; measures are taken as independent for its interval.

    `whole` is the weight of all measures that should count, those without data among them.
    """
    total = variance = held = 0.0
    for each in measures:
        point = attainment(each.judged, unit=each.unit)
        if point is None or each.weight <= 0:
            continue
        value, low, high = point
        held += each.weight
        total += each.weight * value
        variance += (each.weight * (high - low) / (2 * _NORMAL_95)) ** 2
    covered = held / whole if whole > 0 else 0.0
    if not held or covered < LEAST_COVERED:
        return Summary(None, None, None, covered)
    mean, error = total / held, _NORMAL_95 * sqrt(variance) / held
    return Summary(mean, max(0.0, mean - error), mean + error, covered)


def attainment(judged: Judged, *, unit: str) -> tuple[float, float, float] | None:
    """Return by how much the target is kept, 1 for just so, with its bounds; None without target or data."""
    goal, target = judged.applied.value, judged.applied.target
    cell = judged.cell.estimate
    if goal is None or target is None or cell.value is None or judged.status in ("no_data", "no_target"):
        return None
    higher = target.kind == "floor" or (target.kind == "stretch" and target.direction == "higher_is_better")
    if target.kind == "band":
        upper = judged.applied.upper or goal
        return (1.0, 1.0, 1.0) if goal <= cell.value <= upper else (0.0, 0.0, 1.0)
    bounds = (
        cell.value,
        cell.value if cell.low is None else cell.low,
        cell.value if cell.high is None else cell.high,
    )
    found = sorted(_kept(each, goal, higher=higher, share=unit == "share") for each in bounds[1:])
    middle = _kept(bounds[0], goal, higher=higher, share=unit == "share")
    return (middle, found[0], found[1]) if all(map(isfinite, (middle, *found))) else None


def _kept(value: float, goal: float, *, higher: bool, share: bool) -> float:
    if higher:
        over, under = value, goal
    elif share:
        over, under = 1.0 - value, 1.0 - goal
    else:
        over, under = goal, value
    if under <= 0:
        return MOST if over >= under else 0.0
    return min(MOST, max(0.0, over / under))
