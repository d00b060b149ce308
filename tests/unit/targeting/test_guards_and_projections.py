"""What keeps a target honest, and where its period will end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.science.targeting import (
    TargetingError,
    fan,
    fte_needed,
    missing_partners,
    project_additive,
    project_draws,
    project_ratio,
    ratchet_guard,
    required_rate,
)


def test_a_units_own_best_month_is_not_its_next_target():
    found = ratchet_guard(previous=0.94, proposed=0.97, own_best=0.97, drivers={"tooling": 0.01}, bound=0.005)
    assert found.reasons == ("own_best", "beyond_bound")
    assert found.value == pytest.approx(0.95)


def test_drivers_and_a_small_step_beyond_them_may_move_a_target():
    found = ratchet_guard(
        previous=60, proposed=54, own_best=50, drivers={"tooling": -5.0}, bound=2, direction="lower_is_better"
    )
    assert found.is_kept
    assert (found.value, found.explained) == (54, -5.0)


def test_easing_a_target_is_bounded_too():
    found = ratchet_guard(previous=0.95, proposed=0.80, own_best=0.97, drivers={}, bound=0.02)
    assert found.reasons == ("beyond_bound",)
    assert found.value == pytest.approx(0.93)


def test_lower_is_better_knows_its_own_best_as_well():
    found = ratchet_guard(
        previous=60, proposed=51, own_best=51, drivers={}, bound=20, direction="lower_is_better"
    )
    assert found.reasons == ("own_best",)
    assert found.value == 60
    with pytest.raises(TargetingError):
        ratchet_guard(previous=1, proposed=1, own_best=1, drivers={}, bound=-1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(-0.1, 0.1), st.floats(0, 0.2))
def test_what_the_guard_allows_passes_the_guard(previous, proposed, best, driver, bound):
    given_ = {"previous": previous, "own_best": best, "drivers": {"mix": driver}, "bound": bound}
    first = ratchet_guard(proposed=proposed, **given_)
    assert first.low - 1e-9 <= first.value <= first.high + 1e-9
    assert ratchet_guard(proposed=first.value, **given_).value == pytest.approx(first.value, abs=1e-9)


@pytest.mark.parametrize(
    ("role", "present", "missing"),
    [
        ("speed", [], ("quality", "wellbeing")),
        ("speed", [("quality", "stretch"), ("wellbeing", "ceiling")], ("quality",)),
        ("speed", [("quality", "floor"), ("wellbeing", "ceiling")], ()),
        ("quality", [], ()),
    ],
)
def test_speed_never_stands_alone(role, present, missing):
    assert missing_partners(role=role, present=present) == missing


@pytest.mark.parametrize(
    ("done", "rate", "verdict"),
    [(280, 1.0, "open"), (290, 0.9, "open"), (279, 1.01, "impossible"), (380, None, None)],
)
def test_the_published_required_rates(done, rate, verdict):
    if rate is None:
        with pytest.raises(TargetingError):
            required_rate(done=done, done_of=300, total=400, target=0.95)
        return
    found = required_rate(done=done, done_of=300, total=400, target=0.95)
    assert found.rate == pytest.approx(rate)
    assert found.verdict == verdict


def test_what_is_secured_and_what_may_not_be_exceeded():
    assert required_rate(done=380, done_of=380, total=400, target=0.95).verdict == "secured"
    late = {"total": 400, "target": 0.05, "direction": "lower_is_better"}
    assert required_rate(done=21, done_of=300, **late).verdict == "impossible"
    assert required_rate(done=5, done_of=390, **late).verdict == "secured"
    assert required_rate(done=15, done_of=300, **late).rate == pytest.approx(0.05)
    over = required_rate(done=380, done_of=400, total=400, target=0.95)
    assert over.verdict == "secured"
    assert np.isnan(over.rate)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100), st.floats(0, 1))
def test_the_required_rate_just_keeps_the_target(k, wrong, rest, target):
    found = required_rate(done=k, done_of=k + wrong, total=k + wrong + rest, target=target)
    if rest:
        assert k + found.rate * rest == pytest.approx(target * (k + wrong + rest), abs=1e-6)
        assert (found.verdict == "impossible") == (found.rate > 1)
        assert (found.verdict == "secured") == (found.rate <= 0)


def test_totals_and_ratios_by_hand():
    total = project_additive(done=700, rest_mean=[100, 200], rest_variance=[100, 300], target=990)
    assert (total.value, total.high - total.value) == pytest.approx((1000, 1.644854 * 20))
    assert total.probability == pytest.approx(0.691462, abs=1e-6)
    ratio = project_ratio(done=290, done_of=300, rest=95, rest_of=100, rest_variance=4.75, target=0.95)
    assert ratio.value == 0.9625
    assert ratio.high - ratio.value == pytest.approx(1.644854 * 4.75**0.5 / 400)


def test_a_certain_end_is_certain_and_no_end_is_none():
    assert project_additive(done=10, rest_mean=5, target=15).probability == 1.0
    assert project_additive(done=10, rest_mean=5, target=14, direction="lower_is_better").probability == 0.0
    assert project_additive(done=10, rest_mean=5).probability is None
    assert np.isnan(project_ratio(done=0, done_of=0, rest=0, rest_of=0).value)
    with pytest.raises(TargetingError):
        project_additive(done=1, rest_mean=1, rest_variance=-1)


def test_simulated_ends_agree_with_the_normal_ones():
    rng = np.random.default_rng(1)
    draws = 700 + rng.normal(300, 20, 200_000)
    found = project_draws(draws=draws, target=990)
    normal = project_additive(done=700, rest_mean=300, rest_variance=400, target=990)
    assert (found.value, found.low, found.high) == pytest.approx(
        (normal.value, normal.low, normal.high), abs=0.3
    )
    assert found.probability == pytest.approx(normal.probability, abs=0.005)


def test_a_fan_widens_with_the_horizon():
    rng = np.random.default_rng(2)
    found = fan(done=100, draws=rng.poisson(50, (4000, 6)))
    widths = found.values[-1] - found.values[0]
    assert found.values.shape == (7, 6)
    assert np.all(np.diff(widths) > 0)
    with pytest.raises(TargetingError):
        fan(done=0, draws=[])


@pytest.mark.parametrize(
    ("volume", "handle", "occupancy", "shrinkage", "expected"),
    [(10_000, 60, 0.85, 0.30, 35.014006), (12_000, 66, 0.88, 0.32, 45.955882)],
)
def test_the_published_full_time_equivalents(volume, handle, occupancy, shrinkage, expected):
    found = fte_needed(
        volume=volume, handle_seconds=handle, hours=8, occupancy=occupancy, shrinkage=shrinkage
    )
    assert found == pytest.approx(expected, abs=5e-7)


def test_shrinkage_divides():
    # A hundred people seated all day at 30 % shrinkage.
    found = fte_needed(volume=100 * 8, handle_seconds=3600, hours=8, occupancy=1.0, shrinkage=0.30)
    assert found == pytest.approx(142.857, abs=5e-4)
    with pytest.raises(TargetingError, match="occupancy"):
        fte_needed(volume=1, handle_seconds=1, hours=8, occupancy=0, shrinkage=0)
