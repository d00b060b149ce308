"""Small Parquet tables computed from facts and kept beside them: rollups today.

A derived table is a folder of files and one stamp that names them; the stamp is replaced atomically, so
that a reader sees the old files or the new ones. What is in them, and when they are fresh, is their
owner's matter.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

_STAMP = "stamp.json"


class DerivedTable:
    """One derived table in a folder of an operation's facts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stamp(self) -> dict[str, Any] | None:
        """Return the stamp that stands, or None before the first write."""
        try:
            text = (self.folder / _STAMP).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        stamp: dict[str, Any] = json.loads(text)
        return stamp

    def write(self, rows: pa.Table, *, name: str) -> str:
        """Write `rows` as a new file whose name begins with `name`; return the file's name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = f"{name}-{uuid4().hex[:12]}.parquet"
        pq.write_table(rows, self.folder / file, compression="zstd")
        return file

    def replace_stamp(self, stamp: dict[str, Any]) -> None:
        """Make `stamp` the one that stands."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{_STAMP}.{os.getpid()}"
        draft.write_text(json.dumps(stamp), encoding="utf-8")
        draft.replace(self.folder / _STAMP)

    def remove_files_except(self, names: Iterable[str]) -> None:
        """Delete the Parquet files that `names` does not list."""
        kept = set(names)
        for path in self.folder.glob("*.parquet"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def path(self, name: str) -> str:
        """Return the path of a file, for an engine to read."""
        return str(self.folder / name)
