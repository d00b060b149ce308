"""Keeps a fact store small and quick: joins small files, and forgets versions that nobody may ask for any
more.

Both leave every row of every version kept as it was. Neither runs by itself; a job calls them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from deltalake import DeltaTable

from watchfloor.facts.delta import list_files
from watchfloor.facts.manifest import ManifestLog, TableVersion
from watchfloor.facts.scans import scan
from watchfloor.facts.schemas import TABLES, FactTable
from watchfloor.facts.sources import PARTITION_COLUMN
from watchfloor.facts.writing import DataFile, PartitionWriter, partition_groups
from watchfloor.kernel import WatchfloorError

SMALL_BYTES = 64 * 1024 * 1024
_UNFINISHED_GRACE = timedelta(days=1)  # files of a writer that has not committed yet


class RetentionError(WatchfloorError):
    """The time to keep is no time."""


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """What a vacuum removed."""

    versions: int
    data_files: int
    bytes: int
    log_files: int


def scattered_files(files: Sequence[DataFile], *, small_bytes: int = SMALL_BYTES) -> tuple[DataFile, ...]:
    """Return the small files that share their partition with another small file."""
    by_partition: dict[date, list[DataFile]] = defaultdict(list)
    for file in files:
        if file.size_bytes < small_bytes:
            by_partition[file.partition_date].append(file)
    return tuple(file for group in by_partition.values() if len(group) > 1 for file in group)


def joined(writer: PartitionWriter, files: Sequence[DataFile]) -> list[DataFile]:
    """Return new files that hold the rows of `files`, sorted by instant, one a partition."""
    with writer.connection() as connection:
        written: list[DataFile] = []
        for group in partition_groups(files):
            rows = scan(writer.table, [file.path for file in group])
            written += writer.write_typed(connection, rows, in_order=True)
        return written


def forget(folder: Path, manifests: ManifestLog, *, keep: timedelta, now: datetime) -> Vacuumed:
    """Remove the versions that were superseded longer than `keep` ago, and all that only they used.

    The version in force at `now − keep` stays, so that every instant since then can be asked for. The caller
    holds the writer lock.

    Raises:
        RetentionError: `keep` is negative.

    """
    if keep < timedelta(0):
        raise RetentionError(f"keep={keep} is negative.", remedy="Pass how long versions stay readable.")
    dropped = superseded(manifests, before=now - keep)
    manifests.drop(dropped)
    kept = list(manifests.all())
    data_files = freed = log_files = 0
    for name, table in TABLES.items():
        versions = {v.tables[name].delta_version: v.tables[name] for v in kept if name in v.tables}
        if not versions:
            continue
        for path in _unused_files(table, folder / name, versions.values(), now=now):
            freed += path.stat().st_size
            path.unlink()
            data_files += 1
        log_files += _trim_log(folder / name, oldest=min(versions))
    return Vacuumed(versions=len(dropped), data_files=data_files, bytes=freed, log_files=log_files)


def superseded(manifests: ManifestLog, *, before: datetime) -> list[int]:
    """Return the numbers of the versions that a later one had replaced at `before`."""
    versions = list(manifests.all())
    return [old.number for old, new in pairwise(versions) if new.published_at <= before]


def _unused_files(
    table: FactTable, folder: Path, versions: Iterable[TableVersion], *, now: datetime
) -> list[Path]:
    used = {file.path for version in versions for file in list_files(table, folder, version)}
    limit = (now - _UNFINISHED_GRACE).astimezone(UTC).timestamp()
    return [
        path
        for path in sorted(folder.glob(f"{PARTITION_COLUMN}=*/*.parquet"))
        if str(path) not in used and path.stat().st_mtime < limit
    ]


def _trim_log(folder: Path, *, oldest: int) -> int:
    log = folder / "_delta_log"
    obsolete = [path for path in log.iterdir() if path.name[:20].isdigit() and int(path.name[:20]) < oldest]
    if not obsolete:
        return 0
    DeltaTable(str(folder), version=oldest).create_checkpoint()
    latest = DeltaTable(str(folder))
    if latest.version() > oldest:
        latest.create_checkpoint()
    for path in obsolete:
        path.unlink()
    return len(obsolete)
