"""A floor on safety from the harm that may pass, not from what is usual."""

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.science.targeting.cascades import FloatArray, TargetingError


def harm_floor(*, budget: ArrayLike, passes: ArrayLike, severity: ArrayLike, views: ArrayLike) -> FloatArray:
    r"""Return the highest share of passed content that may be violating, per label.

    Parameters
    ----------
    budget : array_like
        Harm that may be done in the period, in severity × views, ≥ 0.
    passes : array_like
        Decisions to pass in the period, ≥ 0.
    severity : array_like
        Harm of one view of that label, > 0.
    views : array_like
        Mean views of a violating item that was passed, > 0. Not of all items: what violates is often
        viewed more.

    Returns
    -------
    ndarray
        Ceiling on `leakage_fo`, :math:`\min(1,\text{budget}/(\text{passes}\cdot\text{severity}\cdot
        \text{views}))`, in [0, 1]; 1 where nothing is passed.

    Raises
    ------
    TargetingError
        A number is negative, or a severity or a mean of views is not positive.

    Notes
    -----
    The mean of views has a heavy tail: one viral item spends a budget that the mean allows. Rates this small
    are measured with oversampled passes or not at all.

    Examples
    --------
    >>> harm_floor(budget=[50_000, 1e9], passes=[1_000_000, 10], severity=[5, 1], views=[20, 100]).tolist()
    [0.0005, 1.0]

    """
    limit, count, harm, seen = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (budget, passes, severity, views))
    )
    if np.any(limit < 0) or np.any(count < 0) or np.any(harm <= 0) or np.any(seen <= 0):
        raise TargetingError(
            "Budget and passes are 0 or more, severity and mean views above 0.", remedy="Correct the label."
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = limit / (count * harm * seen)
    return np.where(count > 0, np.minimum(rate, 1.0), 1.0)
