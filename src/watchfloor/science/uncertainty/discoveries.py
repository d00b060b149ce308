"""Many cells at once: which misses stand out although so many were looked at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats


@dataclass(frozen=True, slots=True)
class Discoveries:
    """Which tests stand out.

    Attributes:
        rejected: One a test: it is a discovery.
        adjusted: The smallest rate at which it would be one; NaN where there was no test.
        expected_false: How many of the discoveries are expected to be false at most, rate × discoveries.

    """

    rejected: NDArray[np.bool_]
    adjusted: FloatArray
    expected_false: float


def benjamini_hochberg(*, p_values: ArrayLike, rate: float = 0.05) -> Discoveries:
    r"""Return the discoveries among many tests, with the share of false ones held at a rate.

    Parameters
    ----------
    p_values : array_like
        One a test, in [0, 1]; NaN where there was none. Any shape.
    rate : float
        False discovery rate q in (0, 1).

    Returns
    -------
    Discoveries
        In the shape of `p_values`.

    Raises
    ------
    ValueError
        A p-value is outside [0, 1] or the rate outside (0, 1).

    Notes
    -----
    The largest i with :math:`p_{(i)} \le q\,i/m` and all below. Holds for independent tests and for those
    that move together (positive regression dependence), which cells of one board mostly do: a queue and the
    total it is part of. It says nothing about a single cell picked beforehand.

    References
    ----------
    Benjamini and Hochberg (1995). Controlling the false discovery rate. JRSS B 57.

    Examples
    --------
    The paper's fifteen p-values at 5 %: four discoveries, where Bonferroni finds three.

    >>> p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240]
    >>> p += [.4262, .5719, .6528, .7590, 1]
    >>> found = benjamini_hochberg(p_values=p)
    >>> int(found.rejected.sum()), round(found.expected_false, 2), round(float(found.adjusted[3]), 6)
    (4, 0.2, 0.035625)

    """
    if not 0.0 < rate < 1.0:
        raise ValueError(f"rate={rate} is outside (0, 1); pass for example 0.05.")
    values = as_floats(p_values)
    if np.any((values < 0) | (values > 1)):
        raise ValueError("p_values must lie in [0, 1]; use NaN where there was no test.")
    adjusted = np.full(values.size, np.nan)
    known = np.flatnonzero(~np.isnan(values.ravel()))
    order = known[np.argsort(values.ravel()[known], kind="stable")]
    scaled = values.ravel()[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    rejected = (np.nan_to_num(adjusted, nan=1.0) <= rate).reshape(values.shape)
    return Discoveries(rejected, adjusted.reshape(values.shape), rate * float(rejected.sum()))
