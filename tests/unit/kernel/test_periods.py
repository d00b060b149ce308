"""How people write periods, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from watchfloor.kernel import Period, PeriodError, parse_instant, parse_period

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def test_a_period_holds_its_start_and_not_its_end() -> None:
    period = Period(NOW, NOW + timedelta(hours=1))
    assert NOW in period
    assert period.end not in period


def test_both_ends_are_held_in_utc() -> None:
    manila = timezone(timedelta(hours=8))
    period = Period(datetime(2026, 3, 8, 8, tzinfo=manila), datetime(2026, 3, 8, 9, tzinfo=manila))
    assert period.start == datetime(2026, 3, 8, 0, tzinfo=UTC)
    assert period.start.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "end"),
    [(NOW, NOW), (NOW, NOW - timedelta(days=1)), (datetime(2026, 1, 1), NOW)],  # noqa: DTZ001 — naive on purpose
)
def test_a_period_that_does_not_go_forward_or_is_naive_is_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(PeriodError):
        Period(start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("7d", NOW - timedelta(days=7), NOW),
        ("last 12h", NOW - timedelta(hours=12), NOW),
        ("90m", NOW - timedelta(minutes=90), NOW),
        ("2w", NOW - timedelta(days=14), NOW),
        ("2026-03-01..2026-03-08", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_people_write_lengths_ranges_and_days(text: str, start: datetime, end: datetime) -> None:
    assert parse_period(text, now=NOW) == Period(start, end)


def test_a_local_day_of_a_clock_change_has_twenty_three_hours() -> None:
    day = parse_period("2026-03-29", now=NOW, time_zone="Europe/Dublin")
    assert day.seconds == 23 * 3600


@pytest.mark.parametrize(
    "text", ["", "yesterday", "0d", "2026-13-01", "2026-03-08..2026-03-01", "7y", "..", "99999999d"]
)
def test_what_cannot_be_read_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(PeriodError) as raised:
        parse_period(text, now=NOW)
    assert raised.value.remedy


def test_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(PeriodError, match="Mars/Olympus"):
        parse_instant("2026-03-01", time_zone="Mars/Olympus")
