"""A parent's target divided over children and over periods: the parts always make the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from watchfloor.science.targeting import (
    TargetingError,
    WeightsError,
    cascade,
    equal_lift,
    mix_adjusted_target,
    reconcile,
    seasonal_index,
    seasonal_targets,
)

W, B = [0.5, 0.3, 0.2], [0.94, 0.90, 0.96]

TREES = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.lists(st.floats(0.01, 1), min_size=size, max_size=size),
        st.lists(st.floats(0, 1), min_size=size, max_size=size),
        st.lists(st.floats(0.1, 50), min_size=size, max_size=size),
        st.lists(st.floats(0, 0.5), min_size=size, max_size=size),
    )
)


def test_the_published_cascade():
    found = cascade(weights=W, baselines=B, target=0.95, costs=[1, 1, 2])
    assert found.multiplier == pytest.approx(0.05)
    assert found.targets.tolist() == pytest.approx([0.965, 0.915, 0.965])
    assert found.is_feasible
    assert not found.clipped.any()


def test_the_published_equal_lift():
    found = equal_lift(weights=W, baselines=B, target=0.95)
    assert found.targets.tolist() == pytest.approx([0.958, 0.918, 0.978])


@given(TREES, st.floats(0, 1))
def test_a_cascade_adds_up_exactly_or_says_by_how_much_it_does_not(tree, target):
    raw, baselines, costs, room = (np.array(each) for each in tree)
    weights = raw / raw.sum()
    low, high = np.maximum(baselines - room, 0), np.minimum(baselines + room, 1)
    found = cascade(weights=weights, baselines=baselines, target=target, costs=costs, low=low, high=high)
    assert np.all(found.targets >= low - 1e-9)
    assert np.all(found.targets <= high + 1e-9)
    assert float(weights @ found.targets) + found.shortfall == pytest.approx(target, abs=1e-9)
    reachable = weights @ low - 1e-12 <= target <= weights @ high + 1e-12
    assert found.is_feasible == reachable or abs(found.shortfall) < 1e-9


@given(TREES, st.floats(-1, 2))
def test_without_bounds_every_target_can_be_reached(tree, target):
    raw, baselines, costs, _ = (np.array(each) for each in tree)
    weights = raw / raw.sum()
    for found in (
        cascade(weights=weights, baselines=baselines, target=target, costs=costs),
        equal_lift(weights=weights, baselines=baselines, target=target),
    ):
        assert float(weights @ found.targets) == pytest.approx(target, abs=1e-9)


def test_the_cascade_is_the_least_effort():
    weights, baselines = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.9, 0.95, 0.8, 0.97])
    costs, high = np.array([1.0, 3.0, 0.5, 9.0]), np.array([0.92, 1.0, 0.85, 1.0])
    found = cascade(weights=weights, baselines=baselines, target=0.93, costs=costs, high=high)
    oracle = optimize.minimize(
        lambda t: float(costs @ (t - baselines) ** 2) * 1e4,
        baselines,
        constraints={"type": "eq", "fun": lambda t: float(weights @ t) - 0.93},
        bounds=[(0, each) for each in high],
        options={"ftol": 1e-15},
    )
    assert found.targets.tolist() == pytest.approx(oracle.x.tolist(), abs=1e-4)
    assert found.clipped.tolist() == [True, False, True, False]


def test_a_target_beyond_the_bounds_is_not_silently_missed():
    found = cascade(weights=W, baselines=B, target=0.99, high=0.97)
    assert found.targets.tolist() == [0.97] * 3
    assert found.shortfall == pytest.approx(0.02)
    assert not found.is_feasible


def test_a_child_without_weight_keeps_its_baseline():
    found = cascade(weights=[1.0, 0.0], baselines=[0.9, 0.5], target=0.95)
    assert found.targets.tolist() == pytest.approx([0.95, 0.5])


@pytest.mark.parametrize("weights", [[0.5, 0.6], [1.2, -0.2], [], [np.nan, 1.0]])
def test_weights_that_are_no_shares_are_refused(weights):
    with pytest.raises(WeightsError):
        cascade(weights=weights, baselines=[0.9] * len(weights), target=0.95)


def test_the_refusal_names_the_sum_and_the_remedy():
    with pytest.raises(WeightsError, match=r"1\.100000.*planned volume"):
        equal_lift(weights=[0.5, 0.6], baselines=[0.9, 0.9], target=0.95)
    with pytest.raises(TargetingError, match="2 weights but 1 baselines"):
        cascade(weights=[0.5, 0.5], baselines=[0.9], target=0.95)


def test_reconciling_by_hand():
    # Gap 0.01; λ = 0.01 ÷ (0.25·4e-4 + 0.25·1e-4) = 80; moves 80·½·(4e-4, 1e-4).
    found = reconcile(proposals=[0.90, 0.96], covariance=[4e-4, 1e-4], aggregation=[0.5, 0.5], totals=0.94)
    assert found.adjustments.tolist() == pytest.approx([0.016, 0.004])


@given(st.integers(2, 8), st.integers(0, 2**31))
def test_two_levels_of_parents_hold_at_once(children, seed):
    rng = np.random.default_rng(seed)
    half = max(children // 2, 1)
    parents = np.zeros((2, children))
    parents[0, :] = 1.0 / children
    parents[1, :half] = 1.0 / half
    errors = rng.normal(size=(children, children))
    covariance = errors @ errors.T + 0.1 * np.eye(children)
    proposals, totals = rng.random(children), rng.random(2)
    found = reconcile(proposals=proposals, covariance=covariance, aggregation=parents, totals=totals)
    assert parents @ found.values == pytest.approx(totals, abs=1e-9)
    # Reconciled values stay where they are.
    again = reconcile(proposals=found.values, covariance=covariance, aggregation=parents, totals=totals)
    assert again.adjustments == pytest.approx(np.zeros(children), abs=1e-9)


def test_all_children_hit_and_the_parent_misses_when_the_mix_moves():
    found = reconcile(
        proposals=[0.95, 0.85],
        covariance=[1e-4, 1e-4],
        aggregation=[0.5, 0.5],
        totals=0.90,
        actual_aggregation=[0.3, 0.7],
        weight_covariance=[[0.01, -0.01], [-0.01, 0.01]],
    )
    assert found.mix_shift.tolist() == pytest.approx([-0.02])
    # Var = 0.01·(0.95 − 0.85)².
    assert found.mix_variance.tolist() == pytest.approx([1e-4])


@pytest.mark.parametrize(
    ("aggregation", "totals", "covariance"),
    [
        ([[0.5, 0.5], [0.5, 0.5]], [0.9, 0.95], [1, 1]),
        ([[0.5, 0.5]], [0.9], [0, 0]),
        ([[0.5, 0.5]], [0.9], [-1, 1]),
        ([[0.5]], [0.9], [1, 1]),
    ],
)
def test_contradictory_parents_are_refused(aggregation, totals, covariance):
    with pytest.raises(TargetingError):
        reconcile(proposals=[0.8, 0.8], covariance=covariance, aggregation=aggregation, totals=totals)


@given(
    st.lists(st.tuples(st.floats(0.2, 3), st.floats(0.01, 1)), min_size=1, max_size=12), st.floats(0.1, 0.95)
)
def test_seasons_make_the_plan(periods, target):
    index, raw = (np.array(each) for each in zip(*periods, strict=True))
    weights = raw / raw.sum()
    free = seasonal_targets(target=target, index=index, weights=weights)
    assert float(weights @ free.targets) == pytest.approx(target, abs=1e-9)
    share = seasonal_targets(target=target, index=index, weights=weights, highest=1.0)
    assert float(weights @ share.targets) == pytest.approx(target, abs=1e-9)
    assert np.all(share.targets <= 1.0 + 1e-12)


def test_seasons_that_cannot_be_are_refused():
    with pytest.raises(TargetingError, match="not positive"):
        seasonal_targets(target=0.9, index=[1, 0])
    with pytest.raises(TargetingError, match=r"above 0\.8"):
        seasonal_targets(target=0.9, index=[1, 1], highest=0.8)
    with pytest.raises(TargetingError, match="Season 1"):
        seasonal_index(values=[1.0, 2.0], seasons=[0, 2])


def test_the_index_of_a_season_is_its_mean_over_the_mean_of_all():
    assert seasonal_index(values=[80, 120, 100, 100], seasons=[0, 1, 2, 2]).tolist() == [0.8, 1.2, 1.0]


def test_a_planned_mix_moves_the_target_by_itself():
    moved = mix_adjusted_target(target=0.85, rates=[0.9, 0.8], reference=[0.5, 0.5], planned=[0.3, 0.7])
    assert moved == pytest.approx(0.83)
