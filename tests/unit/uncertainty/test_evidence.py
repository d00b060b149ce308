"""What the evidence says about a target, about many cells, and about the end of a period."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from watchfloor.science.sampling.sizes import size_for_half_width, size_to_detect
from watchfloor.science.uncertainty import (
    audits_needed,
    benjamini_hochberg,
    beta_binomial_final,
    count_dispersion,
    false_miss_probability,
    jeffreys,
    negative_binomial_prediction,
    one_sided_p,
    one_sided_p_of_value,
    probability_met,
    status,
    statuses,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("low", "high", "target", "direction", "expected"),
    [
        (0.95, 0.99, 0.95, "higher_is_better", "met"),
        (0.94, 0.99, 0.95, "higher_is_better", "inconclusive"),
        (0.90, 0.95, 0.95, "higher_is_better", "inconclusive"),
        (0.90, 0.94, 0.95, "higher_is_better", "missed"),
        (0.01, 0.05, 0.05, "lower_is_better", "met"),
        (0.01, 0.06, 0.05, "lower_is_better", "inconclusive"),
        (0.06, 0.09, 0.05, "lower_is_better", "missed"),
        (None, 0.94, 0.95, "higher_is_better", "missed"),
        (0.97, None, 0.95, "higher_is_better", "met"),
        (None, 0.99, 0.95, "higher_is_better", "inconclusive"),
    ],
)
def test_the_interval_decides_and_one_bound_may_be_missing(low, high, target, direction, expected):
    assert status(low=low, high=high, value=0.95, target=target, direction=direction) == expected
    found = statuses(
        low=NAN if low is None else low,
        high=NAN if high is None else high,
        value=0.95,
        target=target,
        higher_is_better=direction == "higher_is_better",
        n=100,
    )
    assert str(found) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.8, 0.9, "met"), (0.7, 0.9, "inconclusive"), (0.5, 0.7, "missed"), (0.96, 0.99, "missed")],
)
def test_a_band_holds_the_whole_interval_or_none_of_it(low, high, expected):
    assert status(low=low, high=high, value=(low + high) / 2, band=(0.75, 0.95)) == expected


def test_a_census_is_judged_by_its_value_and_too_few_observations_by_nothing():
    assert status(low=None, high=None, value=0.949, target=0.95) == "missed"
    assert status(low=0.9, high=1.0, value=0.96, target=0.8, n=19, min_n=20) == "no_data"
    assert status(low=None, high=None, value=None, target=0.95) == "no_data"
    with pytest.raises(ValueError, match="exactly one"):
        status(low=0, high=1, value=0.5)
    with pytest.raises(ValueError, match="upside down"):
        status(low=0, high=1, value=0.5, band=(0.9, 0.8))


def test_audits_needed_follows_the_formula():
    # z²·0.93·0.07 ÷ 0.02² = 625.2; at p̂ = 1 the target's own variance stands in: 72.99.
    assert audits_needed(estimate=[0.93, 1.0], target=0.95).tolist() == [626.0, 73.0]
    assert np.isinf(audits_needed(estimate=0.95, target=0.95))


@pytest.mark.parametrize(("truth", "size"), [(0.90, 150), (0.93, 822), (0.94, 3118)])
def test_the_published_sample_sizes_to_detect_a_shortfall(truth, size):
    assert size_to_detect(target=0.95, truth=truth) == size


def test_the_published_sample_sizes_for_a_half_width():
    assert [size_for_half_width(share=0.95, half_width=h) for h in (0.01, 0.02, 0.05)] == [1825, 457, 73]
    assert size_for_half_width(share=0.97, half_width=0.01) == 1118


@pytest.mark.parametrize(
    ("trials", "chance"),
    [(10, 0.3352), (20, 0.1897), (30, 0.3388), (50, 0.3233), (100, 0.2116), (200, 0.1800)],
)
def test_good_people_miss_by_chance_as_often_as_published(trials, chance):
    assert float(false_miss_probability(truth=0.96, target=0.95, trials=trials)) == pytest.approx(
        chance, abs=5e-5
    )


def test_jeffreys_gives_the_published_bounds():
    found = jeffreys(successes=[97, 0, 10], trials=[100, 10, 10])
    assert (found.low[0], found.high[0]) == pytest.approx((0.922112, 0.991480), abs=5e-7)
    assert (found.low[1], found.high[2]) == (0.0, 1.0)


def test_the_p_value_of_a_miss_is_the_exact_tail():
    found = one_sided_p(successes=[90, 9], trials=[100, 100], target=[0.95, 0.05])
    assert found[0] == pytest.approx(stats.binom.cdf(90, 100, 0.95))
    bad = one_sided_p(successes=9, trials=100, target=0.05, direction="lower_is_better")
    assert float(bad) == pytest.approx(stats.binom.sf(8, 100, 0.05))
    assert float(one_sided_p(successes=5, trials=5, target=0.9)) == 1.0
    assert np.isnan(float(one_sided_p(successes=0, trials=0, target=0.9)))


def test_overdispersion_makes_a_miss_less_surprising():
    plain, scattered = one_sided_p(successes=930, trials=1000, target=0.95, phi=[1, 5])
    assert plain < 0.01 < scattered


def test_the_p_value_of_a_mean_knows_its_direction_and_its_freedom():
    slow = one_sided_p_of_value(value=66, standard_error=3, target=60, direction="lower_is_better")
    assert float(slow) == pytest.approx(stats.norm.sf(2))
    rough = one_sided_p_of_value(
        value=66, standard_error=3, target=60, direction="lower_is_better", degrees_of_freedom=5
    )
    assert float(rough) == pytest.approx(stats.t.sf(2, 5))


def test_the_probability_of_keeping_a_target_is_the_beta_tail():
    assert float(probability_met(successes=97, trials=100, target=0.95)) == pytest.approx(
        stats.beta.sf(0.95, 98, 4)
    )
    low = probability_met(successes=3, trials=100, target=0.05, direction="lower_is_better")
    assert float(low) == pytest.approx(stats.beta.cdf(0.05, 4, 98))


PAPER = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
PAPER += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]


def test_benjamini_and_hochbergs_own_example_has_four_discoveries():
    found = benjamini_hochberg(p_values=PAPER)
    assert found.rejected.tolist() == [True] * 4 + [False] * 11
    assert found.expected_false == pytest.approx(0.2)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_discoveries_agree_with_scipy(values):
    found = benjamini_hochberg(p_values=values)
    assert found.adjusted == pytest.approx(stats.false_discovery_control(values), abs=1e-12)


def test_cells_without_a_test_are_neither_counted_nor_rejected():
    found = benjamini_hochberg(p_values=[[0.01, NAN], [NAN, 0.04]])
    assert found.adjusted[0, 0] == pytest.approx(0.02)
    assert found.rejected.tolist() == [[True, False], [False, True]]
    assert benjamini_hochberg(p_values=[NAN, NAN]).expected_false == 0.0
    with pytest.raises(ValueError, match="p_values"):
        benjamini_hochberg(p_values=[1.2])


def test_false_discoveries_stay_below_the_rate():
    rng = np.random.default_rng(5)
    shares = []
    for _ in range(400):
        p = rng.random(60)
        p[:15] = stats.norm.sf(rng.normal(3, 1, 15))
        rejected = benjamini_hochberg(p_values=p, rate=0.1).rejected
        shares.append(rejected[15:].sum() / max(rejected.sum(), 1))
    assert np.mean(shares) <= 0.1


def test_the_published_projection():
    final = beta_binomial_final(successes=290, trials=300, total=400, target=0.95)
    assert final == pytest.approx(0.994933, abs=5e-7)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60), st.floats(0, 1))
def test_the_projection_agrees_with_scipy_on_both_sides(k, wrong, rest, target):
    n, total = k + wrong, k + wrong + rest
    needed = int(np.ceil(target * total - k - 1e-9))
    expected = stats.betabinom.sf(needed - 1, rest, k + 1, wrong + 1) if rest else float(needed <= 0)
    found = beta_binomial_final(successes=k, trials=n, total=total, target=target)
    assert found == pytest.approx(float(expected), abs=1e-9)
    mirrored = beta_binomial_final(
        successes=wrong, trials=n, total=total, target=1 - target, direction="lower_is_better"
    )
    assert mirrored == pytest.approx(found, abs=1e-9)


def test_a_period_that_is_over_is_certain():
    assert beta_binomial_final(successes=95, trials=100, total=100, target=0.95) == 1.0
    assert beta_binomial_final(successes=94, trials=100, total=100, target=0.95) == 0.0


def test_counts_fall_inside_their_prediction():
    rng = np.random.default_rng(2)
    alpha, mean = 0.05, 120.0
    drawn = rng.negative_binomial(1 / alpha, 1 / (1 + alpha * mean), 4000)
    known = count_dispersion(counts=drawn, means=np.full(4000, mean))
    assert known == pytest.approx(alpha, rel=0.1)
    found = negative_binomial_prediction(mean=mean, dispersion=alpha)
    inside = np.mean((found.low <= drawn) & (drawn <= found.high))
    assert 0.94 <= inside <= 0.97
    assert negative_binomial_prediction(mean=0.0).high == 0.0
