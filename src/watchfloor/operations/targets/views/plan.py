"""One plan: its screen, what people say about its units, and its way to publication."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import name_of, unit_name
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.targets.approval import approve, publish, send_back, withdraw
from watchfloor.operations.targets.errors import TargetError
from watchfloor.operations.targets.figures import read_figure
from watchfloor.operations.targets.grid import grid_of, method_values
from watchfloor.operations.targets.grid_table import grid_html
from watchfloor.operations.targets.models import Plan
from watchfloor.operations.targets.plans import OPEN, accept, change_lines, comment, propose
from watchfloor.operations.targets.seeing import plan_within
from watchfloor.operations.targets.views.board import asking_of
from watchfloor.operations.targets.words import (
    dimension_words,
    kind_names,
    method_meanings,
    method_names,
    period_names,
    plan_state_names,
    scope_words,
    why_not_names,
)

_HARM = ("harm_budget", "severity", "views")


@page("targets.view")
def show(request: PageRequest, plan_id: int) -> HttpResponse:
    """Show the plan's screen: every unit, the methods side by side, what the parent reaches."""
    return _page(request, plan_id)


def _page(
    request: PageRequest, plan_id: int, problem: WatchfloorError | None = None, status: int = 200
) -> HttpResponse:
    plan, lines, is_whole = plan_within(plan_id, viewer=request.viewer)
    definition = catalogue()[plan.metric_id]
    order = request.GET.get("order", "")
    words = method_names()
    is_open = is_whole and plan.state in OPEN and request.viewer.can("targets.change")
    context: dict[str, Any] = {
        "plan": plan,
        "definition": definition,
        "name": name_of(definition),
        "unit": unit_name(definition.unit),
        "state": plan_state_names()[plan.state],
        "kind": kind_names()[plan.kind],
        "period": period_names()[plan.period],
        "scope": scope_words(plan.scope),
        "by": [dimension_words().get(name, name) for name in plan.by],
        "is_whole": is_whole,
        "is_open": is_open,
        "may_approve": is_whole and request.viewer.can("targets.approve"),
        "is_own": plan.proposed_by == request.viewer.name,
        "method": words.get(plan.method, plan.method),
        "comments": [
            (said, said.line.scope_key if said.line else "")
            for said in plan.comments.select_related("line")
            if said.line is None or said.line in lines
        ],
        "order": order,
        "targets": plan.targets.count() if plan.state == "published" else 0,
        "problem": problem,
    }
    try:
        grid = grid_of(plan, lines, definition=definition, asking=asking_of(request), order=order)
    except WatchfloorError as error:
        return render(request, "targets/plan.html", context | {"problem": problem or error}, status=422)
    meanings, why_not = method_meanings(), why_not_names()
    context |= {
        "grid": grid,
        "rows": grid_html(plan, grid, definition=definition, may_change=is_open),
        "told": [(one, words[one.name], meanings[one.name]) for one in grid.methods if one.values],
        "silent": [
            (words[one.name], why_not.get(one.why_not, one.why_not)) for one in grid.methods if not one.values
        ],
        "gap": None
        if grid.reached is None or plan.parent_value is None
        else grid.reached - plan.parent_value,
        "holds": _holds(plan, grid.reached, definition),
        "needs_harm": definition.id == "leakage_fo",
    }
    return render(request, "targets/plan.html", context, status=status)


def _holds(plan: Plan, reached: float | None, definition: Definition) -> bool | None:
    if reached is None or plan.parent_value is None:
        return None
    small = 1e-9 * max(1.0, abs(plan.parent_value))
    if definition.direction == "lower_is_better":
        return reached <= plan.parent_value + small
    return reached >= plan.parent_value - small


@page("targets.view")
def unit(request: PageRequest, plan_id: int, line_id: int) -> HttpResponse:
    """Answer one unit's part of the plan: what was said about it, and where to say something."""
    plan, lines, _ = plan_within(plan_id, viewer=request.viewer)
    line = next((one for one in lines if one.pk == line_id), None)
    if line is None:
        raise Http404
    definition = catalogue()[plan.metric_id]
    context = {
        "plan": plan,
        "line": line,
        "name": scope_words(line.scope),
        "unit": definition.unit,
        "comments": line.comments.all(),
        "is_open": plan.state in OPEN,
        "may_accept": plan.state in OPEN and request.viewer.can("targets.change"),
    }
    return render(request, "targets/unit.html", context)


_Act = Callable[[PageRequest, Plan, Definition, datetime], object]


@require_POST
@page("targets.view")
def act(request: PageRequest, plan_id: int) -> HttpResponse:
    """Do what a button of the plan's page says, then show the plan again."""
    name = request.POST.get("act", "")
    plan, lines, _ = plan_within(plan_id, viewer=request.viewer, whole=name != "comment")
    run = ACTS.get(name)
    if run is None:
        raise Http404
    if name == "comment" and (key := request.POST.get("key", "")) and key not in {x.scope_key for x in lines}:
        raise Http404
    try:
        run(request, plan, catalogue()[plan.metric_id], timezone.now())
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        return _page(request, plan_id, error, status=422)
    return redirect("targets:plan", plan.pk)


def _revision(request: PageRequest) -> int:
    try:
        return int(request.POST.get("revision", ""))
    except ValueError:
        raise TargetError("The page's revision is missing.", remedy="Open the plan again.") from None


def _save(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    """Write the fields that say something else than what stands."""
    changes = _typed(request, plan, definition)
    inputs = dict(plan.inputs)
    for name in _HARM:
        if name in request.POST:
            value = read_figure(request.POST[name], unit="1")
            inputs.pop(name, None)
            if value is not None:
                inputs[name] = value
    if changes or inputs != plan.inputs:
        change_lines(
            plan.pk,
            changes,
            revision=_revision(request),
            definition=definition,
            by=request.viewer,
            now=now,
            method=plan.method or "by_hand",
            inputs=inputs,
        )


def _typed(request: PageRequest, plan: Plan, definition: Definition) -> dict[str, dict[str, Any]]:
    changes: dict[str, dict[str, Any]] = {}
    for line in plan.lines.all():
        for prefix, name in (("v", "value"), ("u", "upper")):
            text = request.POST.get(f"{prefix}-{line.pk}")
            if text is None:
                continue
            try:
                value = read_figure(text, unit=definition.unit)
            except TargetError as error:
                raise TargetError(f"“{line.scope_key}”: {error.message}", remedy=error.remedy) from error
            held = getattr(line, name)
            if (value is None) != (held is None) or (
                value is not None and abs(value - held) > 1e-9 * max(1.0, abs(value))
            ):
                changes.setdefault(line.scope_key, {})[name] = value
    return changes


def _method(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    """Fill every unit's value with what one method asks."""
    name = request.POST.get("method", "")
    lines = list(plan.lines.all())
    grid = grid_of(plan, lines, definition=definition, asking=asking_of(request))
    changes = method_values(grid, name, kind=plan.kind)
    if not changes:
        raise TargetError(f"The method {name!r} says nothing here.", remedy="Choose another.")
    change_lines(
        plan.pk,
        _with_edges(changes, plan),
        revision=_revision(request),
        definition=definition,
        by=request.viewer,
        now=now,
        method=name,
        inputs=plan.inputs | {"parent": plan.parent_value},
    )


def _with_edges(changes: Mapping[str, dict[str, Any]], plan: Plan) -> dict[str, dict[str, Any]]:
    """Give a band an upper edge where it has none: as far above its value as that lies from the baseline."""
    found = {key: dict(fields) for key, fields in changes.items()}
    if plan.kind != "band":
        return found
    for line in plan.lines.all():
        fields = found.get(line.scope_key)
        if fields is not None and (line.upper is None or line.upper <= fields["value"]):
            width = abs((line.baseline or fields["value"]) - fields["value"]) or abs(fields["value"]) * 0.1
            fields["upper"] = float(f"{fields['value'] + max(width, 1e-6):.6g}")
    return found


def _propose(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    propose(plan.pk, revision=_revision(request), definition=definition, by=request.viewer, now=now)


def _approve(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    approve(plan.pk, revision=_revision(request), definition=definition, by=request.viewer, now=now)


def _publish(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    publish(plan.pk, definition=definition, by=request.viewer, now=now)


def _send_back(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    del definition
    send_back(plan.pk, reason=request.POST.get("reason", ""), by=request.viewer, now=now)


def _withdraw(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    del definition
    withdraw(plan.pk, by=request.viewer, now=now)


def _comment(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    asked = read_figure(request.POST.get("asked", ""), unit=definition.unit)
    comment(
        plan.pk,
        text=request.POST.get("text", ""),
        by=request.viewer,
        now=now,
        key=request.POST.get("key", ""),
        asked_value=asked,
    )


def _accept(request: PageRequest, plan: Plan, definition: Definition, now: datetime) -> None:
    pk = request.POST.get("comment", "")
    if not pk.isdigit() or not plan.comments.filter(pk=int(pk)).exists():
        raise NotFoundError(f"There is no comment {pk!r} in this plan.")
    accept(int(pk), definition=definition, by=request.viewer, now=now)


ACTS: Mapping[str, _Act] = {
    "save": _save,
    "method": _method,
    "propose": _propose,
    "approve": _approve,
    "publish": _publish,
    "send_back": _send_back,
    "withdraw": _withdraw,
    "comment": _comment,
    "accept": _accept,
}
