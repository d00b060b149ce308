"""The fast event loop and the slow statement of its rules give the same history, value for value."""

from datetime import UTC, datetime

import numpy as np
import pytest

from watchfloor.science.simulation.arrivals import draw_cases
from watchfloor.science.simulation.chance import uniform
from watchfloor.science.simulation.demo_world import build_world
from watchfloor.science.simulation.model import build_model
from watchfloor.science.simulation.reference import _uniform, run_reference
from watchfloor.science.simulation.run import open_cases, run
from watchfloor.science.simulation.schedule import build_schedule

HOUR_MS = 3_600_000


@pytest.mark.parametrize(("seed", "hours"), [(1, 5), (2, 14), (3, 30)])
def test_engine_and_reference_agree_on_every_review_and_decision(seed: int, hours: int) -> None:
    world = build_world(seed=seed, start=datetime(2026, 3, 2, 8, tzinfo=UTC), days=2)
    model = build_model(world, end=world.end)
    horizon_ms = hours * HOUR_MS
    cases = draw_cases(model, horizon_ms=horizon_ms, rng=np.random.default_rng(seed))
    timetable = build_schedule(world, end=world.end, rng=np.random.default_rng(seed)).timetable
    fast = run(model=model, cases=cases, timetable=timetable, horizon_ms=horizon_ms, seed=seed)
    slow = run_reference(model=model, cases=cases, timetable=timetable, horizon_ms=horizon_ms, seed=seed)
    out = fast.outputs
    reviews = list(
        zip(
            out.review_case.tolist(),
            out.review_reviewer.tolist(),
            out.review_kind.tolist(),
            out.review_assigned_ms.tolist(),
            out.review_submitted_ms.tolist(),
            out.review_handle_ms.tolist(),
            out.review_outcome.tolist(),
            out.review_label.tolist(),
            strict=True,
        )
    )
    decisions = list(
        zip(
            out.decision_case.tolist(),
            out.decision_review.tolist(),
            out.decision_version.tolist(),
            out.decision_rule.tolist(),
            out.decision_label.tolist(),
            strict=True,
        )
    )
    assert reviews == list(slow.reviews)
    assert decisions == list(slow.decisions)
    assert tuple(open_cases(fast).tolist()) == slow.open_cases
    assert fast.events == slow.events


def test_chance_by_number_is_the_same_in_both_and_spreads_evenly() -> None:
    drawn = np.array([uniform(7, case, case % 5, case % 6) for case in range(20_000)])
    slow = [_uniform(7, case, case % 5, case % 6) for case in range(0, 20_000, 97)]
    assert drawn[::97].tolist() == slow
    counts = np.histogram(drawn, bins=20, range=(0, 1))[0]
    # 19 degrees of freedom: chi-square above 45 happens once in a thousand.
    assert ((counts - 1000) ** 2 / 1000).sum() < 45
