"""The list of launches, and the first page of the wizard: what the queue is, copied or from nothing."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.launches.forms import NewLaunchForm
from watchfloor.operations.launches.selectors import launches
from watchfloor.operations.launches.services import Opening, open_launch
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.configuring import Settings, version_of
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import settings_of
from watchfloor.operations.queues.services import NewQueue
from watchfloor.operations.queues.shown_settings import shown_changes
from watchfloor.operations.queues.words import purpose_names, state_names, title_of

PAGE_SIZE = 50


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the launches: where each stands, whose it is, and what its gates said when last looked at."""
    is_open = request.GET.get("state", "open") != "all"
    rows = launches(viewer=request.viewer, is_open=True if is_open else None)
    shown_page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    states, purposes = state_names(), purpose_names()
    context = {
        "is_open": is_open,
        "page": shown_page,
        "rows": [
            {
                "launch": one,
                "queue": one.queue,
                "title": title_of(one.queue),
                "state": states[one.queue.state],
                "purpose": purposes.get(one.queue.purpose, one.queue.purpose),
                "passed": sum(1 for status in one.gates.values() if status == "pass"),
                "all": len(one.gates),
            }
            for one in shown_page
        ],
        "may_change": request.viewer.can("queues.change"),
    }
    return render(request, "launches/list.html", context)


@page("queues.change")
def new(request: PageRequest) -> HttpResponse:
    """Ask what the queue is; a post opens its launch. Choosing a source fills the rest from it."""
    source = request.GET.get("source", "")
    form = NewLaunchForm(
        request.POST or None, viewer=request.viewer, initial={"source": source, "owner": request.viewer.name}
    )
    copied = form.sources.get(request.POST.get("source", source))
    if copied is not None and request.method == "GET":
        form.initial.update(_copied(copied))
    context: dict[str, Any] = {"form": form, "copied": copied}
    if copied is not None:
        context |= {"copied_title": title_of(copied), "copied_settings": _differences(copied)}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                launch = open_launch(opening=_opening(form), by=request.viewer, now=timezone.now())
            except WatchfloorError as error:
                context["problem"] = error
            else:
                return redirect("launches:step", launch.queue.slug, "policy")
    return render(request, "launches/new.html", context, status=status)


def _copied(source: Queue) -> dict[str, Any]:
    return {
        "group": source.group,
        "surface": source.surface,
        "purpose": source.purpose,
        "mode": source.mode,
        "languages": ", ".join(source.languages),
        "markets": ", ".join(source.markets),
        "data_boundary": source.data_boundary.slug if source.data_boundary else "",
    }


def _differences(source: Queue) -> list[tuple[str, str, str]]:
    """Return how the copied settings differ from those that a queue from nothing has, in words."""
    version = source.current_version
    if version is None:
        return []
    bare = settings_of(version_of(queue=source, settings=Settings()))
    copied = settings_of(
        version_of(queue=source, settings=replace(Settings.of(version), sop_version=None, intake_share=1.0))
    )
    return shown_changes(
        {name: {"before": bare[name], "after": copied[name]} for name in copied if bare[name] != copied[name]}
    )


def _opening(form: NewLaunchForm) -> Opening:
    said = form.cleaned_data
    return Opening(
        new=NewQueue(
            slug=said["slug"],
            title=said["title"],
            title_zh_hans=said["title_zh_hans"],
            group=said["group"],
            surface=said["surface"],
            purpose=said["purpose"],
            mode=said["mode"],
            languages=tuple(said["languages"]),
            markets=tuple(one.upper() for one in said["markets"]),
            data_boundary=form.boundary(),
            owner=said["owner"],
        ),
        owner=said["owner"],
        note=said["note"],
        source=form.source_queue(),
    )
