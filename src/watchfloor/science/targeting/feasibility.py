"""Whether a target can be kept with the staff there is, from the results of somebody's simulation."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from watchfloor.science.targeting.cascades import FloatArray, TargetingError
from watchfloor.science.uncertainty import clopper_pearson

REQUIRED = 0.8
"""Probability with which a published SLA target must be kept; an engineering default."""


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether a target may be published, and what would make it so.

    Attributes:
        probability: Of keeping the target with the staff planned.
        is_feasible: Whether that reaches what is required.
        fte_needed: Least full-time equivalents that would; None where even the most simulated do not.
        fte_missing: What that is more than planned; None as above, 0 where feasible.
        volume_share: Largest share of the volume that the planned staff could keep the target for; None
            where it was not simulated or none suffices.

    """

    probability: float
    is_feasible: bool
    fte_needed: float | None
    fte_missing: float | None
    volume_share: float | None


@dataclass(frozen=True, slots=True)
class Attainment:
    """Probability of keeping a target over simulated runs, with its Monte Carlo bounds."""

    probability: float
    low: float
    high: float
    runs: int


def attainment(*, simulated: ArrayLike, target: float) -> Attainment:
    """Return how often simulated periods keep a target.

    Parameters
    ----------
    simulated : array_like, shape (runs,)
        SLA attainment of each simulated period, under drawn arrivals, handle times and absence.
    target : float
        T: attainment at or above it keeps the target.

    Notes
    -----
    The bounds (Clopper-Pearson, 95 %) are about the number of runs, not about the model being right.

    Examples
    --------
    >>> found = attainment(simulated=[0.97, 0.96, 0.94, 0.98], target=0.95)
    >>> found.probability, found.runs
    (0.75, 4)

    """
    kept = np.asarray(simulated, dtype=np.float64) >= target
    if not kept.size:
        raise TargetingError("No run was simulated.", remedy="Simulate at least one hundred.")
    bounds = clopper_pearson(successes=kept.sum(), trials=kept.size)
    return Attainment(float(kept.mean()), float(bounds.low), float(bounds.high), int(kept.size))


def feasible(
    *,
    probability_of: Mapping[float, float],
    staffed: float,
    probability_of_volume: Mapping[float, float] | None = None,
    required: float = REQUIRED,
) -> Feasibility:
    r"""Return whether a target is feasible, and the staff or the cut in volume that makes it so.

    Parameters
    ----------
    probability_of : mapping of float to float
        Full-time equivalents simulated → P(target kept); at least one pair.
    staffed : float
        Full-time equivalents planned, within what was simulated.
    probability_of_volume : mapping of float to float, optional
        Share of the forecast volume → P(target kept) at the planned staff.
    required : float
        Probability that counts as feasible, in (0, 1).

    Returns
    -------
    Feasibility
        Between simulated points linear; probabilities are first made monotone, for more staff never hurts.

    Raises
    ------
    TargetingError
        Nothing was simulated, a probability is outside [0, 1], or `staffed` lies outside what was simulated.

    Notes
    -----
    As right as the simulation. An infeasible SLA target is never published silently.

    References
    ----------
    Barlow, Bartholomew, Bremner and Brunk (1972). Statistical Inference under Order Restrictions. Wiley.

    Examples
    --------
    >>> found = feasible(probability_of={30: 0.2, 34: 0.6, 38: 0.9}, staffed=34,
    ...     probability_of_volume={1.0: 0.6, 0.9: 0.85})
    >>> found.is_feasible, round(found.fte_missing, 2), round(found.volume_share, 3)
    (False, 2.67, 0.92)

    """
    staff, chances = _curve(probability_of, increasing=True)
    if not staff[0] <= staffed <= staff[-1]:
        raise TargetingError(
            f"{staffed:g} FTE lie outside what was simulated, {staff[0]:g} to {staff[-1]:g}.",
            remedy="Simulate the planned staff too.",
        )
    probability = float(np.interp(staffed, staff, chances))
    needed = _crossing(staff, chances, required)
    share = None
    if probability_of_volume is not None:
        volumes, kept = _curve(probability_of_volume, increasing=False)
        found = _crossing(-volumes[::-1], kept[::-1], required)
        share = None if found is None else -found
    missing = None if needed is None else max(0.0, needed - staffed)
    return Feasibility(probability, probability >= required, needed, missing, share)


def _curve(points: Mapping[float, float], *, increasing: bool) -> tuple[FloatArray, FloatArray]:
    if not points:
        raise TargetingError("Nothing was simulated.", remedy="Simulate at least the planned staff.")
    ordered = sorted(points.items())
    at = np.array([each[0] for each in ordered], dtype=np.float64)
    chances = np.array([each[1] for each in ordered], dtype=np.float64)
    if not np.all((chances >= 0) & (chances <= 1)):
        raise TargetingError("A probability is outside [0, 1].", remedy="Correct the simulation's results.")
    return at, np.asarray(optimize.isotonic_regression(chances, increasing=increasing).x, dtype=np.float64)


def _crossing(at: FloatArray, chances: FloatArray, required: float) -> float | None:
    """Return the least point at which a rising curve reaches a level; None where it never does."""
    reached = np.flatnonzero(chances >= required)
    if not len(reached):
        return None
    first = int(reached[0])
    if first == 0 or chances[first] == chances[first - 1]:
        return float(at[first])
    part = (required - chances[first - 1]) / (chances[first] - chances[first - 1])
    return float(at[first - 1] + part * (at[first] - at[first - 1]))
