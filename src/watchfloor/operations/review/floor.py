"""The live floor: one row a queue, read from counters and index probes, never by counting cases.

Owns `FloorRow` and its reading for the living operation. The counters are kept by `review.pulse`; the same
rows for imported operations and for past instants come from `insights.floor_history`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from watchfloor.kernel import Estimate
from watchfloor.operations.people.models import Site
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.pulse import CHANNEL
from watchfloor.science.uncertainty import wilson

__all__ = [
    "CHANNEL",
    "FloorRow",
    "attainments",
    "floor_rows",
    "floor_rows_of",
    "row_as_json",
    "visible_slugs",
]

ATTAINMENT_WINDOW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FloorRow:
    """A queue as it stands at an instant.

    Attributes:
        backlog: Cases waiting; those in a reviewer's hands are `in_review`.
        oldest_deadline_at: Earliest deadline of an open case; None when none is open.
        oldest_enqueued_at: Enqueue of the oldest open case; `oldest_age_seconds` counts from it.
        share_overdue: Waiting cases past their deadline over all waiting, seconds old; None when none waits.
        arrivals_1h: Cases enqueued in the hour before.
        plan_1h: Cases the forecast in force expected in that hour; None without a forecast.
        decided_1h: Cases first decided in the hour before.
        active_reviewers: Reviewers who hold a case of the queue.
        sla_attainment: Of the cases due in the last 24 whole hours, those decided by their deadline, with a
            Wilson interval; an open and late case is a miss; None when none was due.
        updated_at: When the counters last changed.

    """

    queue_slug: str
    title: str
    group: str
    surface: str
    purpose: str
    state: str
    languages: tuple[str, ...]
    sites: tuple[str, ...]
    backlog: int
    in_review: int
    oldest_deadline_at: datetime | None
    oldest_enqueued_at: datetime | None
    oldest_age_seconds: float | None
    share_overdue: float | None
    arrivals_1h: int
    plan_1h: float | None
    decided_1h: int
    active_reviewers: int
    sla_attainment: Estimate | None
    updated_at: datetime | None


def floor_rows(*, viewer: Viewer, now: datetime, slugs: Iterable[str] | None = None) -> list[FloorRow]:
    """Return the rows of the queues that `viewer` may see, by group and slug; of `slugs` only when given."""
    queues = _visible(viewer)
    if slugs is not None:
        queues = queues.filter(slug__in=list(slugs))
    return _read(list(queues.values_list("id", flat=True)), now)


def floor_rows_of(*, slugs: Sequence[str], now: datetime) -> list[FloorRow]:
    """Return the rows of `slugs`, whoever looks: the live process scopes them to each viewer itself."""
    return _read(list(Queue.objects.filter(slug__in=slugs).values_list("id", flat=True)), now)


def visible_slugs(*, viewer: Viewer) -> frozenset[str]:
    """Return the slugs of the queues that `viewer` may see on the floor."""
    return frozenset(_visible(viewer).values_list("slug", flat=True))


def _visible(viewer: Viewer) -> QuerySet[Queue]:
    reached = reach(viewer=viewer, permission="floor.view")
    return Queue.objects.filter(reached).exclude(state__in=("draft", "retired")).order_by("group", "slug")


def _read(queue_ids: list[int], now: datetime) -> list[FloorRow]:
    if not queue_ids:
        return []
    sites = tuple(Site.objects.filter(active=True).order_by("slug").values_list("slug", flat=True))
    found = run("review", "floor", {"queues": queue_ids, "now": now})
    estimates = attainments(found)
    chinese = (get_language() or "").startswith("zh")
    return [
        _row(values, sites, estimate, now, chinese) for values, estimate in zip(found, estimates, strict=True)
    ]


def _row(
    values: dict[str, Any], sites: tuple[str, ...], estimate: Estimate | None, now: datetime, chinese: bool
) -> FloorRow:
    shares = values["site_shares"] or {}
    oldest = values["oldest_enqueued_at"]
    backlog, overdue = int(values["backlog"]), values["overdue"]
    return FloorRow(
        queue_slug=values["slug"],
        title=(values["title_zh_hans"] if chinese else "") or values["title"],
        group=values["group"],
        surface=values["surface"],
        purpose=values["purpose"],
        state=values["state"],
        languages=tuple(values["languages"]),
        sites=tuple(sorted(site for site, share in shares.items() if share)) or sites,
        backlog=backlog,
        in_review=int(values["in_review"]),
        oldest_deadline_at=values["oldest_deadline_at"],
        oldest_enqueued_at=oldest,
        oldest_age_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else None,
        share_overdue=min(1.0, overdue / backlog) if backlog > 0 and overdue is not None else None,
        arrivals_1h=int(values["arrivals_1h"]),
        plan_1h=values["plan_1h"],
        decided_1h=int(values["decided_1h"]),
        active_reviewers=int(values["active_reviewers"]),
        sla_attainment=estimate,
        updated_at=values["updated_at"],
    )


def attainments(found: Sequence[dict[str, Any]]) -> list[Estimate | None]:
    """Return the SLA attainment of each row from `met_24h` over `due_24h`."""
    due = [max(0, int(values["due_24h"])) for values in found]
    on_time = [max(0, min(int(values["met_24h"]), count)) for values, count in zip(found, due, strict=True)]
    interval = wilson(successes=on_time, trials=[max(1, count) for count in due])
    return [
        Estimate(
            value=met / count,
            low=float(interval.low[place]),
            high=float(interval.high[place]),
            n=count,
            method="wilson",
        )
        if count
        else None
        for place, (met, count) in enumerate(zip(on_time, due, strict=True))
    ]


def row_as_json(row: FloorRow) -> dict[str, Any]:
    """Return the row as JSON's own types; instants are ISO 8601."""
    return {
        name: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        for name, value in asdict(row).items()
    }
