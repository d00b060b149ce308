"""Draws samples whose inclusion probabilities are known exactly, and that anybody can draw again.

A unit's random number is a hash of the seed and its name. So a drawing does not depend on the order in which
the frame was read, on a library's generator or on its version: with the seed and the frame it is repeated.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

METHOD = "sha256-order/1"
SYSTEMATIC_METHOD = "sha256-systematic/1"


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of a drawing: its frame and sample sizes, and the probability its units shared."""

    name: str
    population: int
    size: int

    @property
    def pi(self) -> float:
        """The inclusion probability of each of its units, n ÷ N."""
        return self.size / self.population if self.population else 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn: the units in the order of the frame, and each one's stratum."""

    units: tuple[str, ...]
    stratum_of: Mapping[str, str]
    strata: tuple[Stratum, ...]

    @property
    def pi(self) -> dict[str, float]:
        """The inclusion probability of each drawn unit, in (0, 1]."""
        known = {stratum.name: stratum.pi for stratum in self.strata}
        return {unit: known[self.stratum_of[unit]] for unit in self.units}


def unit_number(*, seed: str, unit: str) -> float:
    """Return the unit's own random number in [0, 1), the same whenever it is asked for.

    >>> unit_number(seed="7", unit="a") == unit_number(seed="7", unit="a")
    True
    """
    return _number(seed, unit) / 2.0**64


def simple_random(*, units: Sequence[str], size: int, seed: str) -> Sample:
    r"""Return a simple random sample without replacement.

    Parameters
    ----------
    units : sequence of str
        The frame: N distinct names.
    size : int
        Units to draw, n in [0, N].
    seed : str
        Names the drawing.

    Returns
    -------
    Sample
        n units; each had probability n/N, each pair n(n−1)/(N(N−1)).

    Raises
    ------
    ValueError
        A name stands twice, or `size` is outside [0, N].

    Notes
    -----
    The n units with the smallest hash numbers are taken (sampling by permanent random numbers). Every subset
    of n is equally likely as far as SHA-256 of distinct texts cannot be told from independent draws.

    References
    ----------
    Ohlsson, E. (1995). Coordination of samples using permanent random numbers. In: Business Survey Methods.

    Examples
    --------
    >>> sample = simple_random(units=["a", "b", "c", "d"], size=2, seed="7")
    >>> len(sample.units), set(sample.pi.values())
    (2, {0.5})

    """
    _check(units, size)
    return stratified(strata={"": units}, sizes={"": size}, seed=seed)


def stratified(*, strata: Mapping[str, Sequence[str]], sizes: Mapping[str, int], seed: str) -> Sample:
    """Return a simple random sample within each stratum, drawn independently of the others.

    Parameters
    ----------
    strata : mapping
        Name of the stratum to its units; no unit stands in two.
    sizes : mapping
        Units to draw from each stratum; a stratum left out gives none.
    seed : str
        Names the drawing.

    Returns
    -------
    Sample
        Units with probability n_h/N_h of their stratum; strata in the order of their names.

    Raises
    ------
    ValueError
        A size is outside [0, N_h], a unit stands twice, or a size names no stratum.

    Examples
    --------
    >>> sample = stratified(strata={"x": ["a", "b"], "y": ["c"]}, sizes={"x": 1, "y": 1}, seed="7")
    >>> [(each.name, each.pi) for each in sample.strata]
    [('x', 0.5), ('y', 1.0)]

    """
    if unknown := sorted(set(sizes) - set(strata)):
        raise ValueError(f"there is no stratum {unknown[0]!r}.")
    _check([unit for units in strata.values() for unit in units], 0)
    drawn: list[str] = []
    stratum_of: dict[str, str] = {}
    described = []
    for name in sorted(strata):
        units, size = strata[name], sizes.get(name, 0)
        _check_size(size, len(units))
        ranked = sorted(units, key=lambda unit: (_number(seed, unit), unit))
        taken = set(ranked[:size])
        drawn += [unit for unit in units if unit in taken]
        stratum_of |= dict.fromkeys(taken, name)
        described.append(Stratum(name, len(units), size))
    return Sample(tuple(drawn), stratum_of, tuple(described))


def systematic(*, units: Sequence[str], size: int, seed: str) -> Sample:
    r"""Return a systematic sample: one unit in every N/n, from a random start, in the order given.

    Parameters
    ----------
    units : sequence of str
        The frame in its order, N distinct names. The order is part of the design: order by time and the
        sample is spread over the period.
    size : int
        Units to draw, n in [0, N].
    seed : str
        Names the drawing; the random start u in [0, 1) follows from it.

    Returns
    -------
    Sample
        The units at positions :math:`\lfloor (u+i) N/n \rfloor`, i = 0 … n−1; each had probability n/N
        exactly, whether or not n divides N.

    Raises
    ------
    ValueError
        A name stands twice, or `size` is outside [0, N].

    Notes
    -----
    Pairs of neighbours have probability 0, so no design-unbiased variance exists; the formula of the simple
    random sample is used and is too wide where the order helps. Misleads when the frame has a period near
    N/n (every tenth case by the same person): draw a simple random sample then.

    References
    ----------
    Madow, W. G. and Madow, L. H. (1944). On the theory of systematic sampling. Annals of Math. Statistics 15.

    Examples
    --------
    >>> len(systematic(units=[str(i) for i in range(10)], size=3, seed="7").units)
    3

    """
    _check(units, size)
    total = len(units)
    start = unit_number(seed=seed, unit="")
    places = sorted({min(floor((start + i) * total / size), total - 1) for i in range(size)}) if size else []
    taken = tuple(units[place] for place in places)
    return Sample(taken, dict.fromkeys(taken, ""), (Stratum("", total, size),))


def _number(seed: str, unit: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\x1f{unit}".encode()).digest()[:8], "big")


def _check(units: Sequence[str], size: int) -> None:
    if len(set(units)) < len(units):
        raise ValueError("a unit stands twice in the frame.")
    _check_size(size, len(units))


def _check_size(size: int, population: int) -> None:
    if not 0 <= size <= population:
        raise ValueError(f"cannot draw {size} of {population} units.")
