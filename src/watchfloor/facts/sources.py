"""What may be committed to a fact table, and the SQL that checks it while it is being written.

Every value is checked in the pass that writes the Parquet files: types when the query is bound, nulls and
closed values row by row. Nothing is repaired silently but two things: a nullable column that is absent
becomes null, and an instant is cut to the millisecond.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import duckdb
import pyarrow as pa

from watchfloor.facts.schemas import Column, FactTable
from watchfloor.kernel import WatchfloorError, nearest

PARTITION_COLUMN = "partition_date"
_MARK = "watchfloor-fact-error:"

_INTEGERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
)
_ACCEPTED: dict[str, tuple[str, ...]] = {
    "string": ("VARCHAR", "ENUM", "UUID"),
    "int": _INTEGERS,
    "float": (*_INTEGERS, "FLOAT", "DOUBLE", "DECIMAL"),
    "bool": ("BOOLEAN",),
    "instant": ("TIMESTAMP WITH TIME ZONE",),
    "strings": ("VARCHAR[]", "NULL[]"),
}
_EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "a boolean",
    "instant": "an instant with a time zone",
    "strings": "a list of text",
}
DUCKDB_TYPES = {
    "string": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "instant": "TIMESTAMP WITH TIME ZONE",
    "strings": "VARCHAR[]",
}


class FactError(WatchfloorError):
    """Rows do not fit the fact they are written to.

    FactError
    ├── UnknownFactError    no fact has that name
    ├── UnknownColumnError  the fact has no such column
    ├── ColumnTypeError     the column holds another type
    ├── MissingValueError   a required column is absent or null
    ├── ClosedValueError    a value outside the closed list
    └── WritingMemoryError  the rows are too many for the memory allowed
    """


class UnknownFactError(FactError):
    """No fact has that name."""


class UnknownColumnError(FactError):
    """The fact has no such column."""


class ColumnTypeError(FactError):
    """The column holds another type than the fact's."""


class MissingValueError(FactError):
    """A required column is absent or null."""


class ClosedValueError(FactError):
    """A value stands outside the closed list of its column."""


class WritingMemoryError(FactError):
    """The rows are too many for the memory allowed."""


@dataclass(frozen=True, slots=True)
class FactQuery:
    """Rows as a DuckDB SELECT, run where they are: the fast way for CSV files and generated history.

    `connection` is the caller's, for views and settings that the SELECT needs; None gives a fresh one.
    """

    sql: str
    connection: duckdb.DuckDBPyConnection | None = None


Source: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader | Iterable[pa.RecordBatch] | FactQuery


def as_arrow_stream(source: Source) -> pa.Table | pa.RecordBatchReader | None:
    """Return `source` as something that DuckDB scans, without reading it; None when it yields nothing."""
    if isinstance(source, pa.Table | pa.RecordBatchReader):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if isinstance(source, FactQuery):
        raise TypeError("A FactQuery is SQL, not Arrow.")
    batches = iter(source)
    first = next(batches, None)
    if first is None:
        return None
    return pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))


def typed_columns(table: FactTable, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (column name, SQL expression) of the columns of `table` at hand, checking each value it reads.

    A nullable column that is absent is left out of the file, where every reader takes it for null.

    Args:
        table: The fact to be written.
        found: Name and DuckDB type of the columns at hand.

    Raises:
        UnknownColumnError, ColumnTypeError, MissingValueError: the columns do not fit.

    """
    types = dict(found)
    for name in types:
        if name not in table.by_name:
            guess = nearest(name, table.by_name)
            raise UnknownColumnError(
                f"Fact {table.name!r} has no column {name!r}.",
                remedy=f"Did you mean {guess!r}?" if guess else f"Its columns: {', '.join(table.by_name)}.",
            )
    typed = [(column.name, _typed(table, column, types.get(column.name))) for column in table.columns]
    return [(name, expression) for name, expression in typed if expression is not None]


@contextmanager
def translated_errors(table: FactTable) -> Iterator[None]:
    """Turn what DuckDB raises while writing rows of `table` into the errors of this module."""
    try:
        yield
    except duckdb.ConversionException as error:
        raise ColumnTypeError(
            f"A value does not fit its column in fact {table.name!r}: {_first_line(error)}",
            remedy="Cast it before committing.",
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise WritingMemoryError(
            f"Writing rows of fact {table.name!r} needs more memory than allowed: {_first_line(error)}",
            remedy="Raise WriterSettings.memory_limit, or commit in smaller parts.",
        ) from error
    except duckdb.Error as error:
        text = str(error)
        if _MARK not in text:
            raise FactError(
                f"Rows of fact {table.name!r} cannot be read: {_first_line(error)}",
                remedy="Check the source.",
            ) from error
        found = json.loads(text[text.index(_MARK) + len(_MARK) :].splitlines()[0])
        column = table.by_name[found["column"]]
        if found["value"] is None:
            raise MissingValueError(
                f"Column {table.name}.{column.name} is required and null in the row {found['row']!r}.",
                remedy="Fill it, or leave the row out.",
            ) from error
        raise ClosedValueError(
            f"{table.name}.{column.name}={found['value']!r} in the row {found['row']!r} is not one of "
            f"{', '.join(column.one_of)}.",
            remedy="Map the value to one of them.",
        ) from error


def quoted(name: str) -> str:
    """Return `name` as a SQL identifier; some columns (`at`) are words of the language.

    >>> quoted("at")
    '"at"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as a SQL string.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def partition_expression(table: FactTable, *, grain: str) -> str:
    """Return the SQL of the partition date of a row, from its typed instant."""
    moment = f"make_timestamp(epoch_us({quoted(table.instant)}))"
    if grain == "month":
        moment = f"date_trunc('month', {moment})"
    return f"CAST({moment} AS DATE)"


def _typed(table: FactTable, column: Column, found: str | None) -> str | None:
    target = DUCKDB_TYPES[column.type]
    if found is None or found in ('"NULL"', "NULL"):
        if column.required:
            raise MissingValueError(
                f"Column {table.name}.{column.name} is required and was not given.",
                remedy=f"It means: {column.doc}",
            )
        return None
    if not any(found == kind or found.startswith(f"{kind}(") for kind in _ACCEPTED[column.type]):
        raise ColumnTypeError(
            f"Column {table.name}.{column.name} holds {found}; it must be {_EXPECTED[column.type]}.",
            remedy="Cast a naive timestamp to UTC first."
            if column.type == "instant"
            else f"Cast it to {target} first.",
        )
    return _checked(table, column, _converted(column, found, target))


def _converted(column: Column, found: str, target: str) -> str:
    name = quoted(column.name)
    if column.type == "instant":
        micros = f"epoch_us({name})"
        return f"make_timestamptz({micros} - (({micros} % 1000) + 1000) % 1000)"
    return name if found == target else f"CAST({name} AS {target})"


def _checked(table: FactTable, column: Column, value: str) -> str:
    key = "concat_ws('/', " + ", ".join(f"{quoted(name)}::VARCHAR" for name in table.key) + ")"

    def failure(value: str) -> str:
        found = f"{{'column': '{column.name}', 'row': {key}, 'value': {value}}}"
        return f"error('{_MARK}' || to_json({found})::VARCHAR)"

    cases = []
    if column.required:
        cases.append(f"WHEN {quoted(column.name)} IS NULL THEN {failure('NULL')}")
    if column.one_of:
        allowed = ", ".join(literal(one) for one in column.one_of)
        name = f"{quoted(column.name)}::VARCHAR"
        cases.append(f"WHEN {name} NOT IN ({allowed}) THEN {failure(name)}")
    return f"CASE {' '.join(cases)} ELSE {value} END" if cases else value


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
