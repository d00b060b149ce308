"""The stretches of time that targets are about: the one that holds an instant, the last whole one. Pure."""

from datetime import UTC, datetime, timedelta

from watchfloor.kernel import Period
from watchfloor.operations.cells.grains import Grain, end_of, start_of

_ROLLING = {"rolling_7d": 7, "rolling_28d": 28}
_GRAINS: dict[str, Grain] = {"day": "day", "week": "week", "month": "month"}


def span_of(period: str, *, at: datetime) -> Period:
    """Return the whole period that holds the instant; a rolling one ends with the day of the instant.

    >>> span_of("quarter", at=datetime(2026, 5, 9, tzinfo=UTC)).start.date().isoformat()
    '2026-04-01'
    """
    day = start_of(at, grain="day", time_zone="UTC").astimezone(UTC)
    if period in _ROLLING:
        end = day + timedelta(days=1)
        return Period(end - timedelta(days=_ROLLING[period]), end)
    if period == "quarter":
        start = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        return Period(start, (start + timedelta(days=95)).replace(day=1))
    start = start_of(at, grain=_GRAINS[period], time_zone="UTC").astimezone(UTC)
    return Period(start, end_of(start, grain=_GRAINS[period], time_zone="UTC").astimezone(UTC))


def so_far(period: str, *, at: datetime) -> Period:
    """Return the part of the period that has passed, in whole hours; at least one."""
    whole = span_of(period, at=at)
    hour = at.replace(minute=0, second=0, microsecond=0)
    return Period(whole.start, min(max(hour, whole.start + timedelta(hours=1)), whole.end))


def last_whole(period: str, *, at: datetime) -> Period:
    """Return the last period that is over; of a rolling one, the days before today."""
    return (
        span_of(period, at=span_of(period, at=at).start - timedelta(seconds=1))
        if (period not in _ROLLING)
        else span_of(period, at=at - timedelta(days=1))
    )


def grain_of(period: str) -> Grain | None:
    """Return the buckets that are such periods; None for those that are no bucket."""
    return _GRAINS.get(period)


def days_of(period: str, *, at: datetime) -> float:
    """Return how many days the period has."""
    return span_of(period, at=at).seconds / 86_400.0
