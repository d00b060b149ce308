"""Divides a sample between strata: in proportion, equally, or by Neyman's rule. Whole units, floors kept."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchfloor.kernel import WatchfloorError

FLOOR = 5
"""Units a stratum is given at least, where it has them: below, its own variance cannot be estimated."""


class AllocationError(WatchfloorError):
    """The sample cannot be divided as asked."""


def neyman(
    *, shares: ArrayLike, error_rates: ArrayLike, size: float, costs: ArrayLike = 1.0
) -> NDArray[np.float64]:
    r"""Return the allocation that gives the smallest variance of a stratified proportion, before rounding.

    Parameters
    ----------
    shares : array_like, shape (H,)
        Share of the population in each stratum, W_h ≥ 0.
    error_rates : array_like, shape (H,)
        Expected error rate of each stratum, in [0, 1], from earlier periods, shrunk.
    size : float
        Units to allocate, n ≥ 0.
    costs : array_like
        Cost of one unit of each stratum, > 0; equal by default.

    Returns
    -------
    ndarray, shape (H,)
        :math:`n_h = n \, W_h S_h / \sqrt{c_h} \,/\, \sum_k W_k S_k / \sqrt{c_k}` with
        :math:`S_h = \sqrt{p_h (1 - p_h)}`; in proportion to the shares when every S_h is 0.

    Raises
    ------
    ValueError
        A rate is outside [0, 1], a share or the size is negative, or a cost is not positive.

    Notes
    -----
    Misleads when the expected rates are wrong: a stratum believed clean is hardly looked at. Keep a floor.

    References
    ----------
    Neyman, J. (1934). On the two different aspects of the representative method. JRSS 97.

    Examples
    --------
    >>> neyman(shares=[0.7, 0.2, 0.1], error_rates=[0.01, 0.05, 0.20], size=400).round(2).tolist()
    [181.81, 113.78, 104.41]

    """
    weight, rate = np.asarray(shares, dtype=float), np.asarray(error_rates, dtype=float)
    cost = np.broadcast_to(np.asarray(costs, dtype=float), weight.shape)
    if np.any((rate < 0) | (rate > 1)) or np.any(weight < 0) or size < 0 or np.any(cost <= 0):
        raise ValueError("rates lie in [0, 1], shares and size are not negative, costs are positive.")
    pull = weight * np.sqrt(rate * (1.0 - rate)) / np.sqrt(cost)
    if pull.sum() == 0:
        pull = weight
    total = pull.sum()
    return np.asarray(size * pull / total if total else np.zeros_like(pull), dtype=np.float64)


def allocate(
    *,
    populations: Mapping[str, int],
    size: int,
    rule: str = "proportional",
    error_rates: Mapping[str, float] | None = None,
    floor: int = FLOOR,
) -> dict[str, int]:
    """Return how many units each stratum gives: whole numbers that sum to `size`, none above its population.

    Every stratum first gives `floor` units, or all it has; the rest is divided by the rule. When the floors
    alone ask for more than `size`, the sample grows to them, so that no stratum is silently left out.

    Parameters
    ----------
    populations : mapping
        Units in the frame, by stratum.
    size : int
        Units to draw in all; at most the frame is drawn.
    rule : str
        `proportional`, `equal` or `neyman`; the last needs `error_rates`.
    error_rates : mapping, optional
        Expected error rate by stratum; a stratum not named is taken to be at 0.5, the most careful value.
    floor : int
        Least units a stratum.

    Raises
    ------
    AllocationError
        The rule is unknown, or the size or the floor is negative.

    Examples
    --------
    >>> allocate(populations={"a": 900, "b": 90, "c": 3}, size=100)
    {'a': 84, 'b': 13, 'c': 3}

    """
    if size < 0 or floor < 0:
        raise AllocationError(f"A size of {size} with a floor of {floor} cannot be.", remedy="Use 0 or more.")
    names = sorted(populations)
    room = np.array([populations[name] for name in names], dtype=np.int64)
    given = np.minimum(room, floor)
    rest = min(size, int(room.sum())) - int(given.sum())
    while rest > 0:
        open_ = given < room
        pull = np.where(open_, _pull(rule, names, room, error_rates or {}), 0.0)
        if pull.sum() == 0:
            pull = open_.astype(float)
        share = _whole(rest * pull / pull.sum(), rest)
        step = np.minimum(share, room - given)
        given = given + step
        rest -= int(step.sum())
    return {name: int(count) for name, count in zip(names, given, strict=True)}


def _pull(
    rule: str, names: list[str], room: NDArray[np.int64], error_rates: Mapping[str, float]
) -> NDArray[np.float64]:
    if rule == "proportional":
        return room.astype(np.float64)
    if rule == "equal":
        return np.where(room > 0, 1.0, 0.0)
    if rule == "neyman":
        rates = [error_rates.get(name, 0.5) for name in names]
        return neyman(shares=room / max(int(room.sum()), 1), error_rates=rates, size=1.0)
    raise AllocationError(
        f"There is no rule of allocation {rule!r}.", remedy="Use proportional, equal or neyman."
    )


def _whole(wanted: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Return whole numbers that sum to `total`: the largest remainders are rounded up, first names first."""
    base = np.floor(wanted + 1e-9).astype(np.int64)
    order = np.argsort(-(wanted - base), kind="stable")
    base[order[: total - int(base.sum())]] += 1
    return base
