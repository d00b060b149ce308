"""Variance of a ratio of sums over clusters, from six sums that any engine can add up in one pass."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability
from watchfloor.science.uncertainty.proportions import clopper_pearson, wilson

Reference = Literal["t", "z"]


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A ratio with its linearised variance and interval; NaN where undefined.

    Attributes:
        value: Σnum ÷ Σden.
        variance: Linearised variance of `value`.
        low: Lower bound.
        high: Upper bound.
        n_eff: Effective observations behind a proportion; NaN for other ratios.

    """

    value: FloatArray
    variance: FloatArray
    low: FloatArray
    high: FloatArray
    n_eff: FloatArray


def cluster_ratio(
    *,
    numerator: ArrayLike,
    denominator: ArrayLike,
    numerator_squares: ArrayLike,
    products: ArrayLike,
    denominator_squares: ArrayLike,
    clusters: ArrayLike,
    confidence: float = 0.95,
    reference: Reference = "t",
) -> RatioEstimate:
    r"""Return a ratio of sums with its cluster-linearised interval.

    Parameters
    ----------
    numerator, denominator : array_like
        :math:`N = \sum_c n_c` and :math:`D = \sum_c d_c` over clusters c.
    numerator_squares, products, denominator_squares : array_like
        :math:`\sum_c n_c^2`, :math:`\sum_c n_c d_c`, :math:`\sum_c d_c^2`, each over cluster totals.
    clusters : array_like
        Number of clusters C that hold at least one observation.
    confidence : float
        Nominal coverage in (0, 1).
    reference : {"t", "z"}
        Student's t with C − 1 degrees of freedom, or the normal.

    Returns
    -------
    RatioEstimate
        NaN value where D = 0; NaN variance and bounds where C < 2.

    Raises
    ------
    ValueError
        `confidence` is outside (0, 1).

    Notes
    -----
    With :math:`R = N/D` the residual of cluster c is :math:`n_c - R d_c`, and

    .. math:: \hat V(R) = \frac{C}{C-1}\,\frac{\sum n_c^2 - 2R\sum n_c d_c + R^2\sum d_c^2}{D^2}.

    Clusters are taken as independent; reviewers of one team on one day are not quite. With fewer than about
    ten clusters, or one cluster that holds most of D, the variance itself is uncertain and the interval too
    narrow even with t.

    References
    ----------
    Cochran (1977). Sampling Techniques, 3rd edition, sections 6.3 and 9A. Wiley.
    Särndal, Swensson and Wretman (1992). Model Assisted Survey Sampling, section 5.6. Springer.

    Examples
    --------
    Three reviewers with handle seconds (100, 240, 90) over (2, 4, 3) reviews: R = 430/9.

    >>> estimate = cluster_ratio(numerator=430, denominator=9, numerator_squares=100**2 + 240**2 + 90**2,
    ...     products=100*2 + 240*4 + 90*3, denominator_squares=4 + 16 + 9, clusters=3, reference="z")
    >>> f"{estimate.value:.4f} {estimate.variance:.4f} {estimate.low:.4f} {estimate.high:.4f}"
    '47.7778 97.3022 28.4443 67.1112'

    """
    n, d = as_floats(numerator), as_floats(denominator)
    count = as_floats(clusters)
    tail = tail_probability(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(d != 0, n / d, np.nan)
        residuals = (
            as_floats(numerator_squares)
            - 2.0 * value * as_floats(products)
            + value * value * as_floats(denominator_squares)
        )
        # Exact arithmetic gives no negative sum of squares; rounding may.
        variance = count / (count - 1.0) * np.maximum(residuals, 0.0) / (d * d)
    variance = np.where((count >= 2) & (d != 0), variance, np.nan)
    if reference == "t":
        quantile = special.stdtrit(np.maximum(count - 1.0, 1.0), 1.0 - tail)
    else:
        quantile = np.broadcast_to(special.ndtri(1.0 - tail), np.shape(count))
    half = quantile * np.sqrt(variance)
    return RatioEstimate(value, variance, value - half, value + half, np.full_like(value, np.nan))


def cluster_proportion(
    *,
    numerator: ArrayLike,
    denominator: ArrayLike,
    numerator_squares: ArrayLike,
    products: ArrayLike,
    denominator_squares: ArrayLike,
    clusters: ArrayLike,
    confidence: float = 0.95,
) -> RatioEstimate:
    r"""Return a proportion over clusters with Wilson's interval at the effective sample size.

    Parameters
    ----------
    numerator, denominator, numerator_squares, products, denominator_squares, clusters : array_like
        The six sums of `cluster_ratio`; here n_c events among d_c observations.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    RatioEstimate
        Bounds in [0, 1]. NaN bounds where there are fewer than two clusters.

    Raises
    ------
    ValueError
        Counts are impossible or `confidence` is outside (0, 1).

    Notes
    -----
    :math:`n_{eff} = \hat p(1-\hat p)/\hat V`, scaled by :math:`(z/t_{C-1})^2` for the few degrees of freedom
    and cut at the number of observations (Korn and Graubard). At p̂ of 0 or 1 the variance says nothing;
    then the bounds are Clopper–Pearson's at the full n, which ignores clustering.

    References
    ----------
    Korn and Graubard (1998). Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data. Survey Methodology 24.

    Examples
    --------
    >>> estimate = cluster_proportion(numerator=30, denominator=1000, numerator_squares=230,
    ...     products=6000, denominator_squares=200_000, clusters=5)
    >>> f"{estimate.value:.3f} {estimate.low:.4f} {estimate.high:.4f} {estimate.n_eff:.0f}"
    '0.030 0.0146 0.0607 232'

    """
    ratio = cluster_ratio(
        numerator=numerator,
        denominator=denominator,
        numerator_squares=numerator_squares,
        products=products,
        denominator_squares=denominator_squares,
        clusters=clusters,
        confidence=confidence,
    )
    k, n, count = as_floats(numerator), as_floats(denominator), as_floats(clusters)
    tail = tail_probability(confidence)
    z = special.ndtri(1.0 - tail)
    t = special.stdtrit(np.maximum(count - 1.0, 1.0), 1.0 - tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = ratio.value * (1.0 - ratio.value)
        n_eff = np.minimum(spread / ratio.variance * (z / t) ** 2, n)
    extreme = (k <= 0) | (k >= n)
    n_eff = np.where(extreme | ~(n_eff > 0), n, n_eff)
    inner = wilson(successes=np.nan_to_num(ratio.value) * n_eff, trials=n_eff, confidence=confidence)
    outer = clopper_pearson(successes=k, trials=n, confidence=confidence)
    defined = (count >= 2) & (n > 0)
    low = np.where(defined, np.where(extreme, outer.low, inner.low), np.nan)
    high = np.where(defined, np.where(extreme, outer.high, inner.high), np.nan)
    return RatioEstimate(ratio.value, ratio.variance, low, high, np.where(defined, n_eff, np.nan))
