"""Estimators that use a score, and the correction for auditors who err."""

import numpy as np
import pytest

from watchfloor.science.uncertainty import (
    BlindAuditError,
    FewErrorsError,
    difference_estimate,
    horvitz_thompson,
    prediction_powered,
    regression_estimate,
    rogan_gladen,
)


def test_a_perfect_score_leaves_no_variance():
    y = np.array([1.0, 0, 0, 1, 0])
    found = difference_estimate(
        y=y, scores=y, inclusion=np.full(5, 0.05), population=100, population_score_sum=30
    )
    assert float(found.value) == pytest.approx(0.3)
    assert float(found.variance) == pytest.approx(0.0)


def test_a_score_of_nothing_is_horvitz_thompson():
    y, pi = [1, 0, 1, 0], [0.5, 0.2, 0.1, 0.1]
    plain = horvitz_thompson(y=y, inclusion=pi, population=40)
    found = difference_estimate(y=y, scores=[0, 0, 0, 0], inclusion=pi, population=40, population_score_sum=0)
    assert float(found.value) == pytest.approx(float(plain.value))
    assert float(found.variance) == pytest.approx(float(plain.variance))


def test_regression_needs_no_calibrated_score():
    rng = np.random.default_rng(3)
    score = rng.random(5000)
    y = (rng.random(5000) < score * 0.2).astype(float)
    picked = rng.choice(5000, 400, replace=False)
    honest, stretched = (
        regression_estimate(
            y=y[picked],
            scores=each[picked],
            inclusion=np.full(400, 0.08),
            population=5000,
            population_score_sum=float(each.sum()),
        )
        for each in (score * 0.2, 100 * score + 7)
    )
    assert float(honest.value) == pytest.approx(float(stretched.value))
    assert float(honest.variance) == pytest.approx(float(stretched.variance))


def test_with_lambda_one_a_simple_sample_gives_the_difference_estimate():
    y, f = np.array([1, 0, 0, 1, 0, 0]), np.array([0.6, 0.1, 0.2, 0.5, 0.1, 0.3])
    difference = difference_estimate(
        y=y, scores=f, inclusion=np.full(6, 0.1), population=60, population_score_sum=18
    )
    powered = prediction_powered(
        y=y,
        scores=f,
        population=60,
        population_score_mean=0.3,
        population_score_variance=0.05,
        fixed_lambda=1.0,
    )
    assert float(powered.value) == pytest.approx(float(difference.value))
    assert float(powered.variance) == pytest.approx(float(difference.variance))


def test_an_independent_sample_by_hand():
    # λ = Cov/(Var·(1 + n/N)); Var ≈ λ²σ²/N + var(y − λf)/n.
    y, f = np.tile([1.0, 0, 0, 0], 10), np.tile([0.8, 0.2, 0.1, 0.1], 10)
    slope = np.cov(y, f)[0, 1] / f.var(ddof=1) / (1 + 40 / 400)
    found = prediction_powered(
        y=y,
        scores=f,
        population=400,
        population_score_mean=0.35,
        population_score_variance=0.09,
        drawn="independently",
    )
    assert float(found.value) == pytest.approx(slope * 0.35 + (y - slope * f).mean())
    expected = slope**2 * 0.09 / 400 + (y - slope * f).var(ddof=1) / 40
    assert float(found.variance) == pytest.approx(expected)


def test_lambda_is_not_fitted_on_two_errors():
    with pytest.raises(FewErrorsError, match="2 errors; 10 are needed"):
        prediction_powered(
            y=[1, 1] + [0] * 398,
            scores=[0.1] * 400,
            population=50_000,
            population_score_mean=0.1,
            population_score_variance=0.01,
        )


@pytest.mark.parametrize("uniform", [1.0, 0.25])
def test_every_design_with_recorded_probabilities_is_unbiased(uniform):
    # Poisson draws: a part uniform, the rest by the square root of f(1 − f).
    rng = np.random.default_rng(11)
    score = rng.beta(1, 15, 4000)
    y = (rng.random(4000) < score).astype(float)
    pull = np.sqrt(score * (1 - score))
    pi = np.minimum(1.0, 300 * (uniform / 4000 + (1 - uniform) * pull / pull.sum()))
    plain, assisted = [], []
    for _ in range(500):
        taken = rng.random(4000) < pi
        inputs = {"y": y[taken], "inclusion": pi[taken], "population": 4000}
        plain.append(float(horvitz_thompson(**inputs).value))
        found = difference_estimate(**inputs, scores=score[taken], population_score_sum=score.sum())
        assisted.append(float(found.value))
    for drawn in (plain, assisted):
        error = np.std(drawn) / np.sqrt(len(drawn))
        assert abs(np.mean(drawn) - y.mean()) < 3.5 * error
    assert np.std(assisted) < np.std(plain)


def test_rogan_gladen_gives_the_published_rate():
    found = rogan_gladen(apparent=0.0278, sensitivity=0.90, specificity=0.99)
    assert found.value == pytest.approx(0.0200, abs=1e-12)
    assert not found.clipped


def test_wrong_gold_makes_good_people_look_worse():
    # True accuracy 0.97 against gold that is wrong 3 % of the time: 0.97² + 0.03².
    apparent = 0.97 * 0.97 + 0.03 * 0.03
    assert apparent == pytest.approx(0.9418)
    assert rogan_gladen(apparent=apparent, sensitivity=0.97, specificity=0.97).value == pytest.approx(0.97)


def test_the_auditors_own_uncertainty_widens_the_interval():
    known = rogan_gladen(apparent=0.06, sensitivity=0.9, specificity=0.99, apparent_variance=6e-5)
    unsure = rogan_gladen(
        apparent=0.06,
        sensitivity=0.9,
        specificity=0.99,
        apparent_variance=6e-5,
        sensitivity_variance=0.09 / 100,
        specificity_variance=0.0099 / 300,
    )
    assert unsure.low < known.low < known.value < known.high < unsure.high
    p, youden = known.value, 0.89
    expected = (6e-5 + p**2 * 9e-4 + (1 - p) ** 2 * 3.3e-5) / youden**2
    assert unsure.variance == pytest.approx(expected)


def test_a_correction_below_zero_is_cut_and_says_so():
    found = rogan_gladen(apparent=0.005, sensitivity=0.9, specificity=0.99, apparent_variance=1e-5)
    assert (found.value, found.low, found.clipped) == (0.0, 0.0, True)
    assert found.high > 0


def test_blind_audits_are_refused():
    with pytest.raises(BlindAuditError, match=r"0\.050"):
        rogan_gladen(apparent=0.1, sensitivity=0.5, specificity=0.55)
