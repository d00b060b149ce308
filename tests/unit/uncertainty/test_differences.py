"""Intervals of differences: published cases, hand-computed cases, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.science.uncertainty import newcombe, welch


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe (1998), table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/20.
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((0, 20), (10, 10), 0.6791, 1.0),
    ],
)
def test_newcombes_own_examples(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(successes=(first[0], second[0]), trials=(first[1], second[1]))
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_welch_by_hand() -> None:
    # Standard error sqrt(100/40 + 64/50) = 1.94422; 73.77 degrees of freedom; t = 1.99264.
    found = welch(means=(50.0, 47.0), variances=(100.0, 64.0), counts=(40, 50))
    assert (found.low, found.high) == pytest.approx((-3 - 3.87414, -3 + 3.87414), abs=1e-4)
    assert not found.is_shown


def test_groups_of_one_have_no_variance() -> None:
    with pytest.raises(ValueError, match="no variance"):
        welch(means=(1, 2), variances=(0, 0), counts=(1, 9))


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_exchanging_the_groups_turns_the_sign(one: int, other: int, data: st.DataObject) -> None:
    k = (data.draw(st.integers(0, one)), data.draw(st.integers(0, other)))
    forth = newcombe(successes=k, trials=(one, other))
    back = newcombe(successes=k[::-1], trials=(other, one))
    assert (forth.value, forth.low, forth.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert -1 - 1e-12 <= forth.low <= forth.value <= forth.high <= 1 + 1e-12


def test_welch_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(2000):
        first, second = rng.normal(10, 3, 12), rng.normal(12, 1, 30)
        found = welch(
            means=(first.mean(), second.mean()),
            variances=(first.var(ddof=1), second.var(ddof=1)),
            counts=(12, 30),
        )
        covered += found.low <= 2 <= found.high
    assert 0.94 <= covered / 2000 <= 0.96
