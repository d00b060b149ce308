"""Business hours in one time zone: how much of a stretch of time is open. Pure; no clock, no database.

An hour of the local clock begins at the first instant at which the clock reads it or later. So a day on
which the clock jumps is as long as it really is, neighbouring hours stay neighbours, and none is counted
twice: when clocks go back, 01:00 to 02:00 is open for two hours; when they go forward over it, for none.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from watchfloor.kernel import WatchfloorError

MINUTES_A_DAY = 24 * 60
LONGEST_YEARS = 10

Week = tuple[tuple[int, int, int], ...]


class BusinessHoursError(WatchfloorError):
    """Business hours never add up to the time asked for."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The open hours of a week in a zone, less the holidays.

    `week` holds (weekday, first minute, minute after the last) in order, Monday being 0, minutes after
    midnight up to 1440; a night shift is two entries. `holidays` are local dates that stay closed.
    """

    zone: str
    week: Week
    holidays: frozenset[date] = frozenset()

    @classmethod
    def of(
        cls, *, zone: str, hours: Mapping[str, Iterable[Iterable[int]]], holidays: Iterable[date] = ()
    ) -> "BusinessHours":
        """Return the hours of a mapping from weekday to pairs of minutes, as calendars keep them."""
        week = sorted((int(day), *map(int, pair)) for day, pairs in hours.items() for pair in pairs)
        return cls(zone, tuple((day, opens, closes) for day, opens, closes in week), frozenset(holidays))

    @property
    def open_minutes_a_week(self) -> int:
        """How long a week without holidays and clock changes is open."""
        return sum(closes - opens for _, opens, closes in self.week)

    def deadline(self, *, start: datetime, open_seconds: float) -> datetime:
        """Return the earliest instant by which `open_seconds` have been open since `start`.

        A start outside the hours waits for the next opening; time that runs out exactly at closing is due
        at closing, not at the next opening.

        Raises:
            BusinessHoursError: the hours of ten years do not suffice.

        Examples:
            Friday 16:30 in Berlin, two open hours, Monday to Friday from nine to five:

            >>> berlin = BusinessHours.of(
            ...     zone="Europe/Berlin", hours={str(day): [[540, 1020]] for day in range(5)}
            ... )
            >>> friday = datetime(2026, 3, 27, 15, 30, tzinfo=UTC)
            >>> berlin.deadline(start=friday, open_seconds=7200).isoformat()
            '2026-03-30T08:30:00+00:00'

        """
        begin = start.timestamp()
        year = start.astimezone(ZoneInfo(self.zone)).year
        left = open_seconds
        for each in range(year, min(year + LONGEST_YEARS, 9999)):
            spans = _open_spans(self, each)
            spent_before = spans.open_until(begin)
            if spans.total - spent_before >= left:
                return datetime.fromtimestamp(spans.instant_of(spent_before + left), UTC)
            left -= spans.total - spent_before
        raise BusinessHoursError(
            f"The business hours in {self.zone} do not add up to {open_seconds:.0f} s in "
            f"{LONGEST_YEARS} years.",
            remedy="Open the calendar on more days, or count the deadline in elapsed time.",
        )

    def open_seconds(self, *, start: datetime, end: datetime) -> float:
        """Return how many seconds of `[start, end)` are open."""
        zone = ZoneInfo(self.zone)
        years = range(start.astimezone(zone).year, end.astimezone(zone).year + 1)
        return sum(
            spans.open_until(end.timestamp()) - spans.open_until(start.timestamp())
            for spans in (_open_spans(self, year) for year in years)
        )


@dataclass(frozen=True, slots=True)
class _Spans:
    """The open spans of one local year in seconds of UTC, and how much was open before each."""

    starts: tuple[float, ...]
    ends: tuple[float, ...]
    before: tuple[float, ...]

    @property
    def total(self) -> float:
        return self.before[-1]

    def open_until(self, at: float) -> float:
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0.0
        return self.before[index] + min(at, self.ends[index]) - self.starts[index]

    def instant_of(self, spent: float) -> float:
        index = bisect_left(self.before, spent, 1) - 1
        return self.starts[index] + spent - self.before[index]


@lru_cache(maxsize=512)
def _open_spans(hours: BusinessHours, year: int) -> _Spans:
    zone = ZoneInfo(hours.zone)
    day, spans = date(year, 1, 1), []
    while day.year == year:
        if day not in hours.holidays:
            for weekday, opens, closes in hours.week:
                if weekday == day.weekday():
                    start, end = _instant(day, opens, zone), _instant(day, closes, zone)
                    if end > start:
                        spans.append((start, end))
        day += timedelta(days=1)
    starts, ends = tuple(start for start, _ in spans), tuple(end for _, end in spans)
    return _Spans(starts, ends, tuple(accumulate((e - s for s, e in spans), initial=0.0)))


def _instant(day: date, minute: int, zone: ZoneInfo) -> float:
    """Return the first instant at which the clock of that day reads `minute` or later."""
    local = datetime.combine(day, time.min) + timedelta(minutes=minute)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:  # read once, or twice: the first time counts
        return first.timestamp()
    low, high = second.timestamp(), first.timestamp()  # never read: the clock jumps between the two
    after = datetime.fromtimestamp(high, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == after:
            high = middle
        else:
            low = middle
    return high


def hours_faults(*, zone: str, hours: Any, holidays: Iterable[Any] = ()) -> list[str]:
    """Return what is wrong with business hours as they were typed, one sentence each."""
    faults = []
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        faults.append(f"There is no time zone {zone!r}; write one like Europe/Berlin.")
    if any(not isinstance(day, date) for day in holidays):
        faults.append("A holiday is no date; write dates like 2026-12-25.")
    if not isinstance(hours, dict) or not any(hours.values()):
        return [*faults, "The calendar is open on no day; give at least one weekday its hours."]
    for day, pairs in sorted(hours.items()):
        if day not in {"0", "1", "2", "3", "4", "5", "6"}:
            faults.append(f"Weekday {day!r} is unknown; 0 is Monday, 6 is Sunday.")
        elif fault := _pairs_fault(pairs):
            faults.append(f"Weekday {day}: {fault}")
    return faults


def _pairs_fault(pairs: Any) -> str:
    """Return what is wrong with the hours of one weekday, or nothing."""
    if not isinstance(pairs, list) or any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
        return "give pairs of minutes after midnight."
    last = 0
    for opens, closes in sorted(pairs):
        if not all(type(minute) is int for minute in (opens, closes)):
            return "minutes are whole numbers."
        if not 0 <= opens < closes <= MINUTES_A_DAY:
            return f"{opens} to {closes} is no stretch of a day of {MINUTES_A_DAY} minutes."
        if opens < last:
            return f"{opens} to {closes} overlaps the hours before it."
        last = closes
    return ""
