"""What keeps a target honest: it moves for reasons outside the unit, and speed never stands alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from watchfloor.science.targeting.cascades import TargetingError
from watchfloor.science.targeting.limits import Direction

RatchetReason = Literal["own_best", "beyond_bound"]
Role = Literal["speed", "quality", "wellbeing", "other"]
Kind = Literal["floor", "ceiling", "band", "stretch"]

_PARTNERS: dict[Role, tuple[tuple[Role, tuple[Kind, ...]], ...]] = {
    "speed": (("quality", ("floor", "band")), ("wellbeing", ("ceiling", "band")))
}


@dataclass(frozen=True, slots=True)
class Ratchet:
    """What a proposed reset may be.

    Attributes:
        value: The proposal, or the nearest value that may be published.
        is_kept: Whether the proposal may be published as it is.
        reasons: Which rules it broke.
        explained: The change that the named drivers account for.
        low: Least value that may be published.
        high: Greatest value that may be published.

    """

    value: float
    is_kept: bool
    reasons: tuple[RatchetReason, ...]
    explained: float
    low: float
    high: float


def ratchet_guard(
    *,
    previous: float,
    proposed: float,
    own_best: float,
    drivers: Mapping[str, float],
    bound: float,
    direction: Direction = "higher_is_better",
) -> Ratchet:
    """Return what of a reset is allowed: what outside drivers explain, and a bounded step beyond.

    Parameters
    ----------
    previous, proposed : float
        Target until now and the one asked for, in the metric's unit.
    own_best : float
        The unit's own last best period.
    drivers : mapping of str to float
        What changed outside the unit, with its effect on the metric: mix, tooling, peers. Signed.
    bound : float
        Most that a target may move in a quarter beyond its drivers, ≥ 0.
    direction : {"higher_is_better", "lower_is_better"}
        Which way is harder.

    Returns
    -------
    Ratchet
        `own_best`: the target was hardened up to what the unit once reached, more than drivers explain.
        `beyond_bound`: the unexplained step is larger than the bound.

    Raises
    ------
    TargetingError
        The bound is negative.

    Notes
    -----
    A unit whose good month becomes its next target learns to have none. Easing a target is bounded as well.

    References
    ----------
    Weitzman, M. L. (1980). The "ratchet principle" and performance incentives. Bell Journal of Economics 11.

    Examples
    --------
    >>> found = ratchet_guard(previous=0.94, proposed=0.97, own_best=0.97, drivers={"tooling": 0.01},
    ...     bound=0.005)
    >>> round(found.value, 4), found.reasons
    (0.95, ('own_best', 'beyond_bound'))
    >>> ratchet_guard(previous=0.94, proposed=0.953, own_best=0.97, drivers={"tooling": 0.01},
    ...     bound=0.005).is_kept
    True

    """
    if bound < 0:
        raise TargetingError(f"A bound of {bound:g} allows nothing.", remedy="Give 0 or more.")
    explained = float(sum(drivers.values()))
    anchor = previous + explained
    sign = 1.0 if direction == "higher_is_better" else -1.0
    small = 1e-12 * max(1.0, abs(previous))
    reasons: list[RatchetReason] = []
    low, high = anchor - bound, anchor + bound
    beyond = abs(proposed - anchor) > bound + small
    hardened = sign * (proposed - anchor) > small
    copied = hardened and sign * (proposed - own_best) >= -small and sign * (own_best - previous) > 0
    if copied:
        reasons.append("own_best")
        # What the unit once reached says nothing about what it can keep: the drivers alone count.
        low, high = (low, anchor) if sign > 0 else (anchor, high)
    if beyond:
        reasons.append("beyond_bound")
    value = proposed if not reasons else min(max(proposed, low), high)
    return Ratchet(value, not reasons, tuple(reasons), explained, low, high)


def missing_partners(*, role: Role, present: Iterable[tuple[Role, Kind]]) -> tuple[Role, ...]:
    """Return which roles a target still needs beside it in the same scope before it may be saved.

    Parameters
    ----------
    role : {"speed", "quality", "wellbeing", "other"}
        What the target's metric measures.
    present : iterable of (role, kind)
        The targets in force, or proposed with it, in the same scope.

    Returns
    -------
    tuple of str
        Empty where it may be saved. Speed needs a quality floor and a wellbeing ceiling.

    Examples
    --------
    >>> missing_partners(role="speed", present=[("quality", "floor")])
    ('wellbeing',)
    >>> missing_partners(role="quality", present=[])
    ()

    """
    there = set(present)
    return tuple(
        partner
        for partner, kinds in _PARTNERS.get(role, ())
        if not any((partner, kind) in there for kind in kinds)
    )
