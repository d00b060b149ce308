"""Writes rows of a fact as Parquet files in its partitions, inside DuckDB; the files belong to nothing yet.

A file becomes part of a table by a Delta commit (`facts.delta`) and visible by a manifest (`facts.manifest`).
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from watchfloor.facts.schemas import FactTable
from watchfloor.facts.sources import (
    PARTITION_COLUMN,
    FactQuery,
    Source,
    as_arrow_stream,
    literal,
    partition_expression,
    quoted,
    translated_errors,
    typed_columns,
)

_INPUT = "watchfloor_input"
_FSYNC_FILES = 32
_GROUP_ROWS = 400_000
_DICTIONARY_VALUES = 8_192  # reviewers and queues fit; a column of keys is given up early


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of a fact: where it is, how many rows, and the bounds of its instants.

    `bounds` holds (lowest, highest), both inclusive, for each instant column that has a value;
    `nulls` the number of nulls of each instant column that was counted.
    """

    path: str
    partition_date: date
    row_count: int
    size_bytes: int
    bounds: Mapping[str, tuple[datetime, datetime]]
    nulls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """How Parquet files are written; the defaults hold a commit under one gigabyte of memory."""

    memory_limit: str = "1GB"
    threads: int | None = None
    temp_directory: Path | None = None
    compression: str = "zstd"


class PartitionWriter:
    """Writes the rows of one fact into the folder of its table."""

    def __init__(self, table: FactTable, folder: Path, *, grain: str, settings: WriterSettings) -> None:
        self.table = table
        self.folder = folder
        self.grain = grain
        self.settings = settings

    def write(self, source: Source) -> list[DataFile]:
        """Return the files written for `source`, after every value was checked.

        Raises:
            FactError: the rows do not fit the fact; no file is left behind.

        """
        if isinstance(source, FactQuery):
            with self.connection(source.connection) as connection:
                return self._write_checked(connection, f"({source.sql})")
        stream = as_arrow_stream(source)
        if stream is None:
            return []
        with self.connection() as connection:
            connection.register(_INPUT, stream)
            return self._write_checked(connection, _INPUT, types_from=stream.schema.empty_table())

    def write_typed(
        self, connection: duckdb.DuckDBPyConnection, select: str, *, in_order: bool = False
    ) -> list[DataFile]:
        """Return the files written for a SELECT that yields every column of the fact, checked already.

        `in_order` sorts by the fact's instant, so that readers skip more; it costs about half again as much
        time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        token = uuid4().hex[:12]
        order = f"ORDER BY {quoted(self.table.instant)}" if in_order else ""
        partition = partition_expression(self.table, grain=self.grain)
        statement = f"""
            COPY (SELECT *, {partition} AS {PARTITION_COLUMN} FROM ({select}) AS typed {order})
            TO {literal(str(self.folder))} (
                FORMAT parquet, PARTITION_BY ({PARTITION_COLUMN}), APPEND, RETURN_STATS,
                FILENAME_PATTERN '{token}-{{uuid}}', COMPRESSION {self.settings.compression},
                DICTIONARY_SIZE_LIMIT {_DICTIONARY_VALUES}, PARQUET_VERSION {_parquet_version(self.table)}
            )"""
        try:
            with translated_errors(self.table):
                written = connection.execute(statement).fetchall()
        except BaseException:
            for leftover in self.folder.glob(f"{PARTITION_COLUMN}=*/{token}-*"):
                leftover.unlink(missing_ok=True)
            raise
        files = [_data_file(self.table, row) for row in written if row[1]]
        make_durable([Path(file.path) for file in files])
        return files

    def _write_checked(
        self, connection: duckdb.DuckDBPyConnection, relation: str, types_from: Any = None
    ) -> list[DataFile]:
        select = self.checked_select(connection, relation, types_from=types_from)
        return self.write_typed(connection, select)

    def checked_select(
        self, connection: duckdb.DuckDBPyConnection, relation: str, *, types_from: Any = None
    ) -> str:
        """Return the SELECT that types and checks every column of `relation`."""
        described = relation
        if types_from is not None:  # a stream can be read once only
            connection.register(f"{_INPUT}_types", types_from)
            described = f"{_INPUT}_types"
        with translated_errors(self.table):
            found = connection.execute(f"DESCRIBE SELECT * FROM {described} AS source").fetchall()
        columns = typed_columns(self.table, [(row[0], row[1]) for row in found])
        selected = ", ".join(f"{expression} AS {quoted(name)}" for name, expression in columns)
        return f"SELECT {selected} FROM {relation} AS source"

    @contextmanager
    def connection(
        self, given: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the caller's connection, or one of this process's own with the writer's settings."""
        if given is not None:
            yield given
            return
        cursor = _database(self.settings, os.getpid()).cursor()
        try:
            cursor.execute("SET TimeZone = 'UTC'")
            yield cursor
        finally:
            cursor.close()


@lru_cache(maxsize=8)
def spill_folder(process: int) -> Path:
    """Return where DuckDB in that process writes what memory does not hold; removed when the process ends."""
    folder = Path(tempfile.gettempdir()) / f"watchfloor-spill-{process}"
    atexit.register(_remove_spilled, folder, process)
    return folder


def _remove_spilled(folder: Path, process: int) -> None:
    if os.getpid() == process:  # not in a forked child, whose parent still writes there
        shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=8)
def _database(settings: WriterSettings, process: int) -> duckdb.DuckDBPyConnection:
    """Return the database of a process; a forked one gets its own."""
    config: dict[str, Any] = {"memory_limit": settings.memory_limit}
    if settings.threads is not None:
        config["threads"] = settings.threads
    config["temp_directory"] = str(settings.temp_directory or spill_folder(process))
    return duckdb.connect(":memory:", config=config)


atexit.register(_database.cache_clear)  # DuckDB complains of connections that outlive the interpreter


def partition_groups(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    """Yield the files by whole partitions, few enough rows together to be sorted within the memory limit."""
    group: list[DataFile] = []
    by_date = sorted(files, key=lambda file: (file.partition_date, file.path))
    for _, partition in groupby(by_date, key=lambda file: file.partition_date):
        together = list(partition)
        if group and sum(file.row_count for file in group + together) > _GROUP_ROWS:
            yield group
            group = []
        group += together
    if group:
        yield group


def parsed_instant(text: str) -> datetime:
    """Return the instant of a DuckDB statistic, such as `2026-01-01 08:00:00.5+08`."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _parquet_version(table: FactTable) -> str:
    """Return V2, a third smaller and no slower to write and to read; V1 for a fact with a float column.

    DuckDB writes floats of V2 as split byte streams, which not every version of Spark reads.
    """
    return "V1" if any(column.type == "float" for column in table.columns) else "V2"


def _data_file(table: FactTable, row: tuple[Any, ...]) -> DataFile:
    name, count, size_bytes, _, statistics, partition = row[:6]
    bounds, nulls = {}, {}
    for column in table.columns:
        found = statistics.get(quoted(column.name))
        if column.type != "instant" or found is None:
            continue
        nulls[column.name] = int(found.get("null_count", 0))
        if "min" in found and "max" in found:
            bounds[column.name] = (parsed_instant(found["min"]), parsed_instant(found["max"]))
    return DataFile(
        path=str(name),
        partition_date=date.fromisoformat(partition[PARTITION_COLUMN]),
        row_count=int(count),
        size_bytes=int(size_bytes),
        bounds=bounds,
        nulls=nulls,
    )


def make_durable(paths: Sequence[Path]) -> None:
    """Make the files and their names survive a loss of power."""
    if len(paths) > _FSYNC_FILES:
        os.sync()
        return
    folders = {folder for path in paths for folder in (path.parent, path.parent.parent)}
    for path in [*paths, *folders]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
