"""Rates, scopes, names and ids."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.kernel import Rate, Scope, WatchfloorError, nearest, new_id

COUNTS = st.integers(min_value=0, max_value=10**9)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_rates_add_by_their_parts(a: int, b: int, c: int, d: int) -> None:
    total = Rate(a, b) + Rate(c, d)
    assert (total.numerator, total.denominator) == (a + c, b + d)


def test_a_rate_over_nothing_is_missing_not_zero() -> None:
    assert Rate(0, 0).value is None


def test_equal_scopes_compare_equal_whatever_their_order() -> None:
    assert Scope.of({"site": ["b", "a"], "queue": ["x"]}) == Scope.of(
        {"queue": ("x",), "site": ("a", "b", "a")}
    )


def test_a_dimension_without_values_restricts_nothing() -> None:
    assert Scope.of({"site": []}) == Scope()


def test_the_nearest_name_is_suggested() -> None:
    assert nearest("sla_atainment", ["sla_attainment", "backlog"]) == "sla_attainment"


def test_ids_are_ordered_by_time() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [
        new_id(now=start + timedelta(milliseconds=i), random_bytes=bytes([255 - i] * 10)) for i in range(50)
    ]
    assert ids == sorted(ids)
    assert {made.version for made in ids} == {7}


def test_an_id_needs_an_aware_instant_and_ten_bytes() -> None:
    with pytest.raises(ValueError, match="time zone"):
        new_id(now=datetime(2026, 1, 1), random_bytes=bytes(10))  # noqa: DTZ001 — naive on purpose
    with pytest.raises(ValueError, match="ten"):
        new_id(now=datetime(2026, 1, 1, tzinfo=UTC), random_bytes=b"")


def test_an_error_carries_its_remedy() -> None:
    error = WatchfloorError("Queue 'x' is unknown.", remedy="Did you mean 'y'?")
    assert str(error) == "Queue 'x' is unknown. Did you mean 'y'?"
