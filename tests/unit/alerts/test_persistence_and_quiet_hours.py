"""Persistence, quiet hours and the exact split of a change, by property."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.operations.alerts.mix_rate import split_ratio
from watchfloor.operations.alerts.persistence import fires, kept, remembered
from watchfloor.operations.alerts.quiet_hours import is_quiet, told_at

ZONES = ("UTC", "Europe/Dublin", "Asia/Manila", "America/St_Johns")
INSTANTS = st.integers(0, 2 * 365 * 1440).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 8), st.integers(1, 8))
def test_it_fires_exactly_when_k_of_the_last_m_were_over_and_the_last_was(outcomes, needed, looked):
    needed = min(needed, looked)
    memory = ""
    for over in outcomes:
        memory = remembered(memory, over=over, looked=looked)
    last = outcomes[-looked:]
    assert fires(memory, needed=needed) == (bool(last) and last[-1] and sum(last) >= needed)
    assert kept({"unit": memory}) == ({"unit": memory} if any(last) else {})


@given(INSTANTS, TIMES, TIMES, st.sampled_from(ZONES), st.sampled_from(["high", "low"]))
def test_a_message_waits_until_the_quiet_hours_end_and_no_longer(at, begins, ends, zone, severity):
    told = told_at(at, severity=severity, begins=begins, ends=ends, time_zone=zone)
    assert at <= told <= at + timedelta(hours=25)
    assert not is_quiet(told, begins=begins, ends=ends, time_zone=zone)
    if not is_quiet(at, begins=begins, ends=ends, time_zone=zone):
        assert told == at


@given(INSTANTS, TIMES, TIMES)
def test_what_is_critical_wakes_people(at, begins, ends):
    assert told_at(at, severity="critical", begins=begins, ends=ends, time_zone="UTC") == at


def test_quiet_hours_pass_over_midnight():
    night = {"begins": time(22), "ends": time(7), "time_zone": "Europe/Dublin"}
    # 21:30 UTC in July is 22:30 in Dublin.
    assert is_quiet(datetime(2026, 7, 1, 21, 30, tzinfo=UTC), **night)
    assert not is_quiet(datetime(2026, 1, 1, 21, 30, tzinfo=UTC), **night)


GROUPS = st.dictionaries(
    st.sampled_from("abcd"),
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n).map(float), st.just(float(n)))),
    min_size=1,
)


@given(GROUPS, GROUPS)
def test_mix_and_rate_sum_to_the_change(before, after):
    change = [sum(n for n, _ in each.values()) / sum(d for _, d in each.values()) for each in (before, after)]
    assert sum(part.whole for part in split_ratio(before, after)) == pytest.approx(change[1] - change[0])
