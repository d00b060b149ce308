"""Where somebody begins after signing in: the first page of the navigation that is theirs to open."""

from django.urls import reverse

from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.shell.navigation import navigation


def first_page(viewer: Viewer) -> str:
    """Return the address of the first page the viewer may open; the root where there is none."""
    for _, entries in navigation():
        for entry in entries:
            if any(viewer.can(permission) for permission in entry.permissions):
                return reverse(entry.to)
    return "/"
