"""Cohen, Krippendorff and the raw agreements: published tables, hand-computed cases, and laws of all."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.science.agreement import (
    cohen_kappa,
    confusion,
    fleiss_kappa,
    gwet_ac1,
    item_bootstrap,
    krippendorff_alpha,
    observed_agreement,
    raw_agreement,
    specific_agreement,
    tally,
)

COUNTS = [[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]]

# Krippendorff (2011), example C: four observers, twelve units, five ordered categories, missing values.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
PUBLISHED = np.stack([(np.array(OBSERVERS) == value).sum(axis=0) for value in range(1, 6)], axis=1)

TABLES = st.integers(2, 5).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 4), min_size=size, max_size=size).filter(lambda row: sum(row) >= 2),
        min_size=2,
        max_size=15,
    )
)


def test_the_small_table_gives_the_published_alpha():
    assert krippendorff_alpha(COUNTS) == pytest.approx(0.511111, abs=5e-7)


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_own_example_with_missing_values(level, alpha):
    assert krippendorff_alpha(PUBLISHED, level=level) == pytest.approx(alpha, abs=5e-4)


def test_alpha_follows_its_definition_over_pairs_of_ratings():
    rng = np.random.default_rng(1)
    counts = rng.multinomial(4, [0.4, 0.3, 0.2, 0.1], size=25)
    counts[::3] //= 2
    counts = counts[counts.sum(axis=1) >= 2]
    values = np.array([1.0, 2.0, 5.0, 9.0])
    ratings = [np.repeat(values, row) for row in counts]
    every = np.concatenate(ratings)
    within = sum(
        sum((a - b) ** 2 for a, b in itertools.permutations(row, 2)) / (len(row) - 1) for row in ratings
    ) / len(every)
    between = sum((a - b) ** 2 for a, b in itertools.permutations(every, 2)) / (len(every) * (len(every) - 1))
    found = krippendorff_alpha(counts, level="interval", values=values)
    assert found == pytest.approx(1 - within / between)


@pytest.mark.parametrize(
    ("prevalence", "observed", "kappa", "ac1"),
    [
        (0.50, 0.8809, 0.7606, 0.7630),
        (0.20, 0.9174, 0.7458, 0.8777),
        (0.05, 0.9357, 0.5280, 0.9256),
        (0.01, 0.9406, 0.2014, 0.9358),
    ],
)
def test_kappa_collapses_at_low_prevalence_and_ac1_does_not(prevalence, observed, kappa, ac1):
    both = prevalence * 0.9**2 + (1 - prevalence) * 0.03**2
    neither = prevalence * 0.1**2 + (1 - prevalence) * 0.97**2
    apart = (1 - both - neither) / 2
    shares = np.array([[both, apart], [apart, neither]])
    assert float(np.trace(shares)) == pytest.approx(observed, abs=5e-5)
    assert cohen_kappa(shares) == pytest.approx(kappa, abs=5e-5)
    found = gwet_ac1([[2, 0], [1, 1], [0, 2]], multiplicity=1e6 * np.array([both, 2 * apart, neither]))
    assert found.value == pytest.approx(ac1, abs=5e-5)
    positive, negative = specific_agreement([[2, 0], [1, 1], [0, 2]], multiplicity=[both, 2 * apart, neither])
    raw = raw_agreement(shares)
    assert (positive, negative) == pytest.approx((raw.positive, raw.negative))


def test_cohen_by_hand():
    # p_o = 35/50; p_e = 0.5·0.6 + 0.5·0.4.
    assert cohen_kappa([[20, 5], [10, 15]]) == pytest.approx(0.4)


def test_cohens_weighted_example():
    # Cohen (1968), table 1: disagreements of 6, 3 and 1 of 6; weighted kappa .348.
    shares = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
    distances = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert cohen_kappa(shares) == pytest.approx(0.492, abs=5e-4)
    assert cohen_kappa(shares, weights=1 - distances / 6) == pytest.approx(0.348, abs=5e-4)


def test_quadratic_weights_count_distance_squared():
    table = [[20, 5, 1], [4, 15, 6], [0, 5, 20]]
    steps = np.abs(np.subtract.outer(np.arange(3), np.arange(3))) / 2
    assert cohen_kappa(table, weights="quadratic") == pytest.approx(cohen_kappa(table, weights=1 - steps**2))
    assert cohen_kappa(table, weights="linear") == pytest.approx(cohen_kappa(table, weights=1 - steps))


def test_two_categories_have_one_weighted_kappa():
    table = [[20, 5], [10, 15]]
    assert cohen_kappa(table, weights="linear") == pytest.approx(cohen_kappa(table))


def test_raw_agreement_by_hand():
    found = raw_agreement([[8, 4], [2, 86]])
    assert (found.positive, found.negative) == pytest.approx((16 / 22, 172 / 178))
    assert np.isnan(raw_agreement([[0, 0], [0, 5]]).positive)


@given(TABLES, st.randoms())
def test_neither_the_order_of_items_nor_of_categories_changes_a_coefficient(table, order):
    counts = np.array(table)
    rows, columns = list(range(len(counts))), list(range(counts.shape[1]))
    order.shuffle(rows)
    order.shuffle(columns)
    moved = counts[rows][:, columns]
    for coefficient in (observed_agreement, fleiss_kappa, krippendorff_alpha):
        assert coefficient(moved) == pytest.approx(coefficient(counts), abs=1e-9, nan_ok=True)
    assert gwet_ac1(moved).value == pytest.approx(gwet_ac1(counts).value, abs=1e-9)
    mirrored = krippendorff_alpha(counts[:, ::-1], level="ordinal")
    assert mirrored == pytest.approx(krippendorff_alpha(counts, level="ordinal"), abs=1e-9, nan_ok=True)


@given(TABLES, st.integers(1, 4))
def test_items_given_once_with_their_multiplicity_count_as_often(table, times):
    counts = np.array(table)
    every = np.repeat(counts, times, axis=0)
    often = np.full(len(counts), times)
    for coefficient in (observed_agreement, fleiss_kappa, krippendorff_alpha):
        assert coefficient(counts, multiplicity=often) == pytest.approx(
            coefficient(every), abs=1e-9, nan_ok=True
        )
    folded, plain = gwet_ac1(counts, multiplicity=often), gwet_ac1(every)
    assert (folded.value, folded.low) == pytest.approx((plain.value, plain.low), abs=1e-9)
    assert folded.items == plain.items


def test_exchanging_the_raters_changes_nothing():
    table = np.array([[20, 5, 0], [4, 15, 6], [0, 5, 20]])
    for weights in (None, "linear", "quadratic"):
        assert cohen_kappa(table, weights=weights) == pytest.approx(cohen_kappa(table.T, weights=weights))


def test_answers_become_counts():
    found = tally(items=["b", "a", "b"], labels=["y", "x", "x"], categories=("y", "x", "z"))
    assert found.counts.tolist() == [[0, 1, 0], [1, 1, 0]]
    folded = tally(items=["a", "a", "b", "b", "c", "c"], labels=["x", "y"] * 2 + ["x"] * 2, folded=True)
    assert dict(zip(map(tuple, folded.counts.tolist()), folded.multiplicity.tolist(), strict=True)) == {
        (1.0, 1.0): 2.0,
        (2.0, 0.0): 1.0,
    }
    with pytest.raises(ValueError, match="'q'"):
        tally(items=["a"], labels=["q"], categories=("x",))


def test_a_missing_answer_leaves_the_item_out_of_the_table():
    assert confusion(first=[0, 1, -1, 1], second=[0, 1, 0, -1], categories=2).tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ValueError, match="2 or above"):
        confusion(first=[2], second=[0], categories=2)


def test_the_interval_over_items_holds_what_it_promises():
    rng = np.random.default_rng(2)
    rows = np.array([[2, 0], [1, 1], [0, 2]])
    shares = np.array([0.55, 0.15, 0.30])

    def kappa(times):
        return fleiss_kappa(rows, multiplicity=times)

    truth, inside = kappa(shares * 1e6), 0
    for _ in range(150):
        times = rng.multinomial(150, shares)
        found = item_bootstrap(multiplicity=times, coefficient=kappa, rng=rng, draws=200)
        inside += found.low <= truth <= found.high
    assert inside / 150 >= 0.90


@pytest.mark.parametrize(
    "refused",
    [
        lambda: cohen_kappa([[1, 2]]),
        lambda: cohen_kappa([[0, 0], [0, 0]]),
        lambda: cohen_kappa([[1, 0], [0, 1]], weights="cubic"),
        lambda: krippendorff_alpha(COUNTS, level="ratio"),
        lambda: krippendorff_alpha(COUNTS, level="interval", values=[1, 2]),
        lambda: krippendorff_alpha([[1, 0], [0, 1]]),
        lambda: raw_agreement([[1, 2, 3]]),
        lambda: fleiss_kappa(COUNTS, multiplicity=[1, 2]),
    ],
)
def test_tables_that_are_none_are_refused(refused):
    with pytest.raises(ValueError, match=r"table|weights|level|values|ratings|multiplicity"):
        refused()


def test_one_category_alone_says_nothing():
    assert np.isnan(krippendorff_alpha([[2, 0], [3, 0]]))
    assert np.isnan(cohen_kappa([[5, 0], [0, 0]]))
