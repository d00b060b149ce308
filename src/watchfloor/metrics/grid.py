"""Buckets of local time: integers in SQL, instants in Python.

SQL works on whole microseconds plus the zone's offset, so that no engine needs a time zone of its own; the
changes of the offset inside the period (summer time) are written into the expression.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchfloor.kernel import Period, PeriodError
from watchfloor.metrics.dialects import DAY_MICROSECONDS, HOUR_MICROSECONDS, Dialect

Grain = Literal["hour", "day", "week", "month"]
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Grid:
    """The buckets of a period in a time zone; without a grain the period is one bucket."""

    period: Period
    grain: Grain | None
    time_zone: str = "UTC"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone.

        Raises:
            PeriodError: the name is unknown.

        """
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise PeriodError(
                f"Time zone {self.time_zone!r} is unknown.", remedy="Use an IANA name such as Europe/Dublin."
            ) from error

    def local_microseconds(self, instant: str, dialect: Dialect) -> str:
        """Return SQL for the microseconds of the local clock at `instant`."""
        microseconds = dialect.microseconds(instant)
        changes = self._offsets
        if len(changes) == 1:
            return f"({microseconds} + {changes[0][1]})" if changes[0][1] else microseconds
        cases = [f"WHEN {microseconds} < {until} THEN {offset}" for until, offset in changes[:-1]]
        return f"({microseconds} + CASE {' '.join(cases)} ELSE {changes[-1][1]} END)"

    def index_sql(self, instant: str, dialect: Dialect) -> str:
        """Return SQL for the number of the bucket that holds `instant`."""
        if self.grain is None:
            return "0"
        if self.grain == "hour":
            microseconds = dialect.microseconds(instant)
            shifted = f"({microseconds} + {self.minutes_past}) " if self.minutes_past else microseconds
            return dialect.floor_divide(shifted, HOUR_MICROSECONDS)
        local = self.local_microseconds(instant, dialect)
        if self.grain == "day":
            return dialect.floor_divide(local, DAY_MICROSECONDS)
        if self.grain == "week":
            return dialect.floor_divide(f"({local} + {3 * DAY_MICROSECONDS})", 7 * DAY_MICROSECONDS)
        return dialect.month_number(local)

    def index_of(self, instant: datetime) -> int:
        """Return the number of the bucket that holds `instant`, as `index_sql` counts."""
        if self.grain is None:
            return 0
        if self.grain == "hour":
            return (_microseconds(instant) + self.minutes_past) // HOUR_MICROSECONDS
        local = instant.astimezone(self.zone).date()
        days = (local - _EPOCH_DAY).days
        if self.grain == "day":
            return days
        return (days + 3) // 7 if self.grain == "week" else local.year * 12 + local.month - 1

    def start_of(self, index: int) -> datetime:
        """Return the first instant of the bucket, which may lie before the period."""
        if self.grain is None:
            return self.period.start
        if self.grain == "hour":
            return _EPOCH + (index * HOUR_MICROSECONDS - self.minutes_past) * _MICROSECOND
        if self.grain == "day":
            day = _EPOCH_DAY + timedelta(days=index)
        elif self.grain == "week":
            day = _EPOCH_DAY + timedelta(days=index * 7 - 3)
        else:
            day = date(index // 12, index % 12 + 1, 1)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def bucket(self, index: int) -> Period:
        """Return the part of the bucket that lies in the period."""
        if self.grain is None:
            return self.period
        start, end = self.start_of(index), self.start_of(index + 1)
        return Period(max(start, self.period.start), min(end, self.period.end))

    @cached_property
    def indices(self) -> range:
        """Every bucket number of the period, in order."""
        return range(self.index_of(self.period.start), self.index_of(self.period.end - _MICROSECOND) + 1)

    def inner_edges_aligned_to(self, seconds: int) -> bool:
        """Whether every edge between two buckets falls on a whole multiple of `seconds` since 1970."""
        step = seconds * 1_000_000
        if self.grain is None:
            return True
        if self.grain == "hour":
            return seconds <= 3600 and self.minutes_past == 0
        return all(_microseconds(self.start_of(index)) % step == 0 for index in self.indices[1:])

    @cached_property
    def minutes_past(self) -> int:
        """Part of the zone's offset below one hour, in microseconds (India: thirty minutes)."""
        return self._offsets[0][1] % HOUR_MICROSECONDS

    @cached_property
    def _offsets(self) -> list[tuple[int, int]]:
        """(until, offset) in microseconds for each stretch of constant offset; the last one is open."""
        day = timedelta(days=1)
        found: list[tuple[int, int]] = []
        at, last = self.period.start - day, self.period.end + day
        offset = self._offset(at)
        while at < last:
            following = min(at + 7 * day, last)
            if self._offset(following) != offset:
                change = self._change_between(at, following)
                found.append((_microseconds(change), offset))
                offset, at = self._offset(change), change
            else:
                at = following
        return [*found, (0, offset)]

    def _change_between(self, low: datetime, high: datetime) -> datetime:
        before = self._offset(low)
        first, last = _microseconds(low), _microseconds(high)
        while last - first > 1:
            middle = (first + last) // 2
            if self._offset(_EPOCH + middle * _MICROSECOND) == before:
                first = middle
            else:
                last = middle
        return _EPOCH + last * _MICROSECOND

    def _offset(self, instant: datetime) -> int:
        return (instant.astimezone(self.zone).utcoffset() or timedelta()) // _MICROSECOND


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND
