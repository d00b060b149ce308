"""Funnel plots in place of league tables: how far a unit of its size may stray by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, check_counts

WARNING_AND_ALARM = (1.96, 3.09)
"""About 1 in 20 and 1 in 500 units of an unchanged process fall outside."""


@dataclass(frozen=True, slots=True)
class FunnelLimits:
    """Limits around a target by size of unit: row i of `low` and `high` belongs to z[i]."""

    target: float
    trials: FloatArray
    z: tuple[float, ...]
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class FunnelDispersion:
    """How far units scatter beyond the binomial.

    Attributes:
        phi: Mean squared winsorised z; use max(φ, 1) to widen the limits.
        tau_squared: Variance between units, for additive widening; 0 where φ shows none.
        z: The naive z score of each unit, not winsorised.

    """

    phi: float
    tau_squared: float
    z: FloatArray


def funnel_limits(
    *,
    target: float,
    trials: ArrayLike,
    phi: float = 1.0,
    z: Sequence[float] = WARNING_AND_ALARM,
    tau_squared: float = 0.0,
) -> FunnelLimits:
    r"""Return the limits within which units at the target stay by chance.

    Parameters
    ----------
    target : float
        The true proportion the funnel is drawn around, in (0, 1).
    trials : array_like, shape (J,)
        Observations of each unit, or a grid for the curve, ≥ 0.
    phi : float
        Overdispersion of `funnel_dispersion`; multiplies the distance to the target by √φ, below 1 ignored.
    z : sequence of float
        How many standard deviations, one row each.
    tau_squared : float
        Variance between units instead of φ; widens the distance by :math:`\sqrt{1 + \tau^2 n/T(1-T)}`.

    Returns
    -------
    FunnelLimits
        `low` and `high` of shape (len(z), J), inside [0, 1]; NaN at no observation.

    Raises
    ------
    ValueError
        The target is not inside (0, 1) or a count is negative.

    Notes
    -----
    Exact binomial limits, interpolated between counts, so they hold at small n where
    :math:`T \pm z\sqrt{T(1-T)/n}` does not. A unit outside is a reason to look, not a verdict: unequal case
    mix puts units outside as well.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
    Medicine 24, sections 2 and 4 and appendix A.1.

    Examples
    --------
    >>> found = funnel_limits(target=0.95, trials=[20, 1000])
    >>> found.low.round(3).tolist(), found.high.round(3).tolist()
    ([[0.808, 0.936], [0.715, 0.927]], [[0.997, 0.963], [1.0, 0.969]])

    """
    if not 0.0 < target < 1.0:
        raise ValueError(f"target={target} is outside (0, 1); pass a proportion such as 0.95.")
    n = as_floats(trials)
    if np.any(n < 0):
        raise ValueError(f"trials holds {float(n.min())}; a count is never negative.")
    steps = as_floats(list(z)).reshape((-1,) + (1,) * n.ndim)
    widen = np.sqrt(max(phi, 1.0)) * np.sqrt(1.0 + tau_squared * n / (target * (1.0 - target)))
    low = target - (target - _exact_limit(special.ndtr(-steps), n, target)) * widen
    high = target + (_exact_limit(special.ndtr(steps), n, target) - target) * widen
    undefined = np.broadcast_to(n == 0, low.shape)
    low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    return FunnelLimits(
        target, n, tuple(z), np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)
    )


def funnel_dispersion(
    *, successes: ArrayLike, trials: ArrayLike, target: float, winsorised: float = 0.1
) -> FunnelDispersion:
    r"""Return by how much the units of a funnel scatter beyond chance.

    Parameters
    ----------
    successes, trials : array_like, shape (J,)
        Events and observations of each unit; units without observations get NaN and do not count.
    target : float
        The proportion the funnel is drawn around, in (0, 1).
    winsorised : float
        Share of z scores pulled in at each end, so that true outliers do not widen the limits, in [0, ½).

    Returns
    -------
    FunnelDispersion
        :math:`\phi = \frac1J\sum z_j^2` of the winsorised scores
        :math:`z_j = (\hat p_j - T)/\sqrt{T(1-T)/n_j}`; NaN without units.

    Raises
    ------
    ValueError
        Counts are impossible, the target is not inside (0, 1), or `winsorised` is outside [0, ½).

    Notes
    -----
    Winsorising shrinks φ of an unchanged process to about 0.85. Around a target that the group as a whole
    misses, φ is large for that reason alone: draw the funnel around the group's own mean then.

    References
    ----------
    Spiegelhalter, D. J. (2005). Statistics in Medicine 24, section 4 and appendix A.3.

    Examples
    --------
    >>> found = funnel_dispersion(successes=[90, 99, 80, 97], trials=[100] * 4, target=0.93, winsorised=0)
    >>> f"{found.phi:.2f}"
    '8.83'

    """
    if not 0.0 < target < 1.0 or not 0.0 <= winsorised < 0.5:
        raise ValueError(f"target={target} must lie in (0, 1) and winsorised={winsorised} in [0, 0.5).")
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(n > 0, (k / n - target) / np.sqrt(target * (1.0 - target) / n), np.nan)
    known = scores[n > 0]
    if not len(known):
        return FunnelDispersion(float("nan"), 0.0, scores)
    ends = np.quantile(known, [winsorised, 1.0 - winsorised])
    phi = float((np.clip(known, *ends) ** 2).mean())
    precision = n[n > 0] / (target * (1.0 - target))
    spare = precision.sum() - (precision**2).sum() / precision.sum()
    extra = len(known) * phi - (len(known) - 1)
    return FunnelDispersion(phi, max(float(extra / spare), 0.0) if spare > 0 else 0.0, scores)


def _exact_limit(level: FloatArray, n: FloatArray, target: float) -> FloatArray:
    """Return the interpolated binomial quantile of a level, as a proportion."""
    some = np.maximum(n, 1.0)
    level, some = np.broadcast_arrays(level, some)
    guess = np.clip(np.ceil(special.bdtrik(level, some, target)), 0.0, some)
    guess = np.where(_below(guess - 1.0, some, target) >= level, guess - 1.0, guess)
    upper, lower = _below(guess, some, target), _below(guess - 1.0, some, target)
    return as_floats((guess - (upper - level) / (upper - lower)) / some)


def _below(k: FloatArray, n: FloatArray, target: float) -> FloatArray:
    """Return P(Binomial(n, target) ≤ k)."""
    inside = (k >= 0) & (k < n)
    safe = np.where(inside, k, 0.0)
    cdf = special.betainc(np.where(inside, n - safe, 1.0), safe + 1.0, 1.0 - target)
    return np.where(inside, cdf, np.where(k < 0, 0.0, 1.0))
