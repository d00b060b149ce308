r"""Agreement between raters beyond chance: observed agreement, Gwet's AC1 with a lower bound, Fleiss' kappa.

Counts in: one row an item, one column a category, how many raters chose it. Items with fewer than two ratings
say nothing about agreement and are left out. Where one category dominates, kappa falls although people agree
(the prevalence paradox); AC1 does not, so it is what a floor may be set on.

References
----------
K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high agreement", British
Journal of Mathematical and Statistical Psychology 61 (2008).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient, its one-sided lower bound, what was observed and expected, and over how many items."""

    value: float
    low: float
    observed: float
    expected: float
    items: int


def observed_agreement(counts: ArrayLike) -> float:
    r"""Return the share of pairs of ratings of one item that are equal, averaged over the items.

    Notes
    -----
    :math:`p_o = \frac1I \sum_i \sum_k n_{ik}(n_{ik} - 1) / (n_i(n_i - 1))`.

    Examples
    --------
    >>> round(observed_agreement([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]]), 6)
    0.666667
    """
    return float(_agreeing(_rated(counts)).mean())


def fleiss_kappa(counts: ArrayLike) -> float:
    """Return Fleiss' kappa; NaN where one category holds every rating.

    Examples
    --------
    >>> round(fleiss_kappa([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]]), 6)
    0.466667
    """
    rated = _rated(counts)
    shares = rated.sum(axis=0) / rated.sum()
    expected = float((shares**2).sum())
    if expected >= 1.0:
        return float("nan")
    return (float(_agreeing(rated).mean()) - expected) / (1.0 - expected)


def gwet_ac1(counts: ArrayLike, *, confidence: float = 0.95) -> Agreement:
    r"""Return Gwet's AC1 with a one-sided lower bound.

    Parameters
    ----------
    counts : array_like, shape (items, categories)
        How many raters chose each category; at least two categories.
    confidence : float
        Of the one-sided bound, strictly between 0 and 1.

    Returns
    -------
    Agreement
        `low` is the smaller of two bounds: Gwet's linearised variance with Student's t over the items, and
        the Clopper-Pearson bound of the observed agreement put through the same formula. The first is too
        short when nearly everybody agrees, and has no length at all when everybody does.

    Raises
    ------
    ValueError
        There is no item with two ratings, or a single category, or a negative count.

    Notes
    -----
    :math:`\pi_k = \frac1I\sum_i n_{ik}/n_i`, :math:`p_e = \sum_k \pi_k(1-\pi_k)/(K-1)`,
    :math:`AC1 = (p_o-p_e)/(1-p_e)`. Items are taken as independent of each other.

    Examples
    --------
    >>> found = gwet_ac1([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]])
    >>> round(found.value, 6), found.items, found.low < found.value
    (0.515152, 4, True)
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence={confidence} is outside (0, 1); pass for example 0.95.")
    rated = _rated(counts)
    items, categories = rated.shape
    if categories < 2:
        raise ValueError("One category holds no disagreement; give every category that could be chosen.")
    shares = rated / rated.sum(axis=1, keepdims=True)
    prevalence = shares.mean(axis=0)
    expected = float((prevalence * (1.0 - prevalence)).sum() / (categories - 1))
    agreeing = _agreeing(rated)
    observed = float(agreeing.mean())
    value = (observed - expected) / (1.0 - expected)
    by_item = (agreeing - expected) / (1.0 - expected)
    expected_by_item = (shares * (1.0 - prevalence)).sum(axis=1) / (categories - 1)
    linear = by_item - 2.0 * (1.0 - value) * (expected_by_item - expected) / (1.0 - expected)
    bounds = [(_least_share(float(agreeing.sum()), items, confidence) - expected) / (1.0 - expected)]
    if items > 1:
        error = float(np.sqrt(((linear - value) ** 2).sum() / (items * (items - 1))))
        bounds.append(value - float(special.stdtrit(items - 1, confidence)) * error)
    return Agreement(value, max(-1.0, min(bounds)), observed, expected, items)


def _least_share(successes: float, trials: int, confidence: float) -> float:
    if successes <= 0.0:
        return 0.0
    return float(special.betaincinv(successes, trials - successes + 1.0, 1.0 - confidence))


def _rated(counts: ArrayLike) -> _Floats:
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or np.any(table < 0):
        raise ValueError("counts must be a table of items by categories, without negative numbers.")
    rated: _Floats = table[table.sum(axis=1) >= 2]
    if not len(rated):
        raise ValueError("No item has two ratings; agreement needs at least one.")
    return rated


def _agreeing(rated: _Floats) -> _Floats:
    ratings = rated.sum(axis=1)
    agreeing: _Floats = (rated * (rated - 1.0)).sum(axis=1) / (ratings * (ratings - 1.0))
    return agreeing
