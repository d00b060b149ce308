"""Where a period will end: the final proportion, and the next count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from watchfloor.science.uncertainty.evidence import Direction
from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class CountPrediction:
    """Bounds between which a future count falls with the probability asked for; counts."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray


def beta_binomial_final(
    *,
    successes: float,
    trials: float,
    total: float,
    target: float,
    a: float = 1.0,
    b: float = 1.0,
    direction: Direction = "higher_is_better",
) -> float:
    r"""Return the probability that the period's final proportion keeps a target.

    Parameters
    ----------
    successes, trials : float
        Events and observations so far, k and n.
    total : float
        Observations there will be at the end, N ≥ n.
    target : float
        T in [0, 1].
    a, b : float
        The beta prior of the true proportion; uniform by default.
    direction : {"higher_is_better", "lower_is_better"}
        Whether the final proportion must be at least, or at most, T.

    Returns
    -------
    float
        :math:`P(k + y \ge T N)` with :math:`y \sim BetaBin(N-n,\; k+a,\; n-k+b)`; 0 or 1 at n = N.

    Raises
    ------
    ValueError
        Counts are impossible, or the total is less than the trials.

    Notes
    -----
    Takes what is to come for as difficult as what was. A changing mix, a holiday or a new rule breaks that.

    References
    ----------
    Dawid (1984). Statistical theory: the prequential approach. JRSS A 147.

    Examples
    --------
    >>> f"{beta_binomial_final(successes=290, trials=300, total=400, target=0.95):.6f}"
    '0.994933'

    """
    if not 0 <= successes <= trials or trials > total:
        raise ValueError(f"{successes} of {trials} of {total} cannot be; 0 ≤ successes ≤ trials ≤ total.")
    rest = round(total - trials)
    if direction == "lower_is_better":
        successes, a, b, target = trials - successes, b, a, 1.0 - target
    needed = int(np.ceil(target * total - successes - _ROUNDING))
    if needed <= 0:
        return 1.0
    if needed > rest:
        return 0.0
    y = np.arange(needed, rest + 1, dtype=np.float64)
    first, second = successes + a, trials - successes + b
    logs = (
        special.gammaln(rest + 1.0)
        - special.gammaln(y + 1.0)
        - special.gammaln(rest - y + 1.0)
        + special.betaln(y + first, rest - y + second)
        - special.betaln(first, second)
    )
    return min(1.0, float(np.exp(special.logsumexp(logs))))


def count_dispersion(*, counts: ArrayLike, means: ArrayLike) -> float:
    r"""Return the dispersion α of counts around their expected values, at least 0.

    Parameters
    ----------
    counts, means : array_like, shape (T,)
        What was counted and what had been expected; means > 0.

    Returns
    -------
    float
        Moment estimate of α in :math:`Var = \mu + \alpha\mu^2`: :math:`\sum((y-\mu)^2-\mu)/\sum\mu^2`.

    Notes
    -----
    Means fitted to the same counts make α too small; take them from a forecast made beforehand.

    Examples
    --------
    >>> count_dispersion(counts=[80, 120, 90, 130], means=[100, 100, 100, 100])
    0.035

    """
    y, mean = np.broadcast_arrays(as_floats(counts), as_floats(means))
    if np.any(mean <= 0):
        raise ValueError(f"means holds {float(mean.min())}; an expected count is positive.")
    return max(0.0, float((((y - mean) ** 2) - mean).sum() / (mean**2).sum()))


def negative_binomial_prediction(
    *, mean: ArrayLike, dispersion: ArrayLike = 0.0, confidence: float = 0.95
) -> CountPrediction:
    r"""Return the interval in which a future count falls.

    Parameters
    ----------
    mean : array_like
        Expected count, ≥ 0.
    dispersion : array_like
        α ≥ 0 in :math:`Var = \mu + \alpha\mu^2`, from `count_dispersion`; 0 is the Poisson distribution.
    confidence : float
        Probability of falling inside, in (0, 1).

    Returns
    -------
    CountPrediction
        Whole counts; the interval holds at least the probability asked for.

    Raises
    ------
    ValueError
        A mean or a dispersion is negative.

    Notes
    -----
    The mean is taken as known: the forecast's own error must be inside α, or the interval is too narrow.

    References
    ----------
    Hilbe (2011). Negative Binomial Regression, 2nd edition, chapter 8. Cambridge.

    Examples
    --------
    >>> found = negative_binomial_prediction(mean=[100, 100], dispersion=[0, 0.04])
    >>> found.low.tolist(), found.high.tolist()
    ([81.0, 61.0], [120.0, 148.0])

    """
    expected, alpha = np.broadcast_arrays(as_floats(mean), as_floats(dispersion))
    if np.any(expected < 0) or np.any(alpha < 0):
        raise ValueError("mean and dispersion are never negative.")
    tail = tail_probability(confidence)
    some = np.maximum(expected, 1e-12)
    size = 1.0 / np.where(alpha > 0, alpha, 1.0)
    bounds = [
        np.where(
            alpha > 0, stats.nbinom.ppf(level, size, size / (size + some)), stats.poisson.ppf(level, some)
        )
        for level in (tail, 1.0 - tail)
    ]
    return CountPrediction(expected, *(np.where(expected > 0, bound, 0.0) for bound in bounds))
