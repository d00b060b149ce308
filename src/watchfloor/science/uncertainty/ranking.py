"""How sure a ranking is: mostly not at all, and then no league table is shown."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats

LEAST_SEPARATION = 0.8
"""Below this median probability of a pair's order a league table shows mostly luck."""
_POINTS = 99
_MOST_MEMBERS = 200


@dataclass(frozen=True, slots=True)
class Separation:
    """How well the members of a group can be told apart.

    Attributes:
        median: Median over pairs of the probability that the one with the better mean is truly better.
        is_table_shown: Whether that reaches the least separation.

    """

    median: float
    is_table_shown: bool


def rank_probabilities(
    *, a: ArrayLike, b: ArrayLike, rank: int, rng: np.random.Generator, draws: int = 4000
) -> FloatArray:
    """Return each member's probability of standing among the first ranks, highest proportion first.

    Parameters
    ----------
    a, b : array_like, shape (J,)
        Posteriors Beta(a, b) from `shrink`.
    rank : int
        r in [1, J]: the probability of rank ≤ r is returned. For the last r pass b and a exchanged.
    rng : Generator
        The randomness.
    draws : int
        Draws of the whole group; the error of a probability is at most ½/√draws.

    Returns
    -------
    ndarray, shape (J,)
        Sums to r.

    Raises
    ------
    ValueError
        The rank is outside [1, J].

    References
    ----------
    Goldstein and Spiegelhalter (1996). League tables and their limitations. JRSS A 159.

    Examples
    --------
    >>> found = rank_probabilities(a=[96, 90, 50], b=[4, 10, 50], rank=1, rng=np.random.default_rng(1))
    >>> bool(found[0] > 0.9), float(found.sum().round(6))
    (True, 1.0)

    """
    first, second = np.broadcast_arrays(as_floats(a), as_floats(b))
    members = len(first)
    if not 1 <= rank <= members:
        raise ValueError(f"rank={rank} is outside [1, {members}].")
    drawn = rng.beta(first, second, size=(draws, members))
    among = np.argpartition(-drawn, rank - 1, axis=1)[:, :rank]
    return np.bincount(among.ravel(), minlength=members) / draws


def pairwise_separation(*, a: ArrayLike, b: ArrayLike, least: float = LEAST_SEPARATION) -> Separation:
    """Return the median probability that of two members the better-looking one is better.

    Parameters
    ----------
    a, b : array_like, shape (J,)
        Posteriors Beta(a, b) from `shrink`.
    least : float
        Separation from which a league table may be shown, an engineering default.

    Returns
    -------
    Separation
        NaN, and no table, with fewer than two members.

    Notes
    -----
    Each posterior is taken at 99 quantiles, so a probability is right to about 0.005. Of more than 200
    members every so manieth, by mean, stands for the group.

    Examples
    --------
    >>> found = pairwise_separation(a=[95, 96, 94], b=[5, 4, 6])
    >>> f"{found.median:.2f}", found.is_table_shown
    ('0.64', False)

    """
    first, second = np.broadcast_arrays(as_floats(a), as_floats(b))
    order = np.argsort(first / (first + second), kind="stable")
    order = order[:: max(1, -(-len(order) // _MOST_MEMBERS))]
    members = len(order)
    if members < 2:
        return Separation(float("nan"), False)
    levels = (np.arange(_POINTS) + 0.5) / _POINTS
    points = special.betaincinv(first[order][:, None], second[order][:, None], levels)
    above = [
        np.searchsorted(points[worse], points[worse + 1 :].ravel(), side="left")
        .reshape(-1, _POINTS)
        .mean(axis=1)
        / _POINTS
        for worse in range(members - 1)
    ]
    median = float(np.median(np.maximum(np.concatenate(above), 1.0 - np.concatenate(above))))
    return Separation(median, median >= least)
