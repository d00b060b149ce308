"""The demo's transparency report, in draft, with what an invented provider would type in."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from watchfloor.operations.cells.warehouse import extent_of
from watchfloor.operations.demo.cast import find_cast
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.reports.dsa import terms
from watchfloor.operations.reports.models import Report
from watchfloor.operations.reports.services import draft

Progress = Callable[[str], None]

_LASTED = timedelta(days=56)
_TEXT = "Simulated: an invented platform, whose provider would describe this here."


def seed_reports(*, now: datetime, progress: Progress) -> bool:
    """Return whether the demo's report was drafted now: once, when the history it counts is there."""
    cast, extent = find_cast(), extent_of(settings.WATCHFLOOR_OPERATION)
    if cast is None or extent is None or Report.objects.exists():
        return False
    first, last = max(extent.start, now - _LASTED).date(), now.date() - timedelta(days=1)
    if last < first:
        return False
    progress("a transparency report")
    draft(
        title="Invented video (simulated)",
        operation=settings.WATCHFLOOR_OPERATION,
        starts_on=first,
        ends_on=last,
        inputs={
            "provider": "Invented Platform Ltd (simulated)",
            "service": "Invented video",
            "is_hosting": True,
            "is_very_large": True,
            "multi_restriction": True,
            "recipients": {"TOTAL": 4_200_000, "DE": 1_100_000, "FR": 900_000, "IE": 160_000},
            "suspensions": {"manifestly_illegal": 14, "unfounded_notices": 0, "unfounded_complaints": 2},
            "words": {name: _TEXT for name in terms.QUALITATIVE if name != "headcount"},
        },
        by=Viewer.system(cast.strategist.name),
        now=now,
    )
    return True
