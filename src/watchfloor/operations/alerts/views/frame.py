"""What the pages of alerts share: their tabs, one page of a long list, an alert as a row."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.alerts.words import headline, severity_names, state_names, where_text
from watchfloor.operations.people.pages import PageRequest

PAGE_SIZE = 50
TONES = {"critical": "late", "high": "late", "medium": "soon", "low": ""}


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of alerts."""

    name: str
    url: str
    is_current: bool


def tabs(current: str) -> list[Tab]:
    """Return the parts of alerts, with the one that is shown marked."""
    names = {
        "list": gettext("Alerts"),
        "rules": gettext("Rules"),
        "channels": gettext("Channels"),
        "wallboard": gettext("Wallboard"),
    }
    return [Tab(name, reverse(f"alerts:{part}"), part == current) for part, name in names.items()]


def one_page(rows: Any, request: PageRequest) -> Any:
    """Return the page of rows that the address asks for."""
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def row_of(alert: Alert) -> dict[str, Any]:
    """Return an alert as a line of a table."""
    return {
        "it": alert,
        "says": headline(alert),
        "where": where_text(alert),
        "severity": severity_names()[alert.severity],
        "tone": TONES[alert.severity],
        "state": state_names()[alert.state],
    }
