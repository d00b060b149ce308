"""Agreement of real people: ninety thousand labels of eleven thousand websites, from a labelling market."""

import os
from pathlib import Path

import numpy as np
import pytest

from watchfloor.science.agreement import (
    fleiss_kappa,
    gwet_ac1,
    item_bootstrap,
    krippendorff_alpha,
    specific_agreement,
    tally,
)

pytestmark = pytest.mark.logs


@pytest.fixture(scope="module")
def labels():
    given = os.environ.get("WATCHFLOOR_LOGS")
    folder = Path(given) if given else Path(__file__).resolve().parents[4] / "shared" / "data"
    file = folder / "adult-content" / "labels.txt"
    if not file.is_file():
        pytest.skip(f"the real logs are not at {folder}; set WATCHFLOOR_LOGS")
    rows = [line.split("\t") for line in file.read_text().splitlines()]
    _, items, answers = zip(*rows, strict=True)
    return tally(items=items, labels=answers, categories=("G", "P", "R", "X"), folded=True)


def test_eleven_thousand_items_fold_into_some_hundred_patterns(labels):
    assert labels.multiplicity.sum() == 11_040
    assert float(labels.multiplicity @ labels.counts.sum(axis=1)) == 92_721
    assert len(labels.counts) < 1_000


def test_nominal_alpha_is_the_known_one(labels):
    found = krippendorff_alpha(labels.counts, multiplicity=labels.multiplicity)
    assert found == pytest.approx(0.314, abs=5e-4)


def test_strangers_who_do_not_say_the_same_word_still_agree_in_rank(labels):
    nominal, ordinal = (
        krippendorff_alpha(labels.counts, level=level, multiplicity=labels.multiplicity)
        for level in ("nominal", "ordinal")
    )
    assert ordinal > nominal + 0.1


def test_the_coefficients_differ_for_one_and_the_same_data(labels):
    counted = {"multiplicity": labels.multiplicity}
    fleiss, ac1 = fleiss_kappa(labels.counts, **counted), gwet_ac1(labels.counts, **counted)
    # Eight labels an item: Fleiss weighs items, alpha weighs ratings.
    assert fleiss < ac1.observed
    assert ac1.low < ac1.value < 1
    specific = specific_agreement(labels.counts, **counted)
    assert np.argmax(specific) == 0


def test_alpha_is_known_to_a_hundredth(labels):
    found = item_bootstrap(
        multiplicity=labels.multiplicity,
        coefficient=lambda times: krippendorff_alpha(labels.counts, multiplicity=times),
        rng=np.random.default_rng(1),
        draws=200,
    )
    assert found.low < 0.314 < found.high
    assert found.high - found.low < 0.02
