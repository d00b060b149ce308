"""The board of a kind's units, and its workbook."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import seen_from
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.scorecards import words
from watchfloor.operations.scorecards.charts import funnel_chart
from watchfloor.operations.scorecards.documents import board_document
from watchfloor.operations.scorecards.selectors import ScoreBoard, UnitCard, board
from watchfloor.operations.scorecards.units import kinds_for
from watchfloor.operations.scorecards.views.shown import status_shown, summary_shown, tabs
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.shell.documents.workbook import workbook_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@page("scorecards.view")
def start(request: PageRequest) -> HttpResponse:
    """Go to the first kind the viewer may see; teams where they may."""
    kinds = kinds_for(request.viewer)
    return redirect("scorecards:board", "team" if "team" in kinds else kinds[0])


def board_asked(request: PageRequest, kind: str) -> ScoreBoard:
    """Return the board that the address asks for."""
    asked, now = asked_for(request), timezone.now()
    asked.require_knowledge()
    return board(
        kind,
        request.GET.get("period", ""),
        request.viewer,
        now=now,
        operation=asked.operation,
        known_at=asked.known_at,
        seen_at=seen_from(asked, now=now),
    )


@require_GET
@page("scorecards.view")
def overview(request: PageRequest, kind: str) -> HttpResponse:
    """Show the units of a kind by slug, each figure by evidence, and the funnel of one of them."""
    names = words.kind_names()
    context: dict[str, Any] = {
        "tabs": tabs(request, kind),
        "kind": kind,
        "title": names.get(kind, kind),
        "periods": list(words.period_names().items()),
    }
    try:
        found = board_asked(request, kind)
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        return render(request, "scorecards/board.html", context | {"problem": error}, status=422)
    metrics = words.metric_names(found)
    context |= {
        "board": found,
        "period_name": found.span.name,
        "headline": words.headline(found),
        "counts": found.alarms.counts,
        "tested": sum(one.p_value is not None for one in found.alarms.judged),
        "by_chance": f"{found.alarms.by_chance:.1f}",
        "metrics": metrics,
        "rows": [
            {
                "card": card,
                "summary": summary_shown(card),
                "figures": [status_shown(each, min_n=found.card.min_n) for each in card.figures],
            }
            for card in _ordered(found, request.GET.get("order", ""))
        ],
        "order": request.GET.get("order", ""),
        "orders": _orders(found),
        "has_summary": any(card.summary.value is not None or card.gate != "none" for card in found.cards),
    } | _funnel(request, found)
    return render(request, "scorecards/board.html", context)


@require_GET
@page("scorecards.view")
def download(request: PageRequest, kind: str) -> HttpResponse:
    """Send the board as a workbook, with bars for its intervals."""
    try:
        found = board_asked(request, kind)
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    document = board_document(
        found, operation=asked_for(request).operation, now=timezone.now(), address=request.get_full_path()
    )
    response = HttpResponse(workbook_of(document), content_type=_XLSX)
    name = f"watchfloor-scorecards-{kind}-{found.span.period.start:%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _funnel(request: PageRequest, found: ScoreBoard) -> dict[str, Any]:
    """Return the funnel of the metric asked for, else of the first that has one."""
    offered = [
        (metric, name) for metric, name in words.metric_names(found) if found.funnel(metric) is not None
    ]
    if not offered:
        return {"funnel": None}
    wished = request.GET.get("m", "")
    metric = wished if wished in dict(offered) else offered[0][0]
    funnel = found.funnel(metric)
    assert funnel is not None  # noqa: S101 -- offered above
    axes = (gettext("effective observations"), dict(offered)[metric], gettext("limit"))
    return {
        "funnel": funnel,
        "funnel_spec": funnel_chart(funnel, words=axes),
        "funnel_metric": metric,
        "funnel_name": dict(offered)[metric],
        "funnels": offered,
        "outside": [point for point in funnel.points if point.outside > 95],
        "phi": f"{funnel.phi:.2f}",
        "separation": found.separations.get(metric),
    }


def _orders(found: ScoreBoard) -> list[tuple[str, str]]:
    """Return the metrics that tell units apart well enough to be ordered by; never what people bear."""
    figures = {each.measure.metric: each.definition for card in found.cards[:1] for each in card.figures}
    return [
        (metric, name_of(definition))
        for metric, definition in figures.items()
        if (apart := found.separations.get(metric)) is not None
        and apart.is_table_shown
        and definition.people != "team_level"
        and definition.family != "people"
    ]


def _ordered(found: ScoreBoard, by: str) -> list[UnitCard]:
    cards = list(found.cards)
    if by not in dict(_orders(found)):
        return cards

    def place(card: UnitCard) -> float:
        figure = card.figure(by)
        drawn = figure.shrunken if figure else None
        if figure is None or drawn is None:
            return float("inf")
        return drawn.mean if figure.definition.direction == "lower_is_better" else -drawn.mean

    return sorted(cards, key=place)
