"""The intervals against published vectors, exact coverage and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from watchfloor.science.uncertainty import (
    clopper_pearson,
    cluster_proportion,
    cluster_ratio,
    design_effect,
    exact_poisson,
    finite_population_factor,
    kish_effective_size,
    order_statistic_ranks,
    wilson,
    zero_events_upper,
)


def exact_coverage(interval_of, n: int, p: float) -> float:
    k = np.arange(n + 1)
    interval = interval_of(successes=k, trials=np.full(n + 1, n))
    inside = (interval.low <= p) & (p <= interval.high)
    return float(stats.binom.pmf(k, n, p)[inside].sum())


@pytest.mark.parametrize(("k", "low", "high"), [(97, 0.915481, 0.989745), (95, 0.888250, 0.978456)])
def test_wilson_of_a_hundred_gives_the_published_bounds(k, low, high):
    interval = wilson(successes=k, trials=100)
    assert float(interval.low) == pytest.approx(low, abs=5e-7)
    assert float(interval.high) == pytest.approx(high, abs=5e-7)


def test_clopper_pearson_of_97_in_100_gives_the_published_bounds():
    interval = clopper_pearson(successes=97, trials=100)
    assert (float(interval.low), float(interval.high)) == pytest.approx((0.914824, 0.993770), abs=5e-7)


@pytest.mark.parametrize(
    ("n", "coverage"), [(20, 0.9790), (30, 0.9399), (50, 0.9372), (100, 0.9688), (200, 0.9436)]
)
def test_wilson_covers_exactly_as_often_as_published_at_97_percent(n, coverage):
    assert exact_coverage(wilson, n, 0.97) == pytest.approx(coverage, abs=5e-5)


def test_wilson_dips_below_nominal_at_twenty_observations():
    assert exact_coverage(wilson, 20, 0.95) == pytest.approx(0.9245, abs=5e-5)


@pytest.mark.parametrize("n", [5, 20, 60])
def test_clopper_pearson_covers_at_least_nominal_everywhere(n):
    assert min(exact_coverage(clopper_pearson, n, p) for p in np.linspace(0.01, 0.99, 99)) >= 0.95


@pytest.mark.parametrize("n", [10, 30, 100])
def test_wilson_covers_nominal_on_average_over_p(n):
    assert np.mean([exact_coverage(wilson, n, p) for p in np.linspace(0.01, 0.99, 197)]) >= 0.94


@pytest.mark.parametrize(("n", "upper"), [(30, 0.0950), (60, 0.0487), (100, 0.0295), (300, 0.0099)])
def test_no_error_in_n_bounds_the_error_rate(n, upper):
    assert float(zero_events_upper(trials=n)) == pytest.approx(upper, abs=5e-5)


@pytest.mark.parametrize(("size", "n", "factor"), [(300, 100, 0.818), (200, 150, 0.501), (1000, 100, 0.949)])
def test_a_large_sample_of_a_small_population_says_more(size, n, factor):
    assert float(finite_population_factor(population=size, sample=n)) == pytest.approx(factor, abs=5e-4)


@pytest.mark.parametrize(("m", "effect"), [(20, 1.95), (50, 3.45)])
def test_audits_of_one_reviewer_resemble_each_other(m, effect):
    assert float(design_effect(cluster_size=m, intraclass_correlation=0.05)) == pytest.approx(effect)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_kish_never_exceeds_the_number_of_weights(weights):
    w = np.array(weights)
    effective = kish_effective_size(weight_sum=w.sum(), weight_square_sum=(w * w).sum())
    assert 1 - 1e-9 <= float(effective) <= len(w) + 1e-9


@given(st.integers(0, 500))
def test_poisson_bounds_leave_the_stated_tails(k):
    interval = exact_poisson(events=k)
    assert stats.poisson.cdf(k, float(interval.high)) == pytest.approx(0.025, rel=1e-6)
    if k:
        assert stats.poisson.sf(k - 1, float(interval.low)) == pytest.approx(0.025, rel=1e-6)


@given(st.integers(1, 5000), st.sampled_from([0.05, 0.5, 0.9, 0.95]))
def test_order_statistics_cover_a_quantile_at_least_nominally(n, q):
    ranks = order_statistic_ranks(trials=n, probability=q)
    assert int(ranks.low) == stats.binom.ppf(0.025, n, q)
    assert int(ranks.high) == stats.binom.ppf(0.975, n, q) + 1
    assert int(ranks.low) <= int(ranks.point) <= int(ranks.high)
    assert float(ranks.coverage) >= 0.95 - 1e-9


def test_p95_has_no_upper_bound_below_72_observations():
    bounded = order_statistic_ranks(trials=[71, 72], probability=0.95)
    assert (bounded.high > [71, 72]).tolist() == [True, False]


def cluster_sums(numerators, denominators):
    n, d = np.asarray(numerators, float), np.asarray(denominators, float)
    return {
        "numerator": n.sum(),
        "denominator": d.sum(),
        "numerator_squares": (n * n).sum(),
        "products": (n * d).sum(),
        "denominator_squares": (d * d).sum(),
        "clusters": (d > 0).sum(),
    }


def test_ratio_variance_equals_the_sum_of_squared_residuals():
    rng = np.random.default_rng(7)
    d = rng.integers(1, 60, 40)
    n = d * rng.normal(45, 8, 40)
    estimate = cluster_ratio(**cluster_sums(n, d))
    residual = n - n.sum() / d.sum() * d
    expected = 40 / 39 * (residual @ residual) / d.sum() ** 2
    assert float(estimate.variance) == pytest.approx(expected)
    half = stats.t.ppf(0.975, 39) * np.sqrt(expected)
    assert float(estimate.high - estimate.value) == pytest.approx(half)


def test_ratio_interval_covers_the_truth_in_simulation():
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(600):
        d = rng.integers(20, 80, 60)
        n = d * rng.normal(45, 9, 60)
        estimate = cluster_ratio(**cluster_sums(n, d))
        hits += estimate.low <= 45 <= estimate.high
    assert 0.92 <= hits / 600 <= 0.98


def test_clustering_widens_a_proportion():
    spread = cluster_proportion(**cluster_sums([0, 0, 30, 0], [250] * 4))
    alone = wilson(successes=30, trials=1000)
    assert float(spread.high - spread.low) > float(alone.high - alone.low)
    assert float(spread.n_eff) < 1000


def test_one_cluster_gives_a_value_without_interval():
    estimate = cluster_ratio(**cluster_sums([10.0], [2]))
    assert float(estimate.value) == 5.0
    assert np.isnan(estimate.low)


def test_nothing_observed_is_undefined_rather_than_zero():
    assert np.isnan(wilson(successes=0, trials=0).low)
    assert np.isnan(cluster_ratio(**cluster_sums([], [])).value)


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="between 0 and trials"):
        wilson(successes=3, trials=2)
    with pytest.raises(ValueError, match="outside"):
        wilson(successes=1, trials=2, confidence=95)
