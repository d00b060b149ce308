"""The pages of rules: what watches, one rule with its past, and writing one with a preview of its cost."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.alerts import selectors
from watchfloor.operations.alerts.forms import RuleForm, written_rule
from watchfloor.operations.alerts.models import AlertRule
from watchfloor.operations.alerts.preview import Preview, preview
from watchfloor.operations.alerts.rules import drafted, move_rule, save_rule, snooze
from watchfloor.operations.alerts.views.frame import TONES, row_of, tabs
from watchfloor.operations.alerts.vocabulary import KINDS, SEVERITIES
from watchfloor.operations.alerts.words import (
    figure,
    kind_names,
    metric_name,
    rule_state_names,
    rule_text,
    severity_names,
    unit_of,
)
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell import charts

_SNOOZES = {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "3d": timedelta(days=3)}


@require_GET
@page("alerts.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show the rules: those that cannot be evaluated first, then by severity."""
    rows = list(selectors.rules(viewer=request.viewer).exclude(state="retired"))
    rows.sort(key=lambda rule: (not rule.trouble, SEVERITIES.index(rule.severity), rule.slug))
    now = timezone.now()
    return render(
        request,
        "alerts/rules.html",
        {
            "tabs": tabs("rules"),
            "rows": [_row(rule) | {"asleep": _asleep(rule, now)} for rule in rows],
            "active": sum(rule.state == "active" for rule in rows),
            "troubled": sum(bool(rule.trouble) for rule in rows),
            "expected_false": sum(rule.expected_false for rule in rows if rule.state == "active"),
            "cells": sum(rule.units for rule in rows if rule.state == "active"),
            "may_change": request.viewer.can("alerts.change"),
        },
    )


def _asleep(rule: AlertRule, now: Any) -> bool:
    return rule.snoozed_until is not None and rule.snoozed_until > now


def _row(rule: AlertRule) -> dict[str, Any]:
    return {
        "it": rule,
        "says": rule_text(rule),
        "kind": kind_names()[rule.kind],
        "severity": severity_names()[rule.severity],
        "tone": TONES[rule.severity],
        "state": rule_state_names()[rule.state],
    }


@require_GET
@page("alerts.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show one rule: what it says, what it has seen, and how often it would have fired lately."""
    rule = selectors.rule(viewer=request.viewer, slug=slug)
    now = timezone.now()
    fired = selectors.alerts(viewer=request.viewer).filter(rule=rule).order_by("-fired_at", "-pk")[:20]
    context = {
        "tabs": tabs("rules"),
        **_row(rule),
        "rule": rule,
        "metric": metric_name(rule.metric_id),
        "asleep": _asleep(rule, now),
        "alerts": [row_of(each) for each in fired],
        "channels": list(selectors.channels(viewer=request.viewer).filter(rules=rule)),
        "may_change": request.viewer.can("alerts.change"),
        **_previewed(request, rule),
    }
    return render(request, "alerts/rule.html", context)


def _previewed(request: PageRequest, rule: AlertRule) -> dict[str, Any]:
    """Return how often the rule would have fired, with its chart; the reason where that cannot be said."""
    try:
        found = preview(
            rule, viewer=request.viewer, operation=settings.WATCHFLOOR_OPERATION, now=timezone.now()
        )
    except WatchfloorError as error:
        return {"previewed": None, "preview_problem": str(error)}
    weeks = found.period.seconds / (7 * 86_400)
    return {
        "previewed": found,
        "preview_problem": found.problem,
        "a_week": f"{len(found.firings) / weeks:.1f}",
        "expected": f"{found.expected_false:.1f}",
        "firings": [
            (
                each.at,
                each.unit or gettext("the whole operation"),
                figure(each.value, metric_id=rule.metric_id),
            )
            for each in reversed(found.firings[-12:])
        ],
        "more": max(0, len(found.firings) - 12),
        "chart": _chart(found, rule) if found.points else None,
    }


def _chart(found: Preview, rule: AlertRule) -> dict[str, Any]:
    points = [dict(point) for point in found.points]
    if rule.level is not None and rule.kind in ("level", "yield"):
        name = gettext("Limit")
        ends = (found.period.start, found.period.end)
        points += [
            {
                "at": at.isoformat().replace("+00:00", "Z"),
                "value": rule.level,
                "low": None,
                "high": None,
                "series": name,
            }
            for at in ends
        ]
    marks = [
        {
            "at": each.at.isoformat().replace("+00:00", "Z"),
            "summary": f"{each.unit} {figure(each.value, metric_id=rule.metric_id)}",
        }
        for each in found.firings[-60:]
    ]
    return charts.over_time(
        points, value_title=metric_name(rule.metric_id), unit=unit_of(rule.metric_id), changes=marks
    )


@page("alerts.change")
def new(request: PageRequest) -> HttpResponse:
    """Write a rule: look at what it would have done, then save it."""
    return _write(request, None)


@page("alerts.change")
def edit(request: PageRequest, slug: str) -> HttpResponse:
    """Change a rule, with the same preview."""
    return _write(request, selectors.rule(viewer=request.viewer, slug=slug))


def _write(request: PageRequest, rule: AlertRule | None) -> HttpResponse:
    channels = list(selectors.channels(viewer=request.viewer).filter(active=True))
    context: dict[str, Any] = {"tabs": tabs("rules"), "rule": rule, **_choices()}
    if request.method != "POST":
        start = dict(written_rule(rule)) | {
            name: request.GET[name] for name in ("metric_id", "scope", "by") if name in request.GET
        }
        form = RuleForm(initial=start, channels=channels)
        return render(request, "alerts/edit.html", context | {"form": form, "channels": channels})
    posted = request.POST.copy()
    if rule is not None:
        posted["slug"] = rule.slug
    form = RuleForm(posted, channels=channels)
    context |= {"form": form, "channels": channels}
    if not form.is_valid():
        return render(request, "alerts/edit.html", context, status=422)
    now = timezone.now()
    try:
        if request.POST.get("act") == "save":
            made = save_rule(
                new=form.new_rule(),
                channels=form.chosen(),
                by=request.viewer,
                now=now,
                slug=rule.slug if rule else "",
            )
            return redirect("alerts:rule", slug=made.slug)
        draft = drafted(form.new_rule(), by=request.viewer, now=now)
    except WatchfloorError as error:
        return render(request, "alerts/edit.html", context | {"problem": error}, status=422)
    context |= {"says": rule_text(draft), **_previewed(request, draft), "looked": True}
    return render(request, "alerts/edit.html", context)


def _choices() -> dict[str, Any]:
    kinds, severities = kind_names(), severity_names()
    return {
        "kinds": [(kind, kinds[kind]) for kind in KINDS],
        "severities": [(each, severities[each]) for each in SEVERITIES],
        "metrics": sorted(((each.id, name_of(each)) for each in catalogue().values()), key=lambda m: m[1]),
    }


@require_POST
@page("alerts.change")
def move(request: PageRequest, slug: str) -> HttpResponse:
    """Pause, wake, retire or snooze a rule."""
    rule, wish, now = (
        selectors.rule(viewer=request.viewer, slug=slug),
        request.POST.get("act", ""),
        timezone.now(),
    )
    if wish in ("active", "paused", "retired"):
        move_rule(rule=rule, state=wish, by=request.viewer, now=now)
    elif wish == "wake":
        snooze(rule=rule, until=None, by=request.viewer, now=now)
    elif wish in _SNOOZES:
        snooze(rule=rule, until=now + _SNOOZES[wish], by=request.viewer, now=now)
    return redirect("alerts:rules") if wish == "retired" else redirect("alerts:rule", slug=slug)
