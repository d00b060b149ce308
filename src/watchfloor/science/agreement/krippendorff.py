"""Krippendorff's alpha: any number of raters, missing ratings, nominal, ordinal or interval categories."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchfloor.science.agreement.counts import rated_counts

Level = Literal["nominal", "ordinal", "interval"]
_Floats = NDArray[np.float64]


def krippendorff_alpha(
    counts: ArrayLike,
    *,
    level: Level = "nominal",
    values: ArrayLike | None = None,
    multiplicity: ArrayLike | None = None,
) -> float:
    r"""Return Krippendorff's alpha; NaN where every rating is the same category.

    Parameters
    ----------
    counts : array_like, shape (items, categories)
        How many raters chose each category; for `ordinal` the columns are in order. A missing rating is
        simply not counted; items with fewer than two are left out.
    level : {"nominal", "ordinal", "interval"}
        Which differences are worse than others: none; those further apart in rank; in value, squared.
    values : array_like, shape (categories,), optional
        The categories' numbers for `interval`; 0 … K − 1 by default.
    multiplicity : array_like, shape (items,), optional
        How many items have that row.

    Returns
    -------
    float
        1 is full agreement, 0 what chance gives, below 0 is worse than chance.

    Raises
    ------
    ValueError
        No item has two ratings, a count is negative, the level is unknown, or the values do not fit.

    Notes
    -----
    Coincidences :math:`o_{ck}=\sum_i n_{ic}(n_{ik}-1[c=k])/(n_i-1)`, :math:`n_c=\sum_k o_{ck}`,
    :math:`\alpha=1-(n-1)\sum o_{ck}\delta^2_{ck}/\sum n_cn_k\delta^2_{ck}`. Ordinal
    :math:`\delta^2_{ck}=(\sum_{g=c}^{k}n_g-(n_c+n_k)/2)^2`. As kappa it collapses when one category holds
    nearly everything: the disagreement expected by chance is then almost nothing.

    References
    ----------
    Krippendorff (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.

    Examples
    --------
    >>> round(krippendorff_alpha([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]]), 6)
    0.511111

    """
    rated, times = rated_counts(counts, multiplicity)
    pairs = times / (rated.sum(axis=1) - 1.0)
    coincidences = (rated * pairs[:, None]).T @ rated - np.diag(pairs @ rated)
    totals = coincidences.sum(axis=1)
    distances = _distances(level, totals, values)
    expected = float(totals @ distances @ totals)
    if expected <= 0.0:
        return float("nan")
    return 1.0 - (float(totals.sum()) - 1.0) * float((coincidences * distances).sum()) / expected


def _distances(level: Level, totals: _Floats, values: ArrayLike | None) -> _Floats:
    size = len(totals)
    if level == "nominal":
        return 1.0 - np.eye(size)
    if level == "ordinal":
        # The rank of a category's middle: everything below it and half of its own.
        middles = np.cumsum(totals) - totals / 2.0
        return np.asarray(np.subtract.outer(middles, middles) ** 2, dtype=np.float64)
    if level == "interval":
        numbers = (
            np.arange(size, dtype=np.float64) if values is None else np.asarray(values, dtype=np.float64)
        )
        if numbers.shape != (size,):
            raise ValueError(f"{numbers.size} values for {size} categories; give one each.")
        return np.asarray(np.subtract.outer(numbers, numbers) ** 2, dtype=np.float64)
    raise ValueError(f"level={level!r} is unknown; use nominal, ordinal or interval.")
