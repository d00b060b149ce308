"""A history keeps its books: cases end or stay open, people do one thing at a time, tables fit schemas."""

from datetime import UTC, datetime

import numpy as np
import pytest

from watchfloor.facts.schemas import TABLES
from watchfloor.science.simulation import History, build_world, simulate_history, truth
from watchfloor.science.simulation.columns import Coded, rows_of
from watchfloor.science.simulation.engine import DECIDED
from watchfloor.science.simulation.schedule import HANDLING, STATES

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_every_case_is_decided_or_open_and_never_both(history: History) -> None:
    decided = int(history.facets.decided.sum())
    assert decided + len(history.open_cases) == len(history.cases)
    out = history.run.outputs
    first = out.decision_case[out.decision_version == 0]
    assert len(np.unique(first)) == len(first) == decided
    assert set(np.flatnonzero(out.case_state == DECIDED)) == set(first.tolist())


def test_nobody_handles_two_cases_at_once(history: History) -> None:
    out = history.run.outputs
    order = np.lexsort((out.review_assigned_ms, out.review_reviewer))
    same = np.diff(out.review_reviewer[order]) == 0
    overlap = out.review_assigned_ms[order][1:] < out.review_submitted_ms[order][:-1]
    assert not (same & overlap).any()


def test_nobody_meets_a_case_twice_and_blind_second_reviews_have_another_reviewer(history: History) -> None:
    out = history.run.outputs
    pairs = out.review_case.astype(np.int64) * 1000 + out.review_reviewer
    assert len(np.unique(pairs)) == len(pairs)


def test_a_review_is_made_by_someone_trained_in_the_language_and_on_the_right_side_of_the_boundary(
    history: History,
) -> None:
    out, model = history.run.outputs, history.model
    people = model.people
    allowed = np.zeros((len(people.speed), model.lane_count), dtype=bool)
    for person in range(len(people.speed)):
        allowed[person, people.lanes[people.lane_first[person] : people.lane_first[person + 1]]] = True
    assert allowed[out.review_reviewer, history.cases.lane[out.review_case]].all()


def test_reviews_begin_after_arrival_and_on_duty(history: History) -> None:
    out = history.run.outputs
    assert (out.review_assigned_ms >= history.cases.at_ms[out.review_case]).all()
    assert (out.review_submitted_ms > out.review_assigned_ms).all()
    timetable = history.schedule.timetable
    for row in range(0, len(out.review_case), 4001):
        person = int(out.review_reviewer[row])
        times = timetable.at_ms[timetable.first[person] : timetable.first[person + 1]]
        states = timetable.state[timetable.first[person] : timetable.first[person + 1]]
        place = np.searchsorted(times, out.review_assigned_ms[row], side="right") - 1
        assert STATES[states[place]] == "available"


def test_handling_intervals_hold_exactly_the_time_of_reviews(history: History) -> None:
    out = history.run.outputs
    handling = out.activity_state == HANDLING
    spent = (out.activity_end_ms - out.activity_start_ms)[handling].sum()
    reviewed = (out.review_submitted_ms - out.review_assigned_ms).sum()
    horizon_ms = round((history.end - history.start).total_seconds() * 1000)
    # What is in hand at the end is handling already, but no review yet.
    assert 0 <= spent - reviewed <= len(history.run.in_review) * 2_400_000
    assert out.activity_end_ms.max() <= horizon_ms


def test_deadlines_are_the_policy_of_queue_and_severity(history: History) -> None:
    cases = history.cases
    promised = np.array([queue.sla_seconds for queue in history.world.queues]) * 1000
    assert (cases.deadline_ms - cases.at_ms == promised[cases.queue, cases.severity]).all()


def test_more_urgent_cases_of_a_queue_wait_less(history: History, first_decided_ms: np.ndarray) -> None:
    cases = history.cases
    queue = [item.slug for item in history.world.queues].index("search-harmful-results")
    decided = (first_decided_ms >= 0) & (cases.queue == queue)
    waits = [
        float(np.quantile((first_decided_ms - cases.at_ms)[decided & (cases.severity == level)], 0.95))
        for level in range(4)
    ]
    assert waits[1] < waits[2] < waits[3]


def test_the_same_seed_repeats_the_history_and_another_seed_does_not() -> None:
    world = build_world(seed=5, start=START, days=1)
    first, again, other = (simulate_history(world, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(first.run.outputs.review_submitted_ms, again.run.outputs.review_submitted_ms)
    assert not np.array_equal(first.cases.at_ms[:100], other.cases.at_ms[:100])
    for (name, table), (_, repeated) in zip(first.tables(), again.tables(), strict=True):
        for column in table:
            assert rows_of(table[column])[:50] == rows_of(repeated[column])[:50], (name, column)


def test_tables_have_the_columns_of_the_schemas_and_fill_what_is_required(history: History) -> None:
    for name, table in history.tables():
        schema = TABLES[name]
        assert set(table) <= set(schema.by_name), name
        lengths = {len(column) for column in table.values()}
        assert len(lengths) == 1
        for column in schema.columns:
            if column.required:
                assert column.name in table
            if column.name not in table:
                continue
            held = table[column.name]
            if column.required and isinstance(held, Coded):
                assert (held.codes >= 0).all(), (name, column.name)
            if column.one_of and isinstance(held, Coded):
                used = {held.categories[code] for code in np.unique(held.codes) if code >= 0}
                assert used <= set(column.one_of), (name, column.name)


def test_keys_are_unique(history: History) -> None:
    seen: dict[str, list[object]] = {}
    for name, table in history.tables():
        key = TABLES[name].key
        columns = [rows_of(table[column]) for column in key]
        seen.setdefault(name, []).extend(zip(*columns, strict=True))
        assert len(set(seen[name])) == len(seen[name]), name


def test_facts_speak_of_decided_cases_only(history: History) -> None:
    still_open = {case.case_id for case in history.open_cases}
    for name, table in history.tables():
        if "case_id" in table:
            assert not still_open & set(rows_of(table["case_id"])), name


def test_the_forecast_stands_on_clock_hours_and_does_not_know_of_the_outage(history: History) -> None:
    table = dict(history.tables())["forecast"]
    assert all(ms % 3_600_000 == 0 for ms in rows_of(table["interval_start_at"]))  # type: ignore[operator]  # instants
    queues, volumes = rows_of(table["queue_id"]), rows_of(table["volume"])
    planned = sum(v for q, v in zip(queues, volumes, strict=True) if q == "video-short-feed")  # type: ignore[misc]  # floats
    days = (history.end - history.start).total_seconds() / 86_400 + 2
    assert planned / days == pytest.approx(history.world.queue("video-short-feed").daily_cases, rel=0.06)


def test_truth_counts_what_the_history_holds(history: History) -> None:
    told = truth(history.world, history)
    counts = told["counts"]
    assert isinstance(counts, dict)
    assert counts["cases"] == counts["cases_decided"] + counts["cases_open"]
    assert counts["reviews"] == len(history.run.outputs.review_case)
    assert told["simulated"] is True


def test_a_period_that_is_empty_or_too_long_is_refused() -> None:
    world = build_world(seed=5, start=START, days=1)
    with pytest.raises(ValueError, match="empty or longer"):
        simulate_history(world, end=START)
    with pytest.raises(ValueError, match="not the world's start"):
        simulate_history(world, start=datetime(2026, 3, 1, tzinfo=UTC))
