"""Writes of calendars: business hours in one time zone. Deadlines that are set already stay as they are."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.queues.deadlines import calendar_faults
from watchfloor.operations.queues.models import Calendar
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import Viewer


class CalendarError(WatchfloorError):
    """A calendar cannot be written as asked."""


@transaction.atomic
def save_calendar(
    *,
    slug: str,
    name: str,
    time_zone: str,
    hours: Mapping[str, Any],
    holidays: Sequence[date],
    by: Viewer,
    now: datetime,
) -> Calendar:
    """Return the calendar, written new or changed; cases that come from now on are due by it.

    Raises:
        CalendarError: hours, zone or holidays are wrong.

    """
    by.require("queues.change")
    calendar = Calendar.objects.select_for_update().filter(slug=slug).first()
    before = calendar_values(calendar) if calendar else None
    calendar = calendar or Calendar(slug=slug)
    calendar.name, calendar.time_zone = name, time_zone
    calendar.hours = {day: sorted(pairs) for day, pairs in sorted(hours.items()) if pairs}
    calendar.holidays = sorted(set(holidays))
    if faults := calendar_faults(calendar):
        raise CalendarError(
            f"The calendar cannot be written so: {' '.join(faults)}", remedy="Correct what is named."
        )
    calendar.save()
    after = calendar_values(calendar)
    if after == before:
        return calendar
    audit(
        actor=by.name,
        action="change" if before else "create",
        object_kind="calendar",
        object_id=slug,
        before=before,
        after=after,
        now=now,
    )
    record_change(
        object_kind="calendar",
        object_id=slug,
        object_version=None,
        kind="changed" if before else "created",
        at=now,
        author=by.name,
        summary=f"{name}: business hours {'changed' if before else 'set'}.",
        detail={
            key: {"before": (before or {}).get(key), "after": value}
            for key, value in after.items()
            if before is None or before[key] != value
        },
    )
    return calendar


def calendar_values(calendar: Calendar) -> dict[str, Any]:
    """Return a calendar as plain values."""
    return {
        "name": calendar.name,
        "time_zone": calendar.time_zone,
        "hours": dict(calendar.hours),
        "holidays": [day.isoformat() for day in calendar.holidays],
    }
