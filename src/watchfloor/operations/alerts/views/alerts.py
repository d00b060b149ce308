"""The page of alerts, the gravest first, and the page of one: why it fired, who has it, what is done."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError, parse_instant
from watchfloor.operations.alerts import selectors
from watchfloor.operations.alerts.acting import act
from watchfloor.operations.alerts.explaining import explore_query
from watchfloor.operations.alerts.forms import AcknowledgeForm, ActionForm, ResolveForm
from watchfloor.operations.alerts.lifecycle import acknowledge, resolve
from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.alerts.snapshots import value_of
from watchfloor.operations.alerts.views.frame import one_page, row_of, tabs
from watchfloor.operations.alerts.vocabulary import SEVERITIES, STANDING
from watchfloor.operations.alerts.words import (
    effect_names,
    figure,
    interval_text,
    metric_name,
    rule_text,
    severity_names,
    unit_of,
)
from watchfloor.operations.insights.dimension_words import dimension_names
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell import formats

_SHOWN = {"": STANDING, "resolved": ("resolved",), "expired": ("expired",), "all": None}


@require_GET
@page("alerts.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show the alerts that stand, the gravest first; closed ones on wish."""
    shown = request.GET.get("state", "")
    severity = request.GET.get("severity", "")
    rows = selectors.alerts(viewer=request.viewer, states=_SHOWN.get(shown, STANDING))
    if severity in SEVERITIES:
        rows = rows.filter(severity=severity)
    if shown:
        rows = rows.order_by("-fired_at", "-pk")
    standing = selectors.alerts(viewer=request.viewer, states=STANDING).order_by()
    counts = dict(standing.values_list("severity").annotate(count=Count("pk")))
    unowned = standing.filter(state="open").count()
    overdue = standing.filter(due_at__lt=timezone.now()).count()
    listed = one_page(rows, request)
    names = severity_names()
    return render(
        request,
        "alerts/list.html",
        {
            "tabs": tabs("list"),
            "page": listed,
            "rows": [row_of(each) for each in listed],
            "headline": _headline(counts, unowned=unowned),
            "total": sum(counts.values()),
            "grave": counts.get("critical", 0) + counts.get("high", 0),
            "counts": [(each, names[each], counts.get(each, 0)) for each in SEVERITIES],
            "unowned": unowned,
            "overdue": overdue,
            "shown": shown,
            "severity": severity,
            "rules": selectors.rules(viewer=request.viewer).filter(state="active").count(),
            "now": timezone.now(),
        },
    )


def _headline(counts: Mapping[str, int], *, unowned: int) -> str:
    total = sum(counts.values())
    if not total:
        return gettext("Nothing is out of order")
    text = ngettext("%(n)s alert stands", "%(n)s alerts stand", total) % {"n": total}
    if not unowned:
        return text + gettext(", each with somebody who has it")
    return text + ngettext(
        ", %(n)s of them with nobody who has it", ", %(n)s of them with nobody who has them", unowned
    ) % {"n": unowned}


@require_GET
@page("alerts.view")
def detail(request: PageRequest, alert_id: int) -> HttpResponse:
    """Show one alert with its explanation, and what can be done about it."""
    found = selectors.alert(viewer=request.viewer, alert_id=alert_id)
    return _page(request, found)


@require_POST
@page("alerts.change")
def take_on(request: PageRequest, alert_id: int) -> HttpResponse:
    """Take an alert on: say what will be done, by when."""
    found, form = selectors.alert(viewer=request.viewer, alert_id=alert_id), AcknowledgeForm(request.POST)
    if not form.is_valid():
        return _page(request, found, acknowledging=form)
    try:
        acknowledge(alert_id=alert_id, **form.cleaned_data, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _page(request, found, acknowledging=form, problem=error)
    return redirect("alerts:detail", alert_id=alert_id)


@require_POST
@page("alerts.change")
def end(request: PageRequest, alert_id: int) -> HttpResponse:
    """End an alert by hand, with its reason."""
    found, form = selectors.alert(viewer=request.viewer, alert_id=alert_id), ResolveForm(request.POST)
    if not form.is_valid():
        return _page(request, found, resolving=form)
    try:
        resolve(alert_id=alert_id, **form.cleaned_data, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _page(request, found, resolving=form, problem=error)
    return redirect("alerts:detail", alert_id=alert_id)


@require_POST
@page("alerts.change")
def add_action(request: PageRequest, alert_id: int) -> HttpResponse:
    """Write down what is done, and what it is expected to bring."""
    found = selectors.alert(viewer=request.viewer, alert_id=alert_id)
    form = ActionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, acting=form)
    said = dict(form.cleaned_data)
    if unit_of(found.metric_id) == "share":
        said["expected"] /= 100.0  # people write shares as percentages
    try:
        act(alert_id=alert_id, **said, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _page(request, found, acting=form, problem=error)
    return redirect("alerts:detail", alert_id=alert_id)


def _page(
    request: PageRequest,
    found: Alert,
    *,
    acknowledging: AcknowledgeForm | None = None,
    resolving: ResolveForm | None = None,
    acting: ActionForm | None = None,
    problem: WatchfloorError | None = None,
) -> HttpResponse:
    metric, now = found.metric_id, timezone.now()
    value = value_of(found.cell)
    effects = effect_names()
    context: dict[str, Any] = {
        "tabs": tabs("list"),
        **row_of(found),
        "alert": found,
        "rule_text": rule_text(found.rule),
        "metric": metric_name(metric),
        "value": figure(value, metric_id=metric),
        "goal": figure(found.cell.get("goal"), metric_id=metric),
        "interval": interval_text(found.cell, metric_id=metric),
        "n": found.cell.get("n"),
        "by_target": found.rule.level is None,
        "adjusted": found.cell.get("adjusted"),
        "looked_at": parse_instant(found.cell["looked_at"]) if found.cell.get("looked_at") else None,
        "explained": _explained(found),
        "explore": reverse("insights:explore"),
        "cases": reverse("insights:explore_cases"),
        "query": explore_query(found) if metric else "",
        "history": explore_query(found, grain="day") if metric else "",
        "standing": found.state in STANDING,
        "may_change": request.viewer.can("alerts.change"),
        "sees_cases": request.viewer.can("cases.view"),
        "acknowledging": acknowledging,
        "resolving": resolving,
        "acting": acting,
        "problem": problem,
        "share": unit_of(metric) == "share",
        "tomorrow": now + timedelta(days=1),
        "next_week": now + timedelta(days=7),
        "actions": [
            (
                each,
                effects[each.effect],
                figure(each.expected, metric_id=metric),
                figure(value_of(each.found), metric_id=metric),
                interval_text(each.found, metric_id=metric),
            )
            for each in found.actions.all()
        ],
        "notices": found.notices.select_related("channel").order_by("created_at", "pk"),
    }
    faults = [form for form in (acknowledging, resolving, acting) if form is not None]
    return render(request, "alerts/detail.html", context, status=422 if problem or faults else 200)


def _explained(found: Alert) -> dict[str, Any]:
    """Return the explanation in words and figures: the change, its largest parts, what happened near it."""
    said, metric = found.explanation, found.metric_id
    split = said.get("split") or {}
    change = said.get("change")
    largest = max((abs(p["mix"] + p["rate"]) for p in split.get("parts", [])), default=0.0) or 1.0

    def signed(value: float) -> str:
        sign = "+" if value > 0 else formats.MINUS if value < 0 else ""
        if unit_of(metric) == "share":
            return gettext("%(points)s points") % {"points": f"{sign}{abs(value) * 100:.1f}"}
        return f"{sign}{figure(abs(value), metric_id=metric)}"

    return {
        "before": figure((said.get("before") or {}).get("value"), metric_id=metric),
        "change": signed(change) if change is not None else "",
        "by": dimension_names().get(split.get("by", ""), split.get("by", "")),
        "kind": split.get("kind", ""),
        "parts": [
            {
                "group": part["group"],
                "whole": signed(part["mix"] + part["rate"]),
                "mix": signed(part["mix"]),
                "rate": signed(part["rate"]),
                "before": figure(part["before"], metric_id=metric),
                "after": figure(part["after"], metric_id=metric),
                "length": round(100 * abs(part["mix"] + part["rate"]) / largest),
                "up": part["mix"] + part["rate"] > 0,
                "query": explore_query(found, by=split["by"]),
            }
            for part in split.get("parts", [])
        ],
        "rest": signed(split["rest"]) if split.get("groups", 0) > len(split.get("parts", [])) else "",
        "changes": [{**each, "at": parse_instant(each["at"])} for each in said.get("changes", [])],
        "ready": found.explained_at is not None,
    }
