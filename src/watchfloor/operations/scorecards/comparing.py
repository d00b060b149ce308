"""What a unit's figure says beside its peers': shrunken, adjusted, changed, in a funnel. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, sqrt

import numpy as np

from watchfloor.kernel import Scope
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.science import uncertainty
from watchfloor.science.uncertainty.differences import recovered

FEWEST_PEERS = 3
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Shrunken:
    """A share drawn to its peers by how little is known of it; `below` is P(θ < target), None without one."""

    mean: float
    low: float
    high: float
    missing: float | None = None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A share on everybody's mix of cases: O/E × overall, with its interval, and O/E itself."""

    value: float
    low: float
    high: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved since the period before: a `signal` when its interval leaves out zero."""

    before: float
    difference: float
    low: float | None
    high: float | None
    noise: str


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """A unit in a funnel; `outside` is 0, or 95, or 99.8, the widest limit it lies beyond on the bad side."""

    slug: str
    name: str
    trials: float
    value: float
    low: float | None
    high: float | None
    outside: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """Units against limits by their size, around a target or the group's own rate."""

    metric: str
    centre: float
    is_target: bool
    phi: float
    points: tuple[FunnelPoint, ...]
    trials: tuple[float, ...]
    low: tuple[tuple[float, ...], ...]
    high: tuple[tuple[float, ...], ...]


def size_of(cell: Cell) -> float:
    """Return the effective observations of a cell."""
    return float(cell.n_eff if cell.n_eff is not None and isfinite(cell.n_eff) else cell.n)


def is_share(cell: Cell | None, definition: Definition) -> bool:
    """Return whether the cell holds a share of something counted, so that it can be shrunken."""
    return (
        cell is not None
        and definition.unit == "share"
        and cell.estimate.value is not None
        and 0.0 <= cell.estimate.value <= 1.0
        and size_of(cell) > 0
    )


def shrunken(
    cells: Mapping[str, Cell], *, definition: Definition, goals: Mapping[str, float | None]
) -> tuple[dict[str, Shrunken], uncertainty.Separation | None]:
    """Return each unit's posterior under the group's own prior, and how well units can be told apart.

    With fewer than three units there is no group to learn from, and nothing is said.
    """
    known = {slug: cell for slug, cell in cells.items() if is_share(cell, definition)}
    if len(known) < FEWEST_PEERS or definition.interval.method == "none":
        return {}, None
    n = np.array([size_of(cell) for cell in known.values()])
    k = np.array([cell.estimate.value or 0.0 for cell in known.values()]) * n
    prior = uncertainty.fit_beta_binomial(successes=k, trials=n)
    found = uncertainty.shrink(successes=k, trials=n, prior=prior)
    low_is_bad = definition.direction != "lower_is_better"
    held = {}
    for at, slug in enumerate(known):
        goal = goals.get(slug)
        missing = None
        if goal is not None:
            below = float(found.probability_below(goal)[at])
            missing = below if low_is_bad else 1.0 - below
        held[slug] = Shrunken(float(found.mean[at]), float(found.low[at]), float(found.high[at]), missing)
    return held, uncertainty.pairwise_separation(a=found.a, b=found.b)


def adjusted(
    cells: Mapping[str, Sequence[Cell]], *, strata: Mapping[str, Sequence[Scope]]
) -> dict[str, Adjusted]:
    """Return each unit's rate on everybody's mix: by the rate of each kind of case over all units."""
    sums: dict[Scope, list[float]] = {}
    for slug, own in cells.items():
        for cell, stratum in zip(own, strata[slug], strict=True):
            if _counted(cell):
                held = sums.setdefault(stratum, [0.0, 0.0])
                held[0] += cell.numerator or 0.0
                held[1] += cell.denominator or 0.0
    overall_n = sum(below for _, below in sums.values())
    if overall_n <= 0:
        return {}
    overall = sum(above for above, _ in sums.values()) / overall_n
    found = {}
    for slug, own in cells.items():
        seen = awaited = spread = 0.0
        for cell, stratum in zip(own, strata[slug], strict=True):
            if not _counted(cell):
                continue
            rate = sums[stratum][0] / sums[stratum][1]
            weight = cell.denominator or 0.0
            seen += cell.numerator or 0.0
            awaited += weight * rate
            spread += weight * weight / max(size_of(cell), 1.0) * rate * (1.0 - rate)
        if awaited <= 0:
            continue
        one = uncertainty.standardised(
            observed=seen, expected=awaited, expected_variance=spread, overall=overall
        )
        value, error = float(one.rate), _NORMAL_95 * sqrt(spread) / awaited * overall
        found[slug] = Adjusted(value, max(0.0, value - error), min(1.0, value + error), float(one.ratio))
    return found


def _counted(cell: Cell) -> bool:
    return cell.numerator is not None and bool(cell.denominator)


def changed(now: Cell | None, before: Cell | None, *, history: Sequence[float | None]) -> Change | None:
    """Return how the figure moved; by intervals where both have them, else by the limits of its history."""
    if now is None or before is None or now.estimate.value is None or before.estimate.value is None:
        return None
    new, old = now.estimate, before.estimate
    assert new.value is not None  # noqa: S101 -- checked above, for the type checker
    assert old.value is not None  # noqa: S101 -- as above
    if None not in (new.low, new.high, old.low, old.high):
        moved = recovered(
            values=(old.value, new.value),
            lows=(min(old.low or 0.0, old.value), min(new.low or 0.0, new.value)),
            highs=(max(old.high or 0.0, old.value), max(new.high or 0.0, new.value)),
        )
        noise = "signal" if moved.is_shown else "noise"
        return Change(old.value, moved.value, moved.low, moved.high, noise)
    known = [np.nan if one is None else float(one) for one in history]
    noise = ""
    if sum(not isnan(one) for one in known) >= 8:
        limits = uncertainty.xmr(values=[*known, new.value], baseline=len(known))
        noise = "signal" if bool(limits.signal[-1]) else "noise"
    return Change(old.value, new.value - old.value, None, None, noise)


def funnel(
    cells: Mapping[str, Cell], *, names: Mapping[str, str], definition: Definition, goal: float | None
) -> Funnel | None:
    """Return the funnel of a share around its target, or the group's rate; None for fewer than three."""
    known = {
        slug: cell for slug, cell in cells.items() if is_share(cell, definition) and size_of(cell) >= 1.0
    }
    if len(known) < FEWEST_PEERS:
        return None
    n = np.array([size_of(cell) for cell in known.values()])
    values = np.array([cell.estimate.value or 0.0 for cell in known.values()])
    own = float((values * n).sum() / n.sum())
    centre = goal if goal is not None else own
    if not 0.0 < centre < 1.0:
        return None
    # Around a target that all miss the scatter would look wide for that alone: it is taken around the group.
    around = own if 0.0 < own < 1.0 else centre
    spread = uncertainty.funnel_dispersion(successes=values * n, trials=n, target=around)
    phi = max(1.0, spread.phi) if isfinite(spread.phi) else 1.0
    at_points = uncertainty.funnel_limits(target=centre, trials=n, phi=phi)
    grid = np.unique(np.round(np.geomspace(max(1.0, n.min() * 0.7), max(n.max() * 1.15, 2.0), 60), 2))
    curve = uncertainty.funnel_limits(target=centre, trials=grid, phi=phi)
    points = []
    for at, (slug, cell) in enumerate(known.items()):
        beyond = [
            level
            for row, level in ((0, 95.0), (1, 99.8))
            if (
                values[at] > at_points.high[row][at]
                if definition.direction == "lower_is_better"
                else values[at] < at_points.low[row][at]
            )
        ]
        points.append(
            FunnelPoint(
                slug,
                names.get(slug, slug),
                float(n[at]),
                float(values[at]),
                cell.estimate.low,
                cell.estimate.high,
                max(beyond, default=0.0),
            )
        )
    return Funnel(
        definition.id,
        centre,
        goal is not None,
        phi,
        tuple(sorted(points, key=lambda point: point.slug)),
        tuple(float(one) for one in grid),
        tuple(tuple(float(one) for one in row) for row in curve.low),
        tuple(tuple(float(one) for one in row) for row in curve.high),
    )
