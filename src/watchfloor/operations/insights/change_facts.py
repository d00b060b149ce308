"""Reads an imported log's changes from its facts, shaped like the living operation's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchfloor.kernel import Period
from watchfloor.operations.insights.warehouse import engine, store_of
from watchfloor.operations.shell.asked import Asked

_SQL = """
SELECT event_id, object_kind, object_id, object_version, kind, at, author, summary
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
