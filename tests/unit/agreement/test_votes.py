"""Agreement from repeated votes: published values, invariance, and the interval over items."""

import numpy as np
import pytest

from watchfloor.science.agreement import gwet_ac1
from watchfloor.science.agreement_votes import agreement_of_votes

FOUR_ITEMS = [["a", "a", "a"], ["a", "a", "b"], ["b", "b", "b"], ["b", "c", "c"]]
CHANCE_CORRECTED = ("ac1", "fleiss", "cohen", "krippendorff")


@pytest.mark.parametrize(
    ("coefficient", "value"),
    [("observed", 0.666667), ("ac1", 0.515152), ("fleiss", 0.466667), ("krippendorff", 0.511111)],
)
def test_four_items_and_three_raters_as_published(coefficient, value):
    found = agreement_of_votes(votes=FOUR_ITEMS, times=[1, 1, 1, 1], coefficient=coefficient)
    assert found.value == pytest.approx(value, abs=5e-7)
    assert found.items == 4


@pytest.mark.parametrize(
    ("prevalence", "observed", "cohen", "ac1"),
    [(0.5, 0.8809, 0.7606, 0.7630), (0.2, 0.9174, 0.7458, 0.8777), (0.05, 0.9357, 0.5280, 0.9256),
     (0.01, 0.9406, 0.2014, 0.9358)],
)  # fmt: skip
def test_kappa_collapses_at_low_prevalence_and_ac1_does_not(prevalence, observed, cohen, ac1):
    # Two raters, errors independent given truth, sensitivity 0.90 and specificity 0.97.
    rows = [["yes", "yes"], ["yes", "no"], ["no", "yes"], ["no", "no"]]
    yes, no = np.array([0.9, 0.1]), np.array([0.03, 0.97])
    shares = prevalence * np.outer(yes, yes) + (1 - prevalence) * np.outer(no, no)
    times = 1e6 * shares.ravel()
    values = [
        agreement_of_votes(votes=rows, times=times, coefficient=name).value
        for name in ("observed", "cohen", "ac1")
    ]
    assert values == pytest.approx([observed, cohen, ac1], abs=6e-5)


@pytest.mark.parametrize("coefficient", CHANCE_CORRECTED)
def test_names_of_categories_and_order_of_items_change_nothing(coefficient):
    rng = np.random.default_rng(3)
    rows = [list(rng.choice(["a", "b", "c"], 2, p=[0.6, 0.3, 0.1])) for _ in range(60)]
    renamed = [[{"a": "z", "b": "x", "c": "y"}[vote] for vote in row] for row in reversed(rows)]
    one, other = (
        agreement_of_votes(votes=votes, times=[1] * 60, coefficient=coefficient) for votes in (rows, renamed)
    )
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_rows_that_repeat_are_the_items_they_stand_for():
    rows = [["a", "a"], ["a", "b"], ["b", "b"]]
    each = [row for row, times in zip(rows, [40, 7, 9], strict=True) for _ in range(times)]
    together = agreement_of_votes(votes=rows, times=[40, 7, 9], coefficient="ac1")
    apart = agreement_of_votes(votes=each, times=[1] * 56, coefficient="ac1")
    assert (together.value, together.low, together.high) == pytest.approx(
        (apart.value, apart.low, apart.high)
    )


def test_the_jackknife_is_close_to_gwets_linearised_bound():
    rows = [["a", "a"], ["a", "b"], ["b", "a"], ["b", "b"]]
    counts = [[2, 0]] * 300 + [[1, 1]] * 60 + [[0, 2]] * 140
    found = agreement_of_votes(votes=rows, times=[300, 35, 25, 140], coefficient="ac1", confidence=0.9)
    # A two-sided 90 % bound is a one-sided 95 % bound.
    assert found.low == pytest.approx(gwet_ac1(counts).low, abs=5e-3)


def test_full_agreement_is_not_certainty():
    found = agreement_of_votes(votes=[["a", "a"], ["b", "b"]], times=[20, 10], coefficient="ac1")
    assert found.value == found.high == 1.0
    assert 0.7 < found.low < 1.0


def test_one_category_says_nothing_of_kappa():
    found = agreement_of_votes(votes=[["a", "a"]], times=[20], coefficient="fleiss")
    assert found.value is None
    assert found.items == 20


def test_positive_and_negative_agreement_are_those_of_the_two_by_two_table():
    rows = [["yes", "yes"], ["yes", "no"], ["no", "yes"], ["no", "no"]]
    times = [40, 12, 8, 940]
    positive = agreement_of_votes(votes=rows, times=times, coefficient="positive")
    negative = agreement_of_votes(votes=rows, times=times, coefficient="negative")
    assert positive.value == pytest.approx(80 / 100)
    assert negative.value == pytest.approx(1880 / 1900)
