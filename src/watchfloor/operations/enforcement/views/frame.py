"""What the pages of enforcement share: the tabs, the first page of a viewer, and pages of a long table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import Viewer

PAGE_SIZE = 50
PARTS = (
    ("callbacks", "callbacks.view"),
    ("appeals", "appeals.view"),
    ("statements", "statements.export"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of enforcement."""

    name: str
    url: str
    is_current: bool


def tabs(viewer: Viewer, current: str) -> list[Tab]:
    """Return the parts that the viewer may see, with the one that is shown marked."""
    names = {
        "callbacks": gettext("Callbacks"),
        "appeals": gettext("Appeals"),
        "statements": gettext("Statements of reasons"),
    }
    return [
        Tab(names[part], reverse(f"enforcement:{part}"), part == current)
        for part, permission in PARTS
        if viewer.can(permission)
    ]


class BoundedPaginator(Paginator[Any]):
    """Pages through the newest rows of a table that may be long, counting ten thousand at most."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows that can be paged to."""
        rows: Any = self.object_list
        return len(rows.values_list("pk")[:10_000])


def one_page(rows: Any, request: PageRequest) -> Any:
    """Return the page of rows that the address asks for."""
    return BoundedPaginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def one_of(written: str | None, allowed: Sequence[str]) -> str:
    """Return what was written if it is allowed, else nothing."""
    return written if written and written in allowed else ""


@require_GET
@page("policies.view")
def start(request: PageRequest) -> HttpResponse:
    """Go to the first part that the viewer may see."""
    for part, permission in PARTS:
        if request.viewer.can(permission):
            return redirect(f"enforcement:{part}")
    request.viewer.require(PARTS[0][1])
    return redirect("enforcement:callbacks")
