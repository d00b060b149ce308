"""Changes that wait, one change with who decides, and a queue's history with a way back."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.change_selectors import change_request, change_requests
from watchfloor.operations.queues.changes import (
    against,
    approve_change,
    reject_change,
    roll_back,
    withdraw_change,
)
from watchfloor.operations.queues.configuring import reaches_queue
from watchfloor.operations.queues.models import ChangeRequest
from watchfloor.operations.queues.selectors import queue, queue_detail
from watchfloor.operations.queues.shown_settings import shown, shown_changes
from watchfloor.operations.queues.views.tabs import design_tabs, queue_tabs
from watchfloor.operations.queues.words import change_state_names, setting_names, title_of

PAGE_SIZE = 50


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the changes, those that wait first asked for."""
    state = request.GET.get("state", "open")
    rows = change_requests(viewer=request.viewer, state="" if state == "all" else state)
    shown_page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "queues/changes.html",
        {
            "tabs": design_tabs(request, "changes"),
            "state": state,
            "states": [("open", gettext("Waiting")), ("all", gettext("Every change"))],
            "page": shown_page,
            "rows": [_entry(each) for each in shown_page],
        },
    )


@page("queues.view")
def detail(request: PageRequest, number: int) -> HttpResponse:
    """Show one change: what it would do, who proposed it, and what the viewer may decide."""
    return _detail(request, change_request(viewer=request.viewer, request_id=number))


def _detail(
    request: PageRequest, found: ChangeRequest, problem: WatchfloorError | None = None
) -> HttpResponse:
    is_author = found.proposed_by == request.viewer.name
    is_open = found.state in ("proposed", "approved")
    approves = reaches_queue(request.viewer, found.queue, "queues.approve")
    context = {
        **_entry(found),
        "tabs": design_tabs(request, "changes"),
        "problem": problem,
        "may_approve": approves and not is_author and found.state == "proposed",
        "may_reject": approves and is_open,
        "may_withdraw": is_author and is_open,
        "against": against(request=found, now=timezone.now()) if is_open else [],
        "is_author": is_author,
        "is_open": is_open,
    }
    return render(request, "queues/change.html", context, status=409 if problem else 200)


def _entry(found: ChangeRequest) -> dict[str, Any]:
    return {
        "change": found,
        "title": title_of(found.queue),
        "state_name": change_state_names()[found.state],
        "changes": shown_changes(found.changes),
    }


@require_POST
@page("queues.view")
def decide(request: PageRequest, number: int) -> HttpResponse:
    """Approve, reject or withdraw a change, as the button pressed says."""
    found, now = change_request(viewer=request.viewer, request_id=number), timezone.now()
    acts: dict[str, Callable[[], object]] = {
        "approve": lambda: approve_change(
            request_id=number, by=request.viewer, now=now, override=request.POST.get("override", "")
        ),
        "reject": lambda: reject_change(
            request_id=number, by=request.viewer, now=now, reason=request.POST.get("reason", "")
        ),
        "withdraw": lambda: withdraw_change(request_id=number, by=request.viewer, now=now),
    }
    act = acts.get(request.POST.get("act", ""))
    if act is not None:
        try:
            act()
        except WatchfloorError as error:
            return _detail(request, change_request(viewer=request.viewer, request_id=found.pk), error)
    return redirect("queues:change", number)


@page("queues.view")
def history(request: PageRequest, slug: str) -> HttpResponse:
    """Show every version of a queue with what it changed, who asked for it and who agreed."""
    return _history(request, slug)


def _history(request: PageRequest, slug: str, problem: WatchfloorError | None = None) -> HttpResponse:
    found = queue_detail(viewer=request.viewer, slug=slug)
    names = setting_names()
    current = found.queue.current_version
    requests = {
        each.applied_version_id: each
        for each in change_requests(viewer=request.viewer).filter(queue=found.queue)
        if each.applied_version_id
    }
    versions = [
        {
            "version": view.version,
            "request": requests.get(view.version.pk),
            "is_current": current is not None and view.version.pk == current.pk,
            "changes": [
                (names[one.name], shown(one.name, one.before), shown(one.name, one.after))
                for one in view.changes
            ],
        }
        for view in found.versions
    ]
    context = {
        "queue": found.queue,
        "title": title_of(found.queue),
        "tabs": queue_tabs(request, found.queue, "history"),
        "versions": versions,
        "may_roll_back": reaches_queue(request.viewer, found.queue, "queues.approve"),
        "problem": problem,
    }
    return render(request, "queues/history.html", context, status=422 if problem else 200)


@require_POST
@page("queues.approve")
def go_back(request: PageRequest, slug: str, version: int) -> HttpResponse:
    """Put an earlier version's settings in force again."""
    found = queue(viewer=request.viewer, slug=slug, permission="queues.approve")
    try:
        roll_back(
            queue=found,
            to_version=version,
            by=request.viewer,
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
    except WatchfloorError as error:
        return _history(request, slug, error)
    return redirect("queues:history", slug)
