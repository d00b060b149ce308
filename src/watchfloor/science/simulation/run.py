"""Prepares arrays for the event loop, runs it, and cuts its output to length."""

from dataclasses import dataclass

import numpy as np

from watchfloor.science.simulation.arrivals import Cases
from watchfloor.science.simulation.engine import (
    DEADLINE_BITS,
    IN_REVIEW,
    MEETINGS_KEPT,
    NOTHING,
    NUMBER_BITS,
    WAITING,
    Floor,
    Outputs,
    Work,
    run_events,
)
from watchfloor.science.simulation.heaps import ENTRANT_BITS, LATEST
from watchfloor.science.simulation.model import I64, Model
from watchfloor.science.simulation.schedule import OFFLINE, Timetable


@dataclass(frozen=True)
class Run:
    """What the event loop produced, cut to length; review rows are ordered by the instant they ended."""

    outputs: Outputs
    events: int
    in_review: I64


def run(*, model: Model, cases: Cases, timetable: Timetable, horizon_ms: int, seed: int) -> Run:
    """Return what happens to `cases` until `horizon_ms` under the timetable, reproducibly by `seed`.

    Raises:
        ValueError: more than 16.7 million cases, or deadlines beyond 397 days, do not fit into a service key.

    """
    work = pack_work(model, cases)
    floor = open_floor(model, work=work, timetable=timetable)
    out = _empty_outputs(model, cases=cases, activity_rows=8 * len(timetable.at_ms) + 4 * len(cases))
    events = run_events(seed, horizon_ms, work, model.people, model.effects, timetable, floor, out)
    reviews, decisions, activities = (int(floor.counts[place]) for place in range(3))
    busy = floor.case_of[floor.case_of >= 0]
    lengths = {"review": reviews, "decision": decisions, "activity": activities}
    trimmed = {
        name: value[: lengths[name.split("_")[0]]] if name.split("_")[0] in lengths else value
        for name, value in out._asdict().items()
    }
    return Run(outputs=Outputs(**trimmed), events=events, in_review=np.sort(busy))


def pack_work(model: Model, cases: Cases) -> Work:
    """Return the cases as the loop reads them, with the key by which they are served."""
    count = len(cases)
    if count >= 1 << NUMBER_BITS or (count and int(cases.deadline_ms.max()) >= 1 << DEADLINE_BITS):
        raise ValueError(
            f"{count} cases until {int(cases.deadline_ms.max())} ms: at most {1 << NUMBER_BITS} cases "
            f"and {1 << DEADLINE_BITS} ms fit. Simulate a shorter period."
        )
    number = np.arange(count, dtype=np.int64)
    key = (cases.priority << (NUMBER_BITS + DEADLINE_BITS)) | (cases.deadline_ms << NUMBER_BITS) | number
    room = np.bincount(cases.lane, minlength=model.lane_count)
    return Work(
        at_ms=cases.at_ms,
        lane=cases.lane,
        queue=cases.queue,
        key=key,
        double=cases.double,
        label=cases.label,
        first_label=cases.first_label,
        label_count=cases.label_count,
        base_ms=cases.base_ms,
        lane_base=np.concatenate([[0], np.cumsum(room)]).astype(np.int64),
    )


def open_floor(model: Model, *, work: Work, timetable: Timetable) -> Floor:
    """Return the floor before the first event: nobody on duty, nothing waiting."""
    people = len(model.people.speed)
    places = 1 << max(people - 1, 1).bit_length()
    if places > 1 << ENTRANT_BITS:
        raise ValueError(f"{people} reviewers: at most {1 << ENTRANT_BITS} fit. Simulate fewer.")
    first_ms = np.full(places, LATEST, dtype=np.int64)
    first_ms[:people] = np.clip(timetable.at_ms[timetable.first[:-1]], 0, LATEST)
    tree = np.zeros(2 * places, dtype=np.int64)
    tree[places:] = (first_ms << ENTRANT_BITS) | np.arange(places)
    for node in range(places - 1, 0, -1):
        tree[node] = min(tree[2 * node], tree[2 * node + 1])
    count = len(work.at_ms)
    return Floor(
        heap=np.empty(count + 1, dtype=np.int64),
        heap_size=np.zeros(model.lane_count, dtype=np.int64),
        reopen=np.empty(count // 8 + 64, dtype=np.int64),
        tree=tree,
        pointer=timetable.first[:-1].copy(),
        state=np.full(people, OFFLINE, dtype=np.int8),
        since_ms=np.zeros(people, dtype=np.int64),
        case_of=np.full(people, -1, dtype=np.int64),
        assigned_ms=np.zeros(people, dtype=np.int64),
        outcome=np.zeros(people, dtype=np.int8),
        handle_ms=np.zeros(people, dtype=np.int64),
        answer=np.zeros(people, dtype=np.int64),
        met=np.full((count, MEETINGS_KEPT), -1, dtype=np.int16),
        met_count=np.zeros(count, dtype=np.int8),
        attempts=np.zeros(count, dtype=np.int16),
        failures=np.zeros(count, dtype=np.int8),
        key=work.key.copy(),
        answers=np.full(count, -1, dtype=np.int16),
        counts=np.zeros(4, dtype=np.int64),
        put_back=np.zeros(64, dtype=np.int64),
        free=np.zeros(model.people.member_bits.shape[1], dtype=np.int64),
        head=np.full(model.lane_count, NOTHING, dtype=np.int64),
    )


def _empty_outputs(model: Model, *, cases: Cases, activity_rows: int) -> Outputs:
    count = len(cases)
    reviews = int(count * 1.4 + cases.double.sum() * 1.6) + 1_000
    decisions = int(count * 1.2) + 1_000
    return Outputs(
        review_case=np.empty(reviews, dtype=np.int32),
        review_reviewer=np.empty(reviews, dtype=np.int16),
        review_kind=np.empty(reviews, dtype=np.int8),
        review_assigned_ms=np.empty(reviews, dtype=np.int64),
        review_submitted_ms=np.empty(reviews, dtype=np.int64),
        review_handle_ms=np.empty(reviews, dtype=np.int32),
        review_outcome=np.empty(reviews, dtype=np.int8),
        review_label=np.empty(reviews, dtype=np.int16),
        decision_case=np.empty(decisions, dtype=np.int32),
        decision_review=np.empty(decisions, dtype=np.int32),
        decision_version=np.empty(decisions, dtype=np.int8),
        decision_rule=np.empty(decisions, dtype=np.int8),
        decision_label=np.empty(decisions, dtype=np.int16),
        activity_reviewer=np.empty(activity_rows, dtype=np.int16),
        activity_state=np.empty(activity_rows, dtype=np.int8),
        activity_start_ms=np.empty(activity_rows, dtype=np.int64),
        activity_end_ms=np.empty(activity_rows, dtype=np.int64),
        case_state=np.full(count, -1, dtype=np.int8),
        case_turn=np.zeros(count, dtype=np.int8),
        experience=model.people.initial_cases.copy(),
    )


def open_cases(result: Run) -> I64:
    """Return the numbers of the cases that wait or are in review at the end, in order of arrival."""
    state = result.outputs.case_state
    return np.flatnonzero((state == WAITING) | (state == IN_REVIEW))
