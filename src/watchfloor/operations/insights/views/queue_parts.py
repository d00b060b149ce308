"""Parts of a queue's page that need the facts or the floor: they load after the page, by htmx."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import seen_from
from watchfloor.operations.insights.floor_data import floor_at
from watchfloor.operations.insights.floor_html import ICONS, due_text, level_names
from watchfloor.operations.insights.queue_charts import queue_metrics
from watchfloor.operations.insights.urgency import standing_of
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import queue
from watchfloor.operations.record.selectors import ChangeFilters, changes
from watchfloor.operations.shell.asked import asked_for

SHOWN = ("intake", "completed", "sla_attainment", "tat_p90", "aht", "backlog")
DAYS = (7, 28, 60)


@page("floor.view")
def live(request: PageRequest, slug: str) -> HttpResponse:
    """Answer the queue's live state."""
    asked, now = asked_for(request), timezone.now()
    rows, seen_at = floor_at(asked, viewer=request.viewer, now=now)
    row = next((row for row in rows if row.queue_slug == slug), None)
    if row is None:
        return HttpResponse(status=204)
    standing = standing_of(row, now=seen_at)
    context: dict[str, Any] = {
        "row": row,
        "standing": standing,
        "level": level_names()[standing.level],
        "icon_name": ICONS[standing.level],
        "due": due_text(standing.seconds_left),
    }
    return render(request, "insights/queue_live.html", context)


def _policy_of(found: Queue) -> str:
    version = found.current_version
    policy = version.policy_version if version else None
    return policy.policy.slug if policy else ""


def _marks(request: PageRequest, slug: str, *, policy: str) -> list[Any]:
    """Return what changed in the queue and in its policy, newest first."""
    if not request.viewer.can("changes.view"):
        return []
    wanted = [ChangeFilters(object_id=slug)]
    if policy:
        wanted.append(ChangeFilters(object_id=policy, object_kind="policy"))
    rows = [change for filters in wanted for change in changes(viewer=request.viewer, filters=filters)[:50]]
    return sorted(rows, key=lambda change: change.at, reverse=True)


@page("metrics.view")
def metrics(request: PageRequest, slug: str) -> HttpResponse:
    """Answer the queue's metrics by day, with what changed in it drawn over them."""
    asked, now = asked_for(request), timezone.now()
    if asked.is_live:
        found = queue(viewer=request.viewer, slug=slug, permission="metrics.view")
        marks = _marks(request, slug, policy=_policy_of(found))
    else:
        marks = []
    where = within_reach({"queue": (slug,)}, viewer=request.viewer, is_live=asked.is_live)
    try:
        days = int(request.GET.get("days", "28"))
    except ValueError as error:
        raise Http404 from error
    days = days if days in DAYS else 28
    entries = queue_metrics(
        slug, where=where, metrics=SHOWN, asked=asked, now=seen_from(asked, now=now), days=days, changes=marks
    )
    return render(
        request,
        "insights/queue_metrics.html",
        {"entries": entries, "days": days, "choices": DAYS, "slug": slug, "marks": marks},
    )
