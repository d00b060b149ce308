"""Counts what became of every row, and keeps the rejected ones."""

from collections import Counter
from pathlib import Path

import duckdb

from watchfloor.facts.imports.reading import ROW
from watchfloor.facts.imports.report import FileReport
from watchfloor.facts.imports.staging import FILE_SHIFT, Staged
from watchfloor.facts.sources import literal, quoted

_REASON = "split_part(_reject, '; ', 1)"


def count_files(
    connection: duckdb.DuckDBPyConnection, staged: list[Staged]
) -> tuple[list[FileReport], dict[str, int], dict[str, int]]:
    """Return (one report a file, duplicates by reason, rejected by first reason).

    A row is a duplicate when every fact it feeds is idle: it repeats an earlier row or stands already.
    """
    files, duplicates, rejected = [], Counter[str](), Counter[str]()
    for one in staged:
        first, end = one.index << FILE_SHIFT, (one.index + 1) << FILE_SHIFT
        mine = f"_id >= {first} AND _id < {end}"
        _count_idle(connection, one, mine)
        found = connection.execute("SELECT reason, count(*) FROM idle_rows GROUP BY 1 ORDER BY 1").fetchall()
        duplicates.update({reason: int(n) for reason, n in found})
        idle = sum(int(n) for _, n in found)
        refused = connection.execute(
            f"SELECT {_REASON}, count(*) FROM {one.view} WHERE _reject IS NOT NULL GROUP BY 1 "
            f"UNION ALL SELECT reason, count(*) FROM conflict WHERE {mine} GROUP BY 1"
        ).fetchall()
        by_reason = {str(reason): int(n) for reason, n in refused}
        rejected.update(by_reason)
        corrected = connection.execute(
            f"SELECT count(DISTINCT _id) FROM corrected WHERE {mine} AND _id NOT IN (SELECT _id FROM "
            f"idle_rows)"
        ).fetchone()
        files.append(
            FileReport(
                name=one.file.name,
                given=str(one.file.given),
                source=one.source_name,
                sha256=one.file.sha256,
                size_bytes=one.file.size_bytes,
                rows_read=one.row_count,
                rows_loaded=one.row_count - idle - sum(by_reason.values()),
                rows_corrected=int(corrected[0]) if corrected else 0,
                rows_duplicate=idle,
                rows_rejected=sum(by_reason.values()),
                unused_columns=list(one.unused_columns),
            )
        )
    return files, dict(duplicates.most_common()), dict(rejected.most_common())


def write_rejected(connection: duckdb.DuckDBPyConnection, staged: list[Staged], target: Path) -> None:
    """Write every rejected row (file, row, reasons, raw values as JSON) to a Parquet file."""
    parts = []
    for one in staged:
        name = literal(one.file.name)
        parts.append(
            f"SELECT _id, {name} AS file, {ROW} AS row, _reject AS reasons, _raw AS raw FROM {one.view} "
            "WHERE _reject IS NOT NULL"
        )
        first, end = one.index << FILE_SHIFT, (one.index + 1) << FILE_SHIFT
        if _number(connection, f"SELECT count(*) FROM conflict WHERE _id >= {first} AND _id < {end}"):
            pairs = ", ".join(f"{literal(column)}, {quoted(column)}" for column in one.rows.columns)
            numbered = ROW if one.rows.numbered else "row_number() OVER ()"
            parts.append(
                f"SELECT _id, {name}, number, reason, raw FROM (SELECT {first} + {numbered} AS _id, "
                f"{numbered} AS number, CAST(json_object({pairs}) AS VARCHAR) AS raw FROM {one.rows.sql}) "
                "JOIN conflict USING (_id)"
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"COPY (SELECT file, row, reasons, raw FROM ({' UNION ALL '.join(parts)}) ORDER BY _id) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )


def _count_idle(connection: duckdb.DuckDBPyConnection, one: Staged, mine: str) -> None:
    """Make `idle_rows`: the file's rows for which every fact they feed is idle, with a reason."""
    feeds = " + ".join(
        f"CAST({quoted(one.plan.when[fact])} AS INTEGER)" if fact in one.plan.when else "1"
        for fact in one.source.facts
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE idle_rows AS SELECT _id, i.reason FROM "
        f"(SELECT _id, count(*) AS n, min(reason) AS reason FROM idle WHERE {mine} GROUP BY _id) AS i "
        f"JOIN (SELECT _id, {feeds} AS feeds FROM {one.view} WHERE _reject IS NULL) AS r USING (_id) "
        "WHERE i.n = r.feeds AND _id NOT IN (SELECT _id FROM conflict)"
    )


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
