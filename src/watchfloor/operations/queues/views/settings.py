"""Editing a queue's settings: the form, the difference it would make, and the change it proposes."""

from datetime import UTC
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.change_selectors import open_changes
from watchfloor.operations.queues.changes import change_settings
from watchfloor.operations.queues.configuring import (
    Settings,
    require_reach,
    version_of,
)
from watchfloor.operations.queues.faults import version_faults
from watchfloor.operations.queues.forms import SettingsForm
from watchfloor.operations.queues.models import ACCEPTING_STATES, ChangeRequest, Queue
from watchfloor.operations.queues.plain_settings import settings_with
from watchfloor.operations.queues.selectors import queue, settings_of
from watchfloor.operations.queues.shown_settings import shown_changes
from watchfloor.operations.queues.views.tabs import queue_tabs
from watchfloor.operations.queues.words import title_of


@page("queues.change")
def edit(request: PageRequest, slug: str) -> HttpResponse:
    """Show the settings as a form; a post shows the difference, or proposes it when it says so."""
    found = queue(viewer=request.viewer, slug=slug, permission="queues.change")
    require_reach(request.viewer, found, "queues.change")
    base = _base(request, found)
    form = SettingsForm(request.POST or None, queue=found, current=base, viewer=request.viewer)
    context: dict[str, Any] = {
        "queue": found,
        "title": title_of(found),
        "tabs": queue_tabs(request, found, "settings"),
        "form": form,
        "base": request.POST.get("base") or (found.current_version.version if found.current_version else 0),
        "needs_approval": found.state in ACCEPTING_STATES,
        "waiting": open_changes(viewer=request.viewer, queue=found),
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            plain = form.plain()
            changes = {name: value for name, value in plain.items() if value != base[name]}
            try:
                context |= _difference(found, changes)
                if "propose" in request.POST and not context["faults"]:
                    return _propose(request, found, changes, form)
                status = 200
            except WatchfloorError as error:
                context["problem"] = error
        if request.headers.get("HX-Request"):
            return render(request, "queues/settings_difference.html", context)
    return render(request, "queues/settings.html", context, status=status)


def _base(request: PageRequest, found: Queue) -> dict[str, object]:
    """Return the settings that the form was filled from, so that it changes only what its reader changed."""
    number = request.POST.get("base", "")
    if number.isdecimal() and (version := found.versions.filter(version=int(number)).first()):
        return settings_of(version)
    if found.current_version:
        return settings_of(found.current_version)
    return settings_of(version_of(queue=found, settings=Settings()))


def _difference(found: Queue, changes: dict[str, Any]) -> dict[str, Any]:
    current = found.current_version
    before = Settings.of(current) if current else Settings()
    wanted = version_of(queue=found, settings=settings_with(before, changes))
    then, then_after = settings_of(version_of(queue=found, settings=before)), settings_of(wanted)
    differing = {
        name: {"before": then[name], "after": value}
        for name, value in then_after.items()
        if then[name] != value
    }
    return {"changes": shown_changes(differing), "faults": version_faults(wanted)}


def _propose(request: PageRequest, found: Queue, changes: dict[str, Any], form: SettingsForm) -> HttpResponse:
    at = form.cleaned_data["effective_at"]
    made = change_settings(
        queue=found,
        changes=changes,
        by=request.viewer,
        now=timezone.now(),
        note=form.cleaned_data["note"],
        effective_at=at.astimezone(UTC) if at else None,
    )
    if isinstance(made, ChangeRequest):
        return redirect("queues:change", made.pk)
    return redirect("queues:detail", found.slug)
