"""Survival and learning from grouped rows agree with the same from single ones, and find what was planted."""

import numpy as np
import pytest

from watchfloor.metrics.learning import learned
from watchfloor.metrics.surviving import SurvivalSteps
from watchfloor.science.uncertainty import kaplan_meier_quantile


def test_the_product_limit_curve_is_the_published_one():
    steps = SurvivalSteps.of(
        durations=np.array([1.0, 2.0, 3.0, 4.0]),
        events=np.array([1.0, 1.0, 1.0, 0.0]),
        lost=np.array([0.0, 1.0, 0.0, 1.0]),
    )
    assert steps.surviving == pytest.approx([0.8, 0.6, 0.3, 0.3])
    assert steps.quantile(0.5)[0] == 3.0
    assert steps.share_over(complement=False)[0] == pytest.approx(0.7)
    assert steps.share_over(complement=True)[0] == pytest.approx(0.3)


def test_grouped_and_single_rows_give_the_same_quantile_and_bounds():
    rng = np.random.default_rng(3)
    durations = np.ceil(rng.exponential(40.0, 400))
    observed = rng.random(400) < 0.7
    whole = kaplan_meier_quantile(durations=durations, observed=observed, probability=0.5)
    places = np.unique(durations)
    steps = SurvivalSteps.of(
        durations=places,
        events=np.array([(observed & (durations == one)).sum() for one in places], dtype=float),
        lost=np.array([(~observed & (durations == one)).sum() for one in places], dtype=float),
    )
    assert steps.quantile(0.5) == pytest.approx((whole.value, whole.low, whole.high))


def test_a_quantile_that_is_not_reached_is_not_known():
    steps = SurvivalSteps.of(
        durations=np.array([1.0, 5.0]), events=np.array([1.0, 0.0]), lost=np.array([0.0, 9.0])
    )
    assert np.isnan(steps.quantile(0.5)[0])


def test_a_planted_learning_curve_is_found_whatever_the_pace_of_people():
    rng = np.random.default_rng(7)
    tau, people, rows = 120.0, 30, []
    for person in range(people):
        x = np.arange(1, rng.integers(200, 900))
        y = rng.lognormal(0.0, 0.3) * 60.0 * (1 + 0.8 * np.exp(-x / tau)) * rng.lognormal(-0.08, 0.4, len(x))
        k = np.floor(np.log1p(x) * 6)
        rows += [(str(person), (k == b).sum(), x[k == b].sum(), y[k == b].sum()) for b in np.unique(k)]
    names, n, x_sum, y_sum = zip(*rows, strict=True)
    found = learned(
        people=names, n=np.array(n, float), x_sum=np.array(x_sum, float), y_sum=np.array(y_sum), gained=0.9
    )
    assert found.low < tau * np.log(10) < found.high
    assert found.point == pytest.approx(tau * np.log(10), rel=0.25)


def test_too_few_people_learn_nothing_that_can_be_told():
    one = np.ones(3)
    assert "fewer than 5 people" in learned(people=["a"] * 3, n=one, x_sum=one, y_sum=one, gained=0.9).reason
