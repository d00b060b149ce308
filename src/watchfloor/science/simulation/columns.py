"""Columns without strings: what a fact table looks like before anybody turns it into Arrow.

Two million rows of text cost seconds and gigabytes; codes, numbers and a rule for ids cost neither. Missing
is said in one way a kind: code −1, a negative number of an id, an instant of `MISSING_MS`, or a mask.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING_MS = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Coded:
    """Texts as codes into `categories`; −1 is missing."""

    codes: NDArray[np.int32]
    categories: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of at most one text: the code's category, or an empty list for −1."""

    codes: NDArray[np.int32]
    categories: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Ids:
    """Identifiers `prefix` + number padded with zeros to `width`; a negative number is missing."""

    prefix: str
    numbers: NDArray[np.int64]
    width: int = 9

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Instants:
    """Instants as Unix milliseconds, UTC; `MISSING_MS` is missing."""

    ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ms)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Integers, floats or booleans; `missing` marks the rows that have none."""

    values: NDArray[np.int64] | NDArray[np.float64] | NDArray[np.bool_]
    missing: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.values)


AnyColumn = Coded | Lists | Ids | Instants | Numbers
Table = Mapping[str, AnyColumn]


def constant(text: str | None, count: int) -> Coded:
    """Return a column that says the same text in every row; None is missing in every row.

    >>> constant("production", 2).codes.tolist()
    [0, 0]
    """
    return Coded(np.full(count, -1 if text is None else 0, dtype=np.int32), () if text is None else (text,))


def coded(texts: "list[str | None]") -> Coded:
    """Return the texts as codes, categories in order of first appearance.

    >>> coded(["b", None, "a", "b"]).codes.tolist()
    [0, -1, 1, 0]
    """
    categories = tuple(dict.fromkeys(text for text in texts if text is not None))
    place = {text: code for code, text in enumerate(categories)}
    return Coded(
        np.array([-1 if text is None else place[text] for text in texts], dtype=np.int32), categories
    )


def lookup(codes: NDArray[np.int64], categories: "tuple[str | None, ...]") -> Coded:
    """Return the column whose rows say `categories[code]`; a None among the categories is missing.

    >>> lookup(np.array([0, 1, 1]), ("eu", None)).codes.tolist()
    [0, -1, -1]
    """
    known = coded(list(categories))
    return Coded(known.codes[codes], known.categories)


def rows_of(column: AnyColumn) -> list[object]:
    """Return the column as plain Python values, for tests and small tables.

    >>> rows_of(Ids("c", np.array([7, -1]), 3))
    ['c007', None]
    """
    if isinstance(column, Ids):
        return [
            None if number < 0 else f"{column.prefix}{number:0{column.width}d}" for number in column.numbers
        ]
    if isinstance(column, Coded):
        return [None if code < 0 else column.categories[code] for code in column.codes]
    if isinstance(column, Lists):
        return [[] if code < 0 else [column.categories[code]] for code in column.codes]
    if isinstance(column, Instants):
        return [None if ms == MISSING_MS else int(ms) for ms in column.ms]
    missing = np.zeros(len(column), dtype=bool) if column.missing is None else column.missing
    return [None if gone else value.item() for value, gone in zip(column.values, missing, strict=True)]
