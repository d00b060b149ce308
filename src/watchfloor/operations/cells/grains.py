"""Places instants in hours, local days, weeks and months, and says which of them a period cuts."""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from watchfloor.kernel import Period

Grain = Literal["hour", "day", "week", "month"]
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month")
Cut = Literal["", "so_far", "in_part"]


def start_of(at: datetime, *, grain: Grain, time_zone: str) -> datetime:
    """Return the start of the bucket that holds `at`; weeks start on Monday."""
    local = at.astimezone(ZoneInfo(time_zone)).replace(minute=0, second=0, microsecond=0)
    if grain == "hour":
        return local
    local = local.replace(hour=0)
    if grain == "week":
        return local - timedelta(days=local.weekday())
    return local.replace(day=1) if grain == "month" else local


def end_of(start: datetime, *, grain: Grain, time_zone: str) -> datetime:
    """Return where the bucket that starts at `start` ends, which is where the next one starts.

    >>> from datetime import UTC
    >>> end_of(datetime(2026, 2, 1, tzinfo=UTC), grain="month", time_zone="UTC").date().isoformat()
    '2026-03-01'
    """
    local = start.astimezone(ZoneInfo(time_zone))
    if grain == "hour":
        return start + timedelta(hours=1)
    if grain == "month":
        return (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    return local + timedelta(days=7 if grain == "week" else 1)


def cut_of(start: datetime | None, *, grain: Grain | None, period: Period, time_zone: str) -> Cut:
    """Return whether the period holds the bucket whole, only its first part (`so_far`), or another part."""
    if start is None or grain is None:
        return ""
    if end_of(start, grain=grain, time_zone=time_zone) > period.end:
        return "so_far"
    return "in_part" if start < period.start else ""


def whole_buckets(length: timedelta, *, now: datetime, grain: Grain | None, time_zone: str) -> Period:
    """Return the period of `length` that ends at the last full hour, begun where a bucket begins.

    By day it is the whole local days before today, then today up to that hour, so that no bucket but the last
    is cut; without a grain it is exactly `length`.
    """
    hour = start_of(now, grain="hour", time_zone=time_zone)
    if grain in (None, "hour"):
        return Period(hour - length, hour)
    # Counted in local days, so that a change of the clocks moves no edge off midnight.
    today = start_of(now, grain="day", time_zone=time_zone)
    first = start_of(today - length, grain=grain, time_zone=time_zone)
    return Period(first, hour) if hour > first else Period(hour - length, hour)
