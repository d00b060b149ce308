"""What holds for every drawing: sizes, repeatability, exact probabilities, estimates without bias."""

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.science.sampling import allocate, simple_random, stratified, systematic

FRAMES = st.integers(0, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
SEEDS = st.text(max_size=8)


def units(count):
    return [f"u{index}" for index in range(count)]


@given(frame=FRAMES, seed=SEEDS, draw=st.sampled_from([simple_random, systematic]))
def test_a_sample_has_its_size_its_units_and_one_probability(frame, seed, draw):
    total, size = frame
    sample = draw(units=units(total), size=size, seed=seed)
    assert len(sample.units) == len(set(sample.units)) == size
    assert set(sample.units) <= set(units(total))
    assert set(sample.pi.values()) <= {size / total if total else 0.0}
    assert sample.units == tuple(one for one in units(total) if one in set(sample.units))


@given(frame=FRAMES, seed=SEEDS, order=st.randoms())
def test_a_random_sample_does_not_depend_on_the_order_of_the_frame(frame, seed, order):
    total, size = frame
    shuffled = units(total)
    order.shuffle(shuffled)
    first = simple_random(units=units(total), size=size, seed=seed)
    assert set(first.units) == set(simple_random(units=shuffled, size=size, seed=seed).units)


@given(frame=FRAMES, seed=SEEDS)
def test_a_larger_sample_of_the_same_seed_holds_the_smaller_one(frame, seed):
    total, size = frame
    small = simple_random(units=units(total), size=size // 2, seed=seed)
    assert set(small.units) <= set(simple_random(units=units(total), size=size, seed=seed).units)


@given(
    populations=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 40), max_size=6),
    size=st.integers(0, 150),
    rule=st.sampled_from(["proportional", "equal", "neyman"]),
    floor=st.integers(0, 8),
)
def test_an_allocation_spends_the_sample_and_keeps_every_floor(populations, size, rule, floor):
    given_ = allocate(populations=populations, size=size, rule=rule, floor=floor)
    floors = {name: min(count, floor) for name, count in populations.items()}
    assert all(floors[name] <= given_[name] <= populations[name] for name in populations)
    assert sum(given_.values()) == max(min(size, sum(populations.values())), sum(floors.values()))


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    seed=SEEDS,
    shares=st.lists(st.integers(0, 12), min_size=4, max_size=4),
)
def test_strata_are_drawn_apart_and_weights_add_up_to_the_frame(sizes, seed, shares):
    strata = {f"h{h}": [f"h{h}/{i}" for i in range(size)] for h, size in enumerate(sizes)}
    wanted = {name: max(1, min(shares[h], len(strata[name]))) for h, name in enumerate(strata)}
    sample = stratified(strata=strata, sizes=wanted, seed=seed)
    assert Counter(sample.stratum_of.values()) == wanted
    assert sum(1 / pi for pi in sample.pi.values()) == pytest.approx(sum(sizes))


@pytest.mark.parametrize(
    ("draw", "total", "size"), [(simple_random, 9, 4), (systematic, 9, 4), (systematic, 12, 3)]
)
def test_over_many_seeds_every_unit_is_drawn_as_often_as_its_probability_says(draw, total, size):
    runs = 4000
    counts = Counter(
        unit for seed in range(runs) for unit in draw(units=units(total), size=size, seed=str(seed)).units
    )
    pi = size / total
    bound = 4.5 * sqrt(pi * (1 - pi) / runs)
    assert all(abs(counts[unit] / runs - pi) < bound for unit in units(total))


def test_over_many_seeds_every_pair_is_drawn_alike():
    runs, total, size = 6000, 6, 3
    pairs: Counter[tuple[str, str]] = Counter()
    for seed in range(runs):
        drawn = simple_random(units=units(total), size=size, seed=str(seed)).units
        pairs.update((a, b) for a in drawn for b in drawn if a < b)
    expected = size * (size - 1) / (total * (total - 1))
    assert all(
        abs(n / runs - expected) < 4.5 * sqrt(expected * (1 - expected) / runs) for n in pairs.values()
    )
    assert len(pairs) == 15


def test_weighted_totals_are_unbiased_under_a_stratified_design():
    strata = {"pass": [f"p{i}" for i in range(90)], "action": [f"a{i}" for i in range(10)]}
    wrong = {"p3", "p40", "a1", "a2", "a9"}
    runs = 3000
    totals = [
        sum(1 / pi for unit, pi in sample.pi.items() if unit in wrong)
        for sample in (
            stratified(strata=strata, sizes={"pass": 20, "action": 5}, seed=str(seed)) for seed in range(runs)
        )
    ]
    mean = sum(totals) / runs
    spread = sqrt(sum((one - mean) ** 2 for one in totals) / runs)
    assert abs(mean - len(wrong)) < 4 * spread / sqrt(runs)


@pytest.mark.parametrize("draw", [simple_random, systematic])
def test_what_cannot_be_drawn_is_refused(draw):
    with pytest.raises(ValueError, match="cannot draw"):
        draw(units=["a"], size=2, seed="1")
    with pytest.raises(ValueError, match="twice"):
        draw(units=["a", "a"], size=1, seed="1")
    with pytest.raises(ValueError, match="stratum"):
        stratified(strata={"x": ["a"]}, sizes={"y": 1}, seed="1")
