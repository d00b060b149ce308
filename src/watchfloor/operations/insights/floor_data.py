"""Reads the floor's rows: from the living operation for now, from the facts for a past instant or a log."""

from collections.abc import Sequence
from datetime import datetime

from watchfloor.operations.cells.warehouse import engine, seen_from, store_of
from watchfloor.operations.insights.floor_history import floor_rows_at
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.floor import FloorRow, floor_rows
from watchfloor.operations.shell.asked import Asked


def floor_at(asked: Asked, *, viewer: Viewer, now: datetime) -> tuple[Sequence[FloorRow], datetime]:
    """Return the rows the viewer may see, and the instant they stand for."""
    asked.require_knowledge()
    if asked.is_present:
        return floor_rows(viewer=viewer, now=now), now
    at = seen_from(asked, now=now)
    rows = floor_rows_at(
        store=store_of(asked.operation), engine=engine(), at=at, now=now, known_at=asked.known_at
    )
    if asked.is_live:
        within = set(queues(viewer=viewer, permission="floor.view").values_list("slug", flat=True))
        return [row for row in rows if row.queue_slug in within], at
    # A log knows no group, market or boundary: only an unlimited grant, or one for a site, reaches it.
    return [row for row in rows if viewer.reaches("floor.view", {"site": row.sites})], at
