"""What every engine promises: the same names, the same rows, typed errors."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from watchfloor.facts.snapshot import Snapshot
from watchfloor.kernel import Period, WatchfloorError

Parameters = Sequence[Any] | Mapping[str, Any]


class EngineError(WatchfloorError):
    """An engine could not answer.

    EngineError
    ├── QueryError         the SQL is wrong, or is not one SELECT
    ├── SlowQueryError     it took longer than allowed
    ├── VersionGoneError   the files of the snapshot are gone
    └── EngineStartError   the engine itself cannot run here
    """


class QueryError(EngineError):
    """The SQL is wrong, or is not one SELECT."""


class SlowQueryError(EngineError):
    """The query took longer than allowed."""


class VersionGoneError(EngineError):
    """The files of the snapshot are gone: it was vacuumed."""


class EngineStartError(EngineError):
    """The engine itself cannot run here."""


class Engine(Protocol):
    """Answers SQL in its own dialect over the facts of a snapshot.

    In the SQL, `fact_<table>` is a fact, with every column of its schema, also where the operation has no
    row. Instants are timestamps in UTC.
    """

    dialect: str

    def query(
        self,
        sql: str,
        *,
        snapshot: Snapshot,
        period: Period | None = None,
        parameters: Parameters | None = None,
    ) -> pa.Table:
        """Return the rows of one SELECT as an Arrow table.

        Args:
            sql: One SELECT, in the engine's dialect.
            snapshot: The version to read.
            period: Leaves out files that hold no row of that period. It spares reading and filters nothing:
                the SQL must hold the same condition on the fact's instant.
            parameters: Values of `?` in order, or by name (`$name` in DuckDB, `:name` in Spark).

        Raises:
            QueryError: the SQL is wrong; the message holds the engine's own.

        """
        ...
