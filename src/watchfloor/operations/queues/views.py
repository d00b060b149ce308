"""The queues' pages: every queue with its settings, and one queue with its versions and what each changed."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.queues.selectors import queue_detail, queues, settings_of
from watchfloor.operations.queues.words import (
    mode_names,
    purpose_names,
    setting_names,
    state_names,
    surface_names,
    title_of,
    wellness_names,
)
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import asked_for


def shown(name: str, value: object) -> str:
    """Return a setting's value as a person reads it."""
    if value in (None, "", [], {}):
        return gettext("every site") if name == "site_shares" else formats.NONE
    if name == "certification_required":
        return gettext("required") if value else gettext("not required")
    if name == "lease_seconds" and isinstance(value, int):
        return formats.duration(value)
    if name == "double_share" and isinstance(value, int | float):
        return formats.share(value)
    if isinstance(value, dict):
        if name == "sla_seconds":
            names = severity_names() | {"default": gettext("others")}
            ranked = sorted(value.items(), key=lambda pair: (pair[0] == "default", pair[1], pair[0]))
            return ", ".join(f"{names.get(key, key)} {formats.duration(seconds)}" for key, seconds in ranked)
        if name == "site_shares":
            return ", ".join(f"{key} {formats.share(part, digits=0)}" for key, part in sorted(value.items()))
    if name == "wellness_class":
        return wellness_names().get(str(value), str(value))
    if name == "label_subset" and isinstance(value, list):
        return ", ".join(str(one).rpartition(".")[2].replace("_", " ") for one in value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


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
    return render(request, "queues/list.html", {"rows": rows, "surfaces": surfaces, "states": states})


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
    context: dict[str, Any] = {
        "queue": found.queue,
        "title": title_of(found.queue),
        "state": state_names().get(found.queue.state, found.queue.state),
        "surface": surface_names().get(found.queue.surface, found.queue.surface),
        "purpose": purpose_names().get(found.queue.purpose, found.queue.purpose),
        "mode": mode_names().get(found.queue.mode, found.queue.mode),
        "settings": [
            (names.get(name, name), shown(name, value)) for name, value in settings_of(current).items()
        ]
        if current
        else [],
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
