"""Targets from peers, frontiers, learning curves, simulations, harm and budgets."""

import numpy as np
import pytest
from scipy import optimize

from watchfloor.science.targeting import (
    PRACTICE,
    BurnRule,
    TargetingError,
    attainment,
    burning,
    error_budget,
    feasible,
    floor_and_stretch,
    frontier,
    harm_floor,
    learning_band,
    peer_percentile,
)


def test_the_percentile_of_peers_is_not_the_luckiest_one():
    rng = np.random.default_rng(1)
    n = np.full(50, 30)
    k = rng.binomial(n, rng.beta(48, 2, 50))
    found = peer_percentile(successes=k, trials=n, probability=0.75)
    assert found.raw_best == 1.0
    # The true P75 of Beta(48, 2).
    assert found.population_value == pytest.approx(0.980, abs=0.012)
    assert found.value < found.population_value < found.raw_best
    assert found.peers == 50


def test_peers_with_a_harder_mix_are_read_at_the_mean_mix():
    k, n = np.array([80, 90, 80, 90, 80, 90]), np.full(6, 100)
    expected = np.array([0.8, 0.9] * 3)
    found = peer_percentile(successes=k, trials=n, probability=0.6, expected=expected)
    assert found.value == pytest.approx(0.85, abs=1e-3)


def test_too_few_peers_are_no_distribution():
    with pytest.raises(TargetingError, match="4 peers"):
        peer_percentile(successes=[9, 9, 9, 9, 0], trials=[10, 10, 10, 10, 0], probability=0.7)


def test_the_frontier_by_hand():
    # At input 3 the line between (2, 4) and (4, 6) gives 5: a unit with 4 could give 1.25 times as much.
    found = frontier(inputs=[2, 4, 3], outputs=[4, 6, 4])
    assert found.expansion.tolist() == pytest.approx([1, 1, 1.25])
    assert found.efficiency.tolist() == pytest.approx([1, 1, 0.8])
    assert found.peers[2].tolist() == pytest.approx([0.5, 0.5, 0])
    assert found.attainable[2].tolist() == pytest.approx([5.0])
    assert np.isnan(found.low).all()


def test_each_unit_agrees_with_its_own_linear_programme():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(1, 5, (15, 2)), rng.uniform(1, 5, (15, 2))
    found = frontier(inputs=x, outputs=y)
    for unit in range(15):
        alone = optimize.linprog(
            np.r_[np.zeros(15), -1.0],
            A_ub=np.vstack([np.c_[x.T, np.zeros(2)], np.c_[-y.T, y[unit]]]),
            b_ub=np.r_[x[unit], np.zeros(2)],
            A_eq=np.r_[np.ones(15), 0.0][None, :],
            b_eq=[1.0],
        )
        assert found.expansion[unit] == pytest.approx(-alone.fun, abs=1e-6)
    assert found.peers.sum(axis=1) == pytest.approx(np.ones(15))
    assert found.efficiency.max() == 1.0


def test_units_of_measure_do_not_move_the_frontier():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(1, 5, 20), rng.uniform(1, 5, 20)
    found, scaled = frontier(inputs=x, outputs=y), frontier(inputs=x * 3600, outputs=y / 1000)
    assert found.expansion == pytest.approx(scaled.expansion, abs=1e-6)


def test_the_bias_correction_moves_towards_the_truth():
    # Y = √x·e^(−u): the observed frontier lies inside the true one.
    rng = np.random.default_rng(4)
    x = rng.uniform(1, 9, 60)
    u = np.abs(rng.normal(0, 0.25, 60))
    found = frontier(inputs=x, outputs=np.sqrt(x) * np.exp(-u), draws=60, rng=np.random.default_rng(5))
    truth = np.exp(-u)
    assert np.all(found.corrected <= found.efficiency + 1e-12)
    assert np.abs((found.corrected - truth).mean()) < np.abs((found.efficiency - truth).mean())
    assert np.all(found.low <= found.high)
    assert np.mean((found.low <= truth) & (truth <= found.high)) > 0.6


@pytest.mark.parametrize(
    ("x", "y"), [([1, 2], [1]), ([1, -1], [1, 1]), ([1, 1], [0, 1]), ([np.nan, 1], [1, 1]), ([0, 0], [1, 1])]
)
def test_tables_without_a_frontier_are_refused(x, y):
    with pytest.raises(TargetingError):
        frontier(inputs=x, outputs=y)


def test_randomness_is_asked_for():
    with pytest.raises(TargetingError, match="rng"):
        frontier(inputs=[1, 2, 3], outputs=[1, 2, 3], draws=10)


@pytest.mark.parametrize(("plateau", "start", "scale"), [(60.0, 0.5, 4.0), (0.95, -0.2, 6.0)])
def test_a_learning_curve_is_found_again(plateau, start, scale):
    rng = np.random.default_rng(6)
    weeks = np.repeat(np.arange(30), 12)
    noise = np.exp(rng.normal(0, 0.03, len(weeks)))
    values = plateau * (1 + start * np.exp(-weeks / scale)) * noise
    found = learning_band(values=values, tenure=weeks, exposure=rng.integers(20, 200, len(weeks)))
    assert found.plateau == pytest.approx(plateau, rel=0.02)
    assert found.start == pytest.approx(start, abs=0.04)
    assert found.scale == pytest.approx(scale, rel=0.25)
    inside = (values >= found.low_at(weeks)) & (values <= found.high_at(weeks))
    assert inside.mean() == pytest.approx(0.8, abs=0.03)
    targets = found.targets(plateau_target=plateau, tenure=[0, 1000])
    assert targets.tolist() == pytest.approx([plateau * (1 + found.start), plateau])


@pytest.mark.parametrize(
    ("values", "tenure"), [([1, 2, 3], [0, 1, 2]), ([1] * 8, [3] * 8), ([0, *[1] * 7], list(range(8)))]
)
def test_points_without_a_curve_are_refused(values, tenure):
    with pytest.raises(TargetingError):
        learning_band(values=values, tenure=tenure)


def test_an_infeasible_target_says_what_would_make_it_feasible():
    found = feasible(
        probability_of={30: 0.2, 34: 0.6, 38: 0.9}, staffed=34, probability_of_volume={1.0: 0.6, 0.9: 0.85}
    )
    assert not found.is_feasible
    assert found.fte_needed == pytest.approx(34 + 4 * (0.8 - 0.6) / 0.3)
    assert found.volume_share == pytest.approx(1.0 - 0.1 * (0.8 - 0.6) / 0.25)


def test_noise_of_the_simulation_cannot_make_more_staff_worse():
    found = feasible(probability_of={30: 0.85, 32: 0.79, 34: 0.9}, staffed=31)
    assert found.probability == pytest.approx(0.82)
    assert found.is_feasible
    assert found.fte_missing == 0.0


def test_a_target_that_no_staff_reaches_has_no_number():
    found = feasible(probability_of={30: 0.1, 40: 0.3}, staffed=35)
    assert (found.fte_needed, found.fte_missing, found.volume_share) == (None, None, None)


@pytest.mark.parametrize(("points", "staffed"), [({}, 3), ({30: 0.5}, 31), ({30: 1.5}, 30)])
def test_simulations_that_do_not_hold_the_plan_are_refused(points, staffed):
    with pytest.raises(TargetingError):
        feasible(probability_of=points, staffed=staffed)


def test_attainment_counts_the_simulated_periods():
    found = attainment(simulated=[0.97, 0.96, 0.94, 0.98], target=0.95)
    assert (found.probability, found.runs) == (0.75, 4)
    assert found.low < 0.75 < found.high


def test_the_harm_budget_sets_the_ceiling():
    found = harm_floor(
        budget=[50_000, 1e9, 0], passes=[1_000_000, 10, 5], severity=[5, 1, 1], views=[20, 9, 9]
    )
    assert found.tolist() == [0.0005, 1.0, 0.0]
    assert float(harm_floor(budget=1, passes=0, severity=1, views=1)) == 1.0
    with pytest.raises(TargetingError):
        harm_floor(budget=1, passes=1, severity=0, views=1)


def test_the_pairs_from_practice_spend_what_they_say():
    assert [round(rule.budget_share(), 4) for rule in PRACTICE] == [0.02, 0.05]


def test_an_error_budget_by_hand():
    # (1 − 0.95)·30,000 = 1,500; 300 spent; 30 % in the window is 6×; 0.8 of 720 h at 6×.
    found = error_budget(
        target=0.95, total=10_000, bad=300, window_bad=60, window_total=200, expected_total=30_000
    )
    assert (found.budget, found.remaining, found.spent_share) == pytest.approx((1500, 1200, 0.2))
    assert (found.burn_rate, found.hours_left) == pytest.approx((6.0, 96.0))


def test_a_spent_budget_has_no_hours_left_and_a_calm_one_has_all():
    spent = error_budget(target=0.95, total=100, bad=9, window_bad=1, window_total=10)
    assert spent.remaining < 0
    assert spent.hours_left == 0.0
    calm = error_budget(target=0.95, total=100, bad=0, window_bad=0, window_total=0)
    assert calm.hours_left == float("inf")
    for wrong in ({"target": 1.0}, {"bad": 101}, {"window_bad": 3}):
        given = {"target": 0.9, "total": 100, "bad": 1, "window_bad": 0, "window_total": 2} | wrong
        with pytest.raises(TargetingError):
            error_budget(**given)


def test_an_alarm_needs_both_windows_and_enough_volume():
    fast, slow = BurnRule(14.4, 1), BurnRule(6, 6)
    windows = [(fast, 1, 200, 0, 20), (slow, 70, 1000, 7, 80)]
    assert burning(target=0.99, windows=windows) is slow
    assert burning(target=0.99, windows=windows, least_total=2000) is None
    assert burning(target=0.99, windows=[(slow, 70, 1000, 0, 80)]) is None


def test_only_the_floor_has_consequences():
    found = floor_and_stretch(floor=60, stretch=50, direction="lower_is_better")
    assert [found.reached(value) for value in (61, 60, 55, 50)] == [
        "below_floor",
        "between",
        "between",
        "stretch",
    ]
    with pytest.raises(TargetingError, match="not harder"):
        floor_and_stretch(floor=0.95, stretch=0.95)
