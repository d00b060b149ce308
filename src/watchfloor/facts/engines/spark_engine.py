"""Spark: the same facts and the same SQL meaning, for data that outgrow one machine.

PySpark (4 or newer) comes with the extra `watchfloor[spark]`, Java from the machine; PySpark is imported when
the first query starts. The fact files must stand where every executor reads them under the same path.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import expressions as exp

from watchfloor.facts.engines.base import EngineStartError, Parameters, QueryError, VersionGoneError
from watchfloor.facts.engines.views import FactView, nearest_view, views_of
from watchfloor.facts.snapshot import Snapshot
from watchfloor.kernel import Period

_TYPES = {
    "string": "STRING",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "instant": "TIMESTAMP",
    "strings": "ARRAY<STRING>",
}
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


class SparkEngine:
    """Answers SQL on a Spark cluster; safe to share between threads.

    Args:
        master: Spark's master, such as `spark://host:7077` or `local[2]`.
        settings: More of Spark's own settings.

    """

    dialect = "spark"

    def __init__(self, *, master: str, settings: Mapping[str, str] | None = None) -> None:
        self._master = master
        self._settings = {**_SETTINGS, **(settings or {})}
        self._session: Any = None
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
            EngineStartError: PySpark is absent, or the master cannot be reached.
            VersionGoneError: the files of the snapshot were vacuumed.

        """
        _check_one_select(sql)
        session = self._started().newSession()  # its views are its own, so that threads do not meet
        session.conf.set("spark.sql.session.timeZone", "UTC")
        arguments = list(parameters) if isinstance(parameters, Sequence) else parameters
        with _typed_errors():
            for view in views_of(sql, snapshot=snapshot, period=period):
                _fact_rows(session, view).createOrReplaceTempView(view.name)
            found: pa.Table = session.sql(sql, args=arguments).toArrow()
            return found

    def close(self) -> None:
        """Leave the cluster; the engine may be used again."""
        with self._lock:
            if self._session is not None:
                self._session.stop()
                self._session = None

    def _started(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = _start(self._master, self._settings)
            return self._session


def _start(master: str, settings: Mapping[str, str]) -> Any:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import DataFrame, SparkSession
    except ImportError as error:
        raise EngineStartError("PySpark is not installed.", remedy="Install watchfloor[spark].") from error
    if not hasattr(DataFrame, "toArrow"):
        raise EngineStartError("This PySpark is older than 4.", remedy="Install pyspark 4 or newer.")
    builder = SparkSession.builder.master(master).appName("watchfloor")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise EngineStartError(
            f"Spark does not start with the master {master!r}: {error}",
            remedy="Check that Java 17 or newer is installed and that the master is up.",
        ) from error


def _fact_rows(session: Any, view: FactView) -> Any:
    columns = [(f"`{column.name}`", _TYPES[column.type]) for column in view.table.columns]
    if not view.files:
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns)
        return session.sql(f"SELECT {empty} WHERE false")
    schema = ", ".join(f"{name} {kind}" for name, kind in columns)
    paths = [f"file:{file.path}" for file in view.files]
    return session.read.schema(schema).parquet(*paths).select(*(name for name, _ in columns))


def _check_one_select(sql: str) -> None:
    try:
        statements = sqlglot.parse(sql, read="spark")
    except sqlglot.errors.SqlglotError as error:
        raise QueryError(f"The query cannot be read: {error}", remedy="Correct the SQL.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise QueryError("The query is not one SELECT.", remedy="Pass one SELECT.")


@contextmanager
def _typed_errors() -> Iterator[None]:
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        text = str(error)
        first_line = text.splitlines()[0]
        if "PATH_NOT_FOUND" in text or "FILE_NOT_EXIST" in text:
            raise VersionGoneError(
                f"A file of the version cannot be read: {first_line}",
                remedy="Take a new snapshot; old versions are vacuumed after their retention.",
            ) from error
        remedy = nearest_view(first_line) if "TABLE_OR_VIEW_NOT_FOUND" in text else "Correct the SQL."
        raise QueryError(f"Spark refused the query: {first_line}", remedy=remedy) from error
