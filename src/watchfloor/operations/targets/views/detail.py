"""One target: what it asks, whether it is kept, where the period will end, how it came about."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import axis_unit, name_of, point, unit_name, written
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.shell import charts
from watchfloor.operations.targets.board import Standing, board_of, days_and_cell, outlook_of
from watchfloor.operations.targets.board_table import goal_text, level, needs, said
from watchfloor.operations.targets.capacity import people_needed
from watchfloor.operations.targets.evidence import Asking, Tree
from watchfloor.operations.targets.fan_chart import fan_chart
from watchfloor.operations.targets.models import PlanComment, Target
from watchfloor.operations.targets.projecting import Outlook
from watchfloor.operations.targets.publishing import withdraw_target
from watchfloor.operations.targets.resolver import value_at
from watchfloor.operations.targets.seeing import is_seen, limits_of
from watchfloor.operations.targets.spans import grain_of
from watchfloor.operations.targets.views.board import asking_of
from watchfloor.operations.targets.words import (
    STATUS_TONES,
    kind_names,
    method_names,
    noise_names,
    outlook_reasons,
    period_names,
    scope_words,
    status_names,
    verdict_names,
)

_BUCKETS = 16


@page("targets.view")
def show(request: PageRequest, target_id: UUID) -> HttpResponse:
    """Show one target with its evidence, its outlook, its chart and its versions."""
    return _page(request, target_id)


def _page(
    request: PageRequest, target_id: UUID, problem: WatchfloorError | None = None, status: int = 200
) -> HttpResponse:
    versions = versions_of(target_id, request)
    target = _newest(versions)
    definition = catalogue()[target.metric_id]
    now = timezone.now()
    context: dict[str, Any] = {
        "target": target,
        "definition": definition,
        "name": name_of(definition),
        "scope": scope_words(target.scope),
        "kind": kind_names()[target.kind],
        "period": period_names()[target.period],
        "method": method_names().get(target.method, target.method),
        "goal": goal_text(target, value=value_at(target, now), unit=definition.unit),
        "unit": unit_name(definition.unit),
        "versions": [(one, goal_text(one, unit=definition.unit)) for one in reversed(versions)],
        "evidence": _evidence(target, definition),
        "comments": PlanComment.objects.filter(
            plan=target.plan_id, line__scope_key=target.scope_key
        ).order_by("at", "pk")
        if target.plan_id
        else [],
        "holds": not target.withdrawn
        and target.effective_from <= now
        and (target.effective_to is None or target.effective_to > now),
        "is_over": target.effective_to is not None and target.effective_to <= now,
        "ramp": target.ramp,
        "may_withdraw": request.viewer.can("targets.approve")
        and not target.withdrawn
        and (target.effective_to is None or target.effective_to > now),
        "problem": problem,
        "where": target.scope_key.replace("=", ":").replace("|", ","),
    }
    try:
        context |= _figures(target, definition, asking_of(request))
    except WatchfloorError as error:
        context["problem"] = problem or error
        status = 422
    return render(request, "targets/detail.html", context, status=status)


def versions_of(target_id: UUID, request: PageRequest) -> list[Target]:
    """Return the versions of a target within the viewer's reach, oldest first.

    Raises:
        NotFoundError: there is none.

    """
    limits = limits_of(request.viewer)
    versions = [
        one
        for one in Target.objects.filter(target_id=target_id).order_by("version")
        if is_seen(one.scope, limits)
    ]
    if not versions:
        raise NotFoundError(f"There is no target {target_id} within your reach.")
    return versions


def _newest(versions: list[Target]) -> Target:
    known = [one for one in versions if one.closed_at is None]
    return (known or versions)[-1]


def _figures(target: Target, definition: Definition, asking: Asking) -> dict[str, Any]:
    at = asking.now
    found = board_of(asking=asking, at=at, outlooks=False, metric_ids=[target.metric_id])
    standing: Standing | None = next(
        (one for one in found.standings if one.target.target_id == target.target_id), None
    )
    days, cell = days_and_cell(target, asking=asking, at=at)
    outlook = outlook_of(target, days, cell, at=at) if not target.period.startswith("rolling") else None
    context: dict[str, Any] = {"standing": standing, "outlook": outlook}
    if standing is not None:
        judged = standing.judged
        context |= {
            "judged": judged,
            "status": status_names()[judged.status],
            "tone": STATUS_TONES.get(judged.status, ""),
            "said": said(standing),
            "noise": noise_names().get(judged.noise, ""),
        }
    if outlook is not None:
        context |= {
            "verdict": verdict_names()[outlook.verdict],
            "needs": needs(outlook, definition),
            "level": level(outlook.probability),
            "why_no_outlook": outlook_reasons().get(outlook.why_not, ""),
            "people": people_needed(target, outlook, asking=asking) if outlook.missing else None,
            "fan": _fan(target, definition, outlook, at),
        }
    context["chart"] = _over_time(target, definition, asking)
    return context


def _fan(target: Target, definition: Definition, outlook: Outlook, at: datetime) -> dict[str, Any] | None:
    if not outlook.fan:
        return None
    goal = value_at(target, at)
    largest = max([abs(goal), *(abs(value) for _, row in outlook.fan for value in row)])
    unit, divisor = axis_unit(definition.unit, largest=largest)
    return {
        "title": f"{name_of(definition)}, {unit}" if unit else name_of(definition),
        "spec": fan_chart(
            outlook,
            goals=[goal / divisor, *([target.upper / divisor] if target.upper is not None else [])],
            divisor=divisor,
            unit=definition.unit,
            names=(gettext("so far"), gettext("expected"), gettext("target")),
        ),
    }


def _over_time(target: Target, definition: Definition, asking: Asking) -> dict[str, Any] | None:
    grain = grain_of(target.period) or "week"
    if grain == "month":
        grain = "week"
    length = timedelta(days=_BUCKETS * (7 if grain == "week" else 1))
    tree = Tree(
        target.metric_id,
        tuple(sorted(target.scope)) if all(len(kept) == 1 for kept in target.scope.values()) else (),
        Period(asking.now - length, asking.now),
        scope=target.scope,
    )
    cells = [cell for cell in asking.cells(target.metric_id, tree, grain=grain) if cell.bucket_start]
    if definition.additivity == "ADD" or len(cells) < 2:
        return None
    points = [point(cell, series=name_of(definition)) for cell in cells]
    for cell in cells:
        start = cell.bucket_start or asking.now
        for edge in (value_at(target, start), target.upper):
            if edge is not None:
                name = gettext("target") if edge != target.upper else gettext("upper edge")
                points.append(
                    {"at": written(start), "value": edge, "low": None, "high": None, "series": name}
                )
    return {
        "title": gettext("Over time, by {bucket}").format(bucket=period_names()[grain].lower()),
        "spec": charts.over_time(
            points, value_title=name_of(definition), unit=definition.unit, from_zero=False
        ),
    }


def _evidence(target: Target, definition: Definition) -> list[tuple[str, Any, str]]:
    names = {
        "baseline": (gettext("Baseline"), definition.unit),
        "n": (gettext("Observations"), ""),
        "weight": (gettext("Planned share"), "share"),
    }
    return [
        (*names[key][:1], value, names[key][1])
        for key, value in target.evidence.items()
        if key in names and isinstance(value, (int, float))
    ]


@require_POST
@page("targets.approve")
def withdraw(request: PageRequest, target_id: UUID) -> HttpResponse:
    """End the target now, with a reason; its history stays."""
    versions_of(target_id, request)
    try:
        withdraw_target(
            target_id=target_id,
            reason=request.POST.get("reason", ""),
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _page(request, target_id, error, status=422)
    return redirect("targets:detail", target_id)
