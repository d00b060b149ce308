"""The algebra: states merge in any order and grouping, and say what the rows say."""

import math
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.metrics.buckets import LogBuckets
from watchfloor.metrics.primitives import HistogramState, RatioState, StockState, ValuesState

DAY = datetime(2026, 1, 1, tzinfo=UTC)

rows = st.tuples(st.sampled_from("abcd"), st.integers(0, 500), st.integers(0, 9))
ratio = st.lists(rows, max_size=12).map(
    lambda found: reduce(
        lambda state, row: state.accumulate(cluster=row[0], numerator=row[1], denominator=row[2]),
        found,
        RatioState(),
    )
)
durations = st.lists(st.floats(0.002, 1e6), max_size=12)
histogram = durations.map(lambda vs: reduce(lambda s, v: s.accumulate(v), vs, HistogramState(0.9)))
values = durations.map(lambda vs: reduce(lambda s, v: s.accumulate(v), vs, ValuesState(0.9)))
reports = st.tuples(st.sampled_from("xyz"), st.integers(0, 5), st.booleans())
stock = st.lists(reports, max_size=10).map(
    lambda found: reduce(
        lambda s, r: s.accumulate(entity=r[0], heard_at=DAY + timedelta(hours=r[1]), is_open=r[2]),
        found,
        StockState(),
    )
)
triples = st.one_of(*(st.tuples(one, one, one) for one in (ratio, histogram, values, stock)))


@given(triples)
def test_states_merge_in_any_grouping_and_order(states):
    a, b, c = states
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(b) == b.merge(a)


@given(ratio, ratio)
def test_a_ratio_of_a_union_is_never_the_mean_of_ratios(a, b):
    whole = a.merge(b)
    below = sum(d for _, d in whole.sums.values())
    assert whole.total == a.total + b.total
    assert (whole.combine() is None) == (below == 0)


def test_the_mean_of_two_shares_is_not_the_share_of_both():
    small = RatioState({"a": (1, 2)})
    large = RatioState({"b": (90, 100)})
    assert small.merge(large).combine() == pytest.approx(91 / 102)


@given(st.lists(st.floats(0.002, 1e6), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95]))
def test_a_histogram_quantile_is_within_its_relative_error(found, probability):
    state = reduce(lambda s, v: s.accumulate(v), found, HistogramState(probability))
    exact = sorted(found)[math.ceil(len(found) * probability - 1e-9) - 1]
    assert state.combine() == pytest.approx(exact, rel=0.01 + 1e-9)


@given(st.floats(0.001, 1e9))
def test_every_value_is_near_the_centre_of_its_bucket(value):
    scheme = LogBuckets(0.01)
    assert abs(scheme.centre(scheme.index(value)) - value) <= 0.01 * value * (1 + 1e-9)


def test_nothing_observed_is_no_value():
    assert RatioState().combine() is None
    assert RatioState().variance() is None
    assert HistogramState(0.5).combine() is None
    assert StockState().combine() is None
    assert ValuesState().combine() == 0.0


def test_the_last_word_on_an_entity_stands():
    state = StockState().accumulate(entity="x", heard_at=DAY, is_open=True)
    closed = state.accumulate(entity="x", heard_at=DAY + timedelta(hours=1), is_open=False)
    assert (state.combine(), closed.combine()) == (1.0, 0.0)
