"""The strategies: all of them with what they brought, and one with its volume, yield, price and states."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import Query
from watchfloor.operations.cells.figures import name_of, point, written
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import ask, catalogue
from watchfloor.operations.intake.figures import StrategyFigures, measure, period_of
from watchfloor.operations.intake.views.tabs import intake_tabs
from watchfloor.operations.intake.words import source_names, strategy_states, strategy_title, verdict_words
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.selectors import ChangeFilters, changes
from watchfloor.operations.record.viewers import NotPermittedError
from watchfloor.operations.routing.models import Strategy, StrategyHour
from watchfloor.operations.routing.selectors import strategies, strategy
from watchfloor.operations.routing.services import approve_strategy, fingerprint, set_strategy_state
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.shell.charts import Spec, over_time

DAYS = 28
HOURS_SHOWN = 24
_TONES = {"canary": "accent", "on": "ok", "draft": "soon", "ended": ""}


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the strategies within reach; what they brought loads after."""
    return render(
        request,
        "intake/strategies.html",
        {
            "tabs": intake_tabs(request, "strategies"),
            "may_change": request.viewer.can("strategies.change"),
            "any": strategies(viewer=request.viewer).exists(),
            "days": DAYS,
        },
    )


@page("metrics.view")
def table(request: PageRequest) -> HttpResponse:
    """Answer the strategies with expected and actual volume, yield, handle time and price."""
    now = timezone.now()
    measured = measure(
        strategies(viewer=request.viewer),
        viewer=request.viewer,
        operation=asked_for(request).operation,
        now=now,
        days=DAYS,
    )
    hours = _hours(now)
    rows = [_row(figures) | {"hours": hours.get(figures.strategy.pk)} for figures in measured.rows]
    return render(request, "intake/strategy_rows.html", {"rows": rows, "measured": measured})


@page("queues.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show one strategy: its terms, its hours, where it stands, and what may be done."""
    return _detail(request, slug)


@page("metrics.view")
def figures(request: PageRequest, slug: str) -> HttpResponse:
    """Answer one strategy's figures and its charts by day."""
    found = strategy(viewer=request.viewer, slug=slug, permission="metrics.view")
    operation, now = asked_for(request).operation, timezone.now()
    measured = measure([found], viewer=request.viewer, operation=operation, now=now, days=DAYS)
    charts = _charts(request, found, operation=operation, now=now) if measured.problem is None else []
    context = {"row": _row(measured.rows[0]), "measured": measured, "charts": charts}
    return render(request, "intake/strategy_figures.html", context)


@require_POST
@page("queues.approve")
def approve(request: PageRequest, slug: str) -> HttpResponse:
    """Approve a strategy as it was read, by somebody else than who asked for it."""
    strategy(viewer=request.viewer, slug=slug)
    try:
        approve_strategy(
            slug=slug,
            seen=request.POST.get("seen", ""),
            by=request.viewer,
            now=timezone.now(),
            note=request.POST.get("note", "").strip(),
        )
    except NotPermittedError:
        raise
    except WatchfloorError as error:
        return _detail(request, slug, problem=error)
    return redirect("intake:strategy", slug)


@require_POST
@page("strategies.change")
def change_state(request: PageRequest, slug: str) -> HttpResponse:
    """Start, try or end a strategy; a reason is kept with it."""
    strategy(viewer=request.viewer, slug=slug)
    try:
        set_strategy_state(
            slug=slug,
            state=request.POST.get("state", ""),
            by=request.viewer,
            now=timezone.now(),
            reason=request.POST.get("reason", "").strip()[:400],
            override=bool(request.POST.get("override")),
        )
    except NotPermittedError:
        raise
    except WatchfloorError as error:
        return _detail(request, slug, problem=error)
    return redirect("intake:strategy", slug)


def _detail(request: PageRequest, slug: str, *, problem: WatchfloorError | None = None) -> HttpResponse:
    found, now, viewer = strategy(viewer=request.viewer, slug=slug), timezone.now(), request.viewer
    recent = list(
        found.hours.filter(starts_at__gte=now - timedelta(hours=HOURS_SHOWN)).order_by("-starts_at")
    )
    context: dict[str, Any] = {
        "tabs": intake_tabs(request, "strategies"),
        "strategy": found,
        "title": strategy_title(found),
        "state": strategy_states()[found.state],
        "tone": _TONES[found.state],
        "source": source_names().get(found.source, found.source),
        "groups": ", ".join(found.queue_groups),
        "hours": recent,
        "taken": sum(hour.taken for hour in recent),
        "refused": sum(hour.refused for hour in recent),
        "expected_hour": found.expected_cases_per_day / 24 if found.expected_cases_per_day else None,
        "seen": fingerprint(found),
        "problem": problem,
        "may_change": viewer.can("strategies.change"),
        "may_approve": viewer.can("queues.approve") and viewer.name != found.requested_by,
        "is_author": viewer.name == found.requested_by,
        "is_over": found.ends_at is not None and found.ends_at <= now,
        "changes": changes(viewer=viewer, filters=ChangeFilters(object_id=slug, object_kind="strategy"))[:8]
        if viewer.can("changes.view")
        else [],
    }
    return render(request, "intake/strategy.html", context, status=409 if problem else 200)


def _row(figures: StrategyFigures) -> dict[str, Any]:
    words, tone = verdict_words()[figures.verdict]
    found = figures.strategy
    return {
        "figures": figures,
        "strategy": found,
        "title": strategy_title(found),
        "state": strategy_states()[found.state],
        "tone": _TONES[found.state],
        "verdict": words,
        "verdict_tone": tone,
    }


def _hours(now: datetime) -> dict[int, dict[str, int]]:
    """Return what each strategy sent in the last clock hours of a day."""
    found: dict[int, dict[str, int]] = {}
    rows = StrategyHour.objects.filter(starts_at__gte=now - timedelta(hours=HOURS_SHOWN))
    for key, taken, refused in rows.order_by("pk").values_list("strategy_id", "taken", "refused"):
        sums = found.setdefault(key, {"taken": 0, "refused": 0})
        sums["taken"] += taken
        sums["refused"] += refused
    return found


def _whole_days(period: Period) -> Period | None:
    """Return the whole days of a period that ends at midnight, UTC; a day in part would look like a fall."""
    start = period.start.replace(hour=0, minute=0, second=0, microsecond=0)
    start += timedelta(days=start < period.start)
    return Period(start, period.end) if start < period.end else None


def _charts(request: PageRequest, found: Strategy, *, operation: str, now: datetime) -> list[dict[str, Any]]:
    """Return volume and yield by day, each with what was expected of it."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    period = _whole_days(period_of(days=DAYS, now=midnight, operation=operation))
    if period is None:
        return []
    where = within_reach({"strategy": (found.slug,)}, viewer=request.viewer, is_live=True)
    wanted = (
        ("intake", found.expected_cases_per_day),
        ("violative_rate", found.expected_violative_share),
    )
    query = Query(metrics=("intake", "violative_rate"), period=period, grain="day", where=where)
    try:
        cells = ask(query, operation=operation, now=now).cells
    except WatchfloorError:
        return []
    charts = []
    for metric, expected in wanted:
        definition = catalogue()[metric]
        known = [
            cell
            for cell in cells
            if cell.metric == metric and cell.estimate.value is not None and cell.bucket_start is not None
        ]
        points = [point(cell, series=gettext("actual")) for cell in known]
        if expected is not None:
            points += [
                {
                    "at": written(cell.bucket_start),
                    "value": expected,
                    "low": None,
                    "high": None,
                    "series": gettext("expected"),
                }
                for cell in known
            ]
        if not any(cell.n for cell in known):
            continue
        spec: Spec = over_time(points, value_title=name_of(definition), unit=definition.unit, height=170)
        charts.append({"name": name_of(definition), "element": f"chart-{metric}", "spec": spec})
    return charts
