"""The SQL that reads the Parquet files of a fact in DuckDB, whatever columns each file was written with."""

from collections.abc import Sequence

from watchfloor.facts.schemas import FactTable
from watchfloor.facts.sources import DUCKDB_TYPES, literal, quoted


def scan(table: FactTable, paths: Sequence[str], *, with_filename: bool = False) -> str:
    """Return a SELECT of every column of `table` from the files; no file gives no row, with the same types.

    A file written before a column was added yields null there.
    """
    if not paths:
        empty = ", ".join(f"NULL::{DUCKDB_TYPES[c.type]} AS {quoted(c.name)}" for c in table.columns)
        return f"SELECT {empty} WHERE false"
    wanted = ", ".join(
        f"'{c.name}': {{name: '{c.name}', type: '{DUCKDB_TYPES[c.type]}', default_value: NULL}}"
        for c in table.columns
    )
    files = ", ".join(literal(path) for path in paths)
    columns = ", ".join(quoted(c.name) for c in table.columns)
    extra = (", filename", ", filename = true") if with_filename else ("", "")
    return (
        f"SELECT {columns}{extra[0]} FROM read_parquet([{files}], hive_partitioning = false{extra[1]}, "
        f"schema = MAP {{{wanted}}})"
    )
