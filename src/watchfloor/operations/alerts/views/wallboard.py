"""The wallboard: the whole screen, figures that are read from five metres, alerts, and nobody's name."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from watchfloor.operations.alerts import selectors
from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.alerts.views.frame import row_of
from watchfloor.operations.alerts.vocabulary import STANDING
from watchfloor.operations.insights.floor_html import due_text, level_names
from watchfloor.operations.insights.urgency import by_urgency, summarise
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.review.floor import floor_rows
from watchfloor.operations.shell import formats

A_PAGE = 6
MOST_QUEUES = 36
MOST_ALERTS = 5


@require_GET
@page("floor.view")
def wallboard(request: PageRequest) -> HttpResponse:
    """Show the chosen queues, or the most urgent ones, page after page."""
    return render(request, "alerts/wallboard.html", _figures(request))


@require_GET
@page("floor.view")
def parts(request: PageRequest) -> HttpResponse:
    """Answer the figures alone, for the page that stands open."""
    return render(request, "alerts/wallboard_parts.html", _figures(request))


def _figures(request: PageRequest) -> dict[str, Any]:
    now = timezone.now()
    chosen = [slug for written in request.GET.getlist("queue") for slug in written.split(",") if slug]
    rows = floor_rows(viewer=request.viewer, now=now, slugs=chosen or None)
    if not chosen:
        rows = [row for row in rows if row.purpose in ("production", "appeal")]
    stood = by_urgency(rows, now=now)
    names = level_names()
    counts: Mapping[str, int] = {}
    found: list[Alert] = []
    if request.viewer.can("alerts.view"):
        counts = selectors.standing_by_queue(viewer=request.viewer)
        found = list(selectors.alerts(viewer=request.viewer, states=STANDING)[: MOST_ALERTS + 1])
    tiles = [
        {
            "row": row,
            "level": standing.level,
            "level_name": names[standing.level],
            "due": due_text(standing.seconds_left) if standing.seconds_left is not None else "",
            "age": formats.duration(row.oldest_age_seconds),
            "alerts": counts.get(row.queue_slug, 0),
            "sla": row.sla_attainment,
        }
        for row, standing in stood[:MOST_QUEUES]
    ]
    pages = [tiles[at : at + A_PAGE] for at in range(0, len(tiles), A_PAGE)]
    return {
        "pages": pages,
        "cut": max(0, len(stood) - MOST_QUEUES),
        "summary": summarise(stood),
        "alerts": [row_of(each) for each in found[:MOST_ALERTS]],
        "more": len(found) > MOST_ALERTS,
        "standing": sum(counts.values()),
        "now": now,
        "query": request.GET.urlencode(),
        "seconds": _between(request.GET.get("seconds", ""), least=5, most=120, usual=12),
    }


def _between(written: str, *, least: int, most: int, usual: int) -> int:
    return min(max(int(written), least), most) if written.isascii() and written.isdigit() else usual
