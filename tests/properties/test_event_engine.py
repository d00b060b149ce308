"""Whatever the seed and the hour, the event loop idles nobody beside a waiting case and serves by urgency."""

import heapq
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.science.simulation.arrivals import Cases, draw_cases
from watchfloor.science.simulation.demo_world import build_world
from watchfloor.science.simulation.engine import FIRST
from watchfloor.science.simulation.heaps import ENTRANT_BITS, bit_place, heap_pop, heap_push, tournament_set
from watchfloor.science.simulation.model import Model, build_model
from watchfloor.science.simulation.run import Run, open_cases, run
from watchfloor.science.simulation.schedule import AVAILABLE, build_schedule

HOUR_MS = 3_600_000
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@cache
def model_of(day: int) -> Model:
    world = build_world(seed=day, start=START + timedelta(days=day), days=2)
    return build_model(world, end=world.end)


def play(seed: int, hours: int) -> tuple[Model, Cases, Run]:
    model = model_of(seed % 3)
    horizon_ms = hours * HOUR_MS
    cases = draw_cases(model, horizon_ms=horizon_ms, rng=np.random.default_rng(seed))
    timetable = build_schedule(model.world, end=model.world.end, rng=np.random.default_rng(seed)).timetable
    return model, cases, run(model=model, cases=cases, timetable=timetable, horizon_ms=horizon_ms, seed=seed)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), hours=st.integers(1, 26))
def test_cases_are_conserved_and_every_review_has_its_case_and_one_reviewer_at_a_time(
    seed: int, hours: int
) -> None:
    _, cases, played = play(seed, hours)
    out = played.outputs
    first = out.decision_case[out.decision_version == 0]
    assert len(first) + len(open_cases(played)) == len(cases)
    assert (np.diff(out.review_submitted_ms) >= 0).all()
    assert (out.review_assigned_ms >= cases.at_ms[out.review_case]).all()
    order = np.lexsort((out.review_assigned_ms, out.review_reviewer))
    same = np.diff(out.review_reviewer[order]) == 0
    assert not (same & (out.review_assigned_ms[order][1:] < out.review_submitted_ms[order][:-1])).any()


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_nobody_is_free_while_a_case_waits_that_they_could_take(seed: int) -> None:
    model, cases, played = play(seed, 10)
    out, people = played.outputs, model.people
    first_start = np.full(len(cases), 10 * HOUR_MS)
    turns = np.flatnonzero(out.review_kind == FIRST)[::-1]
    first_start[out.review_case[turns]] = out.review_assigned_ms[turns]
    for case in set(open_cases(played).tolist()) & set(played.in_review.tolist()):
        first_start[case] = cases.at_ms[case]  # begun, not yet a review: unknown when
    free = out.activity_state == AVAILABLE
    for case in np.flatnonzero(first_start - cases.at_ms > 60_000)[:300]:
        lane = cases.lane[case]
        members = people.members[people.member_first[lane] : people.member_first[lane + 1]]
        idle = (
            free
            & np.isin(out.activity_reviewer, members)
            & (out.activity_start_ms < first_start[case])
            & (out.activity_end_ms > cases.at_ms[case])
        )
        assert not idle.any()


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_within_a_lane_and_a_priority_an_earlier_deadline_is_begun_no_later(seed: int) -> None:
    _, cases, played = play(seed, 12)
    out = played.outputs
    begun: dict[int, int] = {}
    for row in range(len(out.review_case)):
        begun.setdefault(int(out.review_case[row]), int(out.review_assigned_ms[row]))
    single = [case for case in begun if not cases.double[case]]
    groups: dict[tuple[int, int], list[int]] = {}
    for case in single:
        key = (int(cases.lane[case]), int(cases.priority[case]))
        groups.setdefault(key, []).append(case)
    for members in groups.values():
        # The deadline is a fixed time after arrival: by urgency means first come, first served.
        lifted = {int(severity) for severity in cases.severity[members]}
        if len(lifted) > 1:
            continue
        started = [begun[case] for case in sorted(members)]
        assert started == sorted(started)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(2**60), 2**60), max_size=200), st.lists(st.booleans(), max_size=200))
def test_the_heap_is_the_standard_librarys(keys: list[int], pops: list[bool]) -> None:
    heap, size, ours, theirs = np.empty(220, dtype=np.int64), 0, [], []
    model: list[int] = []
    for key, pop in zip(keys, pops, strict=False):
        heap_push(heap, 3, size, key)
        heapq.heappush(model, key)
        size += 1
        if pop:
            ours.append(heap_pop(heap, 3, size))
            theirs.append(heapq.heappop(model))
            size -= 1
    while model:
        ours.append(heap_pop(heap, 3, size))
        theirs.append(heapq.heappop(model))
        size -= 1
    assert ours == theirs


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 50)), min_size=1, max_size=80))
def test_the_tournament_names_the_earliest_and_on_a_tie_the_lowest(changes: list[tuple[int, int]]) -> None:
    times = np.full(16, 100, dtype=np.int64)
    tree = np.zeros(32, dtype=np.int64)
    for entrant in range(16):
        tournament_set(tree, entrant, 100)
    for entrant, at in changes:
        times[entrant] = at
        tournament_set(tree, entrant, at)
        earliest = int(np.argmin(times))
        assert divmod(int(tree[1]), 1 << ENTRANT_BITS) == (times[earliest], earliest)


def test_the_place_of_a_bit_is_its_exponent() -> None:
    assert [bit_place(1 << place) for place in range(32)] == list(range(32))
