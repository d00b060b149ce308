"""The list of published versions: one small JSON file a version, read without a lock, written once.

A manifest names the Delta version of every table, so that all tables change as one. A version exists from
the instant its file is linked into place; nothing else makes it visible. Which rows a version holds is
`facts.delta`; who may write is `facts.lock`.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from watchfloor.kernel import WatchfloorError

FORMAT = 1
_HINT = "latest"


class ManifestError(WatchfloorError):
    """A published version cannot be read or written."""


class NoSuchVersionError(ManifestError):
    """No version was published at or before the instant asked for."""


@dataclass(frozen=True, slots=True)
class TableVersion:
    """One table in one version: its Delta version, and what a reader asks most often.

    `first_at` and `last_at` bound the table's instant (both inclusive), or are None for an empty table.
    """

    delta_version: int
    table_id: str
    row_count: int
    file_count: int
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of all the tables of an operation."""

    number: int
    published_at: datetime
    source: str
    tables: Mapping[str, TableVersion]
    watermark: Mapping[str, Any] | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    rows_written: Mapping[str, int] = field(default_factory=dict)
    clock_at: datetime | None = None


class ManifestLog:
    """The versions of one operation, oldest first, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, number: int) -> Path:
        """Return where the manifest of that version stands."""
        return self.folder / f"{number:09d}.json"

    def latest_number(self) -> int:
        """Return the number of the newest version, 0 when there is none."""
        number = self._hinted()
        while self.path(number + 1).exists():
            number += 1
        return number

    def read(self, number: int) -> Version:
        """Return the version of that number.

        Raises:
            NoSuchVersionError: it was never published, or was vacuumed.

        """
        path = self.path(number)
        try:
            stat = path.stat()
        except FileNotFoundError as error:
            raise NoSuchVersionError(
                f"Version {number} does not exist in {self.folder}.", remedy="List the versions that do."
            ) from error
        return _read_manifest(path, stat.st_mtime_ns, stat.st_ino)

    def latest(self) -> Version | None:
        """Return the newest version, or None before the first commit."""
        number = self.latest_number()
        return self.read(number) if number else None

    def numbers(self) -> list[int]:
        """Return the numbers of all versions kept, ascending."""
        if not self.folder.is_dir():
            return []
        return sorted(int(path.name[:9]) for path in self.folder.iterdir() if _is_manifest(path.name))

    def all(self) -> Iterator[Version]:
        """Yield every version kept, oldest first."""
        for number in self.numbers():
            yield self.read(number)

    def at(self, instant: datetime) -> Version | None:
        """Return the last version published at or before `instant`; None when nothing was ever published.

        Raises:
            NoSuchVersionError: the first version kept is later than `instant`.

        """
        latest = self.latest()
        if latest is None or latest.published_at <= instant:
            return latest
        # Versions are dropped oldest first, so one that is missing is older than any that is kept.
        low, high = 0, latest.number
        while high - low > 1:
            middle = (low + high) // 2
            if not self.path(middle).exists() or self.read(middle).published_at <= instant:
                low = middle
            else:
                high = middle
        if low and self.path(low).exists():
            return self.read(low)
        raise NoSuchVersionError(
            f"Nothing was known at {instant.isoformat()}: the first version kept was published at "
            f"{self.read(high).published_at.isoformat()}.",
            remedy="Ask for that instant or a later one.",
        )

    def publish(self, version: Version) -> None:
        """Make `version` visible in one step, durably.

        Raises:
            ManifestError: a version of that number exists already.

        """
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.path(version.number)
        draft = self.folder / f".{version.number:09d}.{os.getpid()}.draft"
        _write_durably(draft, json.dumps(_encode(version), ensure_ascii=False, indent=1))
        try:
            os.link(draft, target)
        except FileExistsError as error:
            raise ManifestError(
                f"Version {version.number} of {self.folder.parent.name!r} was published by somebody else.",
                remedy="Commit again; check that all writers share one file lock.",
            ) from error
        finally:
            draft.unlink()
        sync_folder(self.folder)
        hint = self.folder / f".{_HINT}.{os.getpid()}.draft"
        hint.write_text(str(version.number), encoding="ascii")
        hint.replace(self.folder / _HINT)

    def drop(self, numbers: Iterable[int]) -> None:
        """Remove these versions, oldest first, so that a crash leaves no gap; the newest is never removed."""
        newest = self.latest_number()
        for number in sorted(numbers):
            if number != newest:
                self.path(number).unlink(missing_ok=True)

    def _hinted(self) -> int:
        try:
            number = int((self.folder / _HINT).read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            number = 0
        if number and self.path(number).exists():
            return number
        return max(self.numbers(), default=0)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_manifest(name: str) -> bool:
    return len(name) == 14 and name.endswith(".json") and name[:9].isdigit()


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _encode(version: Version) -> dict[str, Any]:
    document = {"format": FORMAT, **asdict(version)}
    return {name: _plain(value) for name, value in document.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


@lru_cache(maxsize=4096)
def _read_manifest(path: Path, modified_ns: int, inode: int) -> Version:
    del modified_ns, inode  # part of the cache's key: a folder made anew has other files of the same name
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _decode(document)
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(
            f"The manifest {path} cannot be read: {error}.", remedy="Restore the file from a backup."
        ) from error


def _decode(document: dict[str, Any]) -> Version:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']} is not {FORMAT}")
    tables = {
        name: TableVersion(
            delta_version=table["delta_version"],
            table_id=table["table_id"],
            row_count=table["row_count"],
            file_count=table["file_count"],
            first_at=_instant(table["first_at"]),
            last_at=_instant(table["last_at"]),
        )
        for name, table in document["tables"].items()
    }
    published_at = _instant(document["published_at"])
    if published_at is None:
        raise ValueError("published_at is null")
    return Version(
        number=document["number"],
        published_at=published_at,
        source=document["source"],
        tables=tables,
        watermark=document["watermark"],
        detail=document["detail"],
        rows_written=document["rows_written"],
        clock_at=_instant(document["clock_at"]),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
