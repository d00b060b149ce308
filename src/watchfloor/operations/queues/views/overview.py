"""Every queue with its settings in force, and one queue with its versions and what each changed."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.change_selectors import open_changes
from watchfloor.operations.queues.configuring import reaches_queue
from watchfloor.operations.queues.selectors import queue_detail, queues, settings_of
from watchfloor.operations.queues.shown_settings import shown
from watchfloor.operations.queues.views.tabs import design_tabs, queue_tabs
from watchfloor.operations.queues.words import (
    mode_names,
    purpose_names,
    setting_names,
    state_names,
    surface_names,
    title_of,
)
from watchfloor.operations.shell.asked import asked_for


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the queues within reach, by group."""
    names = state_names()
    rows: list[dict[str, Any]] = [
        {
            "queue": queue,
            "title": title_of(queue),
            "state": names.get(queue.state, queue.state),
            "surface": surface_names().get(queue.surface, queue.surface),
            "purpose": purpose_names().get(queue.purpose, queue.purpose),
        }
        for queue in queues(viewer=request.viewer)
    ]
    surfaces = sorted({(str(row["queue"].surface), str(row["surface"])) for row in rows})
    states = [
        (state, name) for state, name in names.items() if any(row["queue"].state == state for row in rows)
    ]
    context = {"rows": rows, "surfaces": surfaces, "states": states, "tabs": design_tabs(request, "queues")}
    return render(request, "queues/list.html", context)


@page("queues.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show one queue: its settings in force, its versions with what each changed; its figures load after.

    A log's queue has no settings: its reader is sent to its figures.
    """
    asked = asked_for(request)
    if not asked.is_live:
        question = {"op": asked.operation, "m": ["intake", "completed"], "where": f"queue:{slug}"}
        return redirect(
            f"{reverse('insights:explore')}?{urlencode(question | {'grain': 'month'}, doseq=True)}"
        )
    found = queue_detail(viewer=request.viewer, slug=slug)
    names = setting_names()
    current = found.queue.current_version
    values = settings_of(current) if current else {}
    listed = [(names.get(name, name), shown(name, value), bool(value)) for name, value in values.items()]
    context: dict[str, Any] = {
        "queue": found.queue,
        "title": title_of(found.queue),
        "tabs": queue_tabs(request, found.queue, "overview"),
        "may_change": reaches_queue(request.viewer, found.queue, "queues.change"),
        "waiting": open_changes(viewer=request.viewer, queue=found.queue),
        "state": state_names().get(found.queue.state, found.queue.state),
        "surface": surface_names().get(found.queue.surface, found.queue.surface),
        "purpose": purpose_names().get(found.queue.purpose, found.queue.purpose),
        "mode": mode_names().get(found.queue.mode, found.queue.mode),
        "settings": [entry for entry in listed if entry[2]],
        "unset": [entry for entry in listed if not entry[2]],
        "versions": [
            {
                "version": view.version,
                "is_current": current is not None and view.version.pk == current.pk,
                "changes": [
                    (
                        names.get(change.name, change.name),
                        shown(change.name, change.before),
                        shown(change.name, change.after),
                    )
                    for change in view.changes
                ],
            }
            for view in found.versions
        ],
    }
    return render(request, "queues/detail.html", context)
