"""The pages of appeals: the list, and one appeal with both decisions."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement import selectors
from watchfloor.operations.enforcement.appeal_settling import REVERSING
from watchfloor.operations.enforcement.appeals import SETTLING, settle_appeal
from watchfloor.operations.enforcement.forms import SettlementForm
from watchfloor.operations.enforcement.models import Appeal
from watchfloor.operations.enforcement.views.frame import one_of, one_page, tabs
from watchfloor.operations.enforcement.vocabulary import APPEAL_KINDS, APPEAL_OUTCOMES
from watchfloor.operations.enforcement.words import (
    appeal_kind_names,
    outcome_names,
    role_names,
    subject_names,
)
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.words import action_names
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.review.models import Decision
from watchfloor.operations.shell.asked import asked_for

BY_HAND = ("withdrawn", "omitted")


@require_GET
@page("appeals.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the appeals that the filters keep, newest first."""
    context: dict[str, Any] = {"tabs": tabs(request.viewer, "appeals")}
    if asked_for(request).is_live:
        context |= _listed(request)
    return render(request, "enforcement/appeals.html", context)


def _listed(request: PageRequest) -> dict[str, Any]:
    kind = one_of(request.GET.get("kind"), APPEAL_KINDS)
    wished = one_of(request.GET.get("outcome"), ("open", *APPEAL_OUTCOMES))
    rows = selectors.appeals(
        viewer=request.viewer,
        kind=kind,
        state="open" if wished == "open" else "",
        outcome="" if wished == "open" else wished,
    )
    shown = one_page(rows, request)
    kinds, roles, outcomes = appeal_kind_names(), role_names(), outcome_names()
    counts = selectors.appeal_counts(viewer=request.viewer)
    return {
        "page": shown,
        "rows": [
            {
                "appeal": each,
                "kind": kinds[each.kind],
                "role": roles[each.complainant_role],
                "outcome": outcomes[each.outcome],
                "title": title_of(each.case.queue),
                "owes": owes_correction(each),
            }
            for each in shown
        ],
        "counts": {name: counts.get(name, 0) for name in ("open", "owed", *APPEAL_OUTCOMES)},
        "kind": kind,
        "kinds": list(kinds.items()),
        "outcome": wished,
        "outcomes": [(value or "open", name) for value, name in outcomes.items()],
        "is_narrowed": bool(kind or wished),
    }


def owes_correction(appeal: Appeal) -> bool:
    """Return whether the appeal was reversed by its case and the first decision still stands uncorrected."""
    return appeal.outcome in REVERSING and appeal.correction_id is None and appeal.ruling_id is not None


@require_GET
@page("appeals.view")
def detail(request: PageRequest, appeal_id: UUID) -> HttpResponse:
    """Show one appeal: what is complained about, what was decided first, and what came of it."""
    return _detail(request, selectors.appeal(viewer=request.viewer, appeal_id=appeal_id))


@require_POST
@page(SETTLING)
def settle(request: PageRequest, appeal_id: UUID) -> HttpResponse:
    """Settle an appeal by hand."""
    appeal = selectors.appeal(viewer=request.viewer, appeal_id=appeal_id)
    form = SettlementForm(request.POST)
    if not form.is_valid():
        return _detail(request, appeal)
    try:
        settle_appeal(
            appeal_id=appeal_id,
            outcome=form.cleaned_data["outcome"],
            implemented=form.cleaned_data["implemented"],
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _detail(request, appeal, error)
    return redirect("enforcement:appeal", appeal_id=appeal_id)


def _detail(request: PageRequest, appeal: Appeal, problem: WatchfloorError | None = None) -> HttpResponse:
    names = outcome_names()
    offered = APPEAL_OUTCOMES if appeal.kind == "out_of_court" else BY_HAND
    context = {
        "tabs": tabs(request.viewer, "appeals"),
        "appeal": appeal,
        "kind": appeal_kind_names()[appeal.kind],
        "role": role_names()[appeal.complainant_role],
        "subject": subject_names()[appeal.subject],
        "outcome": names[appeal.outcome],
        "title": title_of(appeal.case.queue),
        "appeal_title": title_of(appeal.appeal_case.queue) if appeal.appeal_case else "",
        "first": _told(appeal.decision),
        "ruling": _told(appeal.ruling),
        "correction": _told(appeal.correction),
        "owes": owes_correction(appeal),
        "may_settle": appeal.state == "open" and request.viewer.can(SETTLING),
        "offered": [(value, names[value]) for value in offered],
        "sees_case": request.viewer.can("cases.view"),
        "problem": problem,
    }
    return render(request, "enforcement/appeal.html", context, status=422 if problem else 200)


def _told(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "decision": decision,
        "labels": ", ".join(decision.labels),
        "action": action_names().get(decision.action, decision.action),
    }
