"""The board of targets in force, and the page that says which target applied somewhere, then, and why."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from watchfloor.kernel import Scope, WatchfloorError, nearest
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue, seen_from
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.targets.board import Standing, board_of, counted
from watchfloor.operations.targets.board_table import board_html
from watchfloor.operations.targets.errors import ScopeError
from watchfloor.operations.targets.evidence import Asking
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.resolver import choose, in_force
from watchfloor.operations.targets.scopes import checked_scope, covers, scope_of
from watchfloor.operations.targets.seeing import seen_targets
from watchfloor.operations.targets.words import (
    dimension_words,
    kind_names,
    period_names,
    scope_words,
    status_names,
    why_names,
)

MOST_ROWS = 2_000


def asking_of(request: PageRequest) -> Asking:
    """Return who asks, of which operation, from when."""
    asked, now = asked_for(request), timezone.now()
    asked.require_knowledge()
    return Asking(request.viewer, asked.operation, seen_from(asked, now=now), asked.known_at)


@page("targets.view")
def board(request: PageRequest) -> HttpResponse:
    """Show every target in force: what is missed, what nobody can know yet, and where periods will end."""
    context: dict[str, Any] = {"is_whole": request.GET.get("of") == "last"}
    try:
        asking = asking_of(request)
        found = board_of(
            asking=asking, at=asking.now, whole=bool(context["is_whole"]), known_at=asking.known_at
        )
    except WatchfloorError as error:
        return render(request, "targets/board.html", context | {"problem": error}, status=422)
    shown = _filtered(found.standings, request)
    at_risk = sum(
        1
        for one in found.standings
        if one.outlook is not None and one.outlook.probability is not None and one.outlook.probability < 0.5
    )
    context |= {
        "all": found.standings,
        "counts": counted(found.standings),
        "out": sum(one.judged.stands_out for one in found.standings),
        "false_alarms": found.board.expected_false_alarms,
        "by_chance": found.board.by_chance,
        "at_risk": at_risk,
        "ending": sum(one.ends_soon is not None for one in found.standings),
        "shown": len(shown),
        "rows": board_html(shown[:MOST_ROWS], carry=asked_for(request).carry),
        "statuses": [(key, name) for key, name in status_names().items() if key != "no_target"],
        "asked_status": request.GET.get("status", ""),
        "metrics": [
            (metric, name_of(catalogue()[metric]))
            for metric in sorted({one.target.metric_id for one in found.standings})
        ],
        "asked_metric": request.GET.get("m", ""),
        "may_change": request.viewer.can("targets.change"),
    }
    return render(request, "targets/board.html", context)


def _filtered(standings: Sequence[Standing], request: PageRequest) -> list[Standing]:
    status, metric = request.GET.get("status", ""), request.GET.get("m", "")
    text = request.GET.get("q", "").strip().casefold()
    only = request.GET.get("only", "")
    return [
        one
        for one in standings
        if (not status or one.judged.status == status)
        and (not metric or one.target.metric_id == metric)
        and (not text or text in f"{one.target.scope_key} {one.target.owner}".casefold())
        and (only != "out" or one.judged.stands_out)
        and (only != "contract" or one.target.contractual)
        and (only != "ending" or one.ends_soon is not None)
    ]


@page("targets.view")
def applied_here(request: PageRequest) -> HttpResponse:
    """Say which target applied to a scope at an instant, as it was known at another, and why that one."""
    names = dimension_words()
    metric = request.GET.get("m", "")
    context: dict[str, Any] = {
        "metrics": [(one, name_of(catalogue()[one])) for one in _metrics(request)],
        "asked_metric": metric,
        "dimensions": list(names.items()),
        "where": request.GET.getlist("where"),
    }
    if not metric:
        return render(request, "targets/applied.html", context)
    try:
        asking = asking_of(request)
        definition = catalogue()[metric]
        scope = checked_scope(scope_asked(request.GET.getlist("where")), definition=definition)
        held = seen_targets(
            in_force([metric], at=asking.now, known_at=asking.known_at), viewer=request.viewer
        )
        found = choose(held, scope=scope_of(scope), at=asking.now)
    except WatchfloorError as error:
        return render(request, "targets/applied.html", context | {"problem": error}, status=422)
    history = seen_targets(
        Target.objects.filter(metric_id=metric).order_by("recorded_at", "version", "pk"),
        viewer=request.viewer,
    )
    why = why_names()
    context |= {
        "definition": definition,
        "name": name_of(definition),
        "scope": scope_words(scope),
        "found": found,
        "target": found.target,
        "target_scope": scope_words(found.target.scope) if found.target else "",
        "why": [why[code] for code in found.why],
        "beaten": [(one, scope_words(one.scope)) for one in found.beaten],
        "at": asking.now,
        "known_at": asking.known_at,
        "kinds": kind_names(),
        "periods": period_names(),
        "history": [(one, scope_words(one.scope)) for one in history if covers(one.scope, scope_of(scope))],
    }
    return render(request, "targets/applied.html", context)


def _metrics(request: PageRequest) -> list[str]:
    limits = seen_targets(Target.objects.all(), viewer=request.viewer)
    return sorted({one.metric_id for one in limits if one.metric_id in catalogue()})


def scope_asked(written: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the scope that was typed: `queue:a,b site:c`.

    Raises:
        ScopeError: a part of it names no dimension or no value.

    """
    held: dict[str, tuple[str, ...]] = {}
    for each in " ".join(written).replace("=", ":").split():
        name, colon, values = each.partition(":")
        kept = tuple(value for value in values.split(",") if value)
        if not colon or not kept:
            close = nearest(name, dimension_words())
            raise ScopeError(
                f"“{each}” is no scope.", remedy=f"Write it as {close or 'queue'}:value,value site:value."
            )
        held[name] = kept
    return Scope.of(held).as_dict()
