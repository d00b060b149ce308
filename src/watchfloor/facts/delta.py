"""One fact as a Delta Lake table: its log is read and written here, its Parquet files in `facts.writing`.

A Delta commit is not yet visible to readers; a manifest that names it is (`facts.manifest`).
"""

import json
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction

from watchfloor.facts.log_tail import LONGEST_TAIL, files_after
from watchfloor.facts.manifest import TableVersion
from watchfloor.facts.schemas import FactTable
from watchfloor.facts.sources import PARTITION_COLUMN
from watchfloor.facts.writing import DataFile, make_durable

_CONFIGURATION: Mapping[str, str | None] = {
    "delta.checkpointInterval": "50",
    # Old versions stay readable until our own vacuum, which knows the manifests, says otherwise.
    "delta.enableExpiredLogCleanup": "false",
}
_CACHED_VERSIONS = 256

_listings: OrderedDict[tuple[str, str, int], tuple[DataFile, ...]] = OrderedDict()
_listings_lock = Lock()


def open_for_writing(table: FactTable, folder: Path, *, published: TableVersion | None) -> DeltaTable:
    """Return the Delta table of `folder` at its published version, undoing what a crashed writer left.

    The caller holds the writer lock. A table that was never published is made anew.
    """
    if published is None:
        if folder.exists() and DeltaTable.is_deltatable(str(folder)):
            shutil.rmtree(folder / "_delta_log")  # its data files belong to nothing; vacuum removes them
        return _create(table, folder)
    delta = DeltaTable(str(folder))
    if delta.version() > published.delta_version:
        delta.restore(published.delta_version)
        delta.update_incremental()
    return _with_new_columns(table, delta)


def commit_files(
    delta: DeltaTable,
    *,
    added: Sequence[DataFile],
    removed: Sequence[DataFile] = (),
    rearranged: bool = False,
) -> None:
    """Write one Delta commit. `rearranged` says that the same rows moved to other files."""
    now_ms = time.time_ns() // 1_000_000  # only tools that vacuum by age read it
    folder = Path(_folder(delta))
    actions: list[AddAction | RemoveAction] = [
        AddAction(
            path=str(Path(file.path).relative_to(folder)),
            size=file.size_bytes,
            partition_values={PARTITION_COLUMN: file.partition_date.isoformat()},
            modification_time=now_ms,
            data_change=not rearranged,
            stats=_statistics(file),
        )
        for file in added
    ]
    actions += [
        RemoveAction(
            path=str(Path(file.path).relative_to(folder)),
            data_change=not rearranged,
            deletion_timestamp=now_ms,
            size=file.size_bytes,
            partition_values={PARTITION_COLUMN: file.partition_date.isoformat()},
        )
        for file in removed
    ]
    delta.create_write_transaction(
        actions, mode="append", schema=delta.schema(), partition_by=[PARTITION_COLUMN]
    )
    delta.update_incremental()


def make_log_durable(delta: DeltaTable, *, published: TableVersion | None) -> None:
    """Make the Delta commits since the published version survive a loss of power."""
    first = published.delta_version + 1 if published else 0
    log = Path(_folder(delta)) / "_delta_log"
    make_durable([log / f"{number:020d}.json" for number in range(first, delta.version() + 1)])


def describe(table: FactTable, delta: DeltaTable, files: Sequence[DataFile]) -> TableVersion:
    """Return what the manifest says of the table when it consists of `files`."""
    bounds = [file.bounds[table.instant] for file in files if table.instant in file.bounds]
    return TableVersion(
        delta_version=delta.version(),
        table_id=str(delta.metadata().id),
        row_count=sum(file.row_count for file in files),
        file_count=len(files),
        first_at=min((low for low, _ in bounds), default=None),
        last_at=max((high for _, high in bounds), default=None),
    )


def list_files(table: FactTable, folder: Path, version: TableVersion) -> tuple[DataFile, ...]:
    """Return the files of the table at that version, by partition; cached, since versions never change."""
    key = (str(folder), version.table_id, version.delta_version)
    with _listings_lock:
        if key in _listings:
            _listings.move_to_end(key)
            return _listings[key]
    files = _from_earlier(table, folder, version)
    if files is None:
        files = files_of(table, DeltaTable(str(folder), version=version.delta_version))
    remember_files(folder, version, files)
    return files


def _from_earlier(table: FactTable, folder: Path, version: TableVersion) -> tuple[DataFile, ...] | None:
    """Return the files by way of a listing of a slightly earlier version; None when there is none at hand."""
    for back in range(1, LONGEST_TAIL + 1):
        with _listings_lock:
            earlier = _listings.get((str(folder), version.table_id, version.delta_version - back))
        if earlier is not None:
            first = version.delta_version - back + 1
            found = files_after(folder, earlier, first=first, last=version.delta_version)
            return None if found is None else in_order(table, found)
    return None


def remember_files(folder: Path, version: TableVersion, files: Sequence[DataFile]) -> None:
    """Keep the files of a version at hand, for the readers that will ask in this process."""
    with _listings_lock:
        _listings[(str(folder), version.table_id, version.delta_version)] = tuple(files)
        while len(_listings) > _CACHED_VERSIONS:
            _listings.popitem(last=False)


def files_of(table: FactTable, delta: DeltaTable) -> tuple[DataFile, ...]:
    """Return the files of an open Delta table, by partition and instant."""
    actions = pa.table(delta.get_add_actions(flatten=True))
    columns = {name: actions.column(name).to_pylist() for name in actions.column_names}
    folder = Path(_folder(delta))
    instants = [column.name for column in table.columns if column.type == "instant"]
    files = []
    for index, path in enumerate(columns.get("path", ())):

        def value(name: str, index: int = index) -> object:
            return columns[name][index] if name in columns else None

        bounds, nulls = _read_statistics(value, instants)
        files.append(
            DataFile(
                path=str(folder / path),
                partition_date=columns[f"partition.{PARTITION_COLUMN}"][index],
                row_count=columns["num_records"][index],
                size_bytes=columns["size_bytes"][index],
                bounds=bounds,
                nulls=nulls,
            )
        )
    return in_order(table, files)


def in_order(table: FactTable, files: Iterable[DataFile]) -> tuple[DataFile, ...]:
    """Return the files by partition, then by their first instant."""
    far_past = datetime.min.replace(tzinfo=UTC)

    def place(file: DataFile) -> tuple[object, ...]:
        return file.partition_date, file.bounds.get(table.instant, (far_past, far_past))[0], file.path

    return tuple(sorted(files, key=place))


def _read_statistics(
    value: Callable[[str], object], instants: Sequence[str]
) -> tuple[dict[str, tuple[datetime, datetime]], dict[str, int]]:
    bounds, nulls = {}, {}
    for name in instants:
        low, high, count = value(f"min.{name}"), value(f"max.{name}"), value(f"null_count.{name}")
        if isinstance(low, datetime) and isinstance(high, datetime):
            bounds[name] = (low.astimezone(UTC), high.astimezone(UTC))
        if isinstance(count, int):
            nulls[name] = count
    return bounds, nulls


def _create(table: FactTable, folder: Path) -> DeltaTable:
    folder.mkdir(parents=True, exist_ok=True)
    schema = table.arrow_schema.append(pa.field(PARTITION_COLUMN, pa.date32(), nullable=False))
    return DeltaTable.create(
        str(folder),
        schema=Schema.from_arrow(schema),
        partition_by=[PARTITION_COLUMN],
        name=table.name,
        description=table.grain,
        configuration=_CONFIGURATION,
    )


def _with_new_columns(table: FactTable, delta: DeltaTable) -> DeltaTable:
    standing = {field.name for field in delta.schema().fields}
    missing = [field.with_nullable(True) for field in table.arrow_schema if field.name not in standing]
    if missing:
        delta.alter.add_columns(Schema.from_arrow(pa.schema(missing)).fields)
    return delta


def _folder(delta: DeltaTable) -> str:
    uri = str(delta.table_uri)
    return uri.removeprefix("file://").rstrip("/")


def _statistics(file: DataFile) -> str:
    return json.dumps(
        {
            "numRecords": file.row_count,
            "minValues": {name: _stamp(low) for name, (low, _) in file.bounds.items()},
            "maxValues": {name: _stamp(high) for name, (_, high) in file.bounds.items()},
            "nullCount": dict(file.nulls),
        }
    )


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
