"""What an import did, kept beside the facts: counts that add up, the rejected rows, the observations.

    <operation>/_imports/<import id>/report.json
                                     rejected.parquet   file, row, reasons, raw

Every row read is loaded, a duplicate, or rejected; `ImportReport.balanced` says so.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from watchfloor.facts.imports.errors import NoSuchImportError
from watchfloor.facts.imports.observing import Observation
from watchfloor.facts.store import FactStore
from watchfloor.kernel import nearest

FOLDER = "_imports"
_REPORT, _REJECTED = "report.json", "rejected.parquet"
_BATCH_ROWS = 10_000
_OWN_COLUMNS = ("watchfloor_file", "watchfloor_row", "watchfloor_reasons")  # a log may have a column `file`


@dataclass(frozen=True)
class FileReport:
    """One file: what it is, and what became of its rows."""

    name: str
    given: str
    source: str
    sha256: str
    size_bytes: int
    rows_read: int
    rows_loaded: int
    rows_corrected: int
    rows_duplicate: int
    rows_rejected: int
    unused_columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ImportReport:
    """One import. `loaded` counts source rows; `facts` counts the fact rows they made, by table.

    `state` is `checked` (nothing was written), `loaded`, `unchanged` (every row stood already, or was
    rejected)
    or `started` (the process died before its end; nothing was loaded).
    """

    id: str
    operation: str
    mapping: str
    mapping_version: int
    state: str
    files: list[FileReport]
    duplicates: dict[str, int]
    rejected: dict[str, int]
    facts: dict[str, dict[str, int]]
    observations: list[Observation]
    started_at: datetime
    finished_at: datetime | None = None
    version: int | None = None
    same_content_as: str | None = None

    @property
    def rows_read(self) -> int:
        """Rows in all files."""
        return sum(file.rows_read for file in self.files)

    @property
    def rows_loaded(self) -> int:
        """Rows that made or corrected a fact."""
        return sum(file.rows_loaded for file in self.files)

    @property
    def rows_corrected(self) -> int:
        """Rows, among those loaded, that changed a fact that stood."""
        return sum(file.rows_corrected for file in self.files)

    @property
    def rows_duplicate(self) -> int:
        """Rows that add nothing to what stands."""
        return sum(file.rows_duplicate for file in self.files)

    @property
    def rows_rejected(self) -> int:
        """Rows that were refused."""
        return sum(file.rows_rejected for file in self.files)

    @property
    def balanced(self) -> bool:
        """Whether rows read = loaded + duplicates + rejected, in every file and by reason."""
        return (
            all(f.rows_read == f.rows_loaded + f.rows_duplicate + f.rows_rejected for f in self.files)
            and sum(self.duplicates.values()) == self.rows_duplicate
            and sum(self.rejected.values()) == self.rows_rejected
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON, totals and shares included."""
        document = asdict(self)
        document["started_at"] = self.started_at.isoformat()
        document["finished_at"] = self.finished_at.isoformat() if self.finished_at else None
        for written, observation in zip(document["observations"], self.observations, strict=True):
            written["share"] = observation.share
        totals = ("rows_read", "rows_loaded", "rows_corrected", "rows_duplicate", "rows_rejected", "balanced")
        return {**document, **{name: getattr(self, name) for name in totals}}


def save_report(store: FactStore, report: ImportReport) -> Path:
    """Write the report beside the facts, in one step, and return its path."""
    folder = import_folder(store, report.id)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{_REPORT}.draft"
    draft.write_text(
        json.dumps(report.as_dict(), ensure_ascii=False, indent=1, default=str), encoding="utf-8"
    )
    return draft.replace(folder / _REPORT)


def import_folder(store: FactStore, import_id: str) -> Path:
    """Return the folder of one import."""
    return Path(store.folder) / FOLDER / import_id


def rejected_path(store: FactStore, import_id: str) -> Path:
    """Return the Parquet file of the rejected rows of one import."""
    return import_folder(store, import_id) / _REJECTED


def list_imports(store: FactStore) -> list[ImportReport]:
    """Return the operation's imports, newest first."""
    folder = Path(store.folder) / FOLDER
    if not folder.is_dir():
        return []
    found = [_settled(store, _read(path)) for path in folder.glob(f"*/{_REPORT}")]
    return sorted(found, key=lambda report: (report.started_at, report.id), reverse=True)


def read_import(store: FactStore, import_id: str) -> ImportReport:
    """Return one import's report.

    Raises:
        NoSuchImportError: there is no import of that id.

    """
    path = import_folder(store, import_id) / _REPORT
    if Path(import_id).name == import_id and path.is_file():
        return _settled(store, _read(path))
    known = [report.id for report in list_imports(store)]
    near = nearest(import_id, known)
    raise NoSuchImportError(
        f"Operation {store.operation!r} has no import {import_id!r}.",
        remedy=f"Did you mean {near!r}?" if near else "List the imports of the operation.",
    )


def rejected_rows(store: FactStore, import_id: str, *, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rejected rows of one import: file, row (from 1, header not counted), reasons, raw (JSON)."""
    read_import(store, import_id)
    path = rejected_path(store, import_id)
    if not path.is_file():
        return
    done = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            for row in batch.to_pylist():
                if limit is not None and done >= limit:
                    return
                done += 1
                yield row


def rejected_rows_csv(store: FactStore, import_id: str) -> Iterator[str]:
    """Yield the rejected rows as lines of CSV: file, row, reasons, then raw columns."""
    columns: dict[str, None] = {}
    for row in rejected_rows(store, import_id):
        columns.update(dict.fromkeys(_raw(row)))
    names = [name for name in columns if name != "_extra"]
    yield _line([*_OWN_COLUMNS, *map(_guarded, names), "watchfloor_more_fields"])
    for row in rejected_rows(store, import_id):
        raw = _raw(row)
        values = [_guarded(raw.get(name)) for name in names]
        own = [_guarded(row["file"]), row["row"], _guarded(row["reasons"])]
        yield _line([*own, *values, _guarded(raw.get("_extra"))])


def published_version(store: FactStore, import_id: str) -> int | None:
    """Return the number of the version that the import published, if it did."""
    found = (version.number for version in store.versions() if version.detail.get("import") == import_id)
    return next(found, None)


def _settled(store: FactStore, report: ImportReport) -> ImportReport:
    """Return the report with what became of an import whose process died after it began to write."""
    if report.state != "started":
        return report
    number = published_version(store, report.id)
    return report if number is None else replace(report, state="loaded", version=number)


def _raw(row: dict[str, Any]) -> dict[str, Any]:
    return json.loads(row["raw"]) if row["raw"] else {}


def _guarded(value: Any) -> Any:
    """Return the value so that a spreadsheet shows it instead of running it as a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _line(values: list[Any]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()


def _read(path: Path) -> ImportReport:
    document = json.loads(path.read_text(encoding="utf-8"))
    fields = set(ImportReport.__dataclass_fields__)
    kept = {name: value for name, value in document.items() if name in fields}
    kept["files"] = [FileReport(**file) for file in kept["files"]]
    for observation in kept["observations"]:
        observation.pop("share", None)
    kept["observations"] = [Observation(**observation) for observation in kept["observations"]]
    kept["started_at"] = datetime.fromisoformat(kept["started_at"])
    kept["finished_at"] = datetime.fromisoformat(kept["finished_at"]) if kept["finished_at"] else None
    return ImportReport(**kept)
