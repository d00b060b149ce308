"""Intervals for a difference between two independent groups: of proportions (Newcombe), of means (Welch).

`recovered` takes any two estimates with intervals of their own, however those were made.
"""

import math
from dataclasses import dataclass

from scipy import stats

from watchfloor.science.uncertainty.proportions import wilson


@dataclass(frozen=True, slots=True)
class Difference:
    """Second group less first, with its interval."""

    value: float
    low: float
    high: float

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves out zero."""
        return not self.low <= 0 <= self.high


def newcombe(
    *, successes: tuple[float, float], trials: tuple[float, float], confidence: float = 0.95
) -> Difference:
    r"""Return the difference of two independent proportions, second less first.

    Parameters
    ----------
    successes, trials : tuple of float
        Events and observations of the first and the second group; trials > 0.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Difference
        In [-1, 1].

    Notes
    -----
    Newcombe's hybrid score interval: with Wilson bounds :math:`(l_i, u_i)`,
    :math:`d - \sqrt{(p_2 - l_2)^2 + (u_1 - p_1)^2}` to :math:`d + \sqrt{(u_2 - p_2)^2 + (p_1 - l_1)^2}`.
    It assumes independent observations: reviews of few people scatter more than it says.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions.
    Statistics in Medicine 17, method 10.

    Examples
    --------
    56 of 70 against 48 of 80, the first example of the paper (there the other way round):

    >>> found = newcombe(successes=(48, 56), trials=(80, 70))
    >>> f"{found.value:.4f} {found.low:.4f} {found.high:.4f}"
    '0.2000 0.0524 0.3339'

    """
    bounds = wilson(successes=successes, trials=trials, confidence=confidence)
    first, second = (k / n for k, n in zip(successes, trials, strict=True))
    low = math.hypot(second - bounds.low[1], bounds.high[0] - first)
    high = math.hypot(bounds.high[1] - second, first - bounds.low[0])
    return Difference(second - first, second - first - low, second - first + high)


def welch(
    *,
    means: tuple[float, float],
    variances: tuple[float, float],
    counts: tuple[int, int],
    confidence: float = 0.95,
) -> Difference:
    r"""Return the difference of two independent means, second less first.

    Parameters
    ----------
    means, variances : tuple of float
        Sample means and sample variances (n - 1 below) of the first and the second group.
    counts : tuple of int
        Observations of each, at least 2.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Difference
        In the unit of the means.

    Notes
    -----
    Welch's t interval with the Welch–Satterthwaite degrees of freedom. Skewed data need some dozens of
    observations a group before the mean is near normal. Where units are assigned at random within
    each person, differences between people are in both variances alike, and the interval is too wide, not
    too narrow.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem. Biometrika 34.

    Examples
    --------
    >>> found = welch(means=(50.0, 47.0), variances=(100.0, 64.0), counts=(40, 50))
    >>> f"{found.value:.1f} {found.low:.3f} {found.high:.3f}"
    '-3.0 -6.874 0.874'

    """
    if min(counts) < 2:
        raise ValueError(f"Groups of {counts[0]} and {counts[1]} have no variance; give at least 2 each.")
    parts = [variance / count for variance, count in zip(variances, counts, strict=True)]
    error = math.sqrt(sum(parts))
    value = means[1] - means[0]
    if error == 0:
        return Difference(value, value, value)
    freedom = sum(parts) ** 2 / sum(part**2 / (count - 1) for part, count in zip(parts, counts, strict=True))
    reach = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    return Difference(value, value - reach, value + reach)


def recovered(
    *, values: tuple[float, float], lows: tuple[float, float], highs: tuple[float, float]
) -> Difference:
    r"""Return the difference of two independent estimates from their own intervals, second less first.

    Parameters
    ----------
    values : tuple of float
        The first and the second estimate.
    lows, highs : tuple of float
        Bounds of their intervals, of one confidence; each holds its value.

    Returns
    -------
    Difference
        In the unit of the values, at the confidence of the intervals.

    Notes
    -----
    MOVER, the method of variance estimates recovery:
    :math:`d - \sqrt{(v_2 - l_2)^2 + (u_1 - v_1)^2}` to :math:`d + \sqrt{(u_2 - v_2)^2 + (v_1 - l_1)^2}`.
    With Wilson intervals it is `newcombe`; with clustered or weighted intervals it keeps their design. Two
    periods with the same people in them are not quite independent: the interval is then a little wide.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general
    approach. Statistics in Medicine 27.

    Examples
    --------
    >>> found = recovered(values=(50.0, 47.0), lows=(46.0, 44.0), highs=(54.0, 51.0))
    >>> f"{found.value:.1f} {found.low:.1f} {found.high:.3f}"
    '-3.0 -8.0 2.657'

    """
    value = values[1] - values[0]
    low = math.hypot(values[1] - lows[1], highs[0] - values[0])
    high = math.hypot(highs[1] - values[1], values[0] - lows[0])
    return Difference(value, value - low, value + high)
