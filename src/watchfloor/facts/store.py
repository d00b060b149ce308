"""The facts of one operation: written atomically across tables, read at any version ever published.

    root/<operation>/
      _versions/000000012.json   what readers see (facts.manifest)
      _versions/.lock            one writer at a time (facts.lock)
      _versions/store.json       settings fixed at the first commit
      review/_delta_log, review/partition_date=2026-03-01/….parquet   one Delta table a fact

A commit writes Parquet, then one Delta commit a table, then one manifest. A writer that dies in between
leaves Delta commits that no manifest names; the next writer undoes them. What compaction and vacuum
do is `facts.upkeep`.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from watchfloor.facts import delta as tables
from watchfloor.facts.lock import writer_lock
from watchfloor.facts.manifest import ManifestLog, TableVersion, Version
from watchfloor.facts.merging import merge_rows
from watchfloor.facts.snapshot import NEVER, Snapshot, fact_table
from watchfloor.facts.sources import Source
from watchfloor.facts.upkeep import Vacuumed, forget, joined, scattered_files
from watchfloor.facts.writing import DataFile, PartitionWriter, WriterSettings
from watchfloor.kernel import WatchfloorError

Mode = Literal["append", "merge"]
Grain = Literal["day", "month"]

_VERSIONS = "_versions"
_SETTINGS = "store.json"


class StoreError(WatchfloorError):
    """A fact store cannot be opened or written as asked."""


class StaleWatermarkError(StoreError):
    """Another writer moved the watermark since it was read."""


@dataclass(frozen=True, slots=True)
class _Unset:
    """The caller does not ask for the watermark to be compared."""


UNSET = _Unset()


def list_operations(root: Path) -> list[str]:
    """Return the names of the operations under `root` that hold facts, sorted."""
    if not root.is_dir():
        return []
    return sorted(folder.name for folder in root.iterdir() if (folder / _VERSIONS / _SETTINGS).is_file())


class FactStore:
    """Reads and writes the facts of one operation.

    Args:
        root: Folder of all operations.
        operation: Name of this one; a folder of that name is made at the first commit.
        partition: How rows are placed, "day" (the default) or "month" for long, thin logs; the first commit
            fixes it.
        writer: Memory and layout of what is written.
        lock_timeout_seconds: How long a writer waits for another one.
        at_step: Called with the name of each step of a commit, for tests that stop there.

    """

    def __init__(
        self,
        root: Path,
        operation: str,
        *,
        partition: Grain | None = None,
        writer: WriterSettings | None = None,
        lock_timeout_seconds: float = 60.0,
        at_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = Path(root).absolute() / _checked_name(operation)
        self.operation = operation
        self.manifests = ManifestLog(self.folder / _VERSIONS)
        self._partition_wanted = partition
        self._writer = writer or WriterSettings()
        self._lock_timeout_seconds = lock_timeout_seconds
        self._at_step = at_step

    @property
    def partition(self) -> Grain:
        """How rows are placed: by day or by month.

        Raises:
            StoreError: the store was made with another grain than the one asked for.

        """
        try:
            text = (self.manifests.folder / _SETTINGS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return self._partition_wanted or "day"
        stored: Grain = json.loads(text)["partition"]
        if self._partition_wanted not in (None, stored):
            raise StoreError(
                f"Operation {self.operation!r} is partitioned by {stored}, not by {self._partition_wanted}.",
                remedy="Leave `partition` out, or import into a new operation.",
            )
        return stored

    def versions(self) -> tuple[Version, ...]:
        """Return every version kept, oldest first."""
        return tuple(self.manifests.all())

    def snapshot(self, as_of: datetime | None = None) -> Snapshot:
        """Return the newest version, or the last one published at or before `as_of`.

        Raises:
            NoSuchVersionError: the first version kept is later than `as_of`.

        """
        version = self.manifests.latest() if as_of is None else self.manifests.at(as_of)
        return Snapshot(self.folder, version or _nothing())

    def latest_watermark(self) -> dict[str, Any] | None:
        """Return the watermark of the newest version; a commit without one keeps the last."""
        version = self.manifests.latest()
        return dict(version.watermark) if version and version.watermark is not None else None

    def commit(
        self,
        rows: Mapping[str, Source],
        *,
        published_at: datetime,
        source: str,
        mode: Mode | Mapping[str, Mode] = "append",
        watermark: Mapping[str, Any] | None = None,
        expected_watermark: Mapping[str, Any] | _Unset | None = UNSET,
        detail: Mapping[str, Any] | None = None,
    ) -> Version:
        """Publish rows of several facts as one version: all of them or none.

        Args:
            rows: Fact → Arrow table, reader or batches (read once, in bounded memory), or a `FactQuery`.
            published_at: The instant of publication; a clock that runs back is held at the last version's.
            source: Who wrote it, such as `import:cofacts`.
            mode: `append` adds rows as they are; `merge` replaces whole rows by the fact's key, the last row
                given of a key winning, and adds the others. One for all facts, or one a fact (default
                append).
            watermark: How far the source was read; kept by later commits that give none.
            expected_watermark: When given, the watermark that must stand, so that of two exporters one goes
            on.
            detail: Anything else worth keeping, as JSON.

        Raises:
            FactError: rows do not fit their fact; nothing was published.
            StaleWatermarkError: `expected_watermark` does not stand.
            StoreBusyError: another writer held the lock too long.

        """
        modes = _modes(rows, mode)
        grain = self.partition
        written: dict[str, list[DataFile]] = {}
        for name, given in rows.items():
            if modes[name] == "append":  # outside the lock: a long import holds up nobody
                written[name] = self._partition_writer(name, grain).write(given)
                self._at_step(f"wrote {name}")
        with self._locked():
            self._settle_partition(grain)
            latest = self.manifests.latest()
            _check_watermark(latest, expected_watermark)
            changed: dict[str, TableVersion] = {}
            counts: dict[str, int] = {}
            for name, given in rows.items():
                published = latest.tables.get(name) if latest else None
                if modes[name] == "append":
                    change = _Change(added=written[name])
                else:
                    change = self._merge(name, given, published, grain)
                counts[name] = change.row_count
                if change.added or change.removed or published is None:
                    changed[name] = self._commit_table(name, change, published)
            return self._publish(
                latest,
                changed,
                published_at=published_at,
                source=source,
                watermark=watermark,
                detail=detail,
                rows_written=counts,
            )

    def compact(self, *, now: datetime) -> Version | None:
        """Publish the same rows in fewer files; None when nothing can be joined or others got in the way.

        Readers of older versions go on reading the old files until a vacuum.
        """
        snapshot = self.snapshot()
        grain = self.partition
        changes: dict[str, _Change] = {}
        for name in snapshot.version.tables:
            scattered = scattered_files(snapshot.data_files(name))
            if scattered:
                files = joined(self._partition_writer(name, grain), scattered)
                changes[name] = _Change(added=files, removed=scattered, rearranged=True)
                self._at_step(f"wrote {name}")
        if not changes:
            return None
        with self._locked():
            latest = self.manifests.latest()
            if latest is None:
                return None
            changed = {}
            for name, change in changes.items():
                standing = set(Snapshot(self.folder, latest).files(name))
                if all(file.path in standing for file in change.removed):
                    changed[name] = self._commit_table(name, change, latest.tables[name])
            if not changed:
                return None
            joined_files = {name: len(changes[name].removed) for name in changed}
            return self._publish(
                latest,
                changed,
                published_at=now,
                source="compact",
                watermark=None,
                detail={"files_joined": joined_files},
                rows_written={},
            )

    def vacuum(self, *, keep: timedelta, now: datetime) -> Vacuumed:
        """Forget versions superseded longer than `keep` ago, and their files; see `facts.upkeep`."""
        with self._locked():
            return forget(self.folder, self.manifests, keep=keep, now=now)

    def _merge(self, name: str, given: Source, published: TableVersion | None, grain: Grain) -> "_Change":
        standing = tables.list_files(fact_table(name), self.folder / name, published) if published else ()
        added, removed, count = merge_rows(self._partition_writer(name, grain), given, standing)
        self._at_step(f"wrote {name}")
        return _Change(added=added, removed=removed, merged_rows=count)

    def _commit_table(self, name: str, change: "_Change", published: TableVersion | None) -> TableVersion:
        fact, folder = fact_table(name), self.folder / name
        opened = tables.open_for_writing(fact, folder, published=published)
        self._at_step(f"opened {name}")
        if change.added or change.removed:
            tables.commit_files(
                opened, added=change.added, removed=change.removed, rearranged=change.rearranged
            )
        tables.make_log_durable(opened, published=published)
        self._at_step(f"committed {name}")
        standing = tables.list_files(fact, folder, published) if published else ()
        gone = {file.path for file in change.removed}
        files = tables.in_order(fact, [*(file for file in standing if file.path not in gone), *change.added])
        described = tables.describe(fact, opened, files)
        tables.remember_files(folder, described, files)
        return described

    def _publish(
        self,
        latest: Version | None,
        changed: Mapping[str, TableVersion],
        *,
        published_at: datetime,
        source: str,
        watermark: Mapping[str, Any] | None,
        detail: Mapping[str, Any] | None,
        rows_written: Mapping[str, int],
    ) -> Version:
        instant = max(published_at, latest.published_at) if latest else published_at
        version = Version(
            number=latest.number + 1 if latest else 1,
            published_at=instant,
            source=source,
            tables={**(latest.tables if latest else {}), **changed},
            watermark=watermark if watermark is not None else latest.watermark if latest else None,
            detail=detail or {},
            rows_written=rows_written,
            clock_at=published_at if instant != published_at else None,
        )
        self._at_step("before manifest")
        self.manifests.publish(version)
        self._at_step("published")
        return version

    def held_still(self) -> AbstractContextManager[None]:
        """Return a context in which nobody else writes here, for who copies the folder.

        Raises:
            StoreBusyError: a writer did not finish in time.

        """
        return self._locked()

    def _partition_writer(self, name: str, grain: Grain) -> PartitionWriter:
        return PartitionWriter(fact_table(name), self.folder / name, grain=grain, settings=self._writer)

    def _locked(self) -> AbstractContextManager[None]:
        return writer_lock(self.manifests.folder / ".lock", timeout_seconds=self._lock_timeout_seconds)

    def _settle_partition(self, grain: Grain) -> None:
        path = self.manifests.folder / _SETTINGS
        if not path.exists():
            draft = path.with_suffix(".draft")
            draft.write_text(json.dumps({"partition": grain}), encoding="utf-8")
            draft.replace(path)
        elif self.partition != grain:
            raise StoreError(
                f"Operation {self.operation!r} was made by another writer with another partition grain.",
                remedy="Commit again.",
            )


@dataclass(frozen=True, slots=True)
class _Change:
    """What one table gains and loses in one commit."""

    added: list[DataFile]
    removed: tuple[DataFile, ...] = ()
    rearranged: bool = False
    merged_rows: int | None = None

    @property
    def row_count(self) -> int:
        return sum(file.row_count for file in self.added) if self.merged_rows is None else self.merged_rows


def _modes(rows: Mapping[str, Source], mode: Mode | Mapping[str, Mode]) -> dict[str, Mode]:
    modes: dict[str, Mode] = {}
    for name in rows:
        chosen = mode if isinstance(mode, str) else mode.get(name, "append")
        if chosen not in ("append", "merge"):
            raise StoreError(f"mode={chosen!r} is neither append nor merge.", remedy="Pass one of them.")
        modes[fact_table(name).name] = chosen
    return modes


def _check_watermark(latest: Version | None, expected: Mapping[str, Any] | _Unset | None) -> None:
    if isinstance(expected, _Unset):
        return
    standing = latest.watermark if latest else None
    if standing != expected:
        raise StaleWatermarkError(
            f"The watermark is {standing}, not {expected}: another exporter has gone on.",
            remedy="Read the watermark again and export from there.",
        )


def _checked_name(operation: str) -> str:
    if not operation or operation.startswith((".", "_")) or not set(operation) <= _NAME_CHARACTERS:
        raise StoreError(
            f"Operation name {operation!r} is not a folder name.",
            remedy="Use letters, digits, '-', '_' and '.', starting with a letter or digit.",
        )
    return operation


_NAME_CHARACTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def _nothing() -> Version:
    return Version(number=0, published_at=NEVER, source="", tables={})


__all__ = ["FactStore", "Snapshot", "Version", "list_operations"]
