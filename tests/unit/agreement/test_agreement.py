"""Agreement coefficients against the published vectors, and what must hold of any ratings."""

import numpy as np
import pytest

from watchfloor.science.agreement import fleiss_kappa, gwet_ac1, observed_agreement

COUNTS = [[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]]


def test_the_small_table_gives_the_published_values():
    assert observed_agreement(COUNTS) == pytest.approx(0.666667, abs=1e-6)
    assert gwet_ac1(COUNTS).value == pytest.approx(0.515152, abs=1e-6)
    assert fleiss_kappa(COUNTS) == pytest.approx(0.466667, abs=1e-6)


@pytest.mark.parametrize(
    ("prevalence", "observed", "ac1"),
    [(0.50, 0.8809, 0.7630), (0.20, 0.9174, 0.8777), (0.05, 0.9357, 0.9256), (0.01, 0.9406, 0.9358)],
)
def test_ac1_stays_up_where_one_category_dominates(prevalence, observed, ac1):
    # Two raters, sensitivity 0.90 and specificity 0.97, independent given the truth; a million items.
    yes = prevalence * 0.9**2 + (1 - prevalence) * 0.03**2
    no = prevalence * 0.1**2 + (1 - prevalence) * 0.97**2
    parts = [round(1_000_000 * share) for share in (yes, no)]
    counts = np.array([[2, 0]] * parts[0] + [[0, 2]] * parts[1] + [[1, 1]] * (1_000_000 - sum(parts)))
    found = gwet_ac1(counts)
    assert found.observed == pytest.approx(observed, abs=1e-4)
    assert found.value == pytest.approx(ac1, abs=1e-4)
    assert found.value - 0.003 < found.low < found.value


def test_nothing_depends_on_the_order_of_items_or_categories():
    rng = np.random.default_rng(1)
    table = rng.multinomial(3, [0.6, 0.3, 0.1], size=40)
    shuffled = rng.permutation(table)[:, [2, 0, 1]]
    for coefficient in (observed_agreement, fleiss_kappa, lambda counts: gwet_ac1(counts).low):
        assert coefficient(table) == pytest.approx(coefficient(shuffled), abs=1e-12)


def test_full_agreement_is_not_certain_agreement():
    # Zero disagreements in n items: the observed agreement is at least 0.05^(1/n).
    found = gwet_ac1([[2, 0]] * 15 + [[0, 2]] * 15)
    least = (0.05 ** (1 / 30) - found.expected) / (1 - found.expected)
    assert found.value == 1.0
    assert found.low == pytest.approx(least, abs=1e-9)


def test_the_lower_bound_holds_in_ninety_five_of_a_hundred_pilots():
    rng = np.random.default_rng(7)
    shares = np.array([0.7, 0.2, 0.1])

    def draw(items):
        truth = rng.choice(3, size=items, p=shares)
        given = np.where(rng.random((items, 2)) < 0.9, truth[:, None], rng.integers(0, 3, (items, 2)))
        return np.stack([(given == category).sum(axis=1) for category in range(3)], axis=1)

    truth = gwet_ac1(draw(400_000)).value
    held = sum(gwet_ac1(draw(60)).low <= truth for _ in range(400))
    assert held / 400 >= 0.94


@pytest.mark.parametrize("counts", [[[1, 0]], [[2], [2]], [[2, -1]], [2, 3]])
def test_tables_that_say_nothing_are_refused(counts):
    with pytest.raises(ValueError, match=r"ratings|category|table"):
        gwet_ac1(counts)
