"""What every wellbeing page shows around its content: the tabs that a viewer may open."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from watchfloor.operations.people.pages import PageRequest


def shown(request: PageRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Return the page with its tabs; it is kept in no cache, for much of it is private."""
    tabs = {
        "can_work": request.viewer.can("cases.work"),
        "can_see_teams": request.viewer.can("people.view"),
        "can_see_people": request.viewer.can("wellbeing.view"),
    }
    response = render(request, f"wellbeing/{template}.html", tabs | context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response
