"""Rates made comparable between units whose cases differ: observed against expected."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats


@dataclass(frozen=True, slots=True)
class Standardised:
    """One element a unit.

    Attributes:
        ratio: Observed ÷ expected; 1 is as expected for its cases.
        rate: The ratio × the overall rate: what the unit would show on everybody's cases, roughly.
        z: How many standard deviations the observed count lies from the expected one.

    """

    ratio: FloatArray
    rate: FloatArray
    z: FloatArray


def standardised(
    *, observed: ArrayLike, expected: ArrayLike, expected_variance: ArrayLike, overall: float
) -> Standardised:
    r"""Return each unit's rate adjusted for its case mix (indirect standardisation).

    Parameters
    ----------
    observed : array_like, shape (J,)
        Correct answers of each unit.
    expected : array_like, shape (J,)
        :math:`E_j = \sum P(\text{correct})` over its cases, by queue, label family, difficulty, language.
    expected_variance : array_like, shape (J,)
        :math:`\sum P(1-P)` over its cases.
    overall : float
        The rate of all units together.

    Returns
    -------
    Standardised
        NaN where nothing was expected.

    Notes
    -----
    Two units are each comparable with the whole, not with each other, when their mixes hardly overlap. A
    difficulty that the unit itself influences must not be in P.

    References
    ----------
    Breslow and Day (1987). Statistical Methods in Cancer Research II, section 2.3. IARC.

    Examples
    --------
    >>> found = standardised(observed=[90, 95], expected=[88.0, 96.0], expected_variance=[9, 4], overall=0.93)
    >>> found.rate.round(4).tolist(), found.z.round(3).tolist()
    ([0.9511, 0.9203], [0.667, -0.5])

    """
    seen, awaited, spread = (as_floats(each) for each in (observed, expected, expected_variance))
    if np.any(awaited < 0) or np.any(spread < 0):
        raise ValueError("expected counts and their variances are never negative.")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(awaited > 0, seen / awaited, np.nan)
        z = np.where(spread > 0, (seen - awaited) / np.sqrt(spread), np.nan)
    return Standardised(ratio, ratio * overall, z)
