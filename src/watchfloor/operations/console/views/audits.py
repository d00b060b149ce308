"""The quality workbench: blind audits of drawn units, verdicts, disputes and calibration."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.console.answering import answer_from
from watchfloor.operations.console.auditing import AuditDesk, audit_desk, calibration, is_mine
from watchfloor.operations.console.desk import require_reviewer, reviewer_of
from watchfloor.operations.console.words import (
    cause_names,
    error_severity_names,
    level_names,
    page_words,
    ruling_names,
    verdict_names,
)
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.quality import services as quality
from watchfloor.operations.quality.disputes import PERMISSION_AT, RULINGS_AT
from watchfloor.operations.quality.selectors import audit_queue, audit_view, disputes, own_audits
from watchfloor.operations.quality.words import stratum_words
from watchfloor.operations.queues.words import title_of

LISTED = 50


@require_GET
@page("quality.audit")
def overview(request: PageRequest) -> HttpResponse:
    """Show what waits for this auditor, the disputes, and how their findings compare."""
    reviewer = reviewer_of(request.user)
    waiting = audit_queue(request.viewer, reviewer=reviewer)
    rows = list(waiting[: LISTED + 1])
    levels = level_names()
    return render(
        request,
        "console/audits.html",
        {
            "reviewer": reviewer,
            "audits": [
                (row, title_of(row.queue), is_mine(row, reviewer), stratum_words(row.stratum))
                for row in rows[:LISTED]
            ],
            "is_cut": len(rows) > LISTED,
            "disputes": [
                (row, title_of(row.audit.queue), levels.get(row.level, row.level))
                for row in disputes(viewer=request.viewer)[:LISTED]
            ],
            "calibration": calibration(viewer=request.viewer, reviewer=reviewer) if reviewer else [],
            "now": timezone.now(),
        },
    )


@require_GET
@page("quality.audit")
def detail(request: PageRequest, audit_id: UUID) -> HttpResponse:
    """Show one audit as far as it has gone."""
    return _shown(request, audit_id)


def _shown(
    request: PageRequest,
    audit_id: UUID,
    *,
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    reviewer = reviewer_of(request.user)
    desk = audit_desk(view=audit_view(viewer=request.viewer, audit_id=audit_id), reviewer=reviewer)
    context = {
        "desk": desk,
        "audit": desk.view.audit,
        "case": desk.view.audit.case,
        "lease": {"token": desk.view.audit.pk},
        "content": desk.shown,
        "ask": desk.ask,
        "guide": desk.guide,
        "look": desk.look,
        "is_mine": is_mine(desk.view.audit, reviewer),
        "has_reviewer": reviewer is not None,
        "errors": errors or {},
        "problem": problem,
        "words": page_words(),
        "verdict": verdict_names().get(desk.view.audit.verdict, ""),
        "severity": error_severity_names().get(desk.view.audit.severity, ""),
        "cause": cause_names().get(desk.view.audit.cause, ""),
        "severities": list(error_severity_names().items()),
        "causes": list(cause_names().items()),
        **_dispute(request, desk),
    }
    return render(request, "console/audit.html", context, status=status)


def _dispute(request: PageRequest, desk: AuditDesk) -> dict[str, Any]:
    dispute = desk.view.dispute
    if dispute is None:
        return {"dispute": None}
    names, levels = ruling_names(), level_names()
    permission = PERMISSION_AT.get(dispute.level)
    may_rule = dispute.closed_at is None and permission is not None and request.viewer.can(permission)
    return {
        "dispute": dispute,
        "level": levels.get(dispute.level, dispute.level),
        "steps": [
            (step, names.get(step.ruling, step.ruling), levels.get(step.level, step.level))
            for step in dispute.steps.all()
        ],
        "rulings": [(value, names[value]) for value in RULINGS_AT.get(dispute.level, ())] if may_rule else [],
    }


def _act(act: Callable[[PageRequest, UUID], Any]) -> Callable[..., Any]:
    """Return a view that does one act on an audit and shows it again; a refusal stands beside the form."""

    @require_POST
    @page("quality.audit")
    def view(request: PageRequest, audit_id: UUID) -> HttpResponse:
        try:
            wrong = act(request, audit_id)
        except WatchfloorError as error:
            if getattr(error, "status", 400) == 404:
                raise
            return _shown(request, audit_id, problem=str(error), status=409)
        if wrong:
            return _shown(request, audit_id, errors=wrong, status=422)
        return redirect("console:audit", audit_id=audit_id)

    return view


@_act
def take(request: PageRequest, audit_id: UUID) -> None:
    """Take the audit in hand."""
    reviewer = require_reviewer(request.user)
    quality.take_audit(audit_id=audit_id, auditor=reviewer, now=timezone.now(), by=request.viewer)


@_act
def give_back(request: PageRequest, audit_id: UUID) -> None:
    """Give the audit back, unanswered."""
    reviewer = require_reviewer(request.user)
    quality.give_back_audit(audit_id=audit_id, auditor=reviewer, now=timezone.now(), by=request.viewer)


@_act
def answer(request: PageRequest, audit_id: UUID) -> dict[str, str]:
    """Write the auditor's own answer, before the other is shown."""
    reviewer = require_reviewer(request.user)
    desk = audit_desk(view=audit_view(viewer=request.viewer, audit_id=audit_id), reviewer=reviewer)
    given, wrong = answer_from(request.POST, ask=desk.ask)
    if not wrong:
        quality.answer_audit(
            audit_id=audit_id, auditor=reviewer, answer=given, now=timezone.now(), by=request.viewer
        )
    return wrong


@_act
def verdict(request: PageRequest, audit_id: UUID) -> None:
    """Say which of two answers holds, how grave the error is, and why it happened."""
    said = request.POST.get("verdict", "")
    quality.audit(
        audit_id=audit_id,
        auditor=require_reviewer(request.user),
        verdict=said,
        severity=request.POST.get("severity", "") if said == "incorrect" else "",
        cause=request.POST.get("cause", "") if said == "incorrect" else "",
        note=request.POST.get("note", "")[:4000],
        now=timezone.now(),
        by=request.viewer,
    )


@_act
def correct(request: PageRequest, audit_id: UUID) -> None:
    """Supersede the decision by what the audit found right."""
    quality.correct_from_audit(
        audit_id=audit_id, by=request.viewer, now=timezone.now(), reviewer=reviewer_of(request.user)
    )


@_act
def rule(request: PageRequest, audit_id: UUID) -> dict[str, str]:
    """Rule on the dispute at the level where it stands."""
    view = audit_view(viewer=request.viewer, audit_id=audit_id)
    if view.dispute is None:
        return {"ruling": gettext("Nobody disputes this audit.")}
    quality.rule_dispute(
        dispute_id=view.dispute.pk,
        ruling=request.POST.get("ruling", ""),
        note=request.POST.get("note", "")[:4000],
        by=request.viewer,
        now=timezone.now(),
    )
    return {}


@require_GET
@page("cases.work")
def mine(request: PageRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Show the audits of one's own work, and let one be disputed."""
    rows = own_audits(reviewer=require_reviewer(request.user))[:LISTED]
    names = verdict_names(), error_severity_names(), cause_names()
    return render(
        request,
        "console/own_audits.html",
        {
            "audits": [
                {
                    "audit": row,
                    "queue": title_of(row.queue),
                    "verdict": names[0].get(row.verdict, ""),
                    "severity": names[1].get(row.severity, ""),
                    "cause": names[2].get(row.cause, ""),
                    "dispute": getattr(row, "dispute", None),
                }
                for row in rows
            ],
            "problem": problem,
        },
        status=status,
    )


@require_POST
@page("cases.work")
def dispute(request: PageRequest, audit_id: UUID) -> HttpResponse:
    """Open a dispute about an audit of one's own work, or go on with one."""
    reviewer, now = require_reviewer(request.user), timezone.now()
    note, act = request.POST.get("note", "")[:4000], request.POST.get("act", "open")
    found = own_audits(reviewer=reviewer).filter(pk=audit_id).first()
    held = getattr(found, "dispute", None)
    try:
        if act == "open" or held is None:
            quality.dispute(audit_id=audit_id, reviewer=reviewer, reason=note, now=now)
        elif act == "accept":
            quality.accept_ruling(dispute_id=held.pk, reviewer=reviewer, now=now)
        else:
            quality.escalate_dispute(dispute_id=held.pk, reviewer=reviewer, note=note, now=now)
    except WatchfloorError as error:
        if getattr(error, "status", 400) == 404:
            raise
        request.method = "GET"
        return mine(request, problem=str(error), status=409)  # type: ignore[return-value]  # the guard's type
    return redirect("console:own_audits")
