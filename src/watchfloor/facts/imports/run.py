"""Runs one import: files in, one version of facts out, and a report that adds up to the row.

Everything before the commit happens in a workspace that is thrown away, so an import that fails has loaded
nothing. The steps: open files, stage them, judge rows across files, observe, keep the rejected, commit,
report.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path

import duckdb

from watchfloor.facts.imports.errors import ImportsError, SourceFileError
from watchfloor.facts.imports.files import LogFile, Progress, head_of, need_room, open_files, silent
from watchfloor.facts.imports.library import source_columns
from watchfloor.facts.imports.mapping import Mapping
from watchfloor.facts.imports.observing import observe
from watchfloor.facts.imports.outcomes import count_files, write_rejected
from watchfloor.facts.imports.reading import header_of
from watchfloor.facts.imports.reconcile import FactOutcome, Reconciler
from watchfloor.facts.imports.report import (
    FOLDER,
    ImportReport,
    import_folder,
    list_imports,
    published_version,
    rejected_path,
    save_report,
)
from watchfloor.facts.imports.staging import Staged, stage_file
from watchfloor.facts.lock import writer_lock
from watchfloor.facts.sources import FactQuery
from watchfloor.facts.store import FactStore, Mode

MEMORY_LIMIT = "1GB"
_LOCK_SECONDS = 5.0
# A thread's rows of one partition before they are written; eight times as many, as usual, cost a fifth more.
_ROWS_HELD_A_DAY = 65_536
SAME_CONTENT = "same file content as an earlier import"


def run_import(
    mapping: Mapping,
    files: Sequence[Path],
    store: FactStore,
    *,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
    check: bool = False,
    progress: Progress | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> ImportReport:
    """Return the report of the import of `files` into `store`, which is one atomic version or nothing.

    Args:
        mapping: How rows become facts.
        files: The log's files: CSV, JSON lines or Parquet; plain, gzip or zip.
        store: The operation's facts.
        now: The instant of the import: id, version, and end of the plausible range.
        clock: Reads the instant at the end, for the report; None reports `now`.
        check: Read and count everything, write nothing.
        progress: Called with (step, done, total); a total of 0 means that it is not known.
        memory_limit: What DuckDB may hold in memory; more is spilled to the temporary directory.

    Raises:
        ImportsError: the import cannot be made; nothing was loaded.

    """
    tell = progress or silent
    if not files:
        raise SourceFileError("No file is given.", remedy="Name the log's files after the mapping.")
    with tempfile.TemporaryDirectory(prefix="watchfloor-import-") as folder:
        workspace = Path(folder)
        opened = open_files([Path(file) for file in files], workspace=workspace, progress=tell)
        import_id = _import_id(mapping, opened, now)
        report = ImportReport(
            id=import_id,
            operation=store.operation,
            mapping=mapping.mapping,
            mapping_version=mapping.version,
            state="checked" if check else "started",
            files=[],
            duplicates={},
            rejected={},
            facts={},
            observations=[],
            started_at=now,
        )
        if check:
            return _finish(
                _load(report, mapping, opened, store, workspace, now, tell, memory_limit), clock, now
            )
        known = _same_content(store, mapping, opened)
        if known is not None:
            done = _finish(_recognised(report, known), clock, now)
            _keep_rejected(store, known.id, import_id)
            save_report(store, done)
            return done
        lock = Path(store.folder) / FOLDER / ".lock"
        with writer_lock(lock, timeout_seconds=_LOCK_SECONDS):
            try:
                done = _finish(
                    _load(report, mapping, opened, store, workspace, now, tell, memory_limit), clock, now
                )
            except BaseException:
                if published_version(store, import_id) is None:
                    shutil.rmtree(import_folder(store, import_id), ignore_errors=True)
                raise
            save_report(store, done)
        return done


def _load(
    report: ImportReport,
    mapping: Mapping,
    opened: list[LogFile],
    store: FactStore,
    workspace: Path,
    now: datetime,
    tell: Progress,
    memory_limit: str,
) -> ImportReport:
    sources = [_source_of(file, mapping, workspace) for file in opened]
    need_room(workspace, sum(file.path.stat().st_size for file in opened) // 2, what="The import")
    with _database(workspace, memory_limit) as connection:
        staged: list[Staged] = []
        for index, (file, source_name) in enumerate(zip(opened, sources, strict=True)):
            tell(f"Typing {file.name}", index, len(opened))
            staged.append(
                stage_file(
                    connection,
                    file,
                    index=index,
                    source_name=source_name,
                    mapping=mapping,
                    workspace=workspace,
                    now=now,
                )
            )
        tell("Looking for repeats", 0, 0)
        outcomes = Reconciler(connection, staged, store.snapshot()).run()
        tell("Counting", 0, 0)
        files, duplicates, rejected = count_files(connection, staged)
        observations = observe(connection, staged)
        facts = {
            fact: {"new": outcome.new_rows, "corrected": outcome.changed_rows}
            for fact, outcome in outcomes.items()
        }
        report = replace(
            report,
            files=files,
            duplicates=duplicates,
            rejected=rejected,
            facts=facts,
            observations=observations,
        )
        if not report.balanced:
            raise ImportsError(
                f"The rows of {report.id} do not add up: {report.rows_read:,} read, "
                f"{report.rows_loaded:,} loaded, "
                f"{report.rows_duplicate:,} duplicates, {report.rows_rejected:,} rejected; nothing was "
                f"loaded.",
                remedy="Report this with the mapping.",
            )
        if report.state == "checked":
            return report
        if report.rows_rejected:
            write_rejected(connection, staged, rejected_path(store, report.id))
        return _commit(report, connection, outcomes, store, now, tell)


def _commit(
    report: ImportReport,
    connection: duckdb.DuckDBPyConnection,
    outcomes: dict[str, FactOutcome],
    store: FactStore,
    now: datetime,
    tell: Progress,
) -> ImportReport:
    touched = {
        fact: outcome for fact, outcome in outcomes.items() if outcome.new_rows or outcome.changed_rows
    }
    if not touched:
        return replace(report, state="unchanged")
    tell("Writing facts", 0, 0)
    save_report(store, report)  # as started: should this process die, what was published can be told
    modes: dict[str, Mode] = {
        fact: "merge" if one.changed_rows else "append" for fact, one in touched.items()
    }
    version = store.commit(
        {fact: FactQuery(outcome.sql, connection) for fact, outcome in touched.items()},
        mode=modes,
        published_at=now,
        source=f"import:{report.mapping}",
        detail={"import": report.id, "rows_read": report.rows_read, "rows_loaded": report.rows_loaded},
    )
    return replace(report, state="loaded", version=version.number)


def _source_of(file: LogFile, mapping: Mapping, workspace: Path) -> str:
    """Return the mapping's source that the file belongs to, by its name, else by its columns."""
    for name, source in mapping.sources.items():
        if any(fnmatch(file.name.lower(), pattern.lower()) for pattern in source.match):
            return name
    for name, source in mapping.sources.items():
        if source.format != "csv" or head_of(file.path) == b"PAR1":
            continue
        _, columns = header_of(file, source, workspace=workspace)
        if source_columns(source) - set(source.optional_columns) <= set(columns):
            return name
    patterns = "; ".join(f"{name}: {', '.join(source.match)}" for name, source in mapping.sources.items())
    raise SourceFileError(
        f"{file.name} belongs to no source of the mapping {mapping.mapping!r}, by its name or by its "
        f"columns.",
        remedy=f"Expected {patterns}.",
    )


@contextmanager
def _database(workspace: Path, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(
        ":memory:", config={"memory_limit": memory_limit, "temp_directory": str(workspace / "spill")}
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET threads = {max(1, min(os.cpu_count() or 1, 8))}")
        connection.execute(f"SET partitioned_write_flush_threshold = {_ROWS_HELD_A_DAY}")
        yield connection
    finally:
        connection.close()


def _import_id(mapping: Mapping, files: list[LogFile], now: datetime) -> str:
    digest = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()[:8]
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{mapping.mapping}-{digest}"


def _same_content(store: FactStore, mapping: Mapping, files: list[LogFile]) -> ImportReport | None:
    """Return the newest import, when it read the same contents by the same mapping: nothing can be new."""
    finished = [report for report in list_imports(store) if report.state in ("loaded", "unchanged")]
    if not finished:
        return None
    last = finished[0]
    same = sorted(file.sha256 for file in last.files) == sorted(file.sha256 for file in files)
    versions = store.snapshot().number
    standing = last.version is None or last.version == versions
    same_mapping = (last.mapping, last.mapping_version) == (mapping.mapping, mapping.version)
    return last if same and standing and same_mapping else None


def _recognised(report: ImportReport, known: ImportReport) -> ImportReport:
    files = [
        replace(file, rows_loaded=0, rows_corrected=0, rows_duplicate=file.rows_loaded + file.rows_duplicate)
        for file in known.files
    ]
    duplicates = {SAME_CONTENT: sum(file.rows_duplicate for file in files)}
    return replace(
        report,
        state="unchanged",
        files=files,
        duplicates={reason: n for reason, n in duplicates.items() if n},
        rejected=known.rejected,
        facts={fact: {"new": 0, "corrected": 0} for fact in known.facts},
        observations=known.observations,
        same_content_as=known.id,
    )


def _keep_rejected(store: FactStore, known_id: str, import_id: str) -> None:
    path = rejected_path(store, known_id)
    if path.is_file():
        import_folder(store, import_id).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, rejected_path(store, import_id))


def _finish(report: ImportReport, clock: Callable[[], datetime] | None, now: datetime) -> ImportReport:
    return replace(report, finished_at=clock() if clock else now)


def report_json(report: ImportReport) -> str:
    """Return the report as JSON text."""
    return json.dumps(report.as_dict(), ensure_ascii=False, indent=1, default=str)
