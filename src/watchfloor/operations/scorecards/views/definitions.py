"""What units of each kind are looked at by, its versions, and the form of the next one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.scorecards import words
from watchfloor.operations.scorecards.definitions import Card, Measure, card_of
from watchfloor.operations.scorecards.errors import ScorecardError
from watchfloor.operations.scorecards.models import Scorecard
from watchfloor.operations.scorecards.services import change_card, metrics_for
from watchfloor.operations.scorecards.units import kinds_for
from watchfloor.operations.scorecards.views.shown import tabs
from watchfloor.operations.scorecards.vocabulary import KINDS


@require_GET
@page("scorecards.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the definitions in force, with their versions."""
    names = words.kind_names()
    rows = []
    for kind in kinds_for(request.viewer):
        card = card_of(kind)
        rows.append(
            {
                "kind": kind,
                "name": names[kind],
                "card": card,
                "measures": [(_named(each.metric), each.weight) for each in card.measures],
                "gate": _named(card.gate_metric) if card.gate_metric else "",
                "period": words.period_names()[card.period],
                "versions": list(Scorecard.objects.filter(kind=kind)[:10]),
            }
        )
    context = {
        "tabs": tabs(request, "definitions"),
        "rows": rows,
        "may_change": request.viewer.can("metrics.change"),
    }
    return render(request, "scorecards/definitions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.change")
def edit(request: PageRequest, kind: str) -> HttpResponse:
    """Show the form of the next version, and write it."""
    if kind not in KINDS:
        raise NotFoundError(f"There is no scorecard of a {kind!r}.", remedy=f"One of {', '.join(KINDS)}.")
    card = card_of(kind)
    context: dict[str, Any] = {
        "tabs": tabs(request, "definitions"),
        "kind": kind,
        "name": words.kind_names()[kind],
        "periods": list(words.period_names().items()),
    }
    status = 200
    if request.method == "POST":
        try:
            card = _read(request, kind)
            change_card(
                card,
                reason=request.POST.get("reason", ""),
                catalogue=catalogue(),
                by=request.viewer,
                now=timezone.now(),
            )
        except WatchfloorError as error:
            context |= {"problem": error, "reason": request.POST.get("reason", "")}
            status = 422
        else:
            return redirect("scorecards:definitions")
    weights = {each.metric: each.weight for each in card.measures}
    context |= {
        "card": card,
        "limit": "" if card.gate_limit is None else f"{card.gate_limit:g}",
        "choices": [
            {"id": metric, "name": _named(metric), "weight": weights.get(metric), "chosen": metric in weights}
            for metric in sorted(metrics_for(kind, catalogue()), key=lambda one: (one not in weights, one))
        ],
        "gates": [
            (metric, _named(metric))
            for metric in metrics_for(kind, catalogue())
            if catalogue()[metric].unit == "share" and catalogue()[metric].direction == "lower_is_better"
        ],
    }
    return render(request, "scorecards/definition.html", context, status=status)


def _read(request: PageRequest, kind: str) -> Card:
    chosen = request.POST.getlist("metric")
    measures = tuple(Measure(metric, _number(request, f"weight-{metric}", 0.0) or 0.0) for metric in chosen)
    limit = _number(request, "gate_limit", None)
    if limit is not None and request.POST.get("gate_limit", "").strip().endswith("%"):
        limit /= 100
    return Card(
        kind,
        int(_number(request, "version", 0.0) or 0),
        measures,
        request.POST.get("gate_metric", ""),
        limit,
        max(1, int(_number(request, "min_n", 30.0) or 30)),
        request.POST.get("period", "28d"),
    )


def _number(request: PageRequest, name: str, default: float | None) -> float | None:
    written = request.POST.get(name, "").strip().removesuffix("%").strip()
    if not written:
        return default
    try:
        return float(written)
    except ValueError as error:
        raise ScorecardError(f"{name}: {written!r} is no number.", remedy="Write 3 or 2.5.") from error


def _named(metric: str) -> str:
    return name_of(catalogue()[metric]) if metric in catalogue() else metric
