"""Targets for people who are still learning: the plateau's target along the cohort's own curve."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from watchfloor.science.targeting.cascades import FloatArray, TargetingError

LEAST_POINTS = 6
_SCALES = 200


@dataclass(frozen=True, slots=True)
class LearningBand:
    """The curve of a cohort, value(tenure) = plateau·(1 + start·e^(−tenure/scale)), and its spread.

    Attributes:
        plateau: Value of people who have learnt, in the metric's unit.
        start: Deviation of a newcomer, as a share of the plateau: −0.3 is 30 % below, +0.5 is 50 % above.
        scale: Tenure after which 63 % of the deviation is gone, in the unit of tenure.
        low_share: Lower end of the band, as a share of the curve: 0.9 is 10 % below it.
        high_share: Upper end of the band, as a share of the curve.
        points: Observations behind it.

    """

    plateau: float
    start: float
    scale: float
    low_share: float
    high_share: float
    points: int

    def share_at(self, tenure: ArrayLike) -> FloatArray:
        """Return ĝ: the value expected at a tenure as a share of the plateau."""
        weeks = np.asarray(tenure, dtype=np.float64)
        return np.asarray(1.0 + self.start * np.exp(-weeks / self.scale), dtype=np.float64)

    def targets(self, *, plateau_target: float, tenure: ArrayLike) -> FloatArray:
        """Return each one's own target, plateau target × ĝ(tenure)."""
        return plateau_target * self.share_at(tenure)

    def low_at(self, tenure: ArrayLike) -> FloatArray:
        """Return the lower end of the cohort's band, in the metric's unit."""
        return self.plateau * self.share_at(tenure) * self.low_share

    def high_at(self, tenure: ArrayLike) -> FloatArray:
        """Return the upper end of the cohort's band, in the metric's unit."""
        return self.plateau * self.share_at(tenure) * self.high_share


def learning_band(
    *, values: ArrayLike, tenure: ArrayLike, exposure: ArrayLike | None = None, inside: float = 0.8
) -> LearningBand:
    r"""Return the learning curve of a cohort and the band in which most of it lies.

    Parameters
    ----------
    values : array_like, shape (n,)
        The metric per person and week (or cohort and week), > 0.
    tenure : array_like, shape (n,)
        Weeks since the start, ≥ 0, for each.
    exposure : array_like, shape (n,), optional
        Observations behind each value, as weights; equal by default.
    inside : float
        Share of the exposure within the band, in (0, 1).

    Returns
    -------
    LearningBand
        For metrics that rise (accuracy) and that fall (handle time) alike.

    Raises
    ------
    TargetingError
        Fewer than six points, a value that is not positive, or no spread in tenure.

    Notes
    -----
    Exponential approach to a plateau, weighted least squares; for each of 200 scales the rest is linear, and
    the best scale is taken. Survivors flatter the curve: those who left early are missing at long tenure. A
    plateau not yet reached is extrapolated; do not trust one beyond the longest tenure seen.

    References
    ----------
    Golub and Pereyra (1973). The differentiation of pseudo-inverses and nonlinear least squares problems
    whose variables separate. SIAM Journal on Numerical Analysis 10.
    Heathcote, Brown and Mewhort (2000). The power law repealed: the case for an exponential law of practice.
    Psychonomic Bulletin & Review 7.

    Examples
    --------
    >>> weeks = np.arange(0, 26)
    >>> curve = learning_band(values=60 * (1 + 0.5 * np.exp(-weeks / 4)), tenure=weeks)
    >>> f"{curve.plateau:.1f} {curve.start:.2f} {curve.scale:.1f}", curve.targets(plateau_target=50,
    ...     tenure=[0, 4]).round(1).tolist()
    ('60.0 0.50 4.0', [75.0, 59.2])

    """
    y, weeks = (np.asarray(each, dtype=np.float64) for each in (values, tenure))
    w = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if y.ndim != 1 or not y.shape == weeks.shape == w.shape:
        raise TargetingError(
            f"values {y.shape}, tenure {weeks.shape} and exposure {w.shape} differ in shape."
        )
    kept = w > 0
    y, weeks, w = y[kept], weeks[kept], w[kept]
    if len(y) < LEAST_POINTS or np.ptp(weeks) == 0:
        raise TargetingError(
            f"{len(y)} points over {len(np.unique(weeks))} tenures show no curve; {LEAST_POINTS} are needed.",
            remedy="Take a longer period or a larger cohort.",
        )
    if np.any(y <= 0) or np.any(weeks < 0):
        raise TargetingError("A value is not positive or a tenure is negative.", remedy="Leave it out.")
    longest = float(weeks.max() - weeks.min())
    scales = np.geomspace(longest / 50.0, longest, _SCALES)
    losses = np.array([_line(y, weeks, w, scale)[2] for scale in scales])
    best = int(np.argmin(losses))
    near = scales[[max(best - 1, 0), min(best + 1, _SCALES - 1)]]
    closest = optimize.minimize_scalar(
        lambda each: _line(y, weeks, w, each)[2], bounds=(near[0], near[1]), method="bounded"
    )
    scale = float(closest.x)
    plateau, deviation, _ = _line(y, weeks, w, scale)
    if plateau <= 0:
        raise TargetingError("The curve has no positive plateau.", remedy="Take a longer period.")
    ratios = y / (plateau + deviation * np.exp(-weeks / scale))
    low, high = _weighted_quantiles(ratios, w, ((1.0 - inside) / 2.0, (1.0 + inside) / 2.0))
    return LearningBand(plateau, deviation / plateau, scale, low, high, len(y))


def _line(y: FloatArray, weeks: FloatArray, w: FloatArray, scale: float) -> tuple[float, float, float]:
    """Return plateau, deviation and weighted loss of the best curve with one scale."""
    fading = np.exp(-weeks / scale)
    total = w.sum()
    mean_f, mean_y = float(w @ fading / total), float(w @ y / total)
    spread = float(w @ (fading - mean_f) ** 2)
    slope = float(w @ ((fading - mean_f) * (y - mean_y))) / spread if spread > 0 else 0.0
    plateau = mean_y - slope * mean_f
    return plateau, slope, float(w @ (y - plateau - slope * fading) ** 2)


def _weighted_quantiles(
    values: FloatArray, w: FloatArray, levels: tuple[float, float]
) -> tuple[float, float]:
    order = np.argsort(values, kind="stable")
    shares = (np.cumsum(w[order]) - w[order] / 2.0) / w.sum()
    low, high = np.interp(levels, shares, values[order])
    return float(low), float(high)
