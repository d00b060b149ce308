"""The tabs above the pages of intake."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.people.pages import PageRequest
from watchfloor.operations.routing.selectors import strategies


def intake_tabs(request: PageRequest, current: str) -> list[dict[str, Any]]:
    """Return the tabs; the first says how many strategies wait for approval."""
    waiting = strategies(viewer=request.viewer).filter(state="draft", approved_at=None).count()
    entries = (("strategies", gettext("Strategies"), waiting), ("rules", gettext("Routing rules"), 0))
    return [
        {"name": name, "url": reverse(f"intake:{key}"), "is_current": key == current, "count": count}
        for key, name, count in entries
    ]
