"""DuckDB in this process: the default engine."""

import re
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa

from watchfloor.facts.engines.base import Parameters, QueryError
from watchfloor.facts.scans import scan
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.snapshot import Snapshot
from watchfloor.kernel import Period

_NAMES = re.compile(r"\bfact_([a-z_]+)\b")


class DuckDBEngine:
    """Answers SQL with DuckDB; safe to share between threads."""

    dialect = "duckdb"

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory_limit: str | None = None,
        temp_directory: Path | None = None,
    ) -> None:
        config: dict[str, Any] = {}
        if threads is not None:
            config["threads"] = threads
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if temp_directory is not None:
            config["temp_directory"] = str(temp_directory)
        self._database = duckdb.connect(":memory:", config=config)
        self._database.execute("SET GLOBAL TimeZone = 'UTC'")
        self._lock = Lock()

    def query(
        self,
        sql: str,
        *,
        snapshot: Snapshot,
        period: Period | None = None,
        parameters: Parameters | None = None,
    ) -> pa.Table:
        """Return the rows of one SELECT; see `Engine.query`."""
        with self._lock:
            cursor = self._database.cursor()
        try:
            for name in sorted(set(_NAMES.findall(sql)) & set(TABLES)):
                rows = scan(TABLES[name], snapshot.files(name, period))
                cursor.execute(f"CREATE TEMP VIEW fact_{name} AS {rows}")
            return cursor.sql(sql, params=parameters).to_arrow_table()
        except duckdb.Error as error:
            raise QueryError(f"DuckDB refused the query: {error}", remedy="Correct the SQL.") from error
        finally:
            cursor.close()
