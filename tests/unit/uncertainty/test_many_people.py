"""Many people at once: shrinkage, funnels, case mix, and how little a ranking says."""

import numpy as np
import pytest
from scipy import stats

from watchfloor.science.uncertainty import (
    BetaPrior,
    fit_beta_binomial,
    funnel_dispersion,
    funnel_limits,
    pairwise_separation,
    rank_probabilities,
    shrink,
    standardised,
)


def test_the_published_posteriors():
    found = shrink(successes=[18, 58], trials=[20, 60], prior=BetaPrior(48, 2))
    assert found.mean.tolist() == pytest.approx([0.942857, 0.963636], abs=5e-7)
    assert float(found.probability_below(0.95)[0]) == pytest.approx(0.544964, abs=5e-7)
    assert found.low.tolist() == pytest.approx(stats.beta.ppf(0.025, [66, 106], [4, 4]).tolist())


def test_the_prior_is_the_most_likely_one():
    k, n = np.array([18, 29, 20, 40, 12]), np.array([20, 30, 20, 50, 20])
    prior = fit_beta_binomial(successes=k, trials=n)

    def likelihood(a, b):
        return stats.betabinom.logpmf(k, n, a, b).sum()

    best = likelihood(prior.a, prior.b)
    for factor in (0.97, 1.03):
        assert likelihood(prior.a * factor, prior.b) < best
        assert likelihood(prior.a, prior.b * factor) < best
        assert likelihood(prior.a * factor, prior.b * factor) < best


def test_the_prior_of_a_simulated_group_is_found_again():
    rng = np.random.default_rng(1)
    n = rng.integers(20, 200, 3000)
    prior = fit_beta_binomial(successes=rng.binomial(n, rng.beta(48, 2, 3000)), trials=n)
    assert prior.mean == pytest.approx(0.96, abs=0.002)
    assert prior.strength == pytest.approx(50, rel=0.12)


def test_a_group_that_does_not_differ_is_not_told_apart():
    n = np.full(50, 40)
    alike = fit_beta_binomial(successes=np.full(50, 36), trials=n)
    assert alike.mean == pytest.approx(0.9, abs=1e-3)
    assert alike.strength == pytest.approx(2000, rel=1e-6)


@pytest.mark.parametrize(("k", "expected"), [([0, 0, 0], 0.5 / 61), ([20, 20, 20], 60.5 / 61)])
def test_a_group_without_errors_or_with_nothing_else_still_has_a_prior(k, expected):
    prior = fit_beta_binomial(successes=k, trials=[20, 20, 20])
    assert prior.mean == pytest.approx(expected)
    with pytest.raises(ValueError, match="at least one member"):
        fit_beta_binomial(successes=[0], trials=[0])


@pytest.fixture(scope="module")
def many_teams():
    """Sixty reviewers with accuracies from Beta(48, 2), drawn a thousand times."""
    rng = np.random.default_rng(7)
    return rng, rng.beta(48, 2, (1000, 60))


@pytest.mark.parametrize(
    ("audits", "found"), [(20, 0.38), (50, 0.50), (100, 0.59), (300, 0.74), (1000, 0.84)]
)
def test_small_samples_hardly_find_the_true_bottom_six(many_teams, audits, found):
    rng, truth = many_teams
    # Equal counts are broken by lot: the order of the list must not decide.
    shown = rng.binomial(audits, truth) + rng.random(truth.shape)
    lowest, shown_lowest = (np.argsort(each, axis=1)[:, :6] for each in (truth, shown))
    share = np.mean([len(set(a) & set(b)) / 6 for a, b in zip(lowest, shown_lowest, strict=True)])
    assert share == pytest.approx(found, abs=0.025)


def test_shrinkage_cuts_the_error_and_hardly_changes_who_is_last(many_teams):
    rng, truth = many_teams
    truth = truth[:100]
    n = rng.integers(15, 60, truth.shape)
    k = rng.binomial(n, truth)
    shrunken = np.stack(
        [
            shrink(successes=k[i], trials=n[i], prior=fit_beta_binomial(successes=k[i], trials=n[i])).mean
            for i in range(100)
        ]
    )
    raw_error, error = (np.sqrt(((each - truth) ** 2).mean()) for each in (k / n, shrunken))
    assert raw_error == pytest.approx(0.036, abs=0.003)
    assert error == pytest.approx(0.022, abs=0.003)
    shares = []
    for shown in (k / n + 1e-9 * rng.random(n.shape), shrunken):
        both = zip(np.argsort(truth, axis=1)[:, :6], np.argsort(shown, axis=1)[:, :6], strict=True)
        shares.append(np.mean([len(set(a) & set(b)) / 6 for a, b in both]))
    assert shares[0] == pytest.approx(0.42, abs=0.05)
    assert abs(shares[1] - shares[0]) < 0.05


@pytest.mark.parametrize("n", [20, 55, 1000])
def test_funnel_limits_are_spiegelhalters_interpolated_quantiles(n):
    found = funnel_limits(target=0.95, trials=n)
    for row, z in enumerate((1.96, 3.09)):
        for bound, level in ((found.low, stats.norm.cdf(-z)), (found.high, stats.norm.cdf(z))):
            r = stats.binom.ppf(level, n, 0.95)
            over = stats.binom.cdf(r, n, 0.95)
            part = (over - level) / (over - stats.binom.cdf(r - 1, n, 0.95))
            assert float(bound[row]) == pytest.approx(min((r - part) / n, 1.0), abs=1e-9)


def test_overdispersion_widens_the_funnel_about_the_target():
    narrow, wide = (funnel_limits(target=0.9, trials=[400], phi=phi) for phi in (1.0, 4.0))
    assert 0.9 - wide.low == pytest.approx(2 * (0.9 - narrow.low))
    assert np.isnan(funnel_limits(target=0.9, trials=[0]).low).all()


def test_dispersion_by_hand_and_without_any():
    # z² of (−0.03, 0.06, −0.13, 0.04) over √(0.93·0.07/100).
    found = funnel_dispersion(successes=[90, 99, 80, 97], trials=[100] * 4, target=0.93, winsorised=0)
    assert found.phi == pytest.approx((0.0009 + 0.0036 + 0.0169 + 0.0016) / (4 * 0.000651))
    assert found.tau_squared == pytest.approx((4 * found.phi - 3) * 0.000651 / 3)
    rng = np.random.default_rng(2)
    calm = funnel_dispersion(successes=rng.binomial(100, 0.9, 3000), trials=[100] * 3000, target=0.9)
    assert 0.6 < calm.phi < 1.0


def test_units_of_an_unchanged_process_stay_inside_as_often_as_they_should():
    k, n = np.arange(201), 200
    found = funnel_limits(target=0.95, trials=n)
    inside = (k / n >= found.low[0]) & (k / n <= found.high[0])
    assert stats.binom.pmf(k, n, 0.95)[inside].sum() == pytest.approx(0.95, abs=0.03)


def test_ranks_are_probabilities():
    found = rank_probabilities(a=[96, 90, 50], b=[4, 10, 50], rank=2, rng=np.random.default_rng(1))
    assert found.sum() == pytest.approx(2.0)
    assert found[2] < 0.01
    equal = rank_probabilities(a=[9, 9, 9, 9], b=[1, 1, 1, 1], rank=1, rng=np.random.default_rng(1))
    assert equal == pytest.approx([0.25] * 4, abs=0.03)
    with pytest.raises(ValueError, match="rank=4"):
        rank_probabilities(a=[1, 1], b=[1, 1], rank=4, rng=np.random.default_rng(1))


def test_separation_of_a_pair_is_the_probability_that_one_is_better():
    rng = np.random.default_rng(3)
    exact = (rng.beta(95, 5, 400_000) > rng.beta(85, 15, 400_000)).mean()
    found = pairwise_separation(a=[95, 85], b=[5, 15])
    assert found.median == pytest.approx(exact, abs=0.005)
    assert found.is_table_shown


def test_a_league_table_of_noise_is_not_shown(many_teams):
    rng, truth = many_teams
    k = rng.binomial(20, truth[0])
    group = shrink(successes=k, trials=np.full(60, 20), prior=BetaPrior(48, 2))
    found = pairwise_separation(a=group.a, b=group.b)
    assert 0.5 <= found.median < 0.8
    assert not found.is_table_shown
    assert not pairwise_separation(a=[1], b=[1]).is_table_shown


def test_a_harder_mix_is_not_held_against_anybody():
    found = standardised(observed=[80, 95, 0], expected=[80, 95, 0], expected_variance=[9, 4, 0], overall=0.9)
    assert found.rate[:2].tolist() == [0.9, 0.9]
    assert found.z[:2].tolist() == [0.0, 0.0]
    assert np.isnan(found.ratio[2])
