"""Turns answers, one a row, into counts of categories by item."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of answers.

    Attributes:
        counts: Shape (patterns or items, categories): how many raters chose each category.
        categories: Names of the columns, in order.
        multiplicity: How many items have each row.

    """

    counts: NDArray[np.float64]
    categories: tuple[str, ...]
    multiplicity: NDArray[np.float64]


def tally(
    *, items: ArrayLike, labels: ArrayLike, categories: tuple[str, ...] | None = None, folded: bool = False
) -> Tally:
    """Return how often each item was given each label.

    Parameters
    ----------
    items, labels : array_like, shape (answers,)
        Which item an answer is about, and what it says. One answer a rater and item: remove repeats first,
        for a rater agrees with himself.
    categories : tuple of str, optional
        All labels that could be chosen, in their order (for ordinal and interval levels); those seen, sorted,
        by default.
    folded : bool
        Give each pattern of counts once, with its multiplicity: millions of items become dozens of rows.

    Returns
    -------
    Tally
        One row an item in the order of their sorted names, or one a pattern.

    Raises
    ------
    ValueError
        Lengths differ, or a label is not among the categories.

    Examples
    --------
    >>> found = tally(items=["a", "a", "b", "b"], labels=["x", "y", "x", "x"])
    >>> found.counts.tolist(), found.categories
    ([[1.0, 1.0], [2.0, 0.0]], ('x', 'y'))

    """
    item_names, answers = np.asarray(items), np.asarray(labels).astype(np.str_)
    if item_names.shape != answers.shape or answers.ndim != 1:
        raise ValueError(f"{item_names.size} items and {answers.size} labels must be one a row each.")
    seen, code = np.unique(answers, return_inverse=True)
    names = tuple(str(name) for name in seen) if categories is None else categories
    place = {name: column for column, name in enumerate(names)}
    if strange := [str(name) for name in seen if str(name) not in place]:
        raise ValueError(f"label {strange[0]!r} is not among the categories {names}.")
    columns = np.array([place[str(name)] for name in seen], dtype=np.int64)
    distinct, row = np.unique(item_names, return_inverse=True)
    cells = row * len(names) + columns[code] if len(seen) else row
    counts = np.bincount(cells, minlength=len(distinct) * len(names)).reshape(len(distinct), len(names))
    times = np.ones(len(distinct), dtype=np.int64)
    if folded and len(distinct):
        counts, times = np.unique(counts, axis=0, return_counts=True)
    return Tally(counts.astype(np.float64), names, times.astype(np.float64))
