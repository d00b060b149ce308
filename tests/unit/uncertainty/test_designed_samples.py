"""Estimates from designed samples: hand-computed cases, and cases that must reduce to simpler ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.science.uncertainty import (
    double_sampling,
    effective_wilson,
    hajek,
    horvitz_thompson,
    korn_graubard_size,
    stratified,
    weighted_ratio,
    wilson,
)


def test_with_equal_weights_the_effective_interval_is_wilsons():
    found = effective_wilson(
        estimate=0.95, variance=0.95 * 0.05 / 100, weight_sum=700, weight_square_sum=4900, n=100
    )
    assert (float(found.low), float(found.high)) == pytest.approx((0.888250, 0.978456), abs=5e-7)


def test_where_every_answer_was_the_same_kishs_size_and_the_exact_interval_stand_in():
    # Weights 3, 1, 1: 25/11 = 2.2727 effective observations; (α/2)^(1/n) = 0.1973.
    found = effective_wilson(estimate=1.0, variance=0.0, weight_sum=5, weight_square_sum=11, n=3)
    assert float(found.low) == pytest.approx(0.025 ** (11 / 25), abs=1e-9)
    assert float(found.high) == 1.0


def test_no_observation_has_no_interval_and_raises_no_warning():
    found = effective_wilson(
        estimate=[np.nan, 0.5], variance=[np.nan, 0.01], weight_sum=[0, 9], weight_square_sum=[0, 9], n=[0, 9]
    )
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])
    assert 0.0 < found.low[1] < 0.5 < found.high[1] < 1.0


def test_few_degrees_of_freedom_widen_the_interval():
    sizes = korn_graubard_size(estimate=0.2, variance=0.0016, degrees_of_freedom=[4, 40, np.inf])
    # (1.95996/2.77645)² = 0.498331 of 100.
    assert sizes[0] == pytest.approx(49.8331, abs=1e-4)
    assert sizes[0] < sizes[1] < sizes[2] == pytest.approx(100.0)


def test_stratified_by_hand():
    # W = (0.9, 0.1): 0.9·0.02 + 0.1·0.2; 0.81·(1−1/90)·0.0196/99 + 0.01·(1−1/20)·0.16/49.
    found = stratified(counts=[100, 50], successes=[2, 10], populations=[9000, 1000])
    assert float(found.value) == pytest.approx(0.038)
    expected = 0.81 * (89 / 90) * 0.0196 / 99 + 0.01 * 0.95 * 0.16 / 49
    assert float(found.variance) == pytest.approx(expected, rel=1e-12)
    assert found.method == "NE"
    assert float(found.coverage) == 1.0


def test_cells_are_estimated_together_as_each_alone():
    counts, hits, sizes = [[10, 5], [20, 8]], [[1, 2], [0, 3]], [[100, 50], [400, 80]]
    together = stratified(counts=counts, successes=hits, populations=sizes)
    for cell in range(2):
        alone = stratified(counts=counts[cell], successes=hits[cell], populations=sizes[cell])
        for name in ("value", "variance", "low", "high", "n_eff"):
            assert getattr(together, name)[cell] == getattr(alone, name)


def test_a_stratum_nobody_sampled_lowers_the_coverage_and_is_not_guessed():
    found = stratified(counts=[50, 0], successes=[5, 0], populations=[900, 100])
    assert float(found.value) == pytest.approx(0.1)
    assert float(found.coverage) == pytest.approx(0.9)
    assert np.isnan(float(stratified(counts=[0], successes=[0], populations=[9]).value))


def test_a_census_of_every_stratum_leaves_nothing_to_chance():
    found = stratified(counts=[30, 20], successes=[3, 1], populations=[30, 20])
    assert (float(found.variance), float(found.low), float(found.high)) == (0.0, 0.08, 0.08)
    assert found.method == "FPC"
    record = hajek(y=[1, 0, 0, 0], weights=[1, 1, 1, 1], populations=4)
    assert (float(record.low), float(record.high)) == (0.25, 0.25)


def test_strata_of_equal_answers_widen_the_interval_and_not_the_variance():
    # W = ½ each; the clean stratum adds q(1−q)·¼·(1−0.01)/9 with q = ½/11.
    y, strata = np.array([0] * 10 + [1] + [0] * 9), np.repeat(["a", "b"], 10)
    sums = stratified(counts=[10, 10], successes=[0, 1], populations=[1000, 1000])
    record = hajek(y=y, weights=np.full(20, 100.0), strata=strata, populations=[1000, 1000])
    variance = 0.25 * 0.99 * 0.09 / 9
    hidden = (0.5 / 11) * (10.5 / 11) * 0.25 * 0.99 / 9
    factor = float(korn_graubard_size(estimate=0.05, variance=1, degrees_of_freedom=18)) / 0.0475
    for found in (sums, record):
        assert float(found.variance) == pytest.approx(variance)
        assert float(found.n_eff) == pytest.approx(0.0475 / (variance + hidden) * factor)


@pytest.mark.parametrize(("counts", "hits", "sizes"), [([5], [6], [10]), ([5], [1], [4]), ([-1], [0], [4])])
def test_impossible_strata_are_refused(counts, hits, sizes):
    with pytest.raises(ValueError, match=r"populations|successes|trials"):
        stratified(counts=counts, successes=hits, populations=sizes)


def test_double_sampling_by_hand():
    # w = (0.9, 0.1), p = (1/90, 0.4): 0.05; 0.81·p q/89 + 0.01·0.24/49 + Σ w (p − 0.05)²/1000.
    found = double_sampling(first=[900, 100], second=[90, 50], successes=[1, 20])
    p = 1 / 90
    within = 0.81 * p * (1 - p) / 89 + 0.01 * 0.24 / 49
    between = (0.9 * (p - 0.05) ** 2 + 0.1 * 0.35**2) / 1000
    assert float(found.value) == pytest.approx(0.05)
    assert float(found.variance) == pytest.approx(within + between, rel=1e-12)
    with pytest.raises(ValueError, match="no unit judged"):
        double_sampling(first=[10, 10], second=[5, 0], successes=[1, 0])


def test_hajek_of_equal_weights_is_the_sample_mean_with_its_usual_variance():
    y = np.array([1, 0, 0, 1, 0, 0, 0, 1, 0, 0])
    found = hajek(y=y, weights=np.full(10, 7.0))
    assert float(found.value) == pytest.approx(0.3)
    assert float(found.variance) == pytest.approx(y.var(ddof=1) / 10)
    with_frame = hajek(y=y, weights=np.full(10, 7.0), populations=40)
    assert float(with_frame.variance) == pytest.approx(0.75 * y.var(ddof=1) / 10)


def test_hajek_in_strata_is_the_stratified_estimate():
    y = np.array([1, 0, 0, 0, 1, 1, 0, 0])
    strata = np.array(["a"] * 4 + ["b"] * 4)
    weights = np.where(strata == "a", 25.0, 5.0)
    record = hajek(y=y, weights=weights, strata=strata, populations=[100, 20])
    sums = stratified(counts=[4, 4], successes=[1, 2], populations=[100, 20])
    for name in ("value", "variance", "low", "high"):
        assert float(getattr(record, name)) == pytest.approx(float(getattr(sums, name)), rel=1e-12)


def test_clusters_are_taken_as_wholes():
    # Two answers a reviewer, always equal: worth half as many, but for the factor n/(n−1).
    y = np.repeat([1, 0, 0, 1, 0, 0], 2)
    who = np.repeat(np.arange(6), 2)
    clustered = hajek(y=y, weights=np.ones(12), clusters=who)
    single = hajek(y=y[::2], weights=np.ones(6))
    assert float(clustered.variance) == pytest.approx(float(single.variance))
    alone = hajek(y=y, weights=np.ones(12), clusters=np.zeros(12))
    assert alone.method == "none"
    assert np.isnan(float(alone.low))


def test_clusters_of_one_name_in_two_strata_are_two_clusters():
    y, weights = [1, 0, 1, 1], [1, 1, 1, 1]
    strata, who = ["a", "a", "b", "b"], ["x", "y", "x", "y"]
    found = hajek(y=y, weights=weights, strata=strata, clusters=who)
    named = hajek(y=y, weights=weights, strata=strata, clusters=["1", "2", "3", "4"])
    assert float(found.variance) == pytest.approx(float(named.variance))


def test_recall_by_hand():
    # Caught: 8 of weight 2; missed: 1 of weight 20. R = 16/36; residuals 2·(1−R) and −20·R over 36.
    found = weighted_ratio(
        numerator=[1] * 8 + [0] * 3, denominator=[1] * 9 + [0] * 2, weights=[2] * 8 + [20] * 3
    )
    share = 16 / 36
    squares = 8 * (2 * (1 - share)) ** 2 + (20 * share) ** 2
    assert float(found.value) == pytest.approx(share)
    assert float(found.variance) == pytest.approx(11 / 10 * squares / 36**2)
    assert float(found.n) == 9.0
    assert np.isnan(float(weighted_ratio(numerator=[0], denominator=[0], weights=[1]).value))


def test_means_of_no_proportion_get_a_t_interval():
    found = hajek(y=[60.0, 90.0, 45.0], weights=[1, 1, 1])
    # Mean 65, standard error 22.9129/√3 = 13.2288, t₂ = 4.30265.
    assert (float(found.low), float(found.high)) == pytest.approx((65 - 56.919, 65 + 56.919), abs=2e-3)
    assert found.method == "CB"


def test_horvitz_thompson_of_a_simple_sample_is_its_mean_with_the_exact_variance():
    y = np.array([1, 0, 0, 0, 1])
    found = horvitz_thompson(y=y, inclusion=np.full(5, 0.1), population=50)
    assert float(found.value) == pytest.approx(0.4)
    assert float(found.variance) == pytest.approx(0.9 * y.var(ddof=1) / 5)


def test_weights_that_are_none_are_refused():
    with pytest.raises(ValueError, match="positive"):
        hajek(y=[1, 0], weights=[1, 0])
    with pytest.raises(ValueError, match="inclusion"):
        horvitz_thompson(y=[1], inclusion=[0.0], population=5)


@given(st.lists(st.tuples(st.booleans(), st.floats(1, 50)), min_size=2, max_size=40), st.randoms())
def test_the_order_of_units_changes_nothing(units, order):
    shuffled = units.copy()
    order.shuffle(shuffled)
    found, again = (
        hajek(y=[float(y) for y, _ in each], weights=[w for _, w in each]) for each in (units, shuffled)
    )
    for name in ("value", "variance", "low", "high"):
        assert float(getattr(found, name)) == pytest.approx(float(getattr(again, name)), abs=1e-9)
    assert -1e-12 <= float(found.low) <= float(found.value) + 1e-9 <= float(found.high) + 2e-9 <= 1 + 3e-9


@given(st.integers(1, 300), st.data())
def test_the_effective_interval_of_a_simple_sample_is_wilsons(n, data):
    k = data.draw(st.integers(0, n))
    p = k / n
    found = effective_wilson(estimate=p, variance=p * (1 - p) / n, weight_sum=n, weight_square_sum=n, n=n)
    if 0 < k < n:
        expected = wilson(successes=k, trials=n)
        assert (float(found.low), float(found.high)) == pytest.approx(
            (float(expected.low), float(expected.high)), abs=1e-9
        )
    else:
        assert float(found.low) <= p <= float(found.high)
