"""Intervals for a proportion from a simple random sample: Wilson, Clopper–Pearson, zero events."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import (
    FloatArray,
    Interval,
    as_floats,
    check_counts,
    tail_probability,
)


def wilson(*, successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Interval:
    r"""Return the Wilson score interval.

    Parameters
    ----------
    successes : array_like
        Events counted, in [0, trials]. May be fractional when `trials` is an effective sample size.
    trials : array_like
        Observations, same shape or broadcastable, ≥ 0.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Interval
        Bounds in [0, 1]; NaN where `trials` is 0.

    Raises
    ------
    ValueError
        Counts are impossible or `confidence` is outside (0, 1).

    Notes
    -----
    With :math:`\hat p = k/n` and the normal quantile z: centre
    :math:`(\hat p + z^2/2n)/(1 + z^2/n)`, half-width
    :math:`z/(1+z^2/n)\,\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}`.

    Misleads pointwise: coverage averages the nominal level over p but dips below it at single points
    (0.9245 at n = 20, p = 0.95). It assumes independent observations; for rates over people use
    `cluster_proportion`.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
    Brown, Cai and DasGupta (2001). Interval estimation for a binomial proportion. Statistical Science 16.

    Examples
    --------
    >>> interval = wilson(successes=97, trials=100)
    >>> f"{interval.low:.6f} {interval.high:.6f}"
    '0.915481 0.989745'

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    z = float(special.ndtri(1.0 - tail_probability(confidence)))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.minimum(k / n, 1.0)
        shrink = 1.0 + z * z / n
        centre = (p + z * z / (2.0 * n)) / shrink
        half = z / shrink * np.sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n))
    low = np.where(p <= 0.0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(p >= 1.0, 1.0, np.minimum(centre + half, 1.0))
    undefined = n == 0
    return Interval(np.where(undefined, np.nan, low), np.where(undefined, np.nan, high))


def clopper_pearson(*, successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Interval:
    r"""Return the exact (conservative) binomial interval.

    Parameters
    ----------
    successes, trials : array_like
        Events and observations; may be fractional (effective sizes). `trials` ≥ `successes` ≥ 0.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Interval
        Bounds in [0, 1]; NaN where `trials` is 0.

    Raises
    ------
    ValueError
        Counts are impossible or `confidence` is outside (0, 1).

    Notes
    -----
    :math:`[B(\alpha/2; k, n-k+1),\; B(1-\alpha/2; k+1, n-k)]` with B the beta quantile. Covers at least the
    nominal level at every p, so it is wider than needed on average.

    References
    ----------
    Clopper and Pearson (1934). The use of confidence or fiducial limits. Biometrika 26.

    Examples
    --------
    >>> interval = clopper_pearson(successes=97, trials=100)
    >>> f"{interval.low:.6f} {interval.high:.6f}"
    '0.914824 0.993770'

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    tail = tail_probability(confidence)
    none, every, undefined = k <= 0, k >= n, n == 0
    low = special.betaincinv(np.where(none, 1.0, k), n - np.where(none, 1.0, k) + 1.0, tail)
    high = special.betaincinv(k + 1.0, np.where(every, 1.0, n - k), 1.0 - tail)
    low, high = np.where(none, 0.0, low), np.where(every, 1.0, high)
    return Interval(np.where(undefined, np.nan, low), np.where(undefined, np.nan, high))


def jeffreys(*, successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Interval:
    r"""Return the equal-tailed interval of the posterior under Jeffreys' prior, Beta(½, ½).

    Parameters
    ----------
    successes, trials : array_like
        Events and observations; may be fractional (effective sizes). `trials` ≥ `successes` ≥ 0.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Interval
        Bounds in [0, 1], 0 at no event and 1 at nothing but events; NaN where `trials` is 0.

    Raises
    ------
    ValueError
        Counts are impossible or `confidence` is outside (0, 1).

    Notes
    -----
    :math:`[B(\alpha/2; k+\tfrac12, n-k+\tfrac12),\; B(1-\alpha/2; k+\tfrac12, n-k+\tfrac12)]`. Nominal on
    average over p, like Wilson's, and as uneven at single points.

    References
    ----------
    Brown, Cai and DasGupta (2001). Interval estimation for a binomial proportion. Statistical Science 16.

    Examples
    --------
    >>> interval = jeffreys(successes=97, trials=100)
    >>> f"{interval.low:.6f} {interval.high:.6f}"
    '0.922112 0.991480'

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    tail = tail_probability(confidence)
    k = np.minimum(k, n)
    low = np.where(k <= 0, 0.0, special.betaincinv(k + 0.5, n - k + 0.5, tail))
    high = np.where(k >= n, 1.0, special.betaincinv(k + 0.5, n - k + 0.5, 1.0 - tail))
    return Interval(np.where(n == 0, np.nan, low), np.where(n == 0, np.nan, high))


def zero_events_upper(*, trials: ArrayLike, confidence: float = 0.95) -> FloatArray:
    r"""Return the one-sided upper bound on a proportion after no event in `trials` observations.

    Parameters
    ----------
    trials : array_like
        Observations without an event, > 0.
    confidence : float
        One-sided coverage in (0, 1).

    Returns
    -------
    ndarray
        :math:`1 - (1 - \text{confidence})^{1/n}`; NaN where `trials` is 0.

    Raises
    ------
    ValueError
        `confidence` is outside (0, 1).

    References
    ----------
    Hanley and Lippman-Hand (1983). If nothing goes wrong, is everything all right? JAMA 249.

    Examples
    --------
    >>> [round(float(x), 4) for x in zero_events_upper(trials=[30, 300])]
    [0.095, 0.0099]

    """
    tail_probability(confidence)
    n = as_floats(trials)
    with np.errstate(divide="ignore"):
        bound = 1.0 - (1.0 - confidence) ** (1.0 / n)
    return np.where(n > 0, bound, np.nan)
