"""The tabs above the pages: those of queue design, and those of one queue."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.people.pages import PageRequest
from watchfloor.operations.queues.change_selectors import change_requests
from watchfloor.operations.queues.models import Queue


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; `count` calls for attention."""

    name: str
    url: str
    is_current: bool
    count: int = 0


def design_tabs(request: PageRequest, current: str) -> list[Tab]:
    """Return the tabs of queue design; `changes` says how many wait for approval."""
    if not request.viewer.can("queues.view"):
        return []
    waiting = change_requests(viewer=request.viewer, state="proposed").count()
    entries = (
        ("queues", gettext("Queues"), 0),
        ("logical", gettext("Logical queues"), 0),
        ("changes", gettext("Changes"), waiting),
        ("templates", gettext("Templates"), 0),
        ("calendars", gettext("Calendars"), 0),
    )
    return [
        Tab(name, reverse("queues:list" if key == "queues" else f"queues:{key}"), key == current, count)
        for key, name, count in entries
    ]


def queue_tabs(request: PageRequest, queue: Queue, current: str) -> list[Tab]:
    """Return the tabs of one queue, those that the viewer may open."""
    entries = [("sop", gettext("Procedure"))]
    if request.viewer.can("queues.view"):
        entries = [("overview", gettext("Overview")), *entries, ("history", gettext("History"))]
    if request.viewer.can("queues.change"):
        entries.insert(1, ("settings", gettext("Settings")))
    return [
        Tab(
            name,
            reverse("queues:detail" if key == "overview" else f"queues:{key}", args=[queue.slug]),
            key == current,
        )
        for key, name in entries
    ]
