"""A preset holds whole buckets and one that is not over; a bucket that a period cuts says so."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Period
from watchfloor.operations.cells.grains import Grain, cut_of, end_of, start_of, whole_buckets

NOW = datetime(2026, 11, 22, 14, 41, 7, tzinfo=UTC)  # a Sunday


def test_twenty_four_hours_end_at_the_last_full_hour() -> None:
    period = whole_buckets(timedelta(hours=24), now=NOW, grain="hour", time_zone="UTC")
    assert (period.start, period.end) == (
        datetime(2026, 11, 21, 14, tzinfo=UTC),
        NOW.replace(minute=0, second=0),
    )


@pytest.mark.parametrize(("grain", "first"), [("day", (10, 25)), ("week", (10, 19)), ("month", (10, 1))])
def test_twenty_eight_days_begin_where_a_bucket_begins(grain: Grain, first: tuple[int, int]) -> None:
    period = whole_buckets(timedelta(days=28), now=NOW, grain=grain, time_zone="UTC")
    assert (period.start.month, period.start.day, period.start.hour) == (*first, 0)


def test_days_are_cut_at_local_midnight_across_a_change_of_the_clocks() -> None:
    at = datetime(2026, 10, 28, 12, tzinfo=UTC)
    period = whole_buckets(timedelta(days=7), now=at, grain="day", time_zone="Europe/Dublin")
    assert period.start == datetime(2026, 10, 20, 23, tzinfo=UTC)


def test_just_after_midnight_no_empty_day_is_asked_for() -> None:
    at = datetime(2026, 11, 22, 0, 20, tzinfo=UTC)
    period = whole_buckets(timedelta(days=7), now=at, grain="day", time_zone="UTC")
    assert period.end == datetime(2026, 11, 22, tzinfo=UTC)


def test_only_the_bucket_that_is_cut_is_marked() -> None:
    period = Period(datetime(2026, 11, 20, 6, tzinfo=UTC), NOW)
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21, 22)]
    said = [cut_of(day, grain="day", period=period, time_zone="UTC") for day in days]
    assert said == ["in_part", "", "so_far"]


def test_a_bucket_ends_where_the_next_begins() -> None:
    for grain in ("hour", "day", "week", "month"):
        start = start_of(NOW, grain=grain, time_zone="Asia/Manila")
        end = end_of(start, grain=grain, time_zone="Asia/Manila")
        assert start_of(end, grain=grain, time_zone="Asia/Manila") == end
        assert start_of(end - timedelta(seconds=1), grain=grain, time_zone="Asia/Manila") == start
