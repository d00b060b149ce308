"""One dashboard: its page, its tiles one by one, and whether there is anything newer to show."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.warehouse import catalogue, store_of
from watchfloor.operations.dashboards.boards import lines
from watchfloor.operations.dashboards.models import Dashboard
from watchfloor.operations.dashboards.selectors import dashboard_of, may_change
from watchfloor.operations.dashboards.showing import Shown, explore_address, is_outside, query_of, show, small
from watchfloor.operations.dashboards.tiles import HEIGHTS, WIDTHS, Tile, read_tiles, registered
from watchfloor.operations.dashboards.views.overview import title_of
from watchfloor.operations.insights.explore_choices import periods
from watchfloor.operations.insights.question import read_question
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.shell.asked import asked_for

_PICTURES = {1: 1, 2: 2, 3: 4}


def span_of(request: PageRequest, dashboard: Dashboard) -> dict[str, str]:
    """Return the period of the whole page: as its address asks, else as the dashboard says."""
    asked = {name: request.GET[name] for name in ("period", "from", "to") if request.GET.get(name)}
    if asked.get("period") == "own":
        return {}
    if asked:
        return asked
    return {"period": dashboard.period} if dashboard.period else {}


def version_of(operation: str) -> int:
    """Return the number of the newest version of the facts; zero where there is none."""
    try:
        return store_of(operation).snapshot().number
    except WatchfloorError:
        return 0


def context_of(request: PageRequest, dashboard: Dashboard, *, edit: bool, undo: str = "") -> dict[str, Any]:
    """Return what the board's template needs: its tiles without their answers, which come one by one."""
    asked, span = asked_for(request), span_of(request, dashboard)
    tiles = read_tiles(dashboard.tiles)
    page_query = {name: request.GET[name] for name in ("op", "at", "as_of") if request.GET.get(name)} | (
        span or ({"period": "own"} if request.GET.get("period") == "own" else {})
    )
    return {
        "dashboard": dashboard,
        "tiles": [
            {
                "it": tile,
                "name": _name(tile, request=request, dashboard=dashboard),
                "place": at,
                "next": at + 1,
            }
            for at, tile in enumerate(tiles)
        ],
        "may_change": may_change(dashboard, viewer=request.viewer),
        "may_copy": request.viewer.can("dashboards.change"),
        "edit": edit and may_change(dashboard, viewer=request.viewer),
        "undo": undo,
        "page_query": urlencode(page_query),
        "periods": [("own", ""), *periods()],
        "asked_period": "" if "from" in span else span.get("period", "own"),
        "span": span,
        "facts_version": version_of(asked.operation),
        "is_present": asked.is_present,
        "widths": WIDTHS,
        "heights": HEIGHTS,
        "kinds": [
            (kind, offered.name)
            for kind, offered in registered().items()
            if request.viewer.can(offered.permission)
        ],
    }


def _name(tile: Tile, *, request: PageRequest, dashboard: Dashboard) -> str:
    """Return a tile's name, unless it is about something that the viewer may not see."""
    asked = asked_for(request)
    if tile.kind == "question":
        try:
            parameters = query_of(tile, span=span_of(request, dashboard))
            question = read_question(parameters, catalogue=catalogue(), is_live=asked.is_live)
            if is_outside(question.where, viewer=request.viewer, is_live=asked.is_live):
                return ""
        except (NotFoundError, NotPermittedError):
            return ""
        except WatchfloorError:
            return tile.title
        return tile.title or title_of(parameters, is_live=asked.is_live)
    return tile.title


@page("metrics.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show a dashboard; with `edit=1` its owner composes it."""
    dashboard = dashboard_of(slug, viewer=request.viewer)
    context = context_of(request, dashboard, edit=request.GET.get("edit") == "1")
    return render(request, "dashboards/detail.html", context)


@page("metrics.view")
def tile(request: PageRequest, slug: str, tile_id: str) -> HttpResponse:
    """Answer one tile, as this viewer may see it."""
    dashboard = dashboard_of(slug, viewer=request.viewer)
    found = next((each for each in read_tiles(dashboard.tiles) if each.id == tile_id), None)
    if found is None:
        raise Http404
    asked, now = asked_for(request), timezone.now()
    context: dict[str, Any] = {"tile": found}
    if found.kind == "targets":
        if request.viewer.can("targets.view"):
            context["lines"], context["counts"] = lines(viewer=request.viewer, asked=asked, now=now)
        else:
            context["outside"] = True
    elif found.kind in registered():
        offered = registered()[found.kind]
        if request.viewer.can(offered.permission):
            context["html"] = offered.html(request, found)
        else:
            context["outside"] = True
    elif found.kind == "floor":
        context["outside"] = not request.viewer.can("floor.view")
    elif found.kind == "question":
        shown = show(found, viewer=request.viewer, asked=asked, now=now, span=span_of(request, dashboard))
        context |= _question(shown, request=request)
    return render(request, "dashboards/tile.html", context)


def _question(shown: Shown, *, request: PageRequest) -> dict[str, Any]:
    if shown.outside:
        return {"outside": True}
    sight = shown.sight
    context: dict[str, Any] = {
        "shown": shown,
        "problem": shown.problem,
        "address": explore_address(shown, asked=asked_for(request)),
    }
    if sight is None:
        return context
    fitting = small(sight, most=_PICTURES.get(shown.tile.height, 1) * (2 if shown.tile.width > 2 else 1))
    single = sight.rows[0].cells if len(sight.rows) == 1 and not sight.tables else ()
    return context | {
        "sight": sight,
        "single": [
            {"scope": " · ".join(sight.rows[0].values), "cell": cell} for cell in single if cell is not None
        ],
        "pictures": [(f"tile-{shown.tile.id}-{at}", picture) for at, picture in enumerate(fitting.pictures)],
        "table": sight.tables[0] if sight.tables and not fitting.pictures else None,
        "rows": sight.rows[:12] if not fitting.pictures and not sight.tables and not single else (),
        "more": max(0, len(sight.pictures) - len(fitting.pictures)),
    }


@page("metrics.view")
def pulse(request: PageRequest, slug: str) -> HttpResponse:
    """Answer nothing while the facts stand; once there is a newer version, tell the tiles to ask again."""
    dashboard = dashboard_of(slug, viewer=request.viewer)
    asked = asked_for(request)
    newest = version_of(asked.operation)
    held = request.GET.get("seen", "")
    if not asked.is_present or held == str(newest):
        return HttpResponse(status=204)
    context = {"dashboard": dashboard, "facts_version": newest, "is_present": True}
    context["page_query"] = urlencode({k: v for k, v in request.GET.items() if k != "seen"})
    response = render(request, "dashboards/pulse.html", context)
    response["HX-Trigger"] = "facts-moved"
    return response
