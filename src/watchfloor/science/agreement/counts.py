r"""Coefficients from counts, any number of raters: observed and specific agreement, AC1, Fleiss' kappa.

Counts in: one row an item, one column a category, how many raters chose it. Items with fewer than two ratings
say nothing about agreement and are left out. Where one category dominates, kappa falls although people agree
(the prevalence paradox); AC1 does not, so it is what a floor may be set on. Where many items have the same
counts, give each pattern once with its `multiplicity`.

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


def observed_agreement(counts: ArrayLike, *, multiplicity: ArrayLike | None = None) -> float:
    r"""Return the share of pairs of ratings of one item that are equal, averaged over the items.

    Notes
    -----
    :math:`p_o = \frac1I \sum_i \sum_k n_{ik}(n_{ik} - 1) / (n_i(n_i - 1))`.

    Examples
    --------
    >>> round(observed_agreement([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]]), 6)
    0.666667
    """
    rated, times = rated_counts(counts, multiplicity)
    return float(times @ _agreeing(rated) / times.sum())


def specific_agreement(counts: ArrayLike, *, multiplicity: ArrayLike | None = None) -> _Floats:
    r"""Return for each category how often, once one rater chose it, another one does; NaN where nobody did.

    Parameters
    ----------
    counts : array_like, shape (items, categories)
        How many raters chose each category.
    multiplicity : array_like, shape (items,), optional
        How many items have that row.

    Returns
    -------
    ndarray, shape (categories,)
        In [0, 1]. For two raters and two categories the raw positive and negative agreement.

    Notes
    -----
    :math:`\sum_i n_{ik}(n_{ik}-1) / \sum_i n_{ik}(n_i-1)`. Not corrected for chance: two who always say the
    common category agree on it nearly always. Its two numbers show what one kappa hides at low prevalence.

    References
    ----------
    Cicchetti and Feinstein (1990). High agreement but low kappa II. Journal of Clinical Epidemiology 43.
    Uebersax (1982). A design-independent method for measuring the reliability of psychiatric diagnosis.

    Examples
    --------
    >>> specific_agreement([[2, 0], [2, 0], [1, 1], [0, 2]]).round(4).tolist()
    [0.8, 0.6667]
    """
    rated, times = rated_counts(counts, multiplicity)
    pairs = times @ (rated * (rated - 1.0))
    chances = times @ (rated * (rated.sum(axis=1, keepdims=True) - 1.0))
    shares: _Floats = np.divide(pairs, chances, out=np.full_like(pairs, np.nan), where=chances > 0)
    return shares


def fleiss_kappa(counts: ArrayLike, *, multiplicity: ArrayLike | None = None) -> float:
    r"""Return Fleiss' kappa; NaN where one category holds every rating.

    Parameters
    ----------
    counts : array_like, shape (items, categories)
        How many raters chose each category.
    multiplicity : array_like, shape (items,), optional
        How many items have that row.

    Notes
    -----
    :math:`p_e=\sum_k\bar p_k^2` with :math:`\bar p_k=\sum_i n_{ik}/\sum_i n_i`. Falls towards 0 at low
    prevalence although people agree; show AC1 and the specific agreement beside it.

    References
    ----------
    Fleiss (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin 76.

    Examples
    --------
    >>> round(fleiss_kappa([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]]), 6)
    0.466667
    """
    rated, times = rated_counts(counts, multiplicity)
    shares = times @ rated
    expected = float(((shares / shares.sum()) ** 2).sum())
    if expected >= 1.0:
        return float("nan")
    return (float(times @ _agreeing(rated) / times.sum()) - expected) / (1.0 - expected)


def gwet_ac1(
    counts: ArrayLike, *, confidence: float = 0.95, multiplicity: ArrayLike | None = None
) -> Agreement:
    r"""Return Gwet's AC1 with a one-sided lower bound.

    Parameters
    ----------
    counts : array_like, shape (items, categories)
        How many raters chose each category; at least two categories.
    confidence : float
        Of the one-sided bound, strictly between 0 and 1.
    multiplicity : array_like, shape (items,), optional
        How many items have that row.

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
    rated, times = rated_counts(counts, multiplicity)
    items, categories = float(times.sum()), rated.shape[1]
    if categories < 2:
        raise ValueError("One category holds no disagreement; give every category that could be chosen.")
    shares = rated / rated.sum(axis=1, keepdims=True)
    prevalence = times @ shares / items
    expected = float((prevalence * (1.0 - prevalence)).sum() / (categories - 1))
    agreeing = _agreeing(rated)
    observed = float(times @ agreeing / items)
    value = (observed - expected) / (1.0 - expected)
    by_item = (agreeing - expected) / (1.0 - expected)
    expected_by_item = (shares * (1.0 - prevalence)).sum(axis=1) / (categories - 1)
    linear = by_item - 2.0 * (1.0 - value) * (expected_by_item - expected) / (1.0 - expected)
    bounds = [(_least_share(float(times @ agreeing), items, confidence) - expected) / (1.0 - expected)]
    if items > 1:
        error = float(np.sqrt(times @ (linear - value) ** 2 / (items * (items - 1.0))))
        bounds.append(value - float(special.stdtrit(items - 1.0, confidence)) * error)
    return Agreement(value, max(-1.0, min(bounds)), observed, expected, round(items))


def _least_share(successes: float, trials: float, confidence: float) -> float:
    if successes <= 0.0:
        return 0.0
    return float(special.betaincinv(successes, trials - successes + 1.0, 1.0 - confidence))


def rated_counts(counts: ArrayLike, multiplicity: ArrayLike | None = None) -> tuple[_Floats, _Floats]:
    """Return the rows with at least two ratings, and how many items have each.

    Raises:
        ValueError: the table is none, a number is negative, or no item has two ratings.

    >>> rated_counts([[2, 0], [1, 0]])[0].tolist()
    [[2.0, 0.0]]
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or np.any(table < 0):
        raise ValueError("counts must be a table of items by categories, without negative numbers.")
    times = np.ones(len(table)) if multiplicity is None else np.asarray(multiplicity, dtype=np.float64)
    if times.shape != (len(table),) or np.any(times < 0):
        raise ValueError("multiplicity must be one number an item, 0 or more.")
    kept = (table.sum(axis=1) >= 2) & (times > 0)
    if not kept.any():
        raise ValueError("No item has two ratings; agreement needs at least one.")
    return table[kept], times[kept]


def _agreeing(rated: _Floats) -> _Floats:
    ratings = rated.sum(axis=1)
    agreeing: _Floats = (rated * (rated - 1.0)).sum(axis=1) / (ratings * (ratings - 1.0))
    return agreeing
