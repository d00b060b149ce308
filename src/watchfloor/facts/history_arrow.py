"""Turns a simulated history's columns into Arrow tables that satisfy the fact schemas."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchfloor.facts.schemas import TABLES
from watchfloor.science.simulation.columns import MISSING_MS, AnyColumn, Coded, Ids, Instants, Lists, Numbers
from watchfloor.science.simulation.history import History


def to_arrow(history: History) -> dict[str, pa.Table]:
    """Return the facts of the history by name, each with exactly its schema's columns and types."""
    parts: dict[str, list[pa.Table]] = {}
    for name, table in iterate_arrow(history):
        parts.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}


def iterate_arrow(history: History) -> Iterator[tuple[str, pa.Table]]:
    """Yield name and table one at a time; a name may come more than once (production and audit reviews)."""
    for name, columns in history.tables():
        yield name, table_from_columns(name, columns)


def table_from_columns(name: str, columns: Mapping[str, AnyColumn]) -> pa.Table:
    """Return the columns as a table of the fact's schema; a nullable column that nothing fills is null.

    Raises:
        ValueError: a required column is missing, or a column is none of the schema's.

    """
    schema = TABLES[name].arrow_schema
    required = {field.name for field in schema if not field.nullable}
    if wrong := (required - set(columns)) | (set(columns) - set(schema.names)):
        raise ValueError(f"Fact {name}: columns {sorted(wrong)} are missing or unknown; see facts.schemas.")
    count = len(next(iter(columns.values())))
    arrays = [
        _array(columns[field.name], type_=field.type)
        if field.name in columns
        else pa.nulls(count, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(column: AnyColumn, *, type_: pa.DataType) -> pa.Array:
    if isinstance(column, Ids):
        return _ids(column)
    if isinstance(column, Coded):
        return _texts(column.codes, column.categories)
    if isinstance(column, Lists):
        filled = column.codes >= 0
        offsets = np.concatenate([[0], np.cumsum(filled)]).astype(np.int32)
        return pa.ListArray.from_arrays(
            pa.array(offsets), _texts(column.codes[filled], column.categories), type=type_
        )
    if isinstance(column, Instants):
        missing = column.ms == MISSING_MS
        micros = np.where(missing, 0, column.ms) * 1000
        return pa.array(micros, type=pa.int64(), mask=missing if missing.any() else None).cast(type_)
    return _numbers(column, type_=type_)


def _numbers(column: Numbers, *, type_: pa.DataType) -> pa.Array:
    return pa.array(column.values, mask=column.missing).cast(type_)


def _texts(codes: NDArray[np.int32], categories: tuple[str, ...]) -> pa.Array:
    """Return plain strings; the gather runs in Arrow, on 32-bit offsets."""
    if not categories:
        return pa.nulls(len(codes), pa.string())
    missing = codes < 0
    indices = pa.array(codes, mask=missing if missing.any() else None)
    return pa.array(categories, pa.string()).take(indices)


def _ids(column: Ids) -> pa.Array:
    """Return prefix and zero-padded number as strings, written into Arrow's buffers digit by digit."""
    prefix = column.prefix.encode()
    missing = column.numbers < 0
    width = len(prefix) + column.width
    letters = np.empty((len(column), width), dtype=np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    rest = np.where(missing, 0, column.numbers)
    for place in range(width - 1, len(prefix) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        letters[:, place] = digit + ord("0")
    offsets = np.arange(len(column) + 1, dtype=np.int64) * width
    if int(offsets[-1]) >= 1 << 31:
        raise ValueError(
            f"{len(column)} ids of {width} letters exceed one Arrow array; write a shorter history."
        )
    bits = None
    if missing.any():
        bits = pa.array(~missing).buffers()[1]
    return pa.StringArray.from_buffers(
        len(column), pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(letters), bits, int(missing.sum())
    )
