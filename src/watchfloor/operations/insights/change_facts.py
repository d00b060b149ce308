"""Reads an imported log's changes from its facts, shaped like the living operation's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchfloor.kernel import Period
from watchfloor.operations.cells.warehouse import engine, store_of
from watchfloor.operations.shell.asked import Asked

_SQL = """
SELECT event_id, object_kind, object_id, object_version, kind, at, author, summary, detail_json
FROM fact_change_event ORDER BY at DESC, event_id
"""


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One change of an imported log."""

    id: str
    object_kind: str
    object_id: str
    object_version: int | None
    kind: str
    at: datetime
    author: str
    summary: str
    detail: Mapping[str, Any]


def changes_of_log(
    asked: Asked, *, kind: str, period: Period | None, search: str
) -> tuple[Sequence[LoggedChange], list[str]]:
    """Return the changes kept, newest first, and the kinds of object there are."""
    table = engine().query(_SQL, snapshot=store_of(asked.operation).snapshot())
    rows = [
        LoggedChange(
            id=row["event_id"],
            object_kind=row["object_kind"],
            object_id=row["object_id"],
            object_version=row["object_version"],
            kind=row["kind"],
            at=row["at"],
            author=row["author"] or "",
            summary=row["summary"] or "",
            detail=_detail(row["detail_json"]),
        )
        for row in table.to_pylist()
    ]
    kinds = sorted({row.object_kind for row in rows})
    needle = search.casefold()
    kept = [
        row
        for row in rows
        if (not kind or row.object_kind == kind)
        and (period is None or row.at in period)
        and (not needle or needle in f"{row.summary} {row.object_id}".casefold())
    ]
    return kept, kinds


def _detail(written: str | None) -> dict[str, Any]:
    """Return the details; a log's own text that is no mapping tells nothing more than its summary."""
    try:
        detail = json.loads(written or "{}")
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}
