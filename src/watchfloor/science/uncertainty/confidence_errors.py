"""How far stated confidence lies from what turned out: the expected calibration error over bins."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.designs import WeightedEstimate
from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability


def expected_calibration_error(
    *,
    weights: ArrayLike,
    correct: ArrayLike,
    confidence_sums: ArrayLike,
    n: float,
    confidence: float = 0.95,
) -> WeightedEstimate:
    r"""Return the mean gap between stated confidence and accuracy, with a jackknife interval over people.

    Parameters
    ----------
    weights, correct, confidence_sums : array_like, shape (people, bins)
        Σw, Σw·1[correct] and Σw·(stated confidence) of each person's answers in each bin of confidence.
    n : float
        Answers that entered.
    confidence : float
        Nominal coverage of the interval, in (0, 1).

    Returns
    -------
    WeightedEstimate
        Of shape (); NaN without a weight, bounds NaN with one person.

    Raises
    ------
    ValueError
        `confidence` is outside (0, 1).

    Notes
    -----
    :math:`\sum_b \frac{n_b}{n}\,|acc_b - conf_b|`, every count weighted. Chance alone makes it positive: with
    few answers a bin it overstates the error. Leaving out one person at a time gives the variance.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017). On calibration of modern neural networks. ICML.

    Examples
    --------
    Two bins of ten: 0.9 stated and 8 right, 0.6 stated and 7 right: (0.1 + 0.1)/2.

    >>> found = expected_calibration_error(
    ...     weights=[[10, 10]], correct=[[8, 7]], confidence_sums=[[9, 6]], n=20)
    >>> f"{found.value:.3f} {found.method}"
    '0.100 none'

    """
    tail = tail_probability(confidence)
    w, right, stated = (as_floats(part) for part in (weights, correct, confidence_sums))
    people = len(w)
    value = _error(w.sum(axis=0), right.sum(axis=0), stated.sum(axis=0))
    low = high = variance = as_floats(np.nan)
    if people > 1 and not np.isnan(value):
        without = _error(w.sum(axis=0) - w, right.sum(axis=0) - right, stated.sum(axis=0) - stated)
        variance = as_floats((people - 1) / people * ((without - without.mean()) ** 2).sum())
        half = special.stdtrit(people - 1, 1.0 - tail) * np.sqrt(variance)
        low, high = np.maximum(value - half, 0.0), np.minimum(value + half, 1.0)
    named = np.asarray("none" if np.isnan(low) else "CB")
    return WeightedEstimate(
        value, variance, as_floats(n), as_floats(np.nan), low, high, named, as_floats(1.0)
    )


def _error(weights: FloatArray, correct: FloatArray, stated: FloatArray) -> FloatArray:
    total = weights.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, np.abs(correct - stated).sum(axis=-1) / total, np.nan)
