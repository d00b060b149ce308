"""Bootstrap intervals: of a series by blocks of time, of a ratio by clusters, of shares by units."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """A value with its percentile interval and standard error over resamples; one element a value."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray


def block_bootstrap(
    *,
    numerator: ArrayLike,
    rng: np.random.Generator,
    denominator: ArrayLike | None = None,
    block: int | None = None,
    draws: int = 999,
    confidence: float = 0.95,
) -> Bootstrapped:
    r"""Return a ratio of sums (or a mean) of an autocorrelated series with its moving-block interval.

    Parameters
    ----------
    numerator : array_like, shape (T,)
        One value a period, in order of time.
    rng : Generator
        The randomness.
    denominator : array_like, shape (T,), optional
        Ones by default, which gives the mean.
    block : int, optional
        Periods a block, longer than the memory of the series: a day of hours for queues. ⌈T^⅓⌉ by default.
    draws : int
        Resamples.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Bootstrapped
        Of shape (); NaN bounds with fewer than two blocks' worth of periods.

    Raises
    ------
    ValueError
        Shapes differ, or a block or the draws are not positive.

    Notes
    -----
    Overlapping blocks, percentile bounds. With fewer than about ten blocks the interval is too narrow.

    References
    ----------
    Künsch (1989). The jackknife and the bootstrap for general stationary observations. Annals of Statistics.

    Examples
    --------
    >>> series = [90, 95, 97, 60, 65, 92, 94, 96, 93, 70, 91, 95] * 4
    >>> rng = np.random.default_rng(1)
    >>> found = block_bootstrap(numerator=series, denominator=[100] * 48, block=6, rng=rng)
    >>> bool(found.low < found.value < found.high), f"{found.value:.4f}"
    (True, '0.8650')

    """
    top = as_floats(numerator)
    bottom = np.ones_like(top) if denominator is None else as_floats(denominator)
    if top.shape != bottom.shape or top.ndim != 1:
        raise ValueError(f"numerator {top.shape} and denominator {bottom.shape} must be the same (T,).")
    count = len(top)
    length = max(1, int(np.ceil(count ** (1 / 3)))) if block is None else block
    if length < 1 or draws < 1:
        raise ValueError(f"block={block} and draws={draws} must be positive.")
    value = _ratio(as_floats(top.sum()), as_floats(bottom.sum()))
    if count < 2 * length:
        nothing = as_floats(np.nan)
        return Bootstrapped(value, nothing, nothing, nothing)
    blocks = -(-count // length)
    starts = rng.integers(0, count - length + 1, size=(draws, blocks))
    # The last block is cut so that each resample is as long as the series.
    tail = count - (blocks - 1) * length
    tops, bottoms = (
        _spans(each, length)[starts[:, :-1]].sum(axis=1) + _spans(each, tail)[starts[:, -1]]
        for each in (top, bottom)
    )
    return _summary(value, _ratio(tops, bottoms), confidence)


def cluster_bootstrap(
    *,
    numerator: ArrayLike,
    denominator: ArrayLike,
    rng: np.random.Generator,
    draws: int = 999,
    confidence: float = 0.95,
) -> Bootstrapped:
    """Return a ratio of sums with an interval from resampling whole clusters.

    Parameters
    ----------
    numerator, denominator : array_like, shape (C,)
        Totals of each cluster: a reviewer, a reviewer-day, an item.
    rng, draws, confidence
        As in `block_bootstrap`.

    Returns
    -------
    Bootstrapped
        Of shape (); NaN bounds with fewer than two clusters.

    Notes
    -----
    Against `cluster_ratio` it needs no linearisation, but the records themselves. With fewer than about
    fifteen clusters it is too narrow; use `cluster_ratio` with t.

    References
    ----------
    Field and Welsh (2007). Bootstrapping clustered data. JRSS B 69.

    Examples
    --------
    >>> found = cluster_bootstrap(numerator=[100, 240, 90, 130], denominator=[2, 4, 3, 3],
    ...     rng=np.random.default_rng(1))
    >>> f"{found.value:.2f}", bool(found.low < found.value < found.high)
    ('46.67', True)

    """
    top, bottom = as_floats(numerator), as_floats(denominator)
    if top.shape != bottom.shape or top.ndim != 1:
        raise ValueError(f"numerator {top.shape} and denominator {bottom.shape} must be the same (C,).")
    value = _ratio(as_floats(top.sum()), as_floats(bottom.sum()))
    if len(top) < 2:
        nothing = as_floats(np.nan)
        return Bootstrapped(value, nothing, nothing, nothing)
    times = _times(rng, len(top), draws)
    return _summary(value, _ratio(times @ top, times @ bottom), confidence)


def share_bootstrap(
    *, counts: ArrayLike, rng: np.random.Generator, draws: int = 999, confidence: float = 0.95
) -> Bootstrapped:
    """Return the shares of causes with multinomial bootstrap intervals.

    Parameters
    ----------
    counts : array_like, shape (K,)
        Units of each cause.
    rng, draws, confidence
        As in `block_bootstrap`.

    Returns
    -------
    Bootstrapped
        Of shape (K,), shares that sum to 1; NaN without units.

    Notes
    -----
    A cause that was never seen gets [0, 0], which is not true of the process; add it to "other".

    Examples
    --------
    >>> found = share_bootstrap(counts=[60, 30, 10], rng=np.random.default_rng(1))
    >>> found.value.tolist(), bool((found.low < found.value).all())
    ([0.6, 0.3, 0.1], True)

    """
    seen = as_floats(counts)
    total = float(seen.sum())
    if np.any(seen < 0):
        raise ValueError(f"counts holds {float(seen.min())}; a count is never negative.")
    if total <= 0:
        nothing = np.full_like(seen, np.nan)
        return Bootstrapped(nothing, nothing, nothing, nothing)
    drawn = rng.multinomial(round(total), seen / total, size=draws) / round(total)
    return _summary(seen / total, as_floats(drawn), confidence)


def _times(rng: np.random.Generator, clusters: int, draws: int) -> FloatArray:
    """Return how often each cluster (columns) was drawn in each resample (rows)."""
    return as_floats(rng.multinomial(clusters, np.full(clusters, 1.0 / clusters), size=draws))


def _spans(series: FloatArray, length: int) -> FloatArray:
    """Return the sums of all runs of so many periods, by their start."""
    sums = np.concatenate([[0.0], np.cumsum(series)])
    return as_floats(sums[length:] - sums[:-length])


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom != 0, top / bottom, np.nan)


def _summary(value: FloatArray, drawn: NDArray[np.float64], confidence: float) -> Bootstrapped:
    tail = tail_probability(confidence)
    known = drawn if not np.isnan(drawn).any() else drawn[~np.isnan(drawn)]
    low, high = np.quantile(known, [tail, 1.0 - tail], axis=0)
    return Bootstrapped(value, as_floats(low), as_floats(high), as_floats(known.std(axis=0, ddof=1)))
