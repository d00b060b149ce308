"""The list of dashboards, making one, pinning a question of Explore to one, and bringing one back."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.dashboards.models import Dashboard
from watchfloor.operations.dashboards.selectors import dashboard_of, dashboards
from watchfloor.operations.dashboards.services import bring_back, create, pin
from watchfloor.operations.dashboards.tiles import Tile, new_id
from watchfloor.operations.insights.explore_choices import view_names
from watchfloor.operations.insights.question import read_question
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.shell.asked import asked_for


@page("metrics.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show the viewer's dashboards and those that others share."""
    if request.method == "POST":
        return _made(request)
    return _listed(request)


def _listed(request: PageRequest, problem: WatchfloorError | None = None) -> HttpResponse:
    found = list(dashboards(viewer=request.viewer))
    context = {
        "own": [each for each in found if each.owner == request.viewer.name],
        "others": [each for each in found if each.owner != request.viewer.name],
        "deleted": list(dashboards(viewer=request.viewer, deleted=True)[:10]),
        "may_compose": request.viewer.can("dashboards.change"),
        "problem": problem,
    }
    return render(request, "dashboards/list.html", context, status=422 if problem else 200)


def _made(request: PageRequest) -> HttpResponse:
    try:
        made = create(title=request.POST.get("title", ""), by=request.viewer, now=timezone.now())
    except (NotPermittedError, NotFoundError):
        raise
    except WatchfloorError as error:
        return _listed(request, error)
    return redirect(f"{reverse('dashboards:detail', args=[made.slug])}?edit=1")


@require_POST
@page("dashboards.change")
def restore_deleted(request: PageRequest, slug: str) -> HttpResponse:
    """Bring a deleted dashboard back."""
    found = dashboards(viewer=request.viewer, deleted=True).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no deleted dashboard {slug!r}.")
    bring_back(dashboard=found, by=request.viewer, now=timezone.now())
    return redirect("dashboards:detail", slug)


@page("metrics.view")
def pin_page(request: PageRequest) -> HttpResponse:
    """Offer the dashboards that a question can be pinned to; a POST pins it."""
    if request.method == "POST":
        return _pinned(request)
    own = [each for each in dashboards(viewer=request.viewer) if each.owner == request.viewer.name]
    context = {
        "own": own,
        "query": request.GET.urlencode(),
        "title": title_of(request.GET, is_live=asked_for(request).is_live),
        "may_compose": request.viewer.can("dashboards.change"),
    }
    return render(request, "dashboards/pin.html", context)


def _pinned(request: PageRequest) -> HttpResponse:
    query = QueryDict(request.POST.get("query", ""))
    try:
        read_question(query, catalogue=catalogue(), is_live=asked_for(request).is_live)
        kept = query.copy()
        for name in ("op", "at", "as_of"):
            kept.pop(name, None)
        tile = Tile(
            new_id(), "question", kept.urlencode(), request.POST.get("title", "")[:160].strip(), width=2
        )
        slug = request.POST.get("dashboard", "")
        if slug:
            held: Dashboard = dashboard_of(slug, viewer=request.viewer)
            pin(dashboard=held, tile=tile, by=request.viewer, now=timezone.now())
        else:
            held = create(
                title=request.POST.get("new", ""), by=request.viewer, now=timezone.now(), tiles=[tile]
            )
    except (NotPermittedError, NotFoundError):
        raise
    except WatchfloorError as error:
        context = {"problem": error, "query": query.urlencode(), "may_compose": True, "own": []}
        return render(request, "dashboards/pin_page.html", context, status=422)
    return redirect(f"{reverse('dashboards:detail', args=[held.slug])}#tile-{tile.id}")


def title_of(parameters: QueryDict, *, is_live: bool) -> str:
    """Return a question's name: its metrics, and its view where that is not the plain chart."""
    try:
        question = read_question(parameters, catalogue=catalogue(), is_live=is_live)
    except WatchfloorError:
        return ""
    named = ", ".join(name_of(catalogue()[name]) for name in question.metrics)
    return named if question.view == "lines" else f"{named} · {view_names()[question.view]}"
