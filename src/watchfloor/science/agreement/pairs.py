"""Agreement of two named raters: Cohen's kappa, plain or weighted, and the raw agreements."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RawAgreement:
    """How often, once one of two said it, the other says it too; NaN where neither ever did."""

    positive: float
    negative: float


def confusion(*, first: ArrayLike, second: ArrayLike, categories: int) -> _Floats:
    """Return the table of two raters' answers, first by row.

    Parameters
    ----------
    first, second : array_like of int, shape (items,)
        Categories 0 … K − 1; a negative number is missing and leaves the item out.
    categories : int
        K.

    Returns
    -------
    ndarray, shape (K, K)
        Items.

    Raises
    ------
    ValueError
        Lengths differ, or a category is K or above.

    Examples
    --------
    >>> confusion(first=[0, 0, 1, -1], second=[0, 1, 1, 1], categories=2).tolist()
    [[1.0, 1.0], [0.0, 1.0]]

    """
    rows, columns = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if rows.shape != columns.shape or rows.ndim != 1:
        raise ValueError(f"first {rows.shape} and second {columns.shape} must be one an item each.")
    if max(rows.max(initial=-1), columns.max(initial=-1)) >= categories:
        raise ValueError(f"a category is {categories} or above; categories are 0 to {categories - 1}.")
    both = (rows >= 0) & (columns >= 0)
    cells = rows[both] * categories + columns[both]
    return np.bincount(cells, minlength=categories**2).reshape(categories, categories).astype(np.float64)


def cohen_kappa(
    table: ArrayLike, *, weights: Literal["linear", "quadratic"] | ArrayLike | None = None
) -> float:
    r"""Return Cohen's kappa of two raters; NaN where chance alone makes them agree.

    Parameters
    ----------
    table : array_like, shape (K, K)
        Items, or their shares or weights, by the first rater's answer (row) and the second's (column).
    weights : {"linear", "quadratic"} or array_like of shape (K, K), optional
        Agreement given to each pair of answers, 1 for equal ones, in [0, 1]. For ordered categories:
        `linear` takes :math:`1-|k-l|/(K-1)`, `quadratic` its squared distance. None counts equal ones alone.

    Returns
    -------
    float
        At most 1.

    Raises
    ------
    ValueError
        The table is not square, holds a negative number, or is empty; or the weights do not fit it.

    Notes
    -----
    :math:`\kappa=(p_o-p_e)/(1-p_e)` with :math:`p_o=\sum w_{kl}p_{kl}`, :math:`p_e=\sum w_{kl}p_{1k}p_{2l}`.
    Two who agree on 94 % of items at a prevalence of 1 % have κ = 0.20: show the raw agreements beside it.
    The quadratic kind grows with the number of categories.

    References
    ----------
    Cohen (1960). Educational and Psychological Measurement 20. Cohen (1968). Psychological Bulletin 70.

    Examples
    --------
    By hand: p_o = 0.7, p_e = 0.5·0.6 + 0.5·0.4 = 0.5.

    >>> round(cohen_kappa([[20, 5], [10, 15]]), 6)
    0.4
    >>> round(cohen_kappa([[20, 5, 0], [4, 15, 6], [0, 5, 20]], weights="linear"), 6)
    0.7

    """
    counted = np.asarray(table, dtype=np.float64)
    if counted.ndim != 2 or counted.shape[0] != counted.shape[1] or np.any(counted < 0) or not counted.sum():
        raise ValueError("table must be square, without negative numbers, and hold at least one item.")
    size = len(counted)
    agreement = _weights(weights, size)
    shares = counted / counted.sum()
    observed = float((agreement * shares).sum())
    expected = float((agreement * np.outer(shares.sum(axis=1), shares.sum(axis=0))).sum())
    return float("nan") if expected >= 1.0 else (observed - expected) / (1.0 - expected)


def raw_agreement(table: ArrayLike) -> RawAgreement:
    """Return positive and negative agreement of a 2 × 2 table, 2a/(2a+b+c) and 2d/(2d+b+c).

    Parameters
    ----------
    table : array_like, shape (2, 2)
        Items [[a, b], [c, d]]: both say yes, the first alone, the second alone, both say no.

    Raises
    ------
    ValueError
        The table is not 2 × 2 or holds a negative number.

    Examples
    --------
    >>> found = raw_agreement([[8, 4], [2, 86]])
    >>> round(found.positive, 4), round(found.negative, 4)
    (0.7273, 0.9663)

    """
    counted = np.asarray(table, dtype=np.float64)
    if counted.shape != (2, 2) or np.any(counted < 0):
        raise ValueError(f"table of shape {counted.shape} must be 2 × 2, without negative numbers.")
    (a, b), (c, d) = counted.tolist()
    return RawAgreement(_part(2.0 * a, b + c), _part(2.0 * d, b + c))


def _part(agreeing: float, apart: float) -> float:
    whole = agreeing + apart
    return agreeing / whole if whole else float("nan")


def _weights(given: Literal["linear", "quadratic"] | ArrayLike | None, size: int) -> _Floats:
    if given is None:
        return np.eye(size)
    if isinstance(given, str):
        if given not in ("linear", "quadratic"):
            raise ValueError(f"weights={given!r} is unknown; use linear, quadratic or a table.")
        steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / max(size - 1, 1)
        return np.asarray(1.0 - (steps if given == "linear" else steps**2), dtype=np.float64)
    weights = np.asarray(given, dtype=np.float64)
    if weights.shape != (size, size) or np.any((weights < 0) | (weights > 1)):
        raise ValueError(f"weights of shape {weights.shape} must be {size} × {size}, in [0, 1].")
    return weights
