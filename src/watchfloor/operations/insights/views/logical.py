"""Parts of the logical queues' pages that need cases or facts: they load after the page, by htmx."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import seen_from
from watchfloor.operations.insights.logical_figures import LOGICAL, open_cases, with_logical
from watchfloor.operations.insights.queue_charts import queue_metrics
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.logical import logical_queue, logical_queues
from watchfloor.operations.queues.words import logical_title
from watchfloor.operations.shell.asked import asked_for

SHOWN = ("intake", "completed", "sla_attainment", "aht")


@page("floor.view")
def totals(request: PageRequest) -> HttpResponse:
    """Answer the open cases of every logical queue, and of all of them with each case counted once."""
    views = logical_queues(viewer=request.viewer, permission="floor.view")
    counted, total = open_cases(views=views, now=timezone.now())
    rows = [(view.logical, logical_title(view.logical), counted[view.logical.slug]) for view in views]
    return render(request, "insights/logical_totals.html", {"rows": rows, "total": total})


@page("floor.view")
def live(request: PageRequest, slug: str) -> HttpResponse:
    """Answer one logical queue's open cases."""
    view, now = logical_queue(viewer=request.viewer, slug=slug, permission="floor.view"), timezone.now()
    counted, _ = open_cases(views=[view], now=now)
    found = counted[slug]
    left = (found.oldest_deadline_at - now).total_seconds() if found.oldest_deadline_at else None
    context = {"found": found, "left": left, "promised": bool(view.logical.sla_seconds)}
    return render(request, "insights/logical_live.html", context)


@page("metrics.view")
def metrics(request: PageRequest, slug: str) -> HttpResponse:
    """Answer one logical queue's metrics by day."""
    asked, now = asked_for(request), timezone.now()
    try:
        chosen = with_logical({LOGICAL: (slug,)}, viewer=request.viewer)
    except WatchfloorError as error:
        if getattr(error, "status", 422) != 422:
            raise
        return render(request, "insights/logical_metrics.html", {"problem": error})
    where = within_reach(chosen, viewer=request.viewer, is_live=asked.is_live)
    entries = queue_metrics(
        slug, where=where, metrics=SHOWN, asked=asked, now=seen_from(asked, now=now), days=28
    )
    return render(request, "insights/logical_metrics.html", {"entries": entries})
