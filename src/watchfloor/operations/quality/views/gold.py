"""The gold library: list and nominate, adjudicate apart, end and renew."""

import json
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.models import Label
from watchfloor.operations.policies.words import action_names
from watchfloor.operations.quality import services
from watchfloor.operations.quality.forms import AdjudicateForm, NominateForm, ReasonForm
from watchfloor.operations.quality.models import GoldCase
from watchfloor.operations.quality.selectors import (
    GoldFilters,
    adjudications_shown,
    gold_case,
    gold_cases,
)
from watchfloor.operations.quality.views.tabs import tabs
from watchfloor.operations.quality.vocabulary import OPEN_GOLD_STATES
from watchfloor.operations.quality.words import gold_state_names
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.queues.words import title_of

PAGE_SIZE = 50


@require_GET
@page("quality.view")
def library(request: PageRequest) -> HttpResponse:
    """List the golden cases that the filters keep."""
    return _library(request, NominateForm())


def _library(
    request: PageRequest, form: NominateForm, problem: WatchfloorError | None = None
) -> HttpResponse:
    wanted = {name: request.GET.get(name) or None for name in ("queue", "state", "label")}
    rows = gold_cases(viewer=request.viewer, filters=GoldFilters(**wanted))
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    names = gold_state_names()
    offered = queues(viewer=request.viewer, permission="quality.view").exclude(purpose="training")
    return render(
        request,
        "quality/gold.html",
        {
            "tabs": tabs(request, "gold"),
            "page": shown,
            "rows": [(one, names[one.state], title_of(one.queue)) for one in shown],
            "queues": [(one.slug, title_of(one)) for one in offered],
            "states": list(names.items()),
            "wanted": {name: value or "" for name, value in wanted.items()},
            "is_narrowed": any(wanted.values()),
            "may_change": request.viewer.can("quality.change"),
            "form": form,
            "problem": problem,
        },
        status=422 if problem or form.errors else 200,
    )


@require_POST
@page("quality.change")
def nominate(request: PageRequest) -> HttpResponse:
    """Nominate a case, and go to it."""
    form = NominateForm(request.POST)
    if not form.is_valid():
        return _library(request, form)
    try:
        made = services.nominate_gold(
            case_id=form.cleaned_data["case_id"],
            note=form.cleaned_data["note"],
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _library(request, form, error)
    return redirect("quality:gold_case", gold_id=made.pk)


@require_GET
@page("quality.view")
def detail(request: PageRequest, gold_id: UUID) -> HttpResponse:
    """Show one version of a golden case, with the form of an adjudication while it is open."""
    return _detail(request, gold_case(viewer=request.viewer, gold_id=gold_id))


@require_POST
@page("quality.audit")
def adjudicate(request: PageRequest, gold_id: UUID) -> HttpResponse:
    """Write the viewer's own answer."""
    gold = gold_case(viewer=request.viewer, gold_id=gold_id)
    form = AdjudicateForm(request.POST, labels=[label.code for label in _labels(gold)])
    if not form.is_valid():
        return _detail(request, gold, form=form)
    try:
        services.adjudicate_gold(
            gold_id=gold.pk,
            answer=form.answer,
            rationale=form.cleaned_data["rationale"],
            difficulty=form.cleaned_data["difficulty"] / 100,
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _detail(request, gold, form=form, problem=error)
    return redirect("quality:gold_case", gold_id=gold.pk)


@require_POST
@page("quality.change")
def end(request: PageRequest, gold_id: UUID) -> HttpResponse:
    """End the version, with a reason."""
    gold = gold_case(viewer=request.viewer, gold_id=gold_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, gold, ending=form)
    try:
        services.reject_gold(
            gold_id=gold.pk, reason=form.cleaned_data["reason"], by=request.viewer, now=timezone.now()
        )
    except WatchfloorError as error:
        return _detail(request, gold, problem=error)
    return redirect("quality:gold_case", gold_id=gold.pk)


@require_POST
@page("quality.change")
def renew(request: PageRequest, gold_id: UUID) -> HttpResponse:
    """Nominate the next version, and go to it."""
    gold = gold_case(viewer=request.viewer, gold_id=gold_id)
    try:
        made = services.renew_gold(gold_id=gold.pk, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _detail(request, gold, problem=error)
    return redirect("quality:gold_case", gold_id=made.pk)


def _detail(
    request: PageRequest,
    gold: GoldCase,
    *,
    form: AdjudicateForm | None = None,
    ending: ReasonForm | None = None,
    problem: WatchfloorError | None = None,
) -> HttpResponse:
    labels = _labels(gold)
    given = adjudications_shown(viewer=request.viewer, gold=gold)
    is_open = gold.state in OPEN_GOLD_STATES
    has_spoken = any(one.adjudicator == request.viewer.name for one in given)
    names = {label.code: _name(label) for label in labels}
    actions = action_names()
    faults = bool((form and form.errors) or (ending and ending.errors))
    return render(
        request,
        "quality/gold_case.html",
        {
            "tabs": tabs(request, "gold"),
            "gold": gold,
            "title": title_of(gold.queue),
            "state": gold_state_names()[gold.state],
            "truth": _worded(gold.truth, names, actions),
            "content": _plain(gold.case.content),
            "is_veiled": bool(gold.case.wellness_class and gold.case.wellness_class != "standard"),
            "given": [
                (one, _worded({"labels": one.labels, "action": one.action}, names, actions)) for one in given
            ],
            "versions": GoldCase.objects.filter(gold_id=gold.gold_id).order_by("-version"),
            "labels": list(names.items()),
            "actions": list(actions.items()),
            "chosen": form.data.getlist("labels") if form is not None else [],  # type: ignore[attr-defined]  # QueryDict
            "is_open": is_open,
            "may_adjudicate": is_open and not has_spoken and request.viewer.can("quality.audit"),
            "has_spoken": has_spoken,
            "may_change": request.viewer.can("quality.change"),
            "form": form,
            "ending": ending,
            "problem": problem,
        },
        status=422 if problem or faults else 200,
    )


def _labels(gold: GoldCase) -> list[Label]:
    version = gold.queue.current_version
    rows = Label.objects.filter(policy_version=gold.policy_version, deprecated=False)
    if version and version.label_subset:
        rows = rows.filter(code__in=version.label_subset)
    return list(rows.order_by("code"))


def _name(label: Label) -> str:
    chinese = (get_language() or "").startswith("zh")
    return label.name_zh_hans if chinese and label.name_zh_hans else label.name


def _worded(answer: dict[str, Any], names: dict[str, str], actions: dict[str, str]) -> str:
    said = [names.get(code, code) for code in answer.get("labels", [])]
    action = str(answer.get("action", ""))
    return " · ".join([*said, *([actions.get(action, action)] if action else [])])


def _plain(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the content by its fields, text as it is and anything deeper as JSON."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in content.items()
    ]
