"""When nobody is to be disturbed: daily hours in a zone, over midnight too. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watchfloor.operations.alerts.vocabulary import PASSES_QUIET_HOURS


def is_quiet(at: datetime, *, begins: time | None, ends: time | None, time_zone: str) -> bool:
    """Return whether an instant lies in the quiet hours `[begins, ends)` of a zone.

    >>> is_quiet(datetime(2026, 3, 2, 23, tzinfo=UTC), begins=time(22), ends=time(7), time_zone="UTC")
    True
    >>> is_quiet(datetime(2026, 3, 2, 7, tzinfo=UTC), begins=time(22), ends=time(7), time_zone="UTC")
    False
    """
    if begins is None or ends is None or begins == ends:
        return False
    local = at.astimezone(ZoneInfo(time_zone)).time()
    return begins <= local < ends if begins < ends else local >= begins or local < ends


def told_at(
    at: datetime, *, severity: str, begins: time | None, ends: time | None, time_zone: str
) -> datetime:
    """Return when a message of that severity may leave: now, or when the quiet hours end.

    >>> told_at(datetime(2026, 3, 2, 23, tzinfo=UTC), severity="high", begins=time(22), ends=time(7),
    ...     time_zone="UTC").isoformat()
    '2026-03-03T07:00:00+00:00'
    """
    if severity in PASSES_QUIET_HOURS or ends is None:
        return at
    if not is_quiet(at, begins=begins, ends=ends, time_zone=time_zone):
        return at
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    first = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    # Compared as instants: on the day the clocks go back, an hour of the wall is met twice.
    if first.astimezone(UTC) <= at:
        first = (local + timedelta(days=1)).replace(
            hour=ends.hour, minute=ends.minute, second=0, microsecond=0
        )
    return first.astimezone(UTC)
