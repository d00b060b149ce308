"""The result every interval function returns, and the check of its nominal coverage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper bounds, one an element. NaN where the interval is undefined."""

    low: FloatArray
    high: FloatArray


def as_floats(values: object) -> FloatArray:
    """Return `values` as an array of 64-bit floats of the same shape; a scalar becomes shape ()."""
    return np.asarray(values, dtype=np.float64)


def tail_probability(confidence: float) -> float:
    """Return the probability left in each tail of a two-sided interval.

    Raises:
        ValueError: `confidence` is not strictly between 0 and 1.

    >>> round(tail_probability(0.95), 6)
    0.025
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence={confidence} is outside (0, 1); pass for example 0.95.")
    return (1.0 - confidence) / 2.0


def check_counts(successes: FloatArray, trials: FloatArray) -> None:
    """Refuse counts that no experiment can give.

    Raises:
        ValueError: a trial count is negative, or successes lie outside [0, trials].
    """
    if np.any(trials < 0):
        raise ValueError(f"trials holds {float(np.nanmin(trials))}; a count is never negative.")
    if np.any(successes < 0) or np.any(successes > trials * (1 + 1e-12)):
        raise ValueError("successes must lie between 0 and trials; check which count is the numerator.")
