"""The studio's first page, where a plan is drawn up from what the units reached, and the list of plans."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from watchfloor.kernel import Period, WatchfloorError, parse_instant
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.targets.errors import TargetError
from watchfloor.operations.targets.evidence import Tree, units_of
from watchfloor.operations.targets.figures import read_figure
from watchfloor.operations.targets.models import KINDS, PERIODS
from watchfloor.operations.targets.plans import Outline, draw_up
from watchfloor.operations.targets.seeing import seen_plans
from watchfloor.operations.targets.spans import span_of
from watchfloor.operations.targets.views.board import asking_of, scope_asked
from watchfloor.operations.targets.words import (
    dimension_words,
    kind_names,
    period_names,
    plan_state_names,
    scope_words,
)

HISTORIES = (14, 28, 56, 91)
_SPLITS = (
    "queue",
    "site",
    "team",
    "language",
    "market",
    "strategy",
    "surface",
    "employer",
    "tenure_band",
    "label",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form says."""

    tree: Tree
    outline: Outline


@page("targets.change")
def studio(request: PageRequest) -> HttpResponse:
    """Ask what the plan is about; a post draws it up from the facts and opens its screen."""
    context = _choices(request)
    if request.method != "POST":
        return render(request, "targets/studio.html", context)
    try:
        asking = asking_of(request)
        draft = _read(request, now=asking.now)
        units = units_of(draft.tree, asking=asking)
        plan = draw_up(
            draft.outline,
            units,
            definition=catalogue()[draft.tree.metric_id],
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return render(request, "targets/studio.html", context | {"problem": error}, status=422)
    return redirect("targets:plan", plan.pk)


@page("targets.view")
def plans(request: PageRequest) -> HttpResponse:
    """List the plans: those that wait for somebody first."""
    order = ("proposed", "approved", "draft", "published", "withdrawn")
    state = request.GET.get("state", "")
    found = seen_plans(viewer=request.viewer)
    states, kinds, periods = plan_state_names(), kind_names(), period_names()
    rows = [
        {
            "plan": plan,
            "metric": name_of(catalogue()[plan.metric_id])
            if plan.metric_id in catalogue()
            else plan.metric_id,
            "state": states[plan.state],
            "kind": kinds[plan.kind],
            "period": periods[plan.period],
            "scope": scope_words(plan.scope),
            "by": " × ".join(dimension_words().get(name, name) for name in plan.by),
            "units": len(plan.lines.all()),
            "empty": sum(line.value is None for line in plan.lines.all()),
        }
        for plan in sorted(found, key=lambda plan: order.index(plan.state))
        if not state or plan.state == state
    ]
    tally = Counter(plan.state for plan in found)
    context = {
        "rows": rows,
        "states": [(key, states[key], tally[key]) for key in order if tally[key]],
        "asked": state,
        "all": len(found),
        "may_change": request.viewer.can("targets.change"),
    }
    return render(request, "targets/plans.html", context)


def _choices(request: PageRequest) -> dict[str, Any]:
    said = request.POST if request.method == "POST" else request.GET
    now = timezone.now()
    words = dimension_words()
    families = {
        "efficiency": gettext("Efficiency"),
        "quality": gettext("Quality"),
        "people": gettext("People"),
        "capacity": gettext("Capacity"),
    }
    splits = [*_SPLITS, *(["reviewer"] if request.viewer.can("scorecards.people") else [])]
    settable = [one for one in catalogue().values() if set(one.dimensions) & set(splits)]
    return {
        "families": [
            (words_of, [(one.id, name_of(one)) for one in settable if one.family == family])
            for family, words_of in families.items()
        ],
        "splits": [(name, words[name]) for name in splits],
        "kinds": [(key, kind_names()[key]) for key, _ in KINDS if key != "stretch"],
        "periods": [(key, period_names()[key]) for key, _ in PERIODS],
        "histories": HISTORIES,
        "said": {
            "metric": said.get("metric", "accuracy"),
            "by": said.get("by", "queue"),
            "second": said.get("second", ""),
            "history": said.get("history", "28"),
            "kind": said.get("kind", "floor"),
            "period": said.get("period", "month"),
            "starts": said.get("starts") or span_of("month", at=now).end.date().isoformat(),
            "ends": said.get("ends", ""),
            "parent": said.get("parent", ""),
            "where": said.get("where", ""),
            "title": said.get("title", ""),
            "reason": said.get("reason", ""),
            "contractual": "contractual" in said,
        },
        "drafts": [plan for plan in seen_plans(viewer=request.viewer) if plan.state in ("draft", "proposed")][
            :8
        ],
        "plan_states": plan_state_names(),
    }


def _read(request: PageRequest, *, now: datetime) -> Draft:
    said = request.POST
    definition = catalogue()[said.get("metric", "")]
    by = tuple(name for name in (said.get("by", ""), said.get("second", "")) if name)
    days = said.get("history", "")
    if not days.isdigit() or not 1 <= int(days) <= 400:
        raise TargetError(f"A history of {days!r} days cannot be.", remedy="Choose 1 to 400 days.")
    kind, period = said.get("kind", ""), said.get("period", "")
    if kind not in dict(KINDS) or period not in dict(PERIODS):
        raise TargetError(f"{kind!r} a {period!r} is no target.", remedy="Choose a kind and a period.")
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    history = Period(end - timedelta(days=int(days)), end)
    scope = scope_asked([said.get("where", "")])
    starts = _day(said.get("starts", ""))
    if starts is None:
        raise TargetError("The plan has no first day.", remedy="Say from when its targets hold.")
    tree = Tree(definition.id, by, history, scope=scope, period=period)
    names = dimension_words()
    title = said.get("title", "").strip() or gettext("{metric} by {units} from {day}").format(
        metric=name_of(definition),
        units=" × ".join(names.get(name, name) for name in by).lower(),
        day=starts.date().isoformat(),
    )
    outline = Outline(
        title,
        kind,
        history,
        effective_from=starts,
        effective_to=_day(said.get("ends", "")),
        period=period,
        scope=scope,
        by=by,
        parent_value=read_figure(said.get("parent", ""), unit=definition.unit),
        contractual="contractual" in said,
        reason=said.get("reason", ""),
    )
    return Draft(tree, outline)


def _day(text: str) -> datetime | None:
    return parse_instant(text.strip()) if text.strip() else None
