"""The catalogue's pages: every metric, one metric, and a version on its way to being approved."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.governing import Difference
from watchfloor.metrics.lineage import lineage
from watchfloor.operations.catalogue import selectors, services
from watchfloor.operations.catalogue.models import Proposal
from watchfloor.operations.catalogue.trials import beside
from watchfloor.operations.catalogue.users import uses_of
from watchfloor.operations.catalogue.versions import diff_of, next_text, read_draft, text_of
from watchfloor.operations.catalogue.words import family_names, state_names
from watchfloor.operations.cells.figures import name_of, unit_name
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell import charts
from watchfloor.operations.shell.asked import asked_for

_BLANK = """id: my_metric
version: 1
code: E0
"""


@page("metrics.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the metrics by family, with what waits to be decided first."""
    asked, now = asked_for(request), timezone.now()
    family, sought = request.GET.get("family", ""), request.GET.get("q", "")
    names = family_names()
    rows = selectors.listed(
        viewer=request.viewer, operation=asked.operation, now=now, family=family, sought=sought
    )
    context = {
        "rows": [
            {"it": row, "name": name_of(row.definition), "unit": unit_name(row.definition.unit)}
            for row in rows
        ],
        "families": [("", gettext("All")), *names.items()],
        "family": family,
        "family_names": names,
        "sought": sought,
        "states": state_names(),
        "waiting": selectors.open_proposals(),
        "restated": selectors.restatements()[:8],
        "without_data": sum(bool(row.no_data) for row in rows),
        "may_change": request.viewer.can("metrics.change"),
    }
    return render(request, "catalogue/list.html", context)


@page("metrics.view")
def detail(request: PageRequest, metric: str) -> HttpResponse:
    """Show one metric: what it says, what it reads, who uses it, its versions."""
    definition = selectors.definition_of(metric)
    language = get_language() or "en"
    context = {
        "it": definition,
        "name": name_of(definition),
        "said": {
            key: text.in_language(language)
            for key in ("description", "formula", "trap", "guard", "example")
            if (text := getattr(definition, key)) is not None
        },
        "unit": unit_name(definition.unit),
        "lineage": lineage(definition),
        "uses": uses_of(metric, viewer=request.viewer),
        "proposals": selectors.proposals_of(metric),
        "restated": selectors.restatements(metric),
        "retirement": selectors.retirement_of(metric),
        "changes": selectors.changes_of(metric),
        "states": state_names(),
        "yaml": text_of(definition),
        "metrics": sorted(catalogue()),
        "may_change": request.viewer.can("metrics.change"),
        "may_approve": request.viewer.can("metrics.approve"),
        "may_see_cases": request.viewer.can("cases.view"),
    }
    return render(request, "catalogue/detail.html", context)


@page("metrics.change")
def edit(request: PageRequest, metric: str = "") -> HttpResponse:
    """Write a version: of a metric, of an open proposal, or of a new metric."""
    if request.method == "POST":
        return _save(request, metric)
    proposal = Proposal.objects.filter(metric_id=metric, state__in=("draft", "proposed")).first()
    current = selectors.in_force(metric)
    text = proposal.text if proposal else (next_text(current) if current else _BLANK)
    return render(request, "catalogue/edit.html", _editor(text, current, proposal))


def _save(request: PageRequest, metric: str) -> HttpResponse:
    text, reason = request.POST.get("text", ""), request.POST.get("reason", "")
    written = request.POST.get("proposal", "")
    try:
        proposal = services.save_draft(
            text=text,
            reason=reason,
            by=request.viewer,
            now=timezone.now(),
            proposal_id=int(written) if written.isdecimal() else None,
        )
    except WatchfloorError as error:
        held = Proposal.objects.filter(pk=int(written)).first() if written.isdecimal() else None
        current = selectors.in_force(metric)
        context = _editor(text, current, held) | {"problem": error, "reason": reason}
        return render(request, "catalogue/edit.html", context, status=422)
    return redirect("catalogue:proposal", proposal.pk)


def _editor(text: str, current: Definition | None, proposal: Proposal | None) -> dict[str, Any]:
    return {
        "text": text,
        "current": current,
        "proposal": proposal,
        "reason": proposal.reason if proposal else "",
        **_checked(text),
    }


@require_POST
@page("metrics.change")
def check(request: PageRequest) -> HttpResponse:
    """Answer what is wrong with a text as it is being written, or what it would change."""
    return render(request, "catalogue/check.html", _checked(request.POST.get("text", "")))


def _checked(text: str) -> dict[str, Any]:
    try:
        draft = read_draft(text, catalogue=catalogue())
    except WatchfloorError as error:
        return {"fault": error}
    before = text_of(draft.current) if draft.current else ""
    return {"draft": draft, "diff": diff_of(before, text_of(draft.definition))}


@page("metrics.view")
def proposal(request: PageRequest, proposal_id: int) -> HttpResponse:
    """Show a proposal: what it changes, both versions over the same facts, and who decides."""
    return _proposal(request, selectors.proposal_of(proposal_id))


def _proposal(request: PageRequest, found: Proposal, problem: WatchfloorError | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "proposal": found,
        "states": state_names(),
        "problem": problem,
        "may_change": request.viewer.can("metrics.change") and found.state in ("draft", "proposed"),
        "may_approve": request.viewer.can("metrics.approve") and found.state == "proposed",
        "is_author": request.viewer.name == found.author,
    }
    if found.state in ("draft", "proposed"):
        context |= _checked(found.text)
        draft = context.get("draft")
        if draft is not None and draft.current is not None and not draft.computes_the_same:
            run = beside(
                old=draft.current,
                new=draft.definition,
                viewer=request.viewer,
                operation=settings.WATCHFLOOR_OPERATION,
                now=timezone.now(),
            )
            context |= {
                "run": run,
                "chart": _chart(run.days, draft.definition),
                "unit": draft.definition.unit,
            }
    return render(request, "catalogue/proposal.html", context, status=422 if problem else 200)


def _chart(days: Sequence[Difference], definition: Definition) -> charts.Spec | None:
    points = [
        {
            "at": cell.period.start.isoformat(),
            "value": cell.estimate.value,
            "low": cell.estimate.low,
            "high": cell.estimate.high,
            "series": series,
        }
        for one in days
        for series, cell in ((gettext("in force"), one.cell_old), (gettext("proposed"), one.cell_new))
        if cell is not None and cell.estimate.value is not None
    ]
    if len(points) < 4:
        return None
    return charts.over_time(points, value_title=name_of(definition), unit=definition.unit)


@require_POST
@page("metrics.view")
def decide(request: PageRequest, proposal_id: int) -> HttpResponse:
    """Move a proposal: propose, approve, reject, withdraw. Each asks for its own permission."""
    found, now = selectors.proposal_of(proposal_id), timezone.now()
    act, note = request.POST.get("act", ""), request.POST.get("note", "")
    written = request.POST.get("revision", "")
    revision = int(written) if written.isdecimal() else 0
    try:
        if act == "propose":
            services.propose(proposal_id, revision=revision, by=request.viewer, now=now)
        elif act == "approve":
            services.approve(proposal_id, revision=revision, by=request.viewer, now=now, note=note)
            return redirect("catalogue:detail", found.metric_id)
        elif act == "reject":
            services.reject(proposal_id, note=note, by=request.viewer, now=now)
        elif act == "withdraw":
            services.withdraw(proposal_id, by=request.viewer, now=now)
    except WatchfloorError as error:
        if getattr(error, "status", 422) == 403:
            raise
        return _proposal(request, selectors.proposal_of(proposal_id), error)
    return redirect("catalogue:proposal", proposal_id)


@require_POST
@page("metrics.approve")
def retire(request: PageRequest, metric: str) -> HttpResponse:
    """Retire a metric, with what takes its place."""
    try:
        services.retire(
            metric,
            replacement=request.POST.get("replacement", "").strip(),
            reason=request.POST.get("reason", ""),
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        if getattr(error, "status", 422) == 404:
            raise
        return render(
            request, "catalogue/problem_page.html", {"problem": error, "metric": metric}, status=422
        )
    return redirect("catalogue:detail", metric)
