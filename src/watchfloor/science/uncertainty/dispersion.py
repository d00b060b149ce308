"""Census proportions: how far they scatter beyond the binomial, and intervals that allow for it."""

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.science.uncertainty.intervals import FloatArray, Interval, as_floats, check_counts
from watchfloor.science.uncertainty.proportions import wilson


def overdispersion(*, successes: ArrayLike, trials: ArrayLike) -> FloatArray:
    r"""Return by how much proportions of hours or days scatter beyond the binomial, φ.

    Parameters
    ----------
    successes, trials : array_like, shape (..., T)
        Events and observations of each of T periods; leading axes are cells. Empty periods are left out.

    Returns
    -------
    ndarray, shape (...)
        Pearson's :math:`\phi = \frac{1}{T-1}\sum_t \frac{(k_t - n_t\hat p)^2}{n_t\hat p(1-\hat p)}`; 1 where
        nothing is overdispersed, NaN with fewer than two periods or with p̂ at 0 or 1.

    Raises
    ------
    ValueError
        Counts are impossible.

    Notes
    -----
    A trend or a weekly season counts as scatter here; take it out first, or compare like hours. With eight
    periods φ itself is known only to about a factor of two.

    References
    ----------
    McCullagh and Nelder (1989). Generalized Linear Models, 2nd edition, section 4.5. Chapman and Hall.

    Examples
    --------
    >>> float(overdispersion(successes=[50, 70, 30, 50], trials=[100, 100, 100, 100]).round(4))
    10.6667

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    total = n.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = (k.sum(axis=-1) / total)[..., None]
        squares = np.where(n > 0, (k - n * p) ** 2 / (n * p * (1.0 - p)), 0.0)
        periods = (n > 0).sum(axis=-1)
        phi = squares.sum(axis=-1) / (periods - 1.0)
    return np.where((periods > 1) & np.isfinite(phi), phi, np.nan)


def overdispersed_binomial(
    *, successes: ArrayLike, trials: ArrayLike, phi: ArrayLike, confidence: float = 0.95
) -> Interval:
    r"""Return the interval of a census proportion whose process scatters φ times the binomial.

    Parameters
    ----------
    successes, trials : array_like
        Events and observations of the whole window.
    phi : array_like
        From `overdispersion`, over earlier comparable periods. Below 1, and NaN, count as 1.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Interval
        Wilson's bounds at n/φ: the score form of :math:`\sqrt{\phi\,p(1-p)/n}`, inside [0, 1].

    Raises
    ------
    ValueError
        Counts are impossible or `confidence` is outside (0, 1).

    Notes
    -----
    Answers "is the process different?". About the past itself a census has no sampling error.

    Examples
    --------
    >>> found = overdispersed_binomial(successes=950, trials=1000, phi=4)
    >>> f"{found.low:.4f} {found.high:.4f}"
    '0.9155 0.9709'

    """
    k, n, spread = np.broadcast_arrays(as_floats(successes), as_floats(trials), as_floats(phi))
    check_counts(k, n)
    factor = np.maximum(np.nan_to_num(spread, nan=1.0), 1.0)
    return wilson(successes=k / factor, trials=n / factor, confidence=confidence)
