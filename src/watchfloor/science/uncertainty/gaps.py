"""The gap between the best and the worst of several groups, after chance was taken out of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability
from watchfloor.science.uncertainty.shrinkage import fit_beta_binomial, shrink

_PLACES = 301
_WIDTHS = 161


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
        Bounds are quantiles of the difference between the two extreme groups, cut at 0, integrated
        numerically: a lower bound of 0 says that chance may be all there is.

    Raises
    ------
    ValueError
        A proportion lies outside [0, 1], or `confidence` outside (0, 1).

    Notes
    -----
    Each group is Binomial(n_j, θ_j), θ_j ~ Beta(a, b) with a, b of largest marginal likelihood; posterior
    Beta(a + k_j, b + n_j − k_j), under which
    :math:`P(\theta_1-\theta_2 \le d) = \int f_2(x)\,F_1(x+d)\,dx`. A posterior does not mind that the extreme
    groups were picked after a look, as far as the prior fits; with two or three groups it hardly can. Mixes
    of queue and difficulty are not adjusted for.

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
    ends = np.array([int(np.argmax(means)), int(np.argmin(means))])
    low, high = _difference_quantiles(posterior.a[ends], posterior.b[ends], tail)
    return ShrunkGap(float(means.max() - means.min()), max(low, 0.0), high, float(p.max() - p.min()), means)


def _difference_quantiles(a: FloatArray, b: FloatArray, tail: float) -> tuple[float, float]:
    """Return the quantiles of the first of two independent Beta variables less the second."""
    first = float(special.betaincinv(a, b, 1e-7).min())
    last = float(special.betaincinv(a, b, 1.0 - 1e-7).max())
    places = np.linspace(first, last, _PLACES)
    # The probability that the second lies in the step around each place stands for its density there.
    middles = (places[1:] + places[:-1]) / 2.0
    step = np.diff(special.betainc(a[1], b[1], places))
    widths = np.linspace(first - last, last - first, _WIDTHS)
    below = special.betainc(a[0], b[0], np.clip(middles + widths[:, None], 0.0, 1.0)) @ step / step.sum()
    return float(np.interp(tail, below, widths)), float(np.interp(1.0 - tail, below, widths))
