"""DuckDB in this process: the default engine."""

import os
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import Any

import duckdb
import pyarrow as pa

from watchfloor.facts.engines.base import (
    EngineError,
    Parameters,
    QueryError,
    SlowQueryError,
    VersionGoneError,
)
from watchfloor.facts.engines.small_facts import FEWEST_FILES, SmallFacts
from watchfloor.facts.engines.views import FactView, nearest_view, views_of
from watchfloor.facts.scans import scan
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.sources import quoted
from watchfloor.facts.writing import spill_folder
from watchfloor.kernel import Period

_IDLE_SESSIONS = 32
_SessionKey = tuple[Hashable, Period | None]


class DuckDBEngine:
    """Answers SQL with DuckDB; safe to share between threads.

    A query may read files under the store's root and nothing else, and change nothing.

    Args:
        threads: Threads for all queries together; DuckDB's default is one a core.
        memory_limit: Such as "4GB"; beyond it DuckDB spills to `temp_directory`. Default: 80 % of memory.
        temp_directory: Where it spills to; by default a folder of this process under the system's.
        timeout_seconds: A query that takes longer is stopped.

    """

    dialect = "duckdb"

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory_limit: str | None = None,
        temp_directory: Path | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        given = {"threads": threads, "memory_limit": memory_limit}
        self._config: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self._config["temp_directory"] = str(temp_directory or spill_folder(os.getpid()))
        self._timeout_seconds = timeout_seconds
        self._databases: dict[Path, duckdb.DuckDBPyConnection] = {}
        self._small: dict[Path, SmallFacts] = {}
        self._idle: OrderedDict[_SessionKey, list[_Session]] = OrderedDict()
        self._lock = Lock()

    def query(
        self,
        sql: str,
        *,
        snapshot: Snapshot,
        period: Period | None = None,
        parameters: Parameters | None = None,
    ) -> pa.Table:
        """Return the rows of one SELECT; see `Engine.query`.

        Raises:
            QueryError: the SQL is wrong, or is not one SELECT.
            SlowQueryError: it took longer than `timeout_seconds`.
            VersionGoneError: the files of the snapshot were vacuumed.

        """
        views = views_of(sql, snapshot=snapshot, period=period)
        key = (snapshot.identity, period)
        with self._session(key, snapshot.folder.parent) as session, _typed_errors(self._timeout_seconds):
            _check_one_select(session.connection, sql)
            for view in views:
                if view.name not in session.views:
                    session.add(view, snapshot)
            with _stopped_after(session.connection, self._timeout_seconds):
                return session.connection.sql(sql, params=parameters).to_arrow_table()

    def close(self) -> None:
        """Free the memory of the engine; it may be used again."""
        with self._lock:
            self._idle.clear()
            for database in self._databases.values():
                database.close()
            self._databases.clear()
            self._small.clear()

    @contextmanager
    def _session(self, key: _SessionKey, root: Path) -> Iterator["_Session"]:
        with self._lock:
            session = self._waiting(key) or _Session(self._database(root).cursor(), self._small[root])
        try:
            yield session
        except BaseException:
            session.small.unpin(session.kept)
            session.connection.close()
            raise
        session.small.unpin(session.kept)
        with self._lock:
            self._idle.setdefault(key, []).append(session)
            self._idle.move_to_end(key)
            while sum(map(len, self._idle.values())) > _IDLE_SESSIONS:
                for dropped in self._idle.popitem(last=False)[1]:
                    dropped.connection.close()

    def _waiting(self, key: _SessionKey) -> "_Session | None":
        waiting = self._idle.get(key, [])
        while waiting:
            session = waiting.pop()
            if session.small.pin(session.kept):
                return session
            session.connection.close()  # a fact that its views name was let go
        return None

    def _database(self, root: Path) -> duckdb.DuckDBPyConnection:
        if root not in self._databases:
            database = duckdb.connect(":memory:", config=self._config)
            database.execute("SET GLOBAL TimeZone = 'UTC'")
            database.execute("SET GLOBAL preserve_insertion_order = false")
            # Fact files are never changed in place, so what was read of them once stays true.
            database.execute("SET GLOBAL parquet_metadata_cache = true")
            database.execute("SET GLOBAL validate_external_file_cache = 'NO_VALIDATION'")
            database.execute(
                f"SET GLOBAL allowed_directories = ['{str(root).replace(chr(39), chr(39) * 2)}/']"
            )
            database.execute("SET GLOBAL enable_external_access = false")
            database.execute("SET GLOBAL lock_configuration = true")
            self._databases[root] = database
            self._small[root] = SmallFacts()
        return self._databases[root]


class _Session:
    """A connection and the views that it has; used by one thread at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, small: SmallFacts) -> None:
        self.connection = connection
        self.small = small
        self.views: set[str] = set()
        self.kept: set[str] = set()

    def add(self, view: FactView, snapshot: Snapshot) -> None:
        """Make a view of a fact: of its files, or of the rows kept in memory when they are few."""
        many = len(view.files) >= FEWEST_FILES
        kept = self.small.keep(self.connection, snapshot, view.table) if many else None
        if kept is None:
            rows = scan(view.table, [file.path for file in view.files])
        else:
            self.kept.add(kept)
            rows = f"SELECT * FROM memory.main.{quoted(kept)}"
        self.connection.execute(f"CREATE TEMP VIEW {quoted(view.name)} AS {rows}")
        self.views.add(view.name)


def _check_one_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise QueryError(f"The query is {kinds}, not one SELECT.", remedy="Pass one SELECT.")


@contextmanager
def _stopped_after(connection: duckdb.DuckDBPyConnection, seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _typed_errors(timeout_seconds: float | None) -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException as error:
        raise SlowQueryError(
            f"The query took longer than {timeout_seconds} s and was stopped.",
            remedy="Ask for a shorter period, or allow more time.",
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise EngineError(
            f"The query needs more memory than the engine has: {error}",
            remedy="Raise memory_limit, set temp_directory, or ask for a shorter period.",
        ) from error
    except duckdb.IOException as error:
        raise VersionGoneError(
            f"A file of the version cannot be read: {error}",
            remedy="Take a new snapshot; old versions are vacuumed after their retention.",
        ) from error
    except duckdb.CatalogException as error:
        first_line = str(error).splitlines()[0]  # DuckDB's own guesses know nothing of views still to be made
        raise QueryError(
            f"DuckDB refused the query: {first_line}", remedy=nearest_view(first_line)
        ) from error
    except duckdb.Error as error:
        raise QueryError(f"DuckDB refused the query: {error}", remedy="Correct the SQL.") from error
