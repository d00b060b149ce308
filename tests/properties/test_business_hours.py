"""Laws of business hours, whatever the zone, the week, the holidays and the clock changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.operations.queues.hours import BusinessHours, BusinessHoursError

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
)

instants = st.integers(
    int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2028, 1, 1, tzinfo=UTC).timestamp())
).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
spells = st.integers(min_value=1, max_value=30 * 86400)


@st.composite
def business_hours(draw: st.DrawFn) -> BusinessHours:
    hours = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        cuts = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=4)))
        pairs = [[cuts[i] * 15, cuts[i + 1] * 15] for i in range(0, len(cuts) - 1, 2)]
        hours[str(day)] = pairs
    holidays = draw(st.sets(st.dates(date(2024, 1, 1), date(2028, 12, 31)), max_size=5))
    return BusinessHours.of(zone=draw(st.sampled_from(ZONES)), hours=hours, holidays=holidays)


@settings(max_examples=150, deadline=None)
@given(business_hours(), instants, st.integers(1, 20 * 3600))
def test_exactly_the_time_asked_for_is_open_until_the_deadline(
    hours: BusinessHours, start: datetime, seconds: int
) -> None:
    due = hours.deadline(start=start, open_seconds=seconds)
    assert hours.open_seconds(start=start, end=due) == pytest.approx(seconds, abs=1e-3)
    assert hours.open_seconds(start=start, end=due - timedelta(seconds=1)) == pytest.approx(
        seconds - 1, abs=1e-3
    )


@settings(max_examples=100, deadline=None)
@given(business_hours(), instants, st.integers(1, 10 * 3600), st.integers(1, 10 * 3600))
def test_time_that_is_spent_in_two_spells_ends_where_one_would_end(
    hours: BusinessHours, start: datetime, first: int, second: int
) -> None:
    between = hours.deadline(start=start, open_seconds=first)
    assert hours.deadline(start=between, open_seconds=second) == hours.deadline(
        start=start, open_seconds=first + second
    )


@settings(max_examples=100, deadline=None)
@given(business_hours(), instants, instants, st.integers(1, 20 * 3600))
def test_who_comes_later_is_never_due_earlier(
    hours: BusinessHours, one: datetime, other: datetime, seconds: int
) -> None:
    early, late = sorted((one, other))
    assert hours.deadline(start=early, open_seconds=seconds) <= hours.deadline(
        start=late, open_seconds=seconds
    )


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ZONES), instants, spells)
def test_hours_that_never_close_count_elapsed_time_over_every_clock_change(
    zone: str, start: datetime, seconds: int
) -> None:
    always = BusinessHours.of(zone=zone, hours={str(day): [[0, 1440]] for day in range(7)})
    assert always.deadline(start=start, open_seconds=seconds) == start + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("start", "seconds", "due"),
    [
        # New York, clocks go forward on 8 March 2026 at 02:00: 01:00 to 04:00 is open for two hours.
        ("2026-03-08T05:00:00+00:00", 7200, "2026-03-08T08:00:00+00:00"),
        # One hour more waits for Monday's 01:00, which is 05:00 UTC now instead of 06:00.
        ("2026-03-08T05:00:00+00:00", 10800, "2026-03-09T06:00:00+00:00"),
        # Clocks go back on 1 November 2026 at 02:00: 01:00 to 04:00 is open for four hours.
        ("2026-11-01T04:00:00+00:00", 14400, "2026-11-01T09:00:00+00:00"),
    ],
)
def test_a_night_of_a_clock_change_is_as_long_as_it_is(start: str, seconds: int, due: str) -> None:
    nights = BusinessHours.of(zone="America/New_York", hours={str(day): [[60, 240]] for day in range(7)})
    assert nights.deadline(start=datetime.fromisoformat(start), open_seconds=seconds).isoformat() == due


def test_an_hour_that_the_clock_leaps_over_is_not_open_and_one_read_twice_is_open_twice() -> None:
    two = BusinessHours.of(zone="Europe/Berlin", hours={"6": [[120, 180]]})
    march = datetime(2026, 3, 29, tzinfo=UTC)
    october = datetime(2026, 10, 25, tzinfo=UTC) - timedelta(hours=2)
    assert two.open_seconds(start=march, end=march + timedelta(days=1)) == 0
    assert two.open_seconds(start=october, end=october + timedelta(days=1)) == 7200


def test_holidays_stay_closed_and_time_that_runs_out_at_closing_is_due_at_closing() -> None:
    office = BusinessHours.of(
        zone="Asia/Shanghai",
        hours={str(day): [[540, 1080]] for day in range(5)},
        holidays=[date(2026, 10, day) for day in range(1, 8)],
    )
    # Wednesday 30 September 17:00 in Shanghai: one hour is open until 18:00.
    start = datetime(2026, 9, 30, 9, tzinfo=UTC)
    assert office.deadline(start=start, open_seconds=3600) == datetime(2026, 9, 30, 10, tzinfo=UTC)
    # A second more waits until the golden week is over: Thursday 8 October, 09:00:01.
    assert office.deadline(start=start, open_seconds=3601) == datetime(2026, 10, 8, 1, 0, 1, tzinfo=UTC)


def test_hours_that_never_add_up_are_refused_with_their_remedy() -> None:
    minute = BusinessHours.of(zone="UTC", hours={"0": [[0, 1]]})
    with pytest.raises(BusinessHoursError, match="do not add up"):
        minute.deadline(start=datetime(2026, 1, 1, tzinfo=UTC), open_seconds=86400)
