"""Census numbers and durations: scatter beyond chance, control charts, resampled series, open cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from watchfloor.science.uncertainty import (
    block_bootstrap,
    cluster_bootstrap,
    kaplan_meier,
    kaplan_meier_quantile,
    overdispersed_binomial,
    overdispersion,
    share_bootstrap,
    wilson,
    xmr,
)

AML = {
    "durations": [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161],
    "observed": [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0],
}


def test_overdispersion_by_hand_and_across_cells():
    # p = 0.5; squared distances 0, 400, 400, 0 over 25: 32/3.
    found = overdispersion(successes=[[50, 70, 30, 50], [50, 50, 50, 50]], trials=[[100] * 4, [100] * 4])
    assert found.tolist() == pytest.approx([32 / 3, 0.0])
    assert np.isnan(float(overdispersion(successes=[4], trials=[5])))
    assert np.isnan(float(overdispersion(successes=[], trials=[])))
    assert np.isnan(float(overdispersion(successes=[5, 5, 0], trials=[5, 5, 0])))


def test_phi_of_a_binomial_series_is_one_and_of_a_restless_one_is_found():
    rng = np.random.default_rng(1)
    calm = rng.binomial(200, 0.9, (300, 60))
    assert float(overdispersion(successes=calm, trials=np.full((300, 60), 200)).mean()) == pytest.approx(
        1.0, abs=0.02
    )
    # Beta-binomial with strength 100: variance 1 + 199/101 times the binomial.
    restless = rng.binomial(200, rng.beta(90, 10, (300, 60)))
    found = overdispersion(successes=restless, trials=np.full((300, 60), 200)).mean()
    assert float(found) == pytest.approx(1 + 199 / 101, rel=0.05)


def test_phi_below_one_or_unknown_leaves_wilson_as_it_is():
    plain = wilson(successes=95, trials=100)
    found = overdispersed_binomial(successes=[95, 95, 95], trials=100, phi=[0.3, np.nan, 1.0])
    assert found.low.tolist() == [float(plain.low)] * 3
    wide = overdispersed_binomial(successes=95, trials=100, phi=4)
    quarter = wilson(successes=95 / 4, trials=25)
    assert (float(wide.low), float(wide.high)) == (float(quarter.low), float(quarter.high))


def test_the_limits_of_individual_values_by_hand():
    # Steps 2, 1, 3, 1: mean 1.75; 12 ± 2.66·1.75.
    found = xmr(values=[10, 12, 11, 14, 13, 30], baseline=5)
    assert (found.low, found.centre, found.high) == pytest.approx((7.345, 12.0, 16.655))
    assert found.signal.tolist() == [False] * 5 + [True]


def test_a_gap_in_the_series_is_not_bridged():
    found = xmr(values=[10, 12, np.nan, 30, 32])
    assert found.moving_range == 2.0
    assert not found.signal[2]


def test_eight_on_one_side_are_a_shift():
    found = xmr(values=[5, 3, 5, 3, 9, 11, 9, 11, 9, 11, 9, 11], baseline=None)
    assert found.run.tolist() == [False] * 4 + [True] * 8


@pytest.mark.parametrize("values", [[], [3.0], [np.nan, np.nan]])
def test_a_series_too_short_has_no_limits_and_no_signal(values):
    found = xmr(values=values)
    assert np.isnan(found.low)
    assert not found.signal.any()


def test_an_unchanged_process_rarely_signals():
    values = np.random.default_rng(2).normal(50, 5, (300, 30))
    signals = np.mean([xmr(values=row).signal.mean() for row in values])
    assert signals < 0.012


def test_a_series_with_memory_gets_a_wider_interval_by_blocks():
    rng = np.random.default_rng(3)
    noise = rng.normal(size=600)
    series = np.empty(600)
    series[0] = noise[0]
    for t in range(1, 600):
        series[t] = 0.8 * series[t - 1] + noise[t]
    single = block_bootstrap(numerator=series, block=1, rng=np.random.default_rng(1))
    blocks = block_bootstrap(numerator=series, block=30, rng=np.random.default_rng(1))
    # An AR(1) mean has (1 + 0.8)/(1 − 0.8) = 9 times the variance of independent values.
    assert 2.0 < float(blocks.standard_error / single.standard_error) < 3.6


def test_resampling_independent_values_finds_the_usual_standard_error():
    values = np.random.default_rng(4).normal(10, 2, 400)
    found = block_bootstrap(numerator=values, block=1, rng=np.random.default_rng(5), draws=2000)
    assert float(found.value) == pytest.approx(values.mean())
    assert float(found.standard_error) == pytest.approx(0.1, rel=0.12)
    assert np.isnan(float(block_bootstrap(numerator=[1, 2, 3], block=2, rng=np.random.default_rng(1)).low))


def test_clusters_are_drawn_whole():
    rng = np.random.default_rng(6)
    found = cluster_bootstrap(numerator=np.tile([4.0, 0], 50), denominator=np.full(100, 4.0), rng=rng)
    # A hundred clusters of equal answers: √(0.25/100).
    assert float(found.standard_error) == pytest.approx(0.05, rel=0.15)


def test_shares_of_causes_sum_to_one():
    found = share_bootstrap(counts=[60, 30, 10], rng=np.random.default_rng(1))
    assert found.value.sum() == pytest.approx(1.0)
    assert found.standard_error == pytest.approx(np.sqrt([0.0024, 0.0021, 0.0009]), rel=0.15)


def test_the_maintained_group_of_the_aml_study():
    found = kaplan_meier_quantile(**AML, probability=0.5)
    assert (found.value, found.n, found.events) == (31.0, 11, 7)
    curve = kaplan_meier(**AML)
    # Miller (1981): 0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184.
    assert curve.survival == pytest.approx([0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184], abs=5e-4)


def test_the_curve_and_its_bounds_agree_with_scipy():
    rng = np.random.default_rng(8)
    ends, seen = rng.exponential(10, 80).round(1), rng.exponential(15, 80).round(1)
    observed, times = ends <= seen, np.minimum(ends, seen)
    curve = kaplan_meier(durations=times, observed=observed)
    data = stats.CensoredData(uncensored=times[observed], right=times[~observed])
    oracle = stats.ecdf(data).sf
    with pytest.warns(RuntimeWarning, match="undefined at some"):  # before the first end and after the last
        bounds = oracle.confidence_interval(confidence_level=0.95, method="log-log")
    assert curve.survival == pytest.approx(oracle.evaluate(curve.durations))
    inner = curve.durations[curve.survival > 0]
    assert curve.low[: len(inner)] == pytest.approx(bounds.low.evaluate(inner), abs=1e-9)
    assert curve.high[: len(inner)] == pytest.approx(bounds.high.evaluate(inner), abs=1e-9)


def test_cases_of_one_duration_may_be_counted_once():
    rng = np.random.default_rng(10)
    times, ended, many = rng.integers(1, 9, 30), rng.random(30) < 0.7, rng.integers(0, 5, 30)
    folded = kaplan_meier_quantile(durations=times, observed=ended, multiplicity=many, probability=0.4)
    every = kaplan_meier_quantile(
        durations=np.repeat(times, many), observed=np.repeat(ended, many), probability=0.4
    )
    assert folded == every


def test_what_has_not_ended_yet_is_unknown_not_the_longest_so_far():
    found = kaplan_meier_quantile(durations=[1, 2, 3, 9], observed=[1, 0, 0, 0], probability=0.9)
    assert np.isnan(found.value)
    assert np.isnan(found.high)
    nothing = kaplan_meier_quantile(durations=[1.0, 2.0], observed=[0, 0], probability=0.5)
    assert np.isnan(nothing.value)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.floats(0.05, 0.95))
def test_without_open_cases_it_is_the_plain_quantile(values, probability):
    found = kaplan_meier_quantile(durations=values, observed=np.ones(len(values)), probability=probability)
    rank = max(int(np.ceil(len(values) * probability - 1e-9)), 1)
    assert found.value == np.sort(np.asarray(values))[rank - 1]


def test_the_quantile_covers_the_truth_while_cases_are_open():
    rng = np.random.default_rng(9)
    truth = 10 * np.log(2)
    inside = 0
    for _ in range(400):
        ends, now = rng.exponential(10, 60), rng.uniform(5, 40, 60)
        found = kaplan_meier_quantile(durations=np.minimum(ends, now), observed=ends <= now, probability=0.5)
        inside += found.low <= truth <= found.high
    assert inside / 400 >= 0.93
