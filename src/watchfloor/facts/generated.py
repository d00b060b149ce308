"""Brings a simulated history's columns (`science.simulation.columns`) into the facts, no text made in Python.

Codes, numbers and rules for ids cross as Arrow; DuckDB writes the texts out as it writes the Parquet files.
"""

from collections.abc import Iterable

import duckdb
import numpy as np
import pyarrow as pa

from watchfloor.facts.sources import FactQuery, literal, quoted
from watchfloor.science.simulation.columns import (
    MISSING_MS,
    AnyColumn,
    Coded,
    Ids,
    Instants,
    Lists,
    Numbers,
    Table,
)


def generated_facts(tables: Iterable[tuple[str, Table]]) -> dict[str, FactQuery]:
    """Return what to commit for each fact; a fact that comes in several parts is one source."""
    connections: dict[str, duckdb.DuckDBPyConnection] = {}
    parts: dict[str, list[str]] = {}
    for name, table in tables:
        connection = connections.setdefault(name, duckdb.connect(":memory:"))
        selects = parts.setdefault(name, [])
        if not selects:
            connection.execute("SET TimeZone = 'UTC'")
        relation = f"part_{len(selects)}"
        connection.register(relation, pa.table({column: _arrow(values) for column, values in table.items()}))
        written = ", ".join(
            f"{_expression(column, values)} AS {quoted(column)}" for column, values in table.items()
        )
        selects.append(f"SELECT {written} FROM {relation}")
    return {
        name: FactQuery(sql=" UNION ALL BY NAME ".join(selects), connection=connections[name])
        for name, selects in parts.items()
    }


def _arrow(column: AnyColumn) -> pa.Array:
    if isinstance(column, Coded | Lists):
        codes = pa.array(column.codes, pa.int32(), mask=column.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, pa.array(column.categories or ("",), pa.string()))
    if isinstance(column, Ids):
        return pa.array(column.numbers, pa.int64(), mask=column.numbers < 0)
    if isinstance(column, Instants):
        missing = column.ms == MISSING_MS
        return pa.array(np.where(missing, 0, column.ms), pa.int64(), mask=missing).cast(
            pa.timestamp("ms", tz="UTC")
        )
    return pa.array(column.values, mask=column.missing)


def _expression(name: str, column: AnyColumn) -> str:
    source = quoted(name)
    if isinstance(column, Coded):
        return f"{source}::VARCHAR"
    if isinstance(column, Lists):
        return f"CASE WHEN {source} IS NULL THEN []::VARCHAR[] ELSE [{source}::VARCHAR] END"
    if isinstance(column, Ids):
        digits = f"{source}::VARCHAR"
        width = f"greatest({column.width}, length({digits}))::INTEGER"  # lpad cuts what is longer
        return f"{literal(column.prefix)} || lpad({digits}, {width}, '0')"
    if isinstance(column, Numbers) and column.values.dtype.kind == "f":
        return f"{source}::DOUBLE"
    return source
