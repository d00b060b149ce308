"""Weighted ratios from sums, gaps between groups and calibration: hand cases, unit records, coverage."""

import numpy as np
import pytest

from watchfloor.science.uncertainty.confidence_errors import expected_calibration_error
from watchfloor.science.uncertainty.design_sums import ratio_from_design_sums
from watchfloor.science.uncertainty.gaps import shrunk_gap
from watchfloor.science.uncertainty.linearised import weighted_ratio
from watchfloor.science.uncertainty.proportions import clopper_pearson, wilson


def sums_of(y, x, weights, strata, method="NE"):
    """The sums that the compiler adds up, one unit a row."""
    top, bottom = y * weights, x * weights
    squares = {"numerator_squares": 0.0, "products": 0.0, "denominator_squares": 0.0}
    for stratum in np.unique(strata):
        own = strata == stratum
        m = own.sum()
        for name, (a, b) in zip(squares, [(top, top), (top, bottom), (bottom, bottom)], strict=True):
            a, b = a[own], b[own]
            centred = (a @ b - a.sum() * b.sum() / m) * m / (m - 1) if m > 1 else a @ b
            squares[name] += centred
    return ratio_from_design_sums(
        numerator=top.sum(), denominator=bottom.sum(), **squares, units=len(y), strata=len(np.unique(strata)),
        n=(x != 0).sum(), weight_sum=weights[x != 0].sum(), weight_square_sum=(weights[x != 0] ** 2).sum(),
        method=method,
    )  # fmt: skip


def test_sums_give_what_unit_records_give():
    rng = np.random.default_rng(8)
    x = (rng.random(90) < 0.7).astype(float)
    y = x * (rng.random(90) < 0.9)
    weights, strata = rng.choice([2.0, 10.0, 40.0], 90), rng.integers(0, 4, 90)
    ours = sums_of(y, x, weights, strata)
    theirs = weighted_ratio(numerator=y, denominator=x, weights=weights, strata=strata)
    for name in ("value", "variance", "n", "n_eff", "low", "high"):
        assert float(getattr(ours, name)) == pytest.approx(float(getattr(theirs, name))), name


def test_equal_weights_come_close_to_wilson_and_extremes_are_exact():
    ones = np.ones(100)
    y = np.r_[np.ones(97), np.zeros(3)]
    found = sums_of(y, ones, ones * 5, np.zeros(100))
    plain = wilson(successes=97, trials=100)
    assert [float(found.low), float(found.high)] == pytest.approx(
        [float(plain.low), float(plain.high)], abs=2e-3
    )
    every = sums_of(ones, ones, ones * 5, np.zeros(100))
    exact = clopper_pearson(successes=100, trials=100)
    assert (float(every.low), float(every.high)) == pytest.approx((float(exact.low), 1.0))


def test_exact_bounds_stand_at_the_effective_size():
    ones = np.ones(200)
    none = sums_of(0 * ones, ones, ones, np.zeros(200), method="CP")
    assert float(none.high) == pytest.approx(float(clopper_pearson(successes=0, trials=200).high))
    rare = sums_of(np.r_[np.ones(2), np.zeros(198)], ones, ones, np.zeros(200), method="PX")
    assert 0.0 < float(rare.low) < 0.01 < float(rare.high) < 0.04


def test_a_missing_denominator_is_no_zero():
    found = sums_of(np.zeros(5), np.zeros(5), np.ones(5), np.zeros(5))
    assert np.isnan(found.value)
    assert np.isnan(found.low)


def test_weighted_shares_are_unbiased_and_covered():
    rng = np.random.default_rng(20)
    population = np.r_[rng.random(2_000) < 0.3, rng.random(18_000) < 0.1].astype(float)
    pi = np.r_[np.full(2_000, 0.1), np.full(18_000, 0.04)]
    strata = np.r_[np.zeros(2_000), np.ones(18_000)]
    truth, values, inside = population.mean(), [], 0
    for _ in range(400):
        drawn = rng.random(len(pi)) < pi
        y = population[drawn]
        found = sums_of(y, np.ones_like(y), 1 / pi[drawn], strata[drawn])
        values.append(float(found.value))
        inside += float(found.low) <= truth <= float(found.high)
    assert np.mean(values) == pytest.approx(truth, abs=3 * np.std(values) / 20)
    assert inside / 400 >= 0.93


def test_a_gap_of_chance_alone_shrinks_to_little_and_a_true_one_stays():
    rng = np.random.default_rng(5)
    sizes = np.full(12, 60)
    noise = [shrunk_gap(proportions=rng.binomial(60, 0.95, 12) / 60, sizes=sizes) for _ in range(30)]
    assert np.mean([gap.value for gap in noise]) < 0.4 * np.mean([gap.raw for gap in noise])
    assert np.mean([gap.low == 0.0 for gap in noise]) > 0.6
    true = shrunk_gap(proportions=[0.97] * 6 + [0.80], sizes=[400] * 7)
    assert true.low > 0.08
    assert true.low < true.value < true.high


def test_one_group_has_no_gap():
    assert np.isnan(shrunk_gap(proportions=[0.9], sizes=[50]).value)


def test_calibration_error_is_the_weighted_mean_distance():
    weights, right = np.array([[10.0, 10.0], [10.0, 10.0]]), np.array([[8.0, 7.0], [9.0, 6.0]])
    stated = np.array([[9.0, 6.0], [9.0, 6.0]])
    found = expected_calibration_error(weights=weights, correct=right, confidence_sums=stated, n=40)
    assert float(found.value) == pytest.approx((1 + 1) / 40)  # bins 17 of 18 stated, 13 of 12 stated
    assert float(found.low) <= float(found.value) <= float(found.high)
