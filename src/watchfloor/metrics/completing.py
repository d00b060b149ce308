"""Completes an answer: cells of stocks, buckets that no row fell in, and metrics without facts."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from watchfloor.kernel import Estimate
from watchfloor.metrics.availability import Availability
from watchfloor.metrics.cellmaking import NO_OBSERVATION, CellMaker, Key
from watchfloor.metrics.cells import Cell, Query
from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.grid import Grid


def stock_cells(
    table: pa.Table, keys: Sequence[Key], definition: Definition, maker: CellMaker, availability: Availability
) -> Iterator[Cell]:
    """Yield the cells of one stock."""
    counts = table.column(f"{definition.id}__n").to_pylist()
    measure = definition.stock.measure if definition.stock else "count"
    value_name = "numerator" if measure == "share" else "" if measure == "count" else "value"
    values = table.column(f"{definition.id}__{value_name}").to_pylist() if value_name else counts
    for key, n, value in zip(keys, counts, values, strict=True):
        reason = availability.stock_reason(definition, maker.frame.grid.bucket(key[1]).end)
        if reason:
            yield maker.empty(definition, key, reason)
        elif n:
            share = measure == "share"
            estimate = Estimate(float(value) / float(n) if share else float(value), n=int(n))
            yield maker.cell(
                definition,
                key,
                estimate=estimate,
                numerator=float(value) if share or measure in ("count", "sum", "alone", "last") else None,
                denominator=float(n) if share else None,
            )


def completed(
    made: list[Cell], definition: Definition, maker: CellMaker, query: Query, availability: Availability
) -> list[Cell]:
    """Return the cells with the buckets that no row fell in: zero for what counts, no data for the rest."""
    counts = definition.primitive in ("count", "sum", "distinct", "cumulative") or (
        definition.stock is not None and definition.stock.measure in ("count", "sum", "alone", "last")
    )
    found: dict[tuple[str | None, ...], set[int]] = {}
    grid = maker.frame.grid
    for cell in made:
        values = cell.scope.as_dict()
        found.setdefault(tuple(values[name][0] for name in query.by), set()).add(
            grid.index_of(cell.bucket_start) if cell.bucket_start else 0
        )
    if not found and not query.by:
        found[()] = set()
    if len(found) * len(grid.indices) > _MOST_FILLED or (query.by and not counts):
        return made
    for dimensions, present in found.items():
        for index in grid.indices:
            if index not in present:
                reason = availability.bucket_reason(definition, grid.bucket(index))
                if counts and not reason:
                    zero = Estimate(0.0, n=0, method="none")
                    made.append(maker.cell(definition, (dimensions, index), estimate=zero, numerator=0.0))
                else:
                    made.append(maker.empty(definition, (dimensions, index), reason or NO_OBSERVATION))
    return made


_MOST_FILLED = 50_000


def whole_period(maker: CellMaker, definition: Definition, query: Query, reason: str) -> Cell:
    """Return the one cell that says why a split metric has no data."""
    whole = CellMaker(
        Frame((), maker.frame.where, Grid(query.period, None), maker.frame.dialect, maker.frame.known_until),
        maker.as_of,
    )
    return whole.empty(definition, ((), 0), reason)


def cell_order(cell: Cell) -> tuple[object, ...]:
    """Return what cells of one metric are ordered by."""
    return (cell.scope.items, cell.period.start)
