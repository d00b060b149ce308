"""Which order statistics bound a percentile, whatever the distribution."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability


@dataclass(frozen=True, slots=True)
class QuantileRanks:
    """Ranks counted from 1 in ascending order; 0 in `low` or n + 1 in `high` means unbounded.

    Attributes:
        low: Rank of the lower bound.
        point: Rank of the quantile itself, ⌈n·q⌉.
        high: Rank of the upper bound.
        coverage: Exact probability that the two bounds enclose the quantile.

    """

    low: NDArray[np.int64]
    point: NDArray[np.int64]
    high: NDArray[np.int64]
    coverage: FloatArray


def order_statistic_ranks(
    *, trials: ArrayLike, probability: float, confidence: float = 0.95
) -> QuantileRanks:
    r"""Return the ranks of the order statistics that bound a quantile.

    Parameters
    ----------
    trials : array_like
        Observations n, ≥ 0.
    probability : float
        The quantile's probability q in (0, 1).
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    QuantileRanks
        Ranks r and s with :math:`P(X_{(r)} \le \xi_q \le X_{(s)}) \ge` confidence where both exist.

    Raises
    ------
    ValueError
        `probability` or `confidence` is outside (0, 1).

    Notes
    -----
    The number of observations below the quantile is Binomial(n, q); r is its α/2 quantile and s its
    1 − α/2 quantile plus one. Small n cannot bound extreme quantiles: p95 has no upper bound below
    n = 72. Observations are assumed independent; bursts make the interval too narrow.

    References
    ----------
    David and Nagaraja (2003). Order Statistics, 3rd edition, section 7.1. Wiley.

    Examples
    --------
    >>> ranks = order_statistic_ranks(trials=100, probability=0.5)
    >>> int(ranks.low), int(ranks.point), int(ranks.high), round(float(ranks.coverage), 4)
    (40, 50, 61, 0.9648)

    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability={probability} is outside (0, 1); pass 0.95 for p95.")
    tail = tail_probability(confidence)
    n = as_floats(trials)
    low = _binomial_quantile(tail, n, probability)
    high = _binomial_quantile(1.0 - tail, n, probability) + 1.0
    point = np.maximum(np.ceil(n * probability - 1e-9), 1.0)
    coverage = _binomial_cdf(high - 1.0, n, probability) - _binomial_cdf(low - 1.0, n, probability)
    return QuantileRanks(low.astype(np.int64), point.astype(np.int64), high.astype(np.int64), coverage)


def _binomial_cdf(k: FloatArray, n: FloatArray, probability: float) -> FloatArray:
    """Return P(Binomial(n, p) ≤ k), by the incomplete beta function so that any n is fast."""
    inside = (k >= 0) & (k < n)
    safe = np.where(inside, k, 0.0)
    some = np.where(inside, n, 1.0)
    cdf = special.betainc(some - safe, safe + 1.0, 1.0 - probability)
    return np.where(inside, cdf, np.where(k < 0, 0.0, 1.0))


def _binomial_quantile(level: float, n: FloatArray, probability: float) -> FloatArray:
    """Return the smallest k with P(Binomial(n, p) ≤ k) ≥ level."""
    some = np.maximum(n, 1.0)
    guess = np.clip(np.ceil(special.bdtrik(level, some, probability)), 0.0, some)
    one_less = np.maximum(guess - 1.0, 0.0)
    fits = _binomial_cdf(one_less, some, probability) >= level
    return np.where(n > 0, np.where(fits, one_less, guess), 0.0)
