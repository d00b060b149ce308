"""The present follows the laws of the history: rates, duty, eligibility and turns."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from watchfloor.science.simulation import DemoWorld
from watchfloor.science.simulation.live import LiveOperation


@pytest.fixture(scope="module")
def operation(world: DemoWorld) -> LiveOperation:
    return LiveOperation.build(world, until=world.end + timedelta(days=3))


def test_a_day_of_arrivals_has_the_operations_volume_and_comes_in_order(
    operation: LiveOperation, world: DemoWorld
) -> None:
    rng = np.random.default_rng(1)
    arrived = []
    for minute in range(0, 24 * 60, 30):
        since = world.end + timedelta(minutes=minute)
        arrived += operation.arrivals(since=since, until=since + timedelta(minutes=30), rng=rng)
    assert [case.at for case in arrived] == sorted(case.at for case in arrived)
    counts = Counter(case.queue for case in arrived)
    for queue in world.production_queues:
        ended = 0.76 if queue.slug == "search-harmful-results" else 1.0  # its sweep has ended
        assert counts[queue.slug] == pytest.approx(queue.daily_cases * ended, rel=0.2)
    for case in arrived[:500]:
        queue = world.queue(case.queue)
        assert case.language in queue.languages
        assert case.data_boundary == queue.data_boundary
        assert case.true_label.startswith(queue.policy + ".")


def test_an_empty_span_has_no_arrivals(operation: LiveOperation, world: DemoWorld) -> None:
    assert operation.arrivals(since=world.end, until=world.end, rng=np.random.default_rng(1)) == []


def test_an_instant_beyond_what_was_built_is_refused_with_the_remedy(
    operation: LiveOperation, world: DemoWorld
) -> None:
    late = world.end + timedelta(days=30)
    with pytest.raises(ValueError, match="build the operation for a later end"):
        operation.arrivals(since=late, until=late + timedelta(minutes=1), rng=np.random.default_rng(1))


def test_people_are_on_duty_around_the_clock_and_change_state_when_they_said(
    operation: LiveOperation, world: DemoWorld
) -> None:
    for hour in range(0, 48, 3):
        at = world.end + timedelta(hours=hour)
        states = Counter(operation.state(reviewer=person.code, at=at) for person in world.reviewers)
        assert 40 < states["available"] < 140
    person = world.reviewers[0].code
    at = world.end
    for _ in range(10):
        following = operation.next_change(reviewer=person, at=at)
        assert following is not None
        assert following > at
        assert operation.state(reviewer=person, at=following - timedelta(milliseconds=1)) == operation.state(
            reviewer=person, at=at
        )
        at = following


def test_turns_have_the_mean_length_and_the_error_share_of_their_person(
    operation: LiveOperation, world: DemoWorld
) -> None:
    rng = np.random.default_rng(2)
    person = next(
        reviewer for reviewer in world.reviewers if reviewer.site == "dublin" and reviewer.initial_cases > 2e4
    )
    queue = world.queue(person.queues[0])
    truth = f"{queue.policy}.no_violation"
    turns = [
        operation.turn(
            reviewer=person.code, queue=queue.slug, language="en", at=world.end, rng=rng, true_label=truth
        )
        for _ in range(6000)
    ]
    submitted = [turn for turn in turns if turn.outcome == "submitted"]
    assert len(submitted) / len(turns) == pytest.approx(0.971, abs=0.01)
    launched = 1.18 if queue.slug == "message-reports-eu" else 1.0
    expected = queue.handle_seconds * 0.92 * person.speed_factor * launched
    assert np.mean([turn.handle_seconds for turn in submitted]) == pytest.approx(expected, rel=0.04)
    wrong = np.mean([turn.label != truth for turn in submitted])
    assert wrong == pytest.approx(person.error_share, abs=0.012)


def test_only_people_inside_the_boundary_may_take_its_cases(
    operation: LiveOperation, world: DemoWorld
) -> None:
    for person in world.reviewers:
        inside = operation.may_take(reviewer=person.code, queue="message-reports-eu", language="en")
        assert inside == (person.data_boundary == "eu-enclave")
