"""Composing a dashboard: every act is one POST, each answered with the board as it is then."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.dashboards import services, tiles
from watchfloor.operations.dashboards.models import Dashboard
from watchfloor.operations.dashboards.selectors import dashboard_of
from watchfloor.operations.dashboards.tiles import Tile
from watchfloor.operations.dashboards.views.board import context_of
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError

Tiles = tuple[Tile, ...]


class UnknownActError(WatchfloorError):
    """Nothing of that name can be done to a dashboard."""


def _change(request: PageRequest) -> tuple[str, Callable[[Tiles], Tiles]]:
    """Return what the form does to the tiles, and its name for the trail."""
    said, tile_id = request.POST, request.POST.get("tile", "")
    act = said.get("act", "")
    acts: dict[str, Callable[[Tiles], Tiles]] = {
        "add": lambda held: tiles.added(held, _written(request)),
        "move": lambda held: tiles.moved(held, tile_id, to=_number(said.get("to"))),
        "earlier": lambda held: tiles.moved(held, tile_id, to=tiles.position_of(held, tile_id) - 1),
        "later": lambda held: tiles.moved(held, tile_id, to=tiles.position_of(held, tile_id) + 1),
        "resize": lambda held: tiles.changed(
            held, tile_id, width=_number(said.get("width")), height=_number(said.get("height"))
        ),
        "edit": lambda held: tiles.changed(
            held, tile_id, title=said.get("title", "").strip(), note=said.get("note", "").strip()
        ),
        "duplicate": lambda held: tiles.doubled(held, tile_id),
        "remove": lambda held: tiles.without(held, tile_id),
    }
    if act not in acts:
        raise UnknownActError(
            f"Nothing of the name {act!r} can be done here.", remedy=f"One of {', '.join(acts)}."
        )
    return ("move" if act in ("earlier", "later") else act), acts[act]


def _written(request: PageRequest) -> Tile:
    said = request.POST
    return Tile(
        tiles.new_id(),
        said.get("kind", "text"),
        title=said.get("title", "").strip(),
        note=said.get("note", "").strip(),
        width=_number(said.get("width") or "2"),
    )


def _number(written: str | None) -> int:
    return int(written) if written and written.lstrip("-").isdigit() and len(written) < 6 else 0


@require_POST
@page("dashboards.change")
def change(request: PageRequest, slug: str) -> HttpResponse:
    """Change the tiles, or take the last change back; the answer offers to undo it."""
    dashboard = dashboard_of(slug, viewer=request.viewer)
    version = _number(request.POST.get("version")) or None
    try:
        if request.POST.get("act") == "undo":
            saved = services.undo(dashboard=dashboard, by=request.viewer, now=timezone.now(), version=version)
            told = gettext("Taken back.")
        else:
            act, made = _change(request)
            saved = services.compose(
                dashboard=dashboard,
                change=made,
                act=act,
                by=request.viewer,
                now=timezone.now(),
                version=version,
            )
            told = _told(act)
    except (NotPermittedError, NotFoundError):
        raise
    except WatchfloorError as error:
        return _board(request, dashboard, status=200 if _is_htmx(request) else 422, problem=error)
    if _is_htmx(request):
        return _board(request, saved, undo=told)
    return redirect(f"{reverse('dashboards:detail', args=[slug])}?edit=1")


def _told(act: str) -> str:
    return {
        "add": gettext("Tile added."),
        "move": gettext("Tile moved."),
        "resize": gettext("Size changed."),
        "edit": gettext("Text changed."),
        "duplicate": gettext("Tile copied."),
        "remove": gettext("Tile removed."),
    }[act]


def _is_htmx(request: PageRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _board(request: PageRequest, dashboard: Dashboard, *, status: int = 200, **more: Any) -> HttpResponse:
    context = context_of(request, dashboard, edit=True, undo=more.pop("undo", "")) | more
    name = "dashboards/grid.html" if _is_htmx(request) else "dashboards/detail.html"
    return render(request, name, context, status=status)


@require_POST
@page("dashboards.change")
def describe(request: PageRequest, slug: str) -> HttpResponse:
    """Change a dashboard's title, note and period, and whether it is shared."""
    dashboard, said = dashboard_of(slug, viewer=request.viewer), request.POST
    try:
        services.describe(
            dashboard=dashboard,
            by=request.viewer,
            now=timezone.now(),
            title=said.get("title", ""),
            note=said.get("note", "").strip(),
            shared=said.get("shared") == "on",
            period=said.get("period", "").strip(),
        )
    except (NotPermittedError, NotFoundError):
        raise
    except WatchfloorError as error:
        context = context_of(request, dashboard, edit=True) | {"problem": error}
        return render(request, "dashboards/detail.html", context, status=422)
    return redirect(f"{reverse('dashboards:detail', args=[slug])}?edit=1")


@require_POST
@page("dashboards.change")
def duplicate(request: PageRequest, slug: str) -> HttpResponse:
    """Make a copy that is the viewer's own."""
    dashboard = dashboard_of(slug, viewer=request.viewer)
    title = gettext("Copy of %(title)s") % {"title": dashboard.title}
    made = services.create(
        title=title[:120],
        by=request.viewer,
        now=timezone.now(),
        tiles=tiles.read_tiles(dashboard.tiles),
        note=dashboard.note,
    )
    return redirect(f"{reverse('dashboards:detail', args=[made.slug])}?edit=1")


@require_POST
@page("dashboards.change")
def delete(request: PageRequest, slug: str) -> HttpResponse:
    """Delete a dashboard; the list offers to bring it back."""
    dashboard = dashboard_of(slug, viewer=request.viewer)
    services.delete(dashboard=dashboard, by=request.viewer, now=timezone.now())
    return redirect(f"{reverse('dashboards:list')}#deleted")
