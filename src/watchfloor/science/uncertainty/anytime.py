"""Intervals and tests that stay valid however often, and whenever, somebody looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, Interval, as_floats, check_counts

_HALVINGS = 60


def confidence_sequence(
    *, successes: ArrayLike, trials: ArrayLike, a: float = 1.0, b: float = 1.0, alpha: float = 0.05
) -> Interval:
    r"""Return bounds of a proportion that hold at every number of trials at once.

    Parameters
    ----------
    successes, trials : array_like
        Events and observations so far.
    a, b : float
        The mixing beta distribution, > 0; put its mass where the proportion is expected.
    alpha : float
        Chance that the bounds ever leave out the truth, in (0, 1).

    Returns
    -------
    Interval
        Bounds in [0, 1]; the whole of it without trials.

    Raises
    ------
    ValueError
        Counts are impossible, or a, b or alpha is out of range.

    Notes
    -----
    :math:`\{p : B(k+a, n-k+b)/B(a,b) < p^k(1-p)^{n-k}/\alpha\}`: Robbins' mixture martingale and Ville's
    inequality. Wider than an interval for one look (at n = 400 by about 60 %): that is the price of peeking.
    Observations must be independent with one p; a process that changes breaks it.

    References
    ----------
    Robbins (1970). Statistical methods related to the law of the iterated logarithm. Annals of Mathematical
    Statistics 41.

    Examples
    --------
    >>> found = confidence_sequence(successes=95, trials=100)
    >>> f"{found.low:.6f} {found.high:.6f}"
    '0.839741 0.993423'

    """
    if a <= 0 or b <= 0 or not 0.0 < alpha < 1.0:
        raise ValueError(f"a={a} and b={b} must be positive and alpha={alpha} inside (0, 1).")
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    k = np.minimum(k, n)
    mixture = special.betaln(k + a, n - k + b) - special.betaln(a, b) + np.log(alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(n > 0, k / n, 0.5)

    def outside(p: FloatArray) -> FloatArray:
        return as_floats(mixture - special.xlogy(k, p) - special.xlog1py(n - k, -p))

    bounds = []
    for end in (0.0, 1.0):
        far, near = np.full_like(centre, end), centre.copy()
        for _ in range(_HALVINGS):
            middle = (far + near) / 2.0
            out = outside(middle) >= 0.0
            far, near = np.where(out, middle, far), np.where(out, near, middle)
        bounds.append(np.where(outside(np.full_like(centre, end)) < 0.0, end, far))
    return Interval(bounds[0], bounds[1])


@dataclass(frozen=True, slots=True)
class EProcess:
    """Wealth of a bet against one mean: evidence that may be read at any time.

    Attributes:
        wealth: After each observation, starting from 1; large is evidence against the mean.
        rejected_at: How many observations it took to reach 1/α, or None.

    """

    wealth: FloatArray
    rejected_at: int | None


def betting_process(
    *, values: ArrayLike, mean: float, alpha: float = 0.05, population: int | None = None
) -> EProcess:
    r"""Return the wealth of a bet that the mean of values in [0, 1] is not the one named.

    Parameters
    ----------
    values : array_like, shape (t,)
        Observations in [0, 1], in the order in which they came.
    mean : float
        The mean m that is bet against, in [0, 1].
    alpha : float
        Reject once the wealth reaches 1/α.
    population : int, optional
        Size of the frame when units are drawn one by one without replacement, ≥ t.

    Returns
    -------
    EProcess
        The two-sided wealth, half bet upwards and half downwards.

    Raises
    ------
    ValueError
        A value or the mean is outside [0, 1], or the population is smaller than the sample.

    Notes
    -----
    :math:`K_t(m) = \prod_{s \le t} (1 + \lambda_s (y_s - m_s))`, λ predictable (the plug-in of the paper,
    cut at half of what could ruin). Without replacement
    :math:`m_s = (Nm - \sum_{r<s} y_r)/(N - s + 1)`. Unlike `confidence_sequence` it takes partial scores.
    The order must be random: sorted values win any bet.

    References
    ----------
    Waudby-Smith and Ramdas (2024). Estimating means of bounded random variables by betting. JRSS B 86.
    arXiv 2010.09686.

    Examples
    --------
    >>> betting_process(values=[1] * 40, mean=0.5).rejected_at
    10
    >>> betting_process(values=[1, 0] * 20, mean=0.5).rejected_at is None
    True

    """
    y = as_floats(values)
    if not 0.0 <= mean <= 1.0:
        raise ValueError(f"mean={mean} is outside [0, 1].")
    wealth = _wealth(y, as_floats([mean]), alpha, population)[:, 0]
    reached = np.flatnonzero(wealth >= 1.0 / alpha)
    return EProcess(wealth, int(reached[0]) + 1 if len(reached) else None)


def betting_sequence(
    *, values: ArrayLike, alpha: float = 0.05, population: int | None = None, steps: int = 1000
) -> Interval:
    """Return the means not yet rejected by betting: valid at every time, for any values in [0, 1].

    Parameters
    ----------
    values, alpha, population
        As in `betting_process`.
    steps : int
        Means tried; the bounds are rounded outwards to 1/steps.

    Returns
    -------
    Interval
        Of shape ().

    Examples
    --------
    >>> found = betting_sequence(values=[1, 1, 1, 0.5, 1, 1, 1, 1, 0, 1] * 20)
    >>> f"{found.low:.3f} {found.high:.3f}"
    '0.778 0.921'

    """
    grid = np.arange(steps + 1) / steps
    wealth = _wealth(as_floats(values), grid, alpha, population)
    kept = grid[(wealth < 1.0 / alpha).all(axis=0)]
    if not len(kept):
        # Only a mean between two steps, or a population that never was, is left.
        return Interval(as_floats(np.nan), as_floats(np.nan))
    low = max(0.0, float(kept[0]) - 1.0 / steps)
    return Interval(as_floats(low), as_floats(min(1.0, float(kept[-1]) + 1.0 / steps)))


def _wealth(y: FloatArray, means: FloatArray, alpha: float, population: int | None) -> FloatArray:
    """Return the wealth after each value (rows) against each mean (columns)."""
    if np.any((y < 0) | (y > 1)):
        raise ValueError("values must lie in [0, 1]; divide scores by their greatest value.")
    count = len(y)
    if population is not None and population < count:
        raise ValueError(f"population={population} is smaller than the {count} values drawn.")
    times = np.arange(1, count + 1, dtype=np.float64)
    running = (0.5 + np.cumsum(y)) / (times + 1.0)
    spread = (0.25 + np.cumsum((y - running) ** 2)) / (times + 1.0)
    before = np.concatenate([[0.25], spread[:-1]]) if count else spread
    bets = np.sqrt(2.0 * np.log(2.0 / alpha) / (before * times * np.log1p(times)))[:, None]
    target = np.broadcast_to(means, (count, len(means)))
    impossible = np.zeros(target.shape, dtype=np.bool_)
    if population is not None:
        after = population * means[None, :] - np.cumsum(y)[:, None]
        left = (population - times)[:, None]
        target = (after + y[:, None]) / (left + 1.0)
        # What is still to come cannot be less than nothing or more than one each.
        impossible = (after < -1e-9) | (after > left + 1e-9)
    target = np.clip(target, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        up = np.minimum(bets, 0.5 / target)
        down = np.minimum(bets, 0.5 / (1.0 - target))
    gain = y[:, None] - target
    rising = np.cumsum(np.log1p(up * gain), axis=0)
    falling = np.cumsum(np.log1p(-down * gain), axis=0)
    wealth = 0.5 * (np.exp(np.minimum(rising, 700.0)) + np.exp(np.minimum(falling, 700.0)))
    return np.where(np.logical_or.accumulate(impossible, axis=0), np.inf, wealth)
