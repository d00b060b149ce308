"""Looking as often as one likes: the published vectors, and promises kept in simulated peeking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.science.uncertainty import (
    betting_process,
    betting_sequence,
    confidence_sequence,
    wilson,
)


def test_the_published_confidence_sequence():
    found = confidence_sequence(successes=95, trials=100)
    assert (float(found.low), float(found.high)) == pytest.approx((0.839741, 0.993423), abs=5e-7)


def test_without_trials_nothing_is_known():
    found = confidence_sequence(successes=[0, 0, 5], trials=[0, 5, 5])
    assert (found.low[0], found.high[0]) == (0.0, 1.0)
    assert found.low[1] == 0.0
    assert found.high[2] == 1.0
    assert found.high[1] == pytest.approx(1 - found.low[2])


@given(st.integers(0, 500), st.data())
def test_it_encloses_the_proportion_and_is_wider_than_one_look(n, data):
    k = data.draw(st.integers(0, n))
    found = confidence_sequence(successes=k, trials=n)
    assert 0.0 <= found.low <= (k / n if n else 0.5) <= found.high <= 1.0
    if n:
        once = wilson(successes=k, trials=n)
        assert found.high - found.low >= once.high - once.low - 1e-9


def test_peeking_breaks_wilson_and_not_the_sequence():
    # Looked at after each audit from the 20th to the 400th at a true 0.95: about 31 % and about 2 %.
    rng = np.random.default_rng(7)
    counts = np.cumsum(rng.random((2000, 400)) < 0.95, axis=1)
    n = np.arange(1, 401)
    # An interval depends on k and n alone: each is made once, for the table of both.
    every = np.arange(401)[:, None]
    left_out = {}
    for name, interval in (("wilson", wilson), ("sequence", confidence_sequence)):
        bounds = interval(successes=np.minimum(every, n), trials=np.broadcast_to(n, (401, 400)))
        outside = (bounds.low > 0.95) | (bounds.high < 0.95)
        seen = outside[counts, n - 1]
        start = 19 if name == "wilson" else 0
        left_out[name] = float(seen[:, start:].any(axis=1).mean())
    assert left_out["wilson"] == pytest.approx(0.31, abs=0.04)
    assert left_out["sequence"] <= 0.05
    assert left_out["sequence"] == pytest.approx(0.02, abs=0.012)


def test_a_bet_against_the_truth_hardly_ever_wins():
    rng = np.random.default_rng(3)
    scores = rng.choice([0.0, 0.5, 1.0], p=[0.05, 0.1, 0.85], size=(400, 200))
    lost = [betting_process(values=row, mean=0.9).rejected_at is not None for row in scores]
    assert np.mean(lost) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)
    won = [betting_process(values=row, mean=0.75).rejected_at is not None for row in scores]
    assert np.mean(won) > 0.9


def test_the_betting_sequence_holds_the_means_that_no_bet_rejected():
    rng = np.random.default_rng(4)
    values = (rng.random(300) < 0.93).astype(float)
    found = betting_sequence(values=values)
    assert found.low <= values.mean() <= found.high
    for mean in (float(found.low) - 0.002, float(found.high) + 0.002):
        if 0 <= mean <= 1:
            assert betting_process(values=values, mean=mean).rejected_at is not None


def test_drawing_the_whole_frame_leaves_the_frames_own_mean():
    values = np.array([1.0] * 90 + [0.0] * 10)
    np.random.default_rng(1).shuffle(values)
    found = betting_sequence(values=values, population=100)
    assert float(found.low) == pytest.approx(0.9, abs=0.0021)
    assert float(found.high) == pytest.approx(0.9, abs=0.0021)
    with pytest.raises(ValueError, match="population"):
        betting_process(values=values, mean=0.5, population=99)


def test_values_beyond_one_are_refused():
    with pytest.raises(ValueError, match="greatest value"):
        betting_process(values=[1, 5], mean=0.5)
