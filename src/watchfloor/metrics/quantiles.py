"""Quantiles of cells from bucket counts, and exact values from the rows of a few buckets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchfloor.metrics.buckets import LogBuckets
from watchfloor.metrics.cellmaking import Key, keys_of
from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.compiler.orders import Wanted
from watchfloor.science.uncertainty import order_statistic_ranks

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Histogram:
    """Bucket counts of many cells, ordered by cell and bucket.

    Attributes:
        keys: The cells.
        starts: First row of each cell; one more at the end.
        k: Bucket of each row.
        reached: Running count over all rows.

    """

    keys: list[Key]
    starts: IntArray
    k: IntArray
    reached: IntArray

    @property
    def totals(self) -> IntArray:
        """Observations of each cell."""
        return np.diff(self._reached_at(self.starts))

    def _reached_at(self, rows: IntArray) -> IntArray:
        padded = np.concatenate([np.zeros(1, dtype=np.int64), self.reached])
        return padded[rows]

    def positions(self, ranks: IntArray) -> tuple[IntArray, IntArray]:
        """Return, for one rank a cell, the row of its bucket and the rank inside; −1 beyond an end."""
        before = self._reached_at(self.starts[:-1])
        valid = (ranks >= 1) & (ranks <= self.totals)
        rows = np.searchsorted(self.reached, before + np.where(valid, ranks, 1), side="left")
        inside = before + ranks - self._reached_at(rows)
        return np.where(valid, rows, -1), np.where(valid, inside, -1)


@dataclass(frozen=True)
class QuantileRows:
    """Where low bound, point and high bound of one quantile lie, a column each: rows and ranks inside."""

    rows: tuple[IntArray, IntArray, IntArray]
    inside: tuple[IntArray, IntArray, IntArray]


def read_histogram(table: pa.Table, frame: Frame) -> Histogram:
    """Return the histogram of the first pass (keys, `k`, `weight`)."""
    cells = _cell_numbers(table, frame)
    k = table.column("k").to_numpy().astype(np.int64)
    weight = table.column("weight").cast(pa.float64()).to_numpy().astype(np.int64)
    order = np.lexsort((k, cells))
    cells, k, weight = cells[order], k[order], weight[order]
    starts = (
        np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]])) if len(cells) else np.zeros(0, int)
    )
    firsts = table.take(pa.array(order[starts]))
    return Histogram(
        keys_of(firsts, frame), np.append(starts, len(cells)).astype(np.int64), k, np.cumsum(weight)
    )


def quantile_rows(histogram: Histogram, probability: float) -> QuantileRows:
    """Return where the quantile and its order-statistic bounds lie in each cell."""
    ranks = order_statistic_ranks(trials=histogram.totals, probability=probability)
    found = [histogram.positions(wanted) for wanted in (ranks.low, ranks.point, ranks.high)]
    return QuantileRows((found[0][0], found[1][0], found[2][0]), (found[0][1], found[1][1], found[2][1]))


def centres(histogram: Histogram, rows: QuantileRows, scheme: LogBuckets) -> list[list[float | None]]:
    """Return low, point and high for every cell, read from bucket centres."""
    return [
        [None if row < 0 else scheme.centre(int(histogram.k[row])) for row in column] for column in rows.rows
    ]


def wanted_buckets(histogram: Histogram, quantiles: Sequence[QuantileRows]) -> list[Wanted]:
    """Return the buckets whose values the second pass must read, numbered by their row."""
    rows = np.unique(np.concatenate([column for q in quantiles for column in q.rows]))
    cells = np.searchsorted(histogram.starts, rows, side="right") - 1
    return [
        Wanted(int(row), histogram.keys[cell][0], histogram.keys[cell][1], int(histogram.k[row]))
        for row, cell in zip(rows, cells, strict=True)
        if row >= 0
    ]


def exact_values(table: pa.Table, rows: QuantileRows) -> list[list[float | None]]:
    """Return low, point and high for every cell, picked from the values of the second pass."""
    number = table.column("number").to_numpy().astype(np.int64)
    value = table.column("value").to_numpy().astype(np.float64)
    order = np.lexsort((value, number))
    number, value = number[order], value[order]
    columns: list[list[float | None]] = []
    for wanted, inside in zip(rows.rows, rows.inside, strict=True):
        at = np.searchsorted(number, wanted, side="left") + inside - 1
        columns.append([None if row < 0 else float(value[i]) for row, i in zip(wanted, at, strict=True)])
    return columns


def sorted_values(table: pa.Table, probability: float) -> tuple[list[list[float | None]], IntArray]:
    """Return low, point and high for every cell from the one-pass plan, and the number of observations.

    Raises:
        ValueError: an exact rank lies outside the neighbourhood that was read.

    """
    n = table.column("n").to_numpy().astype(np.int64)
    if not len(n):
        return [[], [], []], n
    exact = order_statistic_ranks(trials=n, probability=probability)
    read = _rows_of_lists(table.column("ranks")).astype(np.int64)
    near = _rows_of_lists(table.column("near")).astype(np.float64)
    columns: list[list[float | None]] = []
    for wanted in (exact.low, exact.point, exact.high):
        exists = (wanted >= 1) & (wanted <= n)
        found = read == wanted[:, None]
        missing = exists & ~found.any(axis=1)
        if missing.any():
            i = int(np.argmax(missing))
            raise ValueError(f"Rank {wanted[i]} of {n[i]} lies outside the values read.")
        values = near[np.arange(len(n)), found.argmax(axis=1)]
        columns.append([float(v) if there else None for v, there in zip(values, exists, strict=True)])
    return columns, n


def _rows_of_lists(column: pa.ChunkedArray) -> NDArray[np.generic]:
    """Return lists of one length as a matrix, a row each."""
    flat = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks])
    return flat.reshape(len(column), -1)


def _cell_numbers(table: pa.Table, frame: Frame) -> IntArray:
    """Return a number for each row's cell, equal for equal keys."""
    numbers = np.zeros(table.num_rows, dtype=np.int64)
    for name in frame.keys:
        codes = table.column(name).combine_chunks().dictionary_encode(null_encoding="encode")
        indices = codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        numbers = numbers * (len(codes.dictionary) + 1) + indices
    return numbers
