"""What alerts show on pages below them: how many stand on the floor, and which stand of one queue."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.alerts.selectors import alerts
from watchfloor.operations.alerts.vocabulary import STANDING
from watchfloor.operations.alerts.words import headline, severity_names, where_text
from watchfloor.operations.record.viewers import Viewer

_TONES = {"critical": "late", "high": "late", "medium": "soon", "low": ""}
MOST = 3


def on_the_floor(request: HttpRequest) -> str:
    """Return the gravest alerts that stand within reach; nothing where none does."""
    return _strip(request, slug="")


def of_a_queue(request: HttpRequest, *, slug: str) -> str:
    """Return the alerts that stand of one queue."""
    return _strip(request, slug=slug)


def _strip(request: HttpRequest, *, slug: str) -> str:
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None or not viewer.can("alerts.view"):
        return ""
    rows = alerts(viewer=viewer, states=STANDING)
    found = list((rows.filter(queue__slug=slug) if slug else rows)[: MOST + 1])
    if not found:
        return ""
    context = {
        "rows": [_row(each) for each in found[:MOST]],
        "more": rows.count() - MOST if len(found) > MOST and not slug else 0,
    }
    return render_to_string("alerts/strip.html", context, request=request)


def _row(alert: Alert) -> dict[str, object]:
    return {
        "it": alert,
        "says": headline(alert),
        "where": where_text(alert),
        "severity": severity_names()[alert.severity],
        "tone": _TONES[alert.severity],
    }
