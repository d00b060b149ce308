"""Replaces rows by key: late corrections, wherever the old row stands."""

from collections.abc import Iterator, Sequence

import duckdb

from watchfloor.facts.scans import scan
from watchfloor.facts.sources import (
    FactQuery,
    Source,
    as_arrow_stream,
    partition_expression,
    quoted,
    translated_errors,
)
from watchfloor.facts.writing import DataFile, PartitionWriter, partition_groups

_INCOMING = "watchfloor_incoming"
_INPUT = "watchfloor_input"


def merge_rows(
    writer: PartitionWriter, given: Source, standing: Sequence[DataFile]
) -> tuple[list[DataFile], tuple[DataFile, ...], int]:
    """Return (files to add, files to remove, rows merged) that put `given` in place of rows of equal key.

    The keys of every standing file are read (one column, so 50 million rows take seconds); only files that
    hold one of the keys are rewritten, without it. A row whose day changed is found like any other.
    """
    if isinstance(given, FactQuery):
        with writer.connection(given.connection) as connection:
            return _merge(writer, connection, writer.checked_select(connection, f"({given.sql})"), standing)
    stream = as_arrow_stream(given)
    if stream is None:
        return [], (), 0
    with writer.connection() as connection:
        connection.register(_INPUT, stream)
        select = writer.checked_select(connection, _INPUT, types_from=stream.schema.empty_table())
        return _merge(writer, connection, select, standing)


def _merge(
    writer: PartitionWriter, connection: duckdb.DuckDBPyConnection, select: str, standing: Sequence[DataFile]
) -> tuple[list[DataFile], tuple[DataFile, ...], int]:
    key = ", ".join(quoted(name) for name in writer.table.key)
    try:
        with translated_errors(writer.table):
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {_INCOMING}_all AS {select}")
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {_INCOMING} AS SELECT * FROM {_INCOMING}_all "
                f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY rowid DESC) = 1"
            )
            connection.execute(f"DROP TABLE {_INCOMING}_all")
            row = connection.execute(f"SELECT count(*) FROM {_INCOMING}").fetchone()
            count = int(row[0]) if row else 0
            touched = _touched(writer, connection, key, standing) if count else ()
        if not count:
            return [], (), 0
        added: list[DataFile] = []
        for select_rows in _rewritten(writer, key, touched):
            added += writer.write_typed(connection, select_rows, in_order=True)
        return added, touched, count
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {_INCOMING}")


def _rewritten(writer: PartitionWriter, key: str, touched: Sequence[DataFile]) -> Iterator[str]:
    """Yield a SELECT for each group of partitions: what stays of the touched files, and what comes in."""
    columns = ", ".join(quoted(column.name) for column in writer.table.columns)
    place = partition_expression(writer.table, grain=writer.grain)
    for group in partition_groups(touched):
        dates = _dates(group)
        kept = scan(writer.table, [file.path for file in group])
        yield (
            f"SELECT {columns} FROM ({kept}) ANTI JOIN {_INCOMING} USING ({key}) "
            f"UNION ALL BY NAME SELECT * FROM {_INCOMING} WHERE {place} IN ({dates})"
        )
    elsewhere = f" WHERE {place} NOT IN ({_dates(touched)})" if touched else ""
    yield f"SELECT * FROM {_INCOMING}{elsewhere}"


def _dates(files: Sequence[DataFile]) -> str:
    return ", ".join(sorted({f"DATE '{file.partition_date.isoformat()}'" for file in files}))


def _touched(
    writer: PartitionWriter, connection: duckdb.DuckDBPyConnection, key: str, standing: Sequence[DataFile]
) -> tuple[DataFile, ...]:
    if not standing:
        return ()
    scanned = scan(writer.table, [file.path for file in standing], with_filename=True)
    found = connection.execute(
        f"SELECT DISTINCT filename FROM ({scanned}) SEMI JOIN {_INCOMING} USING ({key})"
    ).fetchall()
    paths = {row[0] for row in found}
    return tuple(file for file in standing if file.path in paths)
