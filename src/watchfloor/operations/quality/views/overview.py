"""The first page of quality: what waits, and what each queue has."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.quality.board import queue_standings, tallies
from watchfloor.operations.quality.views.tabs import tabs
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.shell.asked import asked_for


@require_GET
@page("quality.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show what waits for quality, and each queue's gold, audits and certified people."""
    if not asked_for(request).is_live:
        return render(request, "quality/overview.html", {"tabs": tabs(request, "overview")})
    rows = [(one, title_of(one.queue)) for one in queue_standings(viewer=request.viewer, at=timezone.now())]
    return render(
        request,
        "quality/overview.html",
        {
            "tabs": tabs(request, "overview"),
            "tallies": tallies(viewer=request.viewer),
            "rows": rows,
        },
    )
