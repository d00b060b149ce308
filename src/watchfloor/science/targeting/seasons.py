"""A year's target divided over its periods, so that a busy season is not a miss and a calm one no success."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchfloor.science.targeting.cascades import FloatArray, TargetingError, checked_weights


@dataclass(frozen=True, slots=True)
class SeasonalTargets:
    """Targets of the periods of one plan.

    Attributes:
        targets: One a period; Σ weight × target is the plan's target wherever `highest` allows it.
        index: The seasonal index used, scaled to a weighted mean of 1.
        clipped: One a period: it stands at `highest`.

    """

    targets: FloatArray
    index: FloatArray
    clipped: NDArray[np.bool_]


def seasonal_targets(
    *, target: float, index: ArrayLike, weights: ArrayLike | None = None, highest: float | None = None
) -> SeasonalTargets:
    r"""Return the target of each period, :math:`t_p=T\cdot\text{index}_p`, which together make the plan's.

    Parameters
    ----------
    target : float
        The plan's target T, in the metric's unit.
    index : array_like, shape (P,)
        Seasonal index of each period, > 0; only its shape matters, it is scaled here.
    weights : array_like, shape (P,), optional
        Planned share of each period in the metric's denominator, sum 1; equal by default.
    highest : float, optional
        What no period may exceed, 1 for a share. The rest is carried by the other periods.

    Returns
    -------
    SeasonalTargets
        Σ w·t = T.

    Raises
    ------
    WeightsError
        The weights do not sum to 1.
    TargetingError
        Shapes differ, an index is not positive, or T itself exceeds `highest`.

    Notes
    -----
    A season from fewer than two years is a guess; one that staffing caused (a bad July) becomes an excuse
    for the next. Prefer targeting the mix-adjusted metric where the season is a change of mix.

    Examples
    --------
    >>> found = seasonal_targets(target=0.9, index=[1.05, 1.0, 0.95], highest=0.93)
    >>> found.targets.round(4).tolist(), found.clipped.tolist(), float(found.targets.mean().round(12))
    ([0.93, 0.9077, 0.8623], [True, False, False], 0.9)

    """
    shape = np.asarray(index, dtype=np.float64)
    if shape.ndim != 1 or np.any(shape <= 0):
        raise TargetingError("A seasonal index is not positive.", remedy="Give one number above 0 a period.")
    equal = np.full(len(shape), 1.0 / len(shape)) if len(shape) else shape
    w = checked_weights(equal if weights is None else weights)
    if w.shape != shape.shape:
        raise TargetingError(f"{len(w)} weights but {len(shape)} periods.")
    if highest is not None and target > highest:
        raise TargetingError(f"The target {target:g} is above {highest:g}, which no period may exceed.")
    scaled = shape / float(w @ shape)
    targets, clipped = target * scaled, np.zeros(len(w), dtype=np.bool_)
    while highest is not None and np.any((targets > highest) & ~clipped):
        clipped |= targets > highest
        rest = target - highest * float(w[clipped].sum())
        free = float((w * scaled)[~clipped].sum())
        if free <= 0:
            break
        targets = np.where(clipped, highest, scaled * rest / free)
    return SeasonalTargets(np.minimum(targets, np.inf if highest is None else highest), scaled, clipped)


def seasonal_index(*, values: ArrayLike, seasons: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """Return the index of each season in history: its weighted mean over the mean of all, as a ratio.

    Parameters
    ----------
    values : array_like, shape (n,)
        The metric in each past period, > 0.
    seasons : array_like of int, shape (n,)
        Which season each belongs to, 0 … S − 1 (month of the year, weekday).
    weights : array_like, shape (n,), optional
        Denominator of each period; equal by default.

    Raises
    ------
    TargetingError
        Shapes differ, or a season has no observation.

    Notes
    -----
    A trend is read as season when the history is not whole years.

    Examples
    --------
    >>> seasonal_index(values=[80, 100, 120, 100], seasons=[0, 1, 0, 1]).tolist()
    [1.0, 1.0]

    """
    y, season = np.asarray(values, dtype=np.float64), np.asarray(seasons, dtype=np.int64)
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=np.float64)
    if y.ndim != 1 or not y.shape == season.shape == w.shape or not len(y):
        raise TargetingError("values, seasons and weights must be of one length, above 0.")
    total = np.bincount(season, weights=w)
    if np.any(total <= 0):
        raise TargetingError(
            f"Season {int(np.argmin(total))} was never observed.", remedy="Take a longer history."
        )
    return np.asarray((np.bincount(season, weights=w * y) / total) / float(w @ y / w.sum()), dtype=np.float64)


def mix_adjusted_target(
    *, target: float, rates: ArrayLike, reference: ArrayLike, planned: ArrayLike
) -> float:
    r"""Return the target moved by what a planned change of mix does to the metric by itself.

    Parameters
    ----------
    target : float
        T, agreed at the reference mix.
    rates : array_like, shape (G,)
        Typical value in each group (language, media type).
    reference, planned : array_like, shape (G,)
        Shares of the groups then and in the period, sum 1 each.

    Returns
    -------
    float
        :math:`T+\sum(w^{planned}_g-w^{reference}_g)\,r_g`.

    Raises
    ------
    WeightsError
        Shares do not sum to 1.

    Examples
    --------
    >>> moved = mix_adjusted_target(target=0.85, rates=[0.9, 0.8], reference=[0.5, 0.5], planned=[0.3, 0.7])
    >>> round(moved, 6)
    0.83

    """
    moved = checked_weights(planned) - checked_weights(reference)
    return target + float(moved @ np.asarray(rates, dtype=np.float64))
