"""The files of a Delta table a few commits later than a listing at hand, read from those commits alone.

Opening a Delta table lists its whole log, which grows by a file a commit; a page that follows a live
operation reads only what is new. What this does not understand, it leaves to the library (`facts.delta`).
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from watchfloor.facts.sources import PARTITION_COLUMN
from watchfloor.facts.writing import DataFile

LONGEST_TAIL = 100
_WITHOUT_FILES = {"commitInfo", "metaData", "protocol", "txn"}


def files_after(folder: Path, files: Iterable[DataFile], *, first: int, last: int) -> list[DataFile] | None:
    """Return `files` after the Delta commits `first` to `last`; None when they cannot be read so."""
    standing = {file.path: file for file in files}
    for number in range(first, last + 1):
        try:
            text = (folder / "_delta_log" / f"{number:020d}.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        for line in text.splitlines():
            for kind, action in json.loads(line).items():
                if kind == "add":
                    added = _data_file(folder, action)
                    standing[added.path] = added
                elif kind == "remove":
                    standing.pop(_path(folder, action), None)
                elif kind not in _WITHOUT_FILES:
                    return None
    return list(standing.values())


def _path(folder: Path, action: dict[str, Any]) -> str:
    return str(folder / unquote(action["path"]))


def _data_file(folder: Path, action: dict[str, Any]) -> DataFile:
    statistics = json.loads(action["stats"])
    lows, highs = statistics["minValues"], statistics["maxValues"]
    return DataFile(
        path=_path(folder, action),
        partition_date=date.fromisoformat(action["partitionValues"][PARTITION_COLUMN]),
        row_count=statistics["numRecords"],
        size_bytes=action["size"],
        bounds={name: (_instant(low), _instant(highs[name])) for name, low in lows.items() if name in highs},
        nulls={name: int(count) for name, count in statistics["nullCount"].items()},
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
