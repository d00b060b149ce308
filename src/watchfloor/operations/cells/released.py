"""What may leave a data boundary: sums by queue and whole days, each of enough cases. Nothing else does.

Somebody outside a boundary meets its queues in no total and no other split, so nothing can be had by taking
one number from another. Of a boundary whose sums may leave (`DataBoundary.aggregates_leave`) they see a
queue's figure for a period of whole UTC days, and only when every day in it holds none or at least the
minimum count: then the difference of any two such periods is itself a sum that may be seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watchfloor.kernel import Estimate, Period, WatchfloorError
from watchfloor.metrics import Answer, Cell, Query
from watchfloor.operations.cells.grains import Grain, end_of
from watchfloor.operations.cells.warehouse import ask
from watchfloor.operations.people.boundary_roles import as_owner
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, Viewer

_GRAINS = (None, "day", "week", "month")
_TOLD = "Queues inside a data boundary are told by queue and whole UTC days only, without further filters."


def with_released(
    found: Answer,
    *,
    query: Query,
    viewer: Viewer,
    operation: str,
    now: datetime,
    known_at: datetime | None = None,
) -> Answer:
    """Return the answer with the sums that may leave the boundaries the viewer stands outside of.

    `query` is the question before it was narrowed to the viewer's reach. A sum that may not be seen is a
    cell without a number, marked `suppressed`.
    """
    least = _leaving(viewer)
    wanted = query.where.get("queue")
    least = {slug: count for slug, count in least.items() if wanted is None or slug in wanted}
    if not least or query.by != ("queue",):
        return found
    if not _whole_days(query) or set(query.where) - {"queue"}:
        return replace(found, warnings=(*found.warnings, _TOLD))
    cells: list[Cell] = []
    for metric in query.metrics:  # one by one: a metric that cannot be cut by day keeps the others
        asked = replace(query, metrics=(metric,), where={"queue": tuple(sorted(least))})
        try:
            days = ask(replace(asked, grain="day"), operation=operation, now=now, known_at=known_at).cells
            sums = ask(asked, operation=operation, now=now, known_at=known_at).cells
        except WatchfloorError:
            continue
        small = _small_days(days, least)
        cells += [_shown(cell, small, grain=query.grain) for cell in sums]
    kept = [cell for cell in found.cells if _queue(cell) not in least]
    return replace(found, cells=(*kept, *cells))


def _leaving(viewer: Viewer) -> dict[str, int]:
    """Return the queues whose sums may leave and that the viewer stands outside of, and the least."""
    everywhere = replace(
        viewer, grants=tuple(replace(grant, data_boundary=ALL_BOUNDARIES) for grant in viewer.grants)
    )
    with as_owner():
        within = queues(viewer=viewer, permission="metrics.view").values_list("pk", flat=True)
        beyond = (
            queues(viewer=everywhere, permission="metrics.view")
            .filter(data_boundary__aggregates_leave=True)
            .exclude(pk__in=list(within))
        )
        return dict(beyond.values_list("slug", "data_boundary__minimum_count"))


def _whole_days(query: Query) -> bool:
    midnights = all(
        (at.astimezone(UTC).hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
        for at in (query.period.start, query.period.end)
    )
    return midnights and query.grain in _GRAINS and query.time_zone == "UTC"


def _small_days(days: Sequence[Cell], least: Mapping[str, int]) -> dict[str, set[datetime]]:
    small: dict[str, set[datetime]] = {}
    for cell in days:
        slug = _queue(cell)
        if cell.bucket_start is not None and 0 < cell.n < least.get(slug, 0):
            small.setdefault(slug, set()).add(cell.bucket_start)
    return small


def _shown(cell: Cell, small: Mapping[str, set[datetime]], *, grain: Grain | None) -> Cell:
    covered = cell.period
    if cell.bucket_start is not None and grain is not None:
        covered = Period(cell.bucket_start, end_of(cell.bucket_start, grain=grain, time_zone="UTC"))
    day = timedelta(days=1)
    if not any(at < covered.end and covered.start < at + day for at in small.get(_queue(cell), set())):
        return cell
    return replace(
        cell,
        numerator=None,
        denominator=None,
        estimate=Estimate(None),
        weight_sum=None,
        n=0,
        n_eff=None,
        coverage=None,
        suppression="suppressed",
        reason="A day in it holds fewer cases than may leave the data boundary.",
    )


def _queue(cell: Cell) -> str:
    return (cell.scope.as_dict().get("queue") or ("",))[0]
