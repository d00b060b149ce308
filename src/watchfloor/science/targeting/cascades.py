"""A parent's target divided between its children, so that the children's targets add up to it exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchfloor.kernel import WatchfloorError

FloatArray = NDArray[np.float64]

_WEIGHTS_OFF = 1e-6


class TargetingError(WatchfloorError):
    """A target cannot be derived from what was given."""


class WeightsError(TargetingError):
    """The children's planned weights do not sum to one."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """Targets of the children of one parent.

    Attributes:
        targets: One a child, in the metric's unit.
        multiplier: λ: what one more unit of effort buys at the margin; equal for every unclipped child.
        clipped: One a child: it stands at its lower or upper bound.
        achieved: Σ w·t, which is the parent's target unless the bounds forbid it.
        shortfall: Target − achieved, 0 where the cascade is feasible.

    """

    targets: FloatArray
    multiplier: float
    clipped: NDArray[np.bool_]
    achieved: float
    shortfall: float

    @property
    def is_feasible(self) -> bool:
        """Whether the parent holds when every child does."""
        return self.shortfall == 0.0


def cascade(
    *,
    weights: ArrayLike,
    baselines: ArrayLike,
    target: float,
    costs: ArrayLike | None = None,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
) -> Cascade:
    r"""Return children's targets that reach the parent's with the least effort.

    Parameters
    ----------
    weights : array_like, shape (C,)
        Planned share of each child in the parent's denominator, ≥ 0, sum 1.
    baselines : array_like, shape (C,)
        Where each child stands, b, in the metric's unit.
    target : float
        The parent's target T.
    costs : array_like, shape (C,), optional
        κ > 0: how hard the next step is for each child, growing near the frontier. Equal by default.
    low, high : array_like, optional
        Bounds a child's target may not leave, such as [0, 1] or its feasible range.

    Returns
    -------
    Cascade
        Σ w·t = T to the last digits where the bounds allow it; else every child at its bound, and the
        shortfall.

    Raises
    ------
    WeightsError
        The weights do not sum to 1, or one is negative.
    TargetingError
        Shapes differ, a cost is not positive, or a lower bound is above its upper one.

    Notes
    -----
    Minimises :math:`\sum\kappa_c(t_c-b_c)^2` subject to :math:`\sum w_ct_c=T`:
    :math:`t_c=b_c+\lambda w_c/\kappa_c`, clipped to the bounds. The sum is a rising, piecewise linear
    function of λ, so λ is found exactly between two of its corners. Misleads when the weights are not what
    will be: with another mix all children may hit and the parent miss (see `reconcile`).

    References
    ----------
    Boyd and Vandenberghe (2004). Convex Optimization, section 5.5 (water filling). Cambridge.

    Examples
    --------
    >>> found = cascade(weights=[0.5, 0.3, 0.2], baselines=[0.94, 0.90, 0.96], target=0.95, costs=[1, 1, 2])
    >>> round(found.multiplier, 6), found.targets.round(6).tolist()
    (0.05, [0.965, 0.915, 0.965])

    A child that cannot pass 0.96 leaves the rest to the others:

    >>> found = cascade(weights=[0.5, 0.3, 0.2], baselines=[0.94, 0.90, 0.96], target=0.95, high=0.96)
    >>> found.targets.round(4).tolist(), found.clipped.tolist()
    ([0.96, 0.9267, 0.96], [True, False, True])

    """
    w, b = checked_weights(weights), np.asarray(baselines, dtype=np.float64)
    kappa = np.broadcast_to(np.asarray(1.0 if costs is None else costs, dtype=np.float64), w.shape)
    least = np.broadcast_to(np.asarray(-np.inf if low is None else low, dtype=np.float64), w.shape)
    most = np.broadcast_to(np.asarray(np.inf if high is None else high, dtype=np.float64), w.shape)
    if b.shape != w.shape:
        raise TargetingError(f"{len(w)} weights but {b.size} baselines.", remedy="Give one of each a child.")
    if np.any(kappa <= 0) or np.any(least > most):
        raise TargetingError(
            "A cost is not positive, or a lower bound is above its upper one.", remedy="Correct the child."
        )
    step = w / kappa
    multiplier = _multiplier(w, b, step, least, most, target)
    wanted = b + multiplier * step if np.isfinite(multiplier) else np.where(step > 0, multiplier, b)
    targets = np.clip(wanted, least, most)
    achieved = float(w @ targets)
    free = (wanted > least) & (wanted < most) & (w > 0)
    if np.isfinite(multiplier) and free.any():
        # The last digits lost by rounding go to the heaviest child that may still move.
        heaviest = int(np.argmax(np.where(free, w, 0.0)))
        targets[heaviest] += (target - achieved) / w[heaviest]
        achieved = target
    shortfall = 0.0 if abs(target - achieved) <= 1e-12 * max(1.0, abs(target)) else target - achieved
    return Cascade(targets, multiplier, (wanted <= least) | (wanted >= most), achieved, shortfall)


def equal_lift(*, weights: ArrayLike, baselines: ArrayLike, target: float) -> Cascade:
    r"""Return the parent's target as the same step for every child, :math:`t_c=b_c+(T-\sum wb)`.

    Parameters
    ----------
    weights, baselines, target
        As in `cascade`.

    Notes
    -----
    Simple to explain, and unfair: the child at its frontier is asked for as much as the one far below.

    Examples
    --------
    >>> found = equal_lift(weights=[0.5, 0.3, 0.2], baselines=[0.94, 0.90, 0.96], target=0.95)
    >>> found.targets.round(6).tolist()
    [0.958, 0.918, 0.978]

    """
    w, b = checked_weights(weights), np.asarray(baselines, dtype=np.float64)
    if b.shape != w.shape:
        raise TargetingError(f"{len(w)} weights but {b.size} baselines.", remedy="Give one of each a child.")
    lift = target - float(w @ b) / float(w.sum())
    targets = b + lift
    return Cascade(targets, lift, np.zeros(w.shape, dtype=np.bool_), float(w @ targets), 0.0)


def checked_weights(weights: ArrayLike) -> FloatArray:
    """Return the weights of a parent's children as an array that sums to one.

    Raises:
        WeightsError: they do not, or one is negative, or there is none.

    >>> checked_weights([0.5, 0.5]).tolist()
    [0.5, 0.5]
    """
    w = np.asarray(weights, dtype=np.float64)
    if w.ndim != 1 or not len(w):
        raise WeightsError("A parent without children has no weights.", remedy="Give at least one child.")
    if not np.all(w >= 0):
        raise WeightsError(
            f"A planned weight is {float(np.nanmin(w))}.", remedy="Weights are shares, 0 or more."
        )
    if abs(float(w.sum()) - 1.0) > _WEIGHTS_OFF:
        raise WeightsError(
            f"The planned weights sum to {float(w.sum()):.6f}, not to 1.",
            remedy="Divide each child's planned volume by the parent's.",
        )
    return np.asarray(w / w.sum(), dtype=np.float64)


def _multiplier(
    w: FloatArray, b: FloatArray, step: FloatArray, least: FloatArray, most: FloatArray, target: float
) -> float:
    """Return λ at which the clipped targets reach the parent's; ±∞ where the bounds forbid it."""
    moving = step > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        corners = np.concatenate([(least - b)[moving] / step[moving], (most - b)[moving] / step[moving]])
    corners = np.unique(corners[np.isfinite(corners)])

    def total(multiplier: float) -> float:
        return float(w @ np.clip(b + multiplier * step, least, most))

    sums = np.array([total(corner) for corner in corners])
    above = int(np.searchsorted(sums, target, side="left"))
    if above < len(corners) and sums[above] == target:
        return float(corners[above])
    if above == 0:
        known = float(corners[0]) if len(corners) else 0.0
        far = known - 1.0
    elif above == len(corners):
        known = float(corners[-1])
        far = known + 1.0
    else:
        known, far = float(corners[above - 1]), float(corners[above])
    rise = total(far) - total(known)
    if abs(rise) <= 1e-300:
        return float("inf") if target > total(known) else -float("inf")
    return known + (target - total(known)) * (far - known) / rise
