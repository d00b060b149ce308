"""A queue's procedure: the version in force beside every other, what changed, and who has read it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.changes import change_settings
from watchfloor.operations.queues.configuring import reaches_queue
from watchfloor.operations.queues.models import ChangeRequest, Queue, Sop
from watchfloor.operations.queues.selectors import queue
from watchfloor.operations.queues.sops import (
    NewSop,
    acknowledge,
    has_read,
    publish_sop,
    sop_text,
    text_changes,
)
from watchfloor.operations.queues.views.tabs import queue_tabs
from watchfloor.operations.queues.words import title_of

TEXTS = ("title", "text", "title_zh_hans", "text_zh_hans")


@page("policies.view")
def read(request: PageRequest, slug: str) -> HttpResponse:
    """Show the procedure in force, or the version asked for, with what it changed."""
    return _read(request, queue(viewer=request.viewer, slug=slug, permission="policies.view"))


def _read(request: PageRequest, found: Queue, **more: Any) -> HttpResponse:
    versions = list(found.sops.order_by("-version"))
    in_force = found.current_version.sop_version if found.current_version else None
    shown = _chosen(request, versions, in_force)
    before = next((each for each in versions if shown and each.version == shown.version - 1), None)
    reviewer = _reviewer(request)
    language = get_language() or "en"
    title, text = sop_text(shown, language) if shown else ("", "")
    context: dict[str, Any] = {
        "queue": found,
        "title": title_of(found),
        "tabs": queue_tabs(request, found, "sop"),
        "versions": versions,
        "in_force": in_force,
        "shown": shown,
        "sop_title": title,
        "text": text,
        "changes": text_changes(sop_text(before, language)[1], text) if shown and before else [],
        "readers": shown.acknowledgements.count() if shown else 0,
        "may_change": reaches_queue(request.viewer, found, "queues.change"),
        "is_reviewer": reviewer is not None,
        "is_read": bool(shown and reviewer and has_read(sop=shown, reviewer=reviewer)),
        "newest": versions[0] if versions else None,
        **more,
    }
    return render(request, "queues/sop.html", context, status=422 if "problem" in more else 200)


def _reviewer(request: PageRequest) -> Reviewer | None:
    number = request.viewer.user_id
    return None if number is None else Reviewer.objects.filter(user_id=number).first()


def _chosen(request: PageRequest, versions: list[Sop], in_force: int | None) -> Sop | None:
    asked = request.GET.get("version", "")
    wanted = asked or str(in_force or "")
    found = next((each for each in versions if str(each.version) == wanted), None)
    if asked and found is None:
        raise Http404
    return found or (versions[0] if versions else None)


@require_POST
@page("queues.change")
def publish(request: PageRequest, slug: str) -> HttpResponse:
    """Publish the next version and ask for it to be put in force."""
    found = queue(viewer=request.viewer, slug=slug, permission="queues.change")
    written = {
        name: request.POST.get(name, "") for name in ("title", "text", "title_zh_hans", "text_zh_hans")
    }
    note = request.POST.get("note", "")
    now = timezone.now()
    try:
        sop = publish_sop(queue=found, new=NewSop(**written, note=note[:400]), by=request.viewer, now=now)
        made = change_settings(
            queue=found, changes={"sop_version": sop.version}, by=request.viewer, now=now, note=note[:400]
        )
    except WatchfloorError as error:
        return _read(request, found, problem=error, written=written)
    if isinstance(made, ChangeRequest):
        return redirect("queues:change", made.pk)
    return redirect("queues:sop", slug)


@require_POST
@page("cases.work")
def confirm(request: PageRequest, slug: str, version: int) -> HttpResponse:
    """Note that the reviewer has read this version."""
    found = queue(viewer=request.viewer, slug=slug, permission="cases.work")
    sop = found.sops.filter(version=version).first()
    reviewer = _reviewer(request)
    if sop is None or reviewer is None:
        raise Http404
    acknowledge(sop=sop, reviewer=reviewer, now=timezone.now())
    return redirect("queues:sop", slug)
