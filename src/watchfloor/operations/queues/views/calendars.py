"""Calendars: the list with the week drawn, and the form that writes one."""

import re
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from babel.dates import get_day_names
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.calendars import save_calendar
from watchfloor.operations.queues.models import Calendar, Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.queues.views.tabs import design_tabs
from watchfloor.operations.shell import formats

DAYS = range(7)
_SPAN = re.compile(r"\A(\d{1,2}):(\d{2})\s*[-\N{EN DASH}]\s*(\d{1,2}):(\d{2})\Z")


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the calendars with their hours and the queues that count by them."""
    reached = Queue.objects.filter(reach(viewer=request.viewer, permission="queues.view"))
    used: dict[int, list[str]] = {}
    for slug, calendar in (
        reached.filter(current_version__calendar__isnull=False)
        .order_by("slug")
        .values_list("slug", "current_version__calendar_id")
    ):
        used.setdefault(calendar, []).append(slug)
    names = _day_names()
    rows = [
        {
            "calendar": calendar,
            "days": [(names[day], _bars(calendar.hours.get(str(day), []))) for day in DAYS],
            "queues": used.get(calendar.pk, []),
        }
        for calendar in Calendar.objects.order_by("slug")
    ]
    context = {
        "tabs": design_tabs(request, "calendars"),
        "rows": rows,
        "may_change": request.viewer.can("queues.change"),
    }
    return render(request, "queues/calendars.html", context)


@page("queues.change")
def edit(request: PageRequest, slug: str = "") -> HttpResponse:
    """Write a calendar, new or changed."""
    calendar = Calendar.objects.filter(slug=slug).first()
    if slug and calendar is None:
        raise Http404
    written = (
        _written(calendar)
        if request.method != "POST"
        else {key: str(value) for key, value in request.POST.items()}
    )
    names = _day_names()
    context: dict[str, Any] = {
        "tabs": design_tabs(request, "calendars"),
        "calendar": calendar,
        "written": written,
        "days": [(f"day{day}", names[day], written.get(f"day{day}", "")) for day in DAYS],
        "zones": sorted(available_timezones()),
    }
    status = 200
    if request.method == "POST":
        try:
            save_calendar(
                slug=calendar.slug if calendar else written.get("slug", "").strip(),
                name=written.get("name", "").strip(),
                time_zone=written.get("time_zone", ""),
                hours={str(day): _spans(written.get(f"day{day}", "")) for day in DAYS},
                holidays=_dates(written.get("holidays", "")),
                by=request.viewer,
                now=timezone.now(),
            )
            return redirect("queues:calendars")
        except WatchfloorError as error:
            context["problem"], status = str(error), 422
        except ValueError as error:
            context["problem"], status = str(error), 422
    return render(request, "queues/calendar.html", context, status=status)


def _day_names() -> list[str]:
    names = get_day_names("abbreviated", locale=formats.locale_name())
    return [names[day] for day in DAYS]


def _bars(pairs: list[list[int]]) -> dict[str, Any]:
    """Return a day's hours as text, and as parts of a bar 1440 wide."""
    return {
        "text": ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in pairs),
        "bars": [(opens, closes - opens) for opens, closes in pairs],
    }


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _spans(written: str) -> list[list[int]]:
    spans = []
    for part in filter(None, (piece.strip() for piece in written.split(","))):
        match = _SPAN.match(part)
        if match is None:
            raise ValueError(gettext("%(text)s are no hours; write them like 09:00-17:00.") % {"text": part})
        opens, closes = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
        spans.append([opens, closes])
    return spans


def _dates(written: str) -> list[date]:
    try:
        return [date.fromisoformat(word) for word in written.replace(",", " ").split()]
    except ValueError as error:
        raise ValueError(gettext("Write holidays as dates like 2026-12-25.")) from error


def _written(calendar: Calendar | None) -> dict[str, str]:
    if calendar is None:
        return {"time_zone": "UTC", **{f"day{day}": "09:00-17:00" for day in range(5)}}
    hours = {
        f"day{day}": ", ".join(f"{_clock(o)}-{_clock(c)}" for o, c in calendar.hours.get(str(day), []))
        for day in DAYS
    }
    holidays = " ".join(day.isoformat() for day in calendar.holidays)
    return {"name": calendar.name, "time_zone": calendar.time_zone, "holidays": holidays, **hours}
