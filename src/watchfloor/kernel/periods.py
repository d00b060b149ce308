"""Half-open periods of aware UTC instants, and how people write them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchfloor.kernel.errors import WatchfloorError

_LAST = re.compile(r"^(?:last\s*)?(\d{1,5})\s*(m|h|d|w)$")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class PeriodError(WatchfloorError):
    """A period or an instant cannot be read."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Half-open `[start, end)`; both ends are aware and held in UTC.

    >>> from datetime import UTC
    >>> day = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    >>> day.seconds, datetime(2026, 1, 2, tzinfo=UTC) in day
    (86400.0, False)
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            value = getattr(self, name)
            if value.tzinfo is None:
                raise PeriodError(f"{name}={value} has no time zone.", remedy="Pass an aware instant.")
            object.__setattr__(self, name, value.astimezone(UTC))
        if self.end <= self.start:
            raise PeriodError(
                f"The period ends at {self.end.isoformat()}, not after its start {self.start.isoformat()}.",
                remedy="Give the earlier instant first.",
            )

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return (self.end - self.start).total_seconds()

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, datetime) and self.start <= instant < self.end

    @classmethod
    def last(cls, length: timedelta, *, now: datetime) -> "Period":
        """Return the period of that length that ends at `now`."""
        return cls(now - length, now)

    def before(self) -> "Period":
        """Return the period of equal length that ends where this one starts."""
        return Period(self.start - (self.end - self.start), self.start)


def parse_instant(text: str, *, time_zone: str = "UTC") -> datetime:
    """Return the instant that `text` (ISO 8601; a bare date is midnight) names in `time_zone`, as UTC.

    Raises:
        PeriodError: the text is no instant, or the time zone is unknown.

    >>> parse_instant("2026-03-01", time_zone="Asia/Manila").isoformat()
    '2026-02-28T16:00:00+00:00'

    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PeriodError(
            f"Time zone {time_zone!r} is unknown.", remedy="Use an IANA name such as Europe/Dublin."
        ) from error
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise PeriodError(
            f"{text!r} is not an instant.", remedy="Write 2026-03-01 or 2026-03-01T08:00:00+08:00."
        ) from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return instant.astimezone(UTC)


def parse_period(text: str, *, now: datetime, time_zone: str = "UTC") -> Period:
    """Return the period that a person wrote: `7d`, `last 12h`, `2026-03-01..2026-03-08`, or one day.

    A length counts back from `now`. Both ends of a range are instants in `time_zone`; the end is excluded.

    Raises:
        PeriodError: nothing of that can be read, or the end is not after the start.

    >>> from datetime import UTC
    >>> parse_period("7d", now=datetime(2026, 3, 8, tzinfo=UTC)).start.isoformat()
    '2026-03-01T00:00:00+00:00'

    """
    written = text.strip().lower()
    if match := _LAST.match(written):
        length = int(match[1]) * _UNITS[match[2]]
        if not length:
            raise PeriodError(f"{text!r} is a period of no length.", remedy="Write at least 1m.")
        return Period.last(length, now=now)
    first, dots, second = text.strip().partition("..")
    start = parse_instant(first, time_zone=time_zone)
    if dots:
        return Period(start, parse_instant(second, time_zone=time_zone))
    next_day = (start.astimezone(ZoneInfo(time_zone)) + timedelta(days=1)).astimezone(UTC)
    return Period(start, next_day)
