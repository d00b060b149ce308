"""The gap between the best and the worst of several groups, after chance was taken out of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability
from watchfloor.science.uncertainty.shrinkage import fit_beta_binomial, shrink

_PLACES = 801
_WIDTHS = 201


@dataclass(frozen=True, slots=True)
class ShrunkGap:
    """The gap of shrunk proportions; NaN where fewer than two groups have observations.

    Attributes:
        value: Largest less smallest posterior mean.
        low: Lower bound of the gap.
        high: Upper bound.
        raw: The gap of the proportions as observed, which chance alone makes positive.
        means: Posterior mean of each group, shape (groups,).

    """

    value: float
    low: float
    high: float
    raw: float
    means: FloatArray


def shrunk_gap(*, proportions: ArrayLike, sizes: ArrayLike, confidence: float = 0.95) -> ShrunkGap:
    r"""Return the gap between groups after empirical Bayes shrinkage.

    Parameters
    ----------
    proportions : array_like, shape (groups,)
        The estimate of each group, in [0, 1].
    sizes : array_like, shape (groups,)
        Its effective observations; groups of 0 are left out.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    ShrunkGap
        Bounds are quantiles of the range of independent Beta posteriors, integrated numerically.

    Raises
    ------
    ValueError
        A proportion lies outside [0, 1], or `confidence` outside (0, 1).

    Notes
    -----
    Each group is Binomial(n_j, θ_j), θ_j ~ Beta(a, b) with a, b of largest marginal likelihood; posterior
    Beta(a + k_j, b + n_j − k_j). The range W of independent posteriors has
    :math:`P(W \le d) = \sum_j \int f_j(x) \prod_{k \ne j} [F_k(x+d) - F_k(x)]\,dx`. A range is
    never negative, so the lower bound stays above 0 even where there is no gap: read the value beside `raw`.
    Mixes of queue and difficulty are not adjusted for.

    References
    ----------
    Casella (1985). An introduction to empirical Bayes data analysis. The American Statistician 39.

    Examples
    --------
    Four groups that differ by chance alone: nearly all of the observed gap goes.

    >>> found = shrunk_gap(proportions=[0.95, 0.93, 0.96, 0.94], sizes=[40, 45, 50, 36])
    >>> f"{found.raw:.3f} {found.value < 0.01}"
    '0.030 True'

    """
    tail = tail_probability(confidence)
    p, n = as_floats(proportions), as_floats(sizes)
    if np.any((p < 0.0) | (p > 1.0)):
        raise ValueError("proportions must lie in [0, 1].")
    held = n > 0
    p, n = p[held], n[held]
    if len(p) < 2:
        nothing = float("nan")
        return ShrunkGap(nothing, nothing, nothing, nothing, p)
    prior = fit_beta_binomial(successes=p * n, trials=n)
    posterior = shrink(successes=p * n, trials=n, prior=prior)
    means = posterior.mean
    low, high = _range_quantiles(posterior.a, posterior.b, tail)
    return ShrunkGap(float(means.max() - means.min()), low, high, float(p.max() - p.min()), means)


def _range_quantiles(a: FloatArray, b: FloatArray, tail: float) -> tuple[float, float]:
    """Return the quantiles of the range of independent Beta variables."""
    first = float(special.betaincinv(a, b, 1e-6).min())
    last = float(special.betaincinv(a, b, 1.0 - 1e-6).max())
    places = np.linspace(first, last, _PLACES)
    below = special.betainc(a[:, None], b[:, None], places)
    # The probability that group j lies in the step after each place stands for f_j(x) dx.
    step = np.diff(below, axis=1, append=1.0)
    widths = np.linspace(0.0, last - first, _WIDTHS)
    at_most = np.empty(_WIDTHS)
    for i, width in enumerate(widths):
        above = special.betainc(a[:, None], b[:, None], np.minimum(places + width, 1.0))
        within = np.clip(above - below, 0.0, 1.0)
        others = np.array([np.delete(within, j, axis=0).prod(axis=0) for j in range(len(a))])
        at_most[i] = min(float((step * others).sum()), 1.0)
    at_most = np.maximum.accumulate(at_most)
    return float(np.interp(tail, at_most, widths)), float(np.interp(1.0 - tail, at_most, widths))
