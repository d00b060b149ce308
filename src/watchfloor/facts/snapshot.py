"""One published version as a reader sees it: which files, which rows, from when to when."""

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchfloor.facts.delta import list_files
from watchfloor.facts.manifest import TableVersion, Version
from watchfloor.facts.schemas import TABLES, FactTable
from watchfloor.facts.sources import UnknownFactError
from watchfloor.facts.writing import DataFile
from watchfloor.kernel import Period, nearest

_JUST_AFTER = timedelta(milliseconds=1)  # instants are kept to the millisecond
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Snapshot:
    """The facts of an operation as they were published at one instant. It never changes.

    Number 0 is the empty operation, before its first commit.
    """

    def __init__(self, folder: Path, version: Version) -> None:
        self.folder = folder
        self.version = version

    @property
    def operation(self) -> str:
        """Name of the operation."""
        return self.folder.name

    @property
    def number(self) -> int:
        """Number of the version; 0 before the first commit."""
        return self.version.number

    @property
    def identity(self) -> Hashable:
        """What tells this version from every other, even one of its number in a folder made anew."""
        tables = tuple((name, table.table_id) for name, table in self.version.tables.items())
        return str(self.folder), self.number, self.published_at, tables

    @property
    def published_at(self) -> datetime:
        """When the version was published; 1970-01-01 for number 0."""
        return self.version.published_at

    def data_files(self, table: str, period: Period | None = None) -> tuple[DataFile, ...]:
        """Return the files that may hold rows whose instant lies in `period`, by partition.

        Files without statistics are kept.
        """
        fact = fact_table(table)
        version = self.version.tables.get(table)
        if version is None or not version.file_count:
            return ()
        files = list_files(fact, self.folder / table, version)
        if period is None:
            return files
        return tuple(file for file in files if _overlaps(file, fact.instant, period))

    def files(self, table: str, period: Period | None = None) -> list[str]:
        """Return the paths of the Parquet files that may hold rows whose instant lies in `period`."""
        return [file.path for file in self.data_files(table, period)]

    def extent(self, table: str) -> Period | None:
        """Return the shortest period that holds every row of the table; None when it has no row."""
        version = self._version_of(table)
        if version is None or version.first_at is None or version.last_at is None:
            return None
        return Period(version.first_at, version.last_at + _JUST_AFTER)

    def row_count(self, table: str) -> int:
        """Return the number of rows of the table."""
        version = self._version_of(table)
        return version.row_count if version else 0

    def _version_of(self, table: str) -> TableVersion | None:
        return self.version.tables.get(fact_table(table).name)

    def __repr__(self) -> str:
        return f"Snapshot({self.operation!r}, number={self.number})"


def fact_table(name: str) -> FactTable:
    """Return the schema of the fact `name`.

    Raises:
        UnknownFactError: there is no such fact.

    """
    if name in TABLES:
        return TABLES[name]
    guess = nearest(name, TABLES)
    raise UnknownFactError(
        f"There is no fact {name!r}.",
        remedy=f"Did you mean {guess!r}?" if guess else f"The facts: {', '.join(TABLES)}.",
    )


def total_rows(files: Sequence[DataFile]) -> int:
    """Return the number of rows in `files`."""
    return sum(file.row_count for file in files)


def _overlaps(file: DataFile, column: str, period: Period) -> bool:
    bounds = file.bounds.get(column)
    if bounds is None:
        return True
    first, last = bounds
    return first < period.end and (last >= period.start or bool(file.nulls.get(column)))
