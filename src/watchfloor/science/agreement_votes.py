"""Agreement from votes that repeat: distinct rows of votes, how often each occurs, and a jackknife interval.

Thousands of items fall into few distinct rows (two raters and five labels make 25), so every coefficient and
its leave-one-item-out values come from those alone. `agreement` holds the coefficients for tables of counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from watchfloor.science.uncertainty import clopper_pearson

Coefficient = Literal["ac1", "fleiss", "cohen", "krippendorff", "observed", "positive", "negative"]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VoteAgreement:
    """A coefficient over items; None where it is not defined.

    Attributes:
        value: The coefficient.
        low: Lower bound over items.
        high: Upper bound.
        items: Items with two votes or more.

    """

    value: float | None
    low: float | None
    high: float | None
    items: int


def agreement_of_votes(
    *,
    votes: Sequence[Sequence[str]],
    times: ArrayLike,
    coefficient: Coefficient,
    positive: str = "yes",
    confidence: float = 0.95,
) -> VoteAgreement:
    r"""Return a coefficient of agreement and its interval over items.

    Parameters
    ----------
    votes : sequence of sequences of str
        Distinct rows of votes, one vote a rater in the order of turns. Rows with one vote are left out.
    times : array_like, shape (rows,)
        How many items have these votes.
    coefficient : {"ac1", "fleiss", "cohen", "krippendorff", "observed", "positive", "negative"}
        `cohen` takes the first vote for one rater and the second for the other, over items with exactly two.
        `positive` and `negative` are the specific agreements about `positive`.
    positive : str
        The vote that counts as positive.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    VoteAgreement
        Bounds by Student's t on the jackknife variance over items. Where every item agrees the jackknife
        says nothing; then the lower bound is Clopper–Pearson's of the observed agreement, put through the
        coefficient's formula.

    Raises
    ------
    ValueError
        `confidence` is outside (0, 1) or a row is counted a negative number of times.

    Notes
    -----
    Categories are those that somebody voted for. Items are taken as independent; the same two people rated
    many of them, so the truth is a little less certain than the interval says. Kappa and alpha collapse when
    nearly everything is one category; AC1 does not.

    References
    ----------
    Gwet (2008). British Journal of Mathematical and Statistical Psychology 61.
    Krippendorff (2011). Computing Krippendorff's alpha-reliability.
    Efron and Stein (1981). The jackknife estimate of variance. Annals of Statistics 9.

    Examples
    --------
    >>> rows = [["a", "a", "a"], ["a", "a", "b"], ["b", "b", "b"], ["b", "c", "c"]]
    >>> for name in ("ac1", "fleiss", "krippendorff"):
    ...     print(f"{agreement_of_votes(votes=rows, times=[1, 1, 1, 1], coefficient=name).value:.6f}")
    0.515152
    0.466667
    0.511111

    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence={confidence} is outside (0, 1); pass for example 0.95.")
    often = np.asarray(times, dtype=np.float64)
    if np.any(often < 0):
        raise ValueError("times holds a negative number; it counts items.")
    most = 2 if coefficient == "cohen" else len(max(votes, key=len, default=()))
    kept = [i for i, row in enumerate(votes) if 2 <= len(row) <= most and often[i] > 0]
    if not kept:
        return VoteAgreement(None, None, None, 0)
    rows, weight = [votes[i] for i in kept], often[kept]
    parts = _parts(rows, coefficient, positive)
    total = weight @ parts
    value = _value(total, coefficient)
    items = int(weight.sum())
    if not np.isfinite(value):
        return VoteAgreement(None, None, None, items)
    if items < 2:
        return VoteAgreement(float(value), None, None, items)
    without = np.array([_value(total - part, coefficient) for part in parts])
    if not np.isfinite(without).all():
        return VoteAgreement(float(value), None, None, items)
    mean = weight @ without / items
    variance = (items - 1) / items * float(weight @ (without - mean) ** 2)
    half = float(special.stdtrit(items - 1, 0.5 + confidence / 2.0)) * variance**0.5
    low, high = value - half, value + half
    if variance <= 1e-18 and value >= 1.0 - 1e-12:
        sure = float(clopper_pearson(successes=items, trials=items, confidence=confidence).low)
        low, high = _at_observed(sure, total, coefficient), 1.0
    floor = 0.0 if coefficient in ("observed", "positive", "negative") else -1.0
    return VoteAgreement(float(value), max(floor, float(low)), min(1.0, float(high)), items)


def _parts(rows: Sequence[Sequence[str]], coefficient: Coefficient, positive: str) -> _Floats:
    """Return what each row adds to the sums a coefficient is made of, shape (rows, sums)."""
    names = sorted({vote for row in rows for vote in row})
    place = {name: k for k, name in enumerate(names)}
    counts = np.array([[row.count(name) for name in names] for row in rows], dtype=np.float64)
    n = counts.sum(axis=1, keepdims=True)
    agreeing = (counts * (counts - 1.0)).sum(axis=1, keepdims=True) / (n * (n - 1.0))
    ones = np.ones_like(agreeing)
    if coefficient == "observed":
        return np.hstack([ones, agreeing])
    if coefficient in ("positive", "negative"):
        yes = np.array([[sum(vote == positive for vote in row)] for row in rows], dtype=np.float64)
        side = yes if coefficient == "positive" else n - yes
        return np.hstack([side, side * (side - 1.0) / (n - 1.0)])
    if coefficient == "cohen":
        first, second = np.zeros_like(counts), np.zeros_like(counts)
        for i, row in enumerate(rows):
            first[i, place[row[0]]] = second[i, place[row[1]]] = 1.0
        return np.hstack([ones, agreeing, first, second])
    if coefficient == "ac1":
        return np.hstack([ones, agreeing, counts / n])
    if coefficient == "fleiss":
        return np.hstack([ones, agreeing, counts])
    differing = (counts * (n - counts)).sum(axis=1, keepdims=True) / (n - 1.0)
    return np.hstack([n, differing, counts])


def _value(sums: _Floats, coefficient: Coefficient) -> float:
    whole, found = sums[0], sums[1]
    if whole <= 0.0:
        return float("nan")
    if coefficient in ("observed", "positive", "negative"):
        return float(found / whole)
    if coefficient == "krippendorff":
        squares = float((sums[2:] ** 2).sum())
        expected = (whole**2 - squares) / (whole * (whole - 1.0))
        return float(1.0 - found / whole / expected) if expected > 0.0 else float("nan")
    expected = _by_chance(sums, coefficient)
    return float((found / whole - expected) / (1.0 - expected)) if expected < 1.0 else float("nan")


def _by_chance(sums: _Floats, coefficient: Coefficient) -> float:
    shares = sums[2:]
    if coefficient == "cohen":
        half = len(shares) // 2
        return float(shares[:half] @ shares[half:] / sums[0] ** 2)
    shares = shares / shares.sum()
    if coefficient == "fleiss":
        return float((shares**2).sum())
    return float((shares * (1.0 - shares)).sum() / max(len(shares) - 1, 1))


def _at_observed(observed: float, sums: _Floats, coefficient: Coefficient) -> float:
    """Return the coefficient that another observed agreement would give."""
    if coefficient in ("observed", "positive", "negative"):
        return observed
    if coefficient == "krippendorff":
        whole = sums[0]
        expected = (whole**2 - float((sums[2:] ** 2).sum())) / (whole * (whole - 1.0))
        return float(1.0 - (1.0 - observed) / expected)
    expected = _by_chance(sums, coefficient)
    return (observed - expected) / (1.0 - expected)
