"""Quantiles of durations while some cases are still open: leaving them out would flatter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Share still open after each duration at which a case ended.

    Attributes:
        durations: Distinct durations at which at least one case ended, ascending; seconds, say.
        survival: Share still open just after each.
        low: Lower bound, pointwise.
        high: Upper bound, pointwise.

    """

    durations: FloatArray
    survival: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class KaplanMeierQuantile:
    """A quantile of durations with open cases; NaN where too few have ended to tell.

    Attributes:
        value: Smallest duration by which the share asked for has ended.
        low: Lower bound.
        high: Upper bound; NaN means that it lies beyond the longest duration seen.
        n: Cases.
        events: Cases that ended.

    """

    value: float
    low: float
    high: float
    n: int
    events: int


def kaplan_meier(
    *,
    durations: ArrayLike,
    observed: ArrayLike,
    multiplicity: ArrayLike | None = None,
    confidence: float = 0.95,
) -> SurvivalCurve:
    r"""Return the product-limit curve with log-log bounds.

    Parameters
    ----------
    durations : array_like, shape (n,)
        Time from start to end, or to now for those still open; ≥ 0.
    observed : array_like of bool, shape (n,)
        Whether the case has ended.
    multiplicity : array_like, shape (n,), optional
        How many cases each row stands for; one by default.
    confidence : float
        Nominal pointwise coverage in (0, 1).

    Raises
    ------
    ValueError
        Shapes differ or a duration is negative.

    Notes
    -----
    Greenwood's variance on the scale ln(−ln S). Assumes that open cases are like ended ones of the same age
    (non-informative censoring): when hard cases are left lying, or cases are withdrawn because they are
    old, the curve flatters.

    References
    ----------
    Kaplan and Meier (1958). JASA 53. Kalbfleisch and Prentice (2002). The Statistical Analysis of Failure
    Time Data, 2nd edition, section 1.4. Wiley.

    Examples
    --------
    >>> curve = kaplan_meier(durations=[1, 2, 2, 3, 4], observed=[True, True, False, True, False])
    >>> curve.durations.tolist(), curve.survival.round(4).tolist()
    ([1.0, 2.0, 3.0], [0.8, 0.6, 0.3])

    """
    times, ended = as_floats(durations), np.asarray(observed, dtype=np.bool_)
    many = np.ones_like(times) if multiplicity is None else as_floats(multiplicity)
    if not times.shape == ended.shape == many.shape or times.ndim != 1:
        raise ValueError(f"durations {times.shape} and observed {ended.shape} must be one and the same (n,).")
    if np.any(times < 0):
        raise ValueError(f"durations holds {float(times.min())}; an end lies after its start.")
    at, place = np.unique(times[ended & (many > 0)], return_inverse=True)
    events = as_floats(np.bincount(place, weights=many[ended & (many > 0)], minlength=len(at)))
    order = np.argsort(times, kind="stable")
    gone = np.concatenate([[0.0], np.cumsum(many[order])])
    at_risk = gone[-1] - gone[np.searchsorted(times[order], at, side="left")]
    survival = as_floats(np.cumprod(1.0 - events / at_risk))
    z = float(special.ndtri(1.0 - tail_probability(confidence)))
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        logs = np.log(survival)
        reach = z * np.sqrt(greenwood) / np.abs(logs)
        low = np.exp(logs * np.exp(reach))
        high = np.exp(logs * np.exp(-reach))
    last = survival <= 0.0
    # At the end of a curve without open cases the variance is undefined: keep the last bounds known.
    known = np.flatnonzero(~last)
    low = np.where(last, 0.0, low)
    high = np.where(last, high[known[-1]] if len(known) else 1.0, high)
    return SurvivalCurve(at, survival, low, high)


def kaplan_meier_quantile(
    *,
    durations: ArrayLike,
    observed: ArrayLike,
    probability: float,
    multiplicity: ArrayLike | None = None,
    confidence: float = 0.95,
) -> KaplanMeierQuantile:
    r"""Return by when a share of all cases, open ones included, has ended.

    Parameters
    ----------
    durations, observed, multiplicity : array_like, shape (n,)
        As in `kaplan_meier`.
    probability : float
        The share q in (0, 1): 0.9 for p90.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    KaplanMeierQuantile
        Bounds are the durations at which the curve's lower and upper bound pass 1 − q.

    Raises
    ------
    ValueError
        As in `kaplan_meier`, or the probability is outside (0, 1).

    Notes
    -----
    A quantile above the share that has ended does not exist yet: NaN, not the longest duration so far.

    References
    ----------
    Brookmeyer and Crowley (1982). A confidence interval for the median survival time. Biometrics 38.

    Examples
    --------
    The maintained group of the AML data (Miller 1981), median 31 weeks:

    >>> weeks = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    >>> ended = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    >>> kaplan_meier_quantile(durations=weeks, observed=ended, probability=0.5).value
    31.0

    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability={probability} is outside (0, 1); pass 0.9 for p90.")
    curve = kaplan_meier(
        durations=durations, observed=observed, multiplicity=multiplicity, confidence=confidence
    )
    left = 1.0 - probability + 1e-12
    value, low, high = (
        _first(curve.durations, share <= left) for share in (curve.survival, curve.low, curve.high)
    )
    ended = np.asarray(observed, dtype=np.bool_)
    many = np.ones(len(ended)) if multiplicity is None else as_floats(multiplicity)
    return KaplanMeierQuantile(value, low, high, round(many.sum()), round(many[ended].sum()))


def _first(durations: FloatArray, passed: np.ndarray) -> float:
    found = np.flatnonzero(passed)
    return float(durations[found[0]]) if len(found) else float("nan")
