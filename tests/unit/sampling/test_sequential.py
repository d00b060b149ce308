"""The sequential test: published steps and bounds, hand-counted ends, and the error rates it promises."""

import math

import numpy as np
import pytest

from watchfloor.science.sampling import SequentialTest

STANDARD = SequentialTest(failing=0.90, passing=0.95, false_pass=0.05, false_fail=0.10)


def test_the_steps_and_bounds_are_the_published_ones():
    assert STANDARD.step_right == pytest.approx(0.054067, abs=5e-7)
    assert STANDARD.step_wrong == pytest.approx(-0.693147, abs=5e-7)
    assert (STANDARD.upper, STANDARD.lower) == pytest.approx((2.890372, -2.251292), abs=5e-7)


def test_fifty_four_straight_pass_and_fifty_three_do_not():
    assert STANDARD.straight_to_pass == 54
    assert STANDARD.verdict(log_likelihood=STANDARD.log_likelihood(right=53, wrong=0)) == "continue"
    assert STANDARD.verdict(log_likelihood=STANDARD.log_likelihood(right=54, wrong=0)) == "pass"


def test_one_error_costs_thirteen_right_answers():
    # 0.693147 / 0.054067 = 12.82: 54 + 13 right with one wrong
    after = STANDARD.log_likelihood(right=0, wrong=1)
    assert STANDARD.right_to_pass(log_likelihood=after) == 67


def test_the_order_of_answers_does_not_matter():
    walked = 0.0
    for step in (STANDARD.step_right, STANDARD.step_wrong, STANDARD.step_right):
        walked += step
    assert walked == pytest.approx(STANDARD.log_likelihood(right=2, wrong=1))


def test_progress_runs_from_failing_to_passing():
    assert STANDARD.progress(log_likelihood=STANDARD.lower - 1) == 0.0
    assert STANDARD.progress(log_likelihood=STANDARD.upper + 1) == 1.0
    assert 0.43 < STANDARD.progress(log_likelihood=0.0) < 0.45  # 2.251292 / 5.141664 = 0.4379


@pytest.mark.parametrize(
    "values",
    [
        {"failing": 0.95, "passing": 0.90},
        {"failing": 0.0, "passing": 0.9},
        {"failing": 0.9, "passing": 1.0},
        {"failing": 0.9, "passing": 0.95, "false_pass": 0.5},
        {"failing": 0.9, "passing": 0.95, "false_fail": 0.0},
    ],
)
def test_what_is_no_test_is_refused(values):
    with pytest.raises(ValueError, match="must"):
        SequentialTest(**values)


@pytest.mark.parametrize(("accuracy", "ends_in", "most"), [(0.90, "pass", 0.05), (0.95, "fail", 0.10)])
def test_each_error_stays_within_its_promise(accuracy, ends_in, most):
    rng, runs = np.random.default_rng(3), 2000
    ended = sum(_end(rng.random(4000) < accuracy) == ends_in for _ in range(runs))
    assert ended / runs <= most + 3 * math.sqrt(most * (1 - most) / runs)


def _end(right):
    walk = np.cumsum(np.where(right, STANDARD.step_right, STANDARD.step_wrong))
    out = np.flatnonzero((walk >= STANDARD.upper) | (walk <= STANDARD.lower))
    return STANDARD.verdict(log_likelihood=float(walk[out[0]])) if len(out) else "continue"
