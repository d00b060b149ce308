"""The reviewer's console: the page, the next case, and everything that ends a case."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import PeriodError, WatchfloorError, parse_instant
from watchfloor.operations.console import care, feedback, working
from watchfloor.operations.console.alike import alike
from watchfloor.operations.console.answering import answer_from, timing_from
from watchfloor.operations.console.asking import ask_of
from watchfloor.operations.console.desk import (
    Desk,
    held,
    lease_of,
    require_reviewer,
    reviewer_of,
    template_of,
    today,
)
from watchfloor.operations.console.emptiness import why_empty
from watchfloor.operations.console.left import left_line
from watchfloor.operations.console.words import (
    empty_words,
    hold_choices,
    page_words,
    skip_reasons,
    wellness_names,
)
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.sops import sop_text, unread_procedures
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.review import services as review
from watchfloor.operations.review.errors import AnswerRejectedError, BulkRefusedError, StaleLeaseError
from watchfloor.operations.review.models import Lease
from watchfloor.operations.shell import refusals

LONGEST_HOLD = timedelta(days=14)


@require_GET
@ensure_csrf_cookie
@page("cases.work")
def console(request: PageRequest) -> HttpResponse:
    """Show the console; the first case is asked for by the page itself."""
    reviewer = reviewer_of(request.user)
    if reviewer is None:
        return render(request, "console/no_reviewer.html", status=200)
    now = timezone.now()
    able = working.queues_of(reviewer=reviewer)
    return render(
        request,
        "console/work.html",
        {
            "reviewer": reviewer,
            "today": today(reviewer=reviewer, now=now),
            "left": left_line(reviewer=reviewer, now=now),
            "is_resting": care.is_resting(reviewer=reviewer),
            "is_holding": bool(held(reviewer=reviewer, now=now)),
            "queues": [(queue.slug, title_of(queue)) for queue in able],
            "unread": [
                (each, title_of(each.queue), sop_text(each, get_language() or "en")[0])
                for each in unread_procedures(reviewer=reviewer, among=able)
            ],
            "skip_reasons": skip_reasons(),
            "hold_choices": hold_choices(),
            "words": page_words() | {"reviewer": reviewer.code},
        },
    )


@require_POST
@page("cases.work")
def next_case(request: PageRequest) -> HttpResponse:
    """Answer the next case as a part of the page, or why there is none."""
    reviewer, now = require_reviewer(request.user), timezone.now()
    queues = _chosen(request.POST.get("queue", ""))
    care.come_back(reviewer=reviewer, now=now)
    desk = working.next_desk(reviewer=reviewer, now=now, holding=_tokens(request.POST), queues=queues)
    if desk is None:
        empty = why_empty(reviewer=reviewer, now=now, queues=queues)
        part = render(request, "console/empty.html", {"empty": empty, "says": empty_words(empty)})
        part.headers["X-Console"] = "empty"
        return part
    part = render(request, "console/case.html", case_context(desk))
    part.headers["X-Console"] = "case"
    return part


def case_context(desk: Desk) -> dict[str, Any]:
    """Return what the template of a case needs."""
    lease, severities = desk.lease, severity_names()
    return {
        "desk": desk,
        "lease": lease,
        "case": lease.case,
        "content": desk.shown,
        "ask": desk.ask,
        "guide": desk.guide,
        "look": desk.presentation,
        "queue_title": title_of(lease.queue),
        "severity": severities.get(lease.case.severity_hint, ""),
        "wellness": wellness_names()[desk.wellness_class],
        "turn": lease.turn + 1,
        "is_training": lease.queue.purpose == "training",
        "draft": working.draft_of(case_id=lease.case_id, reviewer_id=lease.reviewer_id),
    }


_Act = Callable[[PageRequest, Reviewer, Lease], dict[str, Any]]


def _on_lease(act: _Act) -> Callable[..., HttpResponseBase]:
    """Return a view of one lease of the person's own; a lease that ended is answered with 409, never lost."""

    @require_POST
    @page("cases.work")
    @wraps(act)
    def view(request: PageRequest, token: UUID) -> HttpResponse:
        reviewer = require_reviewer(request.user)
        lease = lease_of(reviewer=reviewer, token=str(token))
        try:
            if lease is None:
                raise StaleLeaseError("The lease ended.", remedy="Claim again.")
            said = act(request, reviewer, lease)
        except StaleLeaseError:
            return _stale(request, reviewer)
        except AnswerRejectedError as error:
            return JsonResponse({"ok": False, "errors": {"form": str(refusals.said(error))}}, status=422)
        except WatchfloorError as error:
            return JsonResponse(
                {"ok": False, "message": str(refusals.said(error))},
                status=getattr(error, "status", None) or 400,
            )
        status = 422 if said.get("errors") else 200
        return JsonResponse({"ok": status == 200, **said}, status=status)

    return view


def _stale(request: HttpRequest, reviewer: Reviewer) -> JsonResponse:
    case = _uuid(request.POST.get("case", ""))
    if case and working.was_recorded(reviewer=reviewer, case_id=case):
        return JsonResponse({"ok": True, "again": True, **_progress(reviewer)})
    return JsonResponse({"ok": False, "stale": True}, status=409)


def _progress(reviewer: Reviewer) -> dict[str, Any]:
    now = timezone.now()
    return {
        "finished": today(reviewer=reviewer, now=now).finished,
        "left_line": left_line(reviewer=reviewer, now=now),
    }


@_on_lease
def submit(request: PageRequest, reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Record the answer."""
    now = timezone.now()
    ask = ask_of(queue_version_id=lease.queue_version_id, template_version_id=template_of(lease))
    answer, wrong = answer_from(request.POST, ask=ask)
    if wrong:
        return {"errors": wrong}
    timing = timing_from(working.plain(request.POST), claimed_at=lease.claimed_at, now=now)
    if also := [case for written in request.POST.getlist("alike") if (case := _uuid(written))]:
        bulk = review.bulk_submit(
            lease_token=lease.token, look_alikes=also, answer=answer, now=now, timing=timing
        )
        return {
            "outcome": bulk.submitted.outcome,
            "answered": 1 + len(bulk.alike),
            "left": len(bulk.left),
            **_progress(reviewer),
        }
    done = review.submit(lease_token=lease.token, answer=answer, now=now, timing=timing)
    return {
        "outcome": done.outcome,
        "feedback": feedback.rendered(review_id=done.review_id, ask=ask, now=now)
        if lease.queue.purpose == "training"
        else "",
        **_progress(reviewer),
    }


@_on_lease
def look_alikes(request: PageRequest, _reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Show the waiting cases that look like the one in hand, to be answered with it."""
    try:
        found = alike(lease=lease, now=timezone.now())
    except BulkRefusedError:
        return {"refused": gettext("A case like this one is answered alone: somebody looks at each.")}
    html = render_to_string("console/alike.html", {"cases": found}, request) if found else ""
    return {"count": len(found), "html": html}


@_on_lease
def skip(request: PageRequest, reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Leave the case to somebody else."""
    reason = _reason(request.POST)
    working.leave(review.skip, lease=lease, reason=reason, now=timezone.now(), sent=request.POST)
    return {"outcome": "skipped", **_progress(reviewer)}


@_on_lease
def release(request: PageRequest, reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Put the case back."""
    review.release(lease_token=lease.token, now=timezone.now(), reason=_reason(request.POST))
    return {"outcome": "returned", **_progress(reviewer)}


@_on_lease
def escalate(request: PageRequest, reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Send the case up."""
    working.leave(
        review.escalate, lease=lease, reason=_reason(request.POST), now=timezone.now(), sent=request.POST
    )
    return {"outcome": "escalated", **_progress(reviewer)}


@_on_lease
def draft(request: PageRequest, reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Keep what was written so far."""
    working.keep_draft(lease=lease, reviewer=reviewer, sent=request.POST, now=timezone.now())
    return {}


@_on_lease
def renew(_request: PageRequest, _reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Hold the lease longer, where the floor allows it."""
    expires_at = working.renew(lease=lease, now=timezone.now())
    return {"expires_at": expires_at.isoformat()}


@_on_lease
def begin(_request: PageRequest, _reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Say that a case taken ahead is now in work."""
    return {"expires_at": working.begin(lease=lease, now=timezone.now()).isoformat()}


@_on_lease
def hold(request: PageRequest, reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Set the case aside until an instant."""
    now = timezone.now()
    hours, asked = request.POST.get("hours", ""), request.POST.get("until", "")
    try:
        until = now + timedelta(hours=int(hours)) if hours.isdigit() else parse_instant(asked)
    except (PeriodError, OverflowError):
        return {"errors": {"until": gettext("Choose until when.")}}
    if not now < until <= now + LONGEST_HOLD:
        return {"errors": {"until": gettext("Choose an instant within two weeks.")}}
    working.hold(lease=lease, until=until, reason=_reason(request.POST), now=now, by=request.viewer)
    return {"outcome": "held", **_progress(reviewer)}


@_on_lease
def send(request: PageRequest, reviewer: Reviewer, lease: Lease) -> dict[str, Any]:
    """Send the case to another queue or to a named reviewer."""
    target = request.POST.get("to", "").strip()
    if not target:
        return {"errors": {"to": gettext("Write a queue or the code of a reviewer.")}}
    working.send(lease=lease, to=target, reason=_reason(request.POST), now=timezone.now(), by=request.viewer)
    return {"outcome": "sent", **_progress(reviewer)}


@require_POST
@page("cases.work")
def minute(request: PageRequest) -> HttpResponse:
    """Begin a moment of rest: the cases in hand go back, nothing is asked."""
    reviewer = require_reviewer(request.user)
    care.take_a_minute(reviewer=reviewer, now=timezone.now())
    return JsonResponse({"ok": True})


@require_POST
@page("cases.work")
def leave(request: PageRequest) -> HttpResponse:
    """Put back the cases named; `stop` ends the working day and puts back all."""
    reviewer, now = require_reviewer(request.user), timezone.now()
    stop = request.POST.get("stop") == "1"
    count = working.put_back(reviewer=reviewer, now=now, tokens=None if stop else _tokens(request.POST))
    if stop:
        review.end_activity(reviewer=reviewer, now=now)
    return JsonResponse({"ok": True, "count": count})


def _chosen(slug: str) -> list[int] | None:
    if not slug:
        return None
    return list(Queue.objects.filter(slug=slug).values_list("pk", flat=True))


def _reason(sent: QueryDict) -> str:
    parts = (sent.get("reason", ""), sent.get("note", ""))
    return ": ".join(part.strip() for part in parts if part.strip())[:200]


def _tokens(sent: QueryDict) -> list[UUID]:
    return [token for written in sent.getlist("holding") if (token := _uuid(written))]


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
