"""The floor as of any instant, from the facts: for imported operations and for the past of the living one.

Same rows as `review.floor`, so the same page shows both. The state of a queue in the past is not a fact, so a
row says `live` when its queue is known to the operation and `imported` otherwise.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from watchfloor.facts.engines.base import Engine
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.store import FactStore
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.record.statements import statement
from watchfloor.operations.review.floor import FloorRow, attainments

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_KEPT = 16


def floor_rows_at(
    *, store: FactStore, engine: Engine, at: datetime, now: datetime, known_at: datetime | None = None
) -> list[FloorRow]:
    """Return the rows of every queue that had open or recent work at `at`, by group and slug.

    Args:
        store: The operation's facts, as published by now.
        engine: What answers the SQL.
        at: The instant to show; later than `now` shows now.
        now: The reader's instant.
        known_at: Read the facts as they were published then; None reads the newest.

    Raises:
        NoSuchVersionError: nothing was known at `known_at`.

    """
    at = min(at, now)
    found = _read(_Key(store.snapshot(known_at), engine), at)
    known = _known_queues([values["queue_id"] for values in found], store.operation)
    rows = [
        _row(values, known.get(values["queue_id"]), estimate, at)
        for values, estimate in zip(found, attainments(found), strict=True)
    ]
    return sorted(rows, key=lambda row: (row.group, row.queue_slug))


class _Key:
    """A published version and what answers for it: equal when operation and number are."""

    def __init__(self, snapshot: Snapshot, engine: Engine) -> None:
        self.snapshot = snapshot
        self.engine = engine
        self._identity = (str(snapshot.folder), snapshot.number, snapshot.published_at, id(engine))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@lru_cache(maxsize=_KEPT)
def _read(key: _Key, at: datetime) -> list[dict[str, Any]]:
    parameters = {"at": at, "hour": at - _HOUR, "day": at - _DAY}
    table = key.engine.query(statement("insights", "floor_at"), snapshot=key.snapshot, parameters=parameters)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _known_queues(slugs: list[str], operation: str) -> dict[str, Queue]:
    from django.conf import settings

    if operation != settings.WATCHFLOOR_OPERATION:
        return {}
    return {queue.slug: queue for queue in Queue.objects.filter(slug__in=slugs).order_by("slug")}


def _row(values: dict[str, Any], queue: Queue | None, estimate: Any, at: datetime) -> FloorRow:
    in_review = min(int(values["in_review"]), int(values["open_cases"]))
    open_cases, oldest = int(values["open_cases"]), values["oldest_enqueued_at"]
    return FloorRow(
        queue_slug=values["queue_id"],
        title=title_of(queue) if queue else values["queue_id"],
        group=queue.group if queue else "",
        surface=values["surface"] or "",
        purpose=values["purpose"] or "production",
        state="live" if queue else "imported",
        languages=tuple(values["languages"]),
        sites=tuple(values["sites"]),
        backlog=open_cases - in_review,
        in_review=in_review,
        oldest_deadline_at=values["oldest_deadline_at"],
        oldest_enqueued_at=oldest,
        oldest_age_seconds=(at - oldest).total_seconds() if oldest else None,
        share_overdue=int(values["overdue"]) / open_cases if open_cases else None,
        arrivals_1h=int(values["arrivals_1h"]),
        plan_1h=values["plan_1h"],
        decided_1h=int(values["decided_1h"]),
        active_reviewers=int(values["active_reviewers"]),
        sla_attainment=estimate,
        updated_at=at,
    )
