"""Reconstructs each queue's backlog by hour, back from what is open now: what came in less what was decided.

Read from the hourly facts once a minute for the whole floor; without facts the sparklines stay away.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.cache import cache

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import Query
from watchfloor.operations.cells.warehouse import ask
from watchfloor.operations.review.floor import FloorRow
from watchfloor.operations.shell.asked import Asked

HOURS = 24
_KEPT_SECONDS = 60


def backlog_by_hour(
    rows: Sequence[FloorRow], *, asked: Asked, now: datetime
) -> Mapping[str, Sequence[float | None]]:
    """Return slug → backlog at the end of each of the last `HOURS` hours and now, oldest first."""
    if not rows:
        return {}
    flows = _flows(asked, now=now)
    return {
        row.queue_slug: backwards(row.backlog + row.in_review, flows[row.queue_slug])
        for row in rows
        if row.queue_slug in flows
    }


def backwards(open_now: int, net_by_hour: Sequence[float]) -> list[float | None]:
    """Return the open cases at each hour's start and now, from the net inflow of each hour.

    >>> backwards(10, [4.0, -2.0])
    [8.0, 12.0, 10.0]
    """
    level = float(open_now)
    back = [level]
    for net in reversed(net_by_hour):
        level -= net
        back.append(max(level, 0.0))
    return list(reversed(back))


def _flows(asked: Asked, *, now: datetime) -> dict[str, list[float]]:
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    moment = now.minute if asked.is_present else f"past:{asked.known_at}"
    key = f"flows:{asked.operation}:{end.isoformat()}:{moment}".replace(" ", "_")
    held: dict[str, list[float]] | None = cache.get(key)
    if held is not None:
        return held
    period = Period(end - timedelta(hours=HOURS), end)
    flows: dict[str, list[float]] = {}
    query = Query(metrics=("intake", "completed"), by=("queue",), period=period, grain="hour")
    try:
        cells = ask(query, operation=asked.operation, now=now, known_at=asked.known_at).cells
    except WatchfloorError:
        cells = ()
    for cell in cells:
        if cell.bucket_start is None or cell.estimate.value is None:
            continue
        slug = dict(cell.scope.items).get("queue", ("",))[0]
        hour = int((cell.bucket_start - period.start).total_seconds() // 3600)
        if 0 <= hour < HOURS:
            sign = 1 if cell.metric == "intake" else -1
            flows.setdefault(slug, [0.0] * HOURS)[hour] += sign * cell.estimate.value
    cache.set(key, flows, _KEPT_SECONDS)
    return flows
