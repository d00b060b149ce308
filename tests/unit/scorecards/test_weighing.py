"""The arithmetic of scorecards: shrinkage, false misses, gates, summaries and periods, on vectors."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from watchfloor.operations.scorecards.contract_terms import Tariff, credit_of, missed
from watchfloor.operations.scorecards.periods import span_of
from watchfloor.operations.scorecards.weighing import gate_state
from watchfloor.science.uncertainty import BetaPrior, false_miss_probability, pairwise_separation, shrink


def test_shrinkage_gives_the_reference_vectors():
    found = shrink(successes=[18, 58], trials=[20, 60], prior=BetaPrior(48, 2))
    assert found.mean.round(6).tolist() == [0.942857, 0.963636]
    assert float(found.probability_below(0.95)[0]) == pytest.approx(0.544964, abs=1e-6)


def test_judging_small_samples_by_their_value_misses_a_third_of_good_people():
    found = false_miss_probability(truth=0.96, target=0.95, trials=[10, 20, 30, 50, 100, 200])
    assert found.round(4).tolist() == [0.3352, 0.1897, 0.3388, 0.3233, 0.2116, 0.18]


def test_a_league_table_needs_units_that_can_be_told_apart():
    alike = shrink(successes=[18, 19, 17], trials=[20, 20, 20], prior=BetaPrior(48, 2))
    apart = shrink(successes=[900, 700, 500], trials=[1000] * 3, prior=BetaPrior(2, 1))
    assert not pairwise_separation(a=alike.a, b=alike.b).is_table_shown
    assert pairwise_separation(a=apart.a, b=apart.b).is_table_shown


@pytest.mark.parametrize(
    ("bounds", "limit", "n", "state"),
    [
        ((0.02, 0.00, 0.04), 0.05, 90, "passed"),
        ((0.04, 0.02, 0.09), 0.05, 90, "open"),
        ((0.10, 0.06, 0.18), 0.05, 90, "failed"),
        ((0.10, 0.06, 0.18), 0.05, 9, "no_data"),
        ((0.10, 0.06, 0.18), None, 90, "no_limit"),
    ],
)
def test_the_gate_goes_by_the_interval(bounds, limit, n, state):
    value, low, high = bounds
    assert gate_state(value=value, low=low, high=high, limit=limit, n=n, min_n=30) == state


def test_bands_price_each_unit_or_all():
    bands = [[0, "20.00"], [600, "18.00"]]
    assert Tariff.of(bands, "marginal").fee(Decimal(672)) == Decimal("13296.00")
    assert Tariff.of(bands, "whole").fee(Decimal(672)) == Decimal("12096.00")
    assert Tariff.of(bands, "whole").fee(Decimal(0)) == 0


def test_credits_follow_the_shortfall_and_stop_at_the_cap():
    common = {"n": 300, "agreed": 0.95, "kind": "floor", "rule": "point", "min_n": 30}
    bands = [[0.0, 0.02], [0.02, 0.05]]
    shares = [
        missed(value=value, low=None, high=None, bands=bands, **common).share for value in (0.95, 0.94, 0.93)
    ]
    assert shares == [0, Decimal("0.02"), Decimal("0.05")]
    amounts, capped = credit_of(Decimal(1000), shares, cap=0.06)
    assert (amounts, capped) == ([0, 20, 50], 10)


def test_periods_are_whole_and_past():
    span = span_of("month", now=datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert (span.period.start, span.period.end) == (
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    week = span_of("week", now=datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert week.period.end == datetime(2026, 3, 9, tzinfo=UTC)
    assert week.before.end == week.period.start
