"""The event loop: cases arrive, people on shift take the most urgent one they may, answers become decisions.

Events are arrivals, reopenings and what happens to a reviewer next (a case ends, a break begins). At one
instant arrivals come before reopenings, and these before reviewers in order of their number. Rules:

1. A free reviewer takes, over all lanes they may work, the case with the smallest (priority, deadline,
   number) that they have not met before.
2. A case that becomes open goes at once to the eligible free reviewer who has been free the longest.
3. A turn ends by an answer, or as skipped, timed out, returned or escalated: then the case is open again, an
   escalated one with the highest priority. The fifth turn of a kind always ends by an answer.
4. A double case needs two equal answers, else a third settles it. A decided case may reopen for a correction.
5. A reviewer finishes the case in hand before a break or the end of the shift.

The loop works on plain arrays (`Inputs`) and returns plain arrays (`Outputs`); `reference` states the same
rules slowly.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.chance import ANSWER, NOISE, OUTCOME, REOPEN_DELAY, REOPENS, WRONG, uniform
from watchfloor.science.simulation.compiled import compiled, inlined
from watchfloor.science.simulation.heaps import ENTRANT_BITS, bit_place, heap_pop, heap_push, tournament_set
from watchfloor.science.simulation.model import (
    HOUR_MS,
    IDLE_CAP_MS,
    LEASE_MS,
    MAX_HANDLE_MS,
    Effects,
    People,
)
from watchfloor.science.simulation.schedule import AVAILABLE, HANDLING, NEVER, OFFLINE, Timetable

I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
I16 = NDArray[np.int16]
I8 = NDArray[np.int8]
F64 = NDArray[np.float64]

FIRST, SECOND, THIRD, CORRECTION = range(4)
LAST_TURN, MAJORITY, CORRECTION_WINS, THIRD_BREAKS_TIE = range(4)
SUBMITTED, SKIPPED, TIMEOUT, RETURNED, ESCALATED = range(5)
WAITING, IN_REVIEW, DECIDED = range(3)
MEETINGS_KEPT = 12
FORCED_AFTER = 4
NUMBER_BITS = 24
DEADLINE_BITS = 35
NOTHING = NEVER * 2
ESCALATED_SHIFT = 1 << (NUMBER_BITS + DEADLINE_BITS)


class Work(NamedTuple):
    """Arrays by case, in order of arrival. `key` orders service: priority, deadline, number, packed."""

    at_ms: I64
    lane: I64
    queue: I64
    key: I64
    double: NDArray[np.bool_]
    label: I64
    first_label: I64
    label_count: I64
    base_ms: F64
    lane_base: I64


class Outputs(NamedTuple):
    """What happened, in order: reviews, decisions, activity; and how every case stands at the end."""

    review_case: I32
    review_reviewer: I16
    review_kind: I8
    review_assigned_ms: I64
    review_submitted_ms: I64
    review_handle_ms: I32
    review_outcome: I8
    review_label: I16
    decision_case: I32
    decision_review: I32
    decision_version: I8
    decision_rule: I8
    decision_label: I16
    activity_reviewer: I16
    activity_state: I8
    activity_start_ms: I64
    activity_end_ms: I64
    case_state: I8
    case_turn: I8
    experience: F64


class Floor(NamedTuple):
    """The state of the simulation between events."""

    heap: I64
    heap_size: I64
    reopen: I64
    tree: I64
    pointer: I64
    state: I8
    since_ms: I64
    case_of: I64
    assigned_ms: I64
    outcome: I8
    handle_ms: I64
    answer: I64
    met: I16
    met_count: I8
    attempts: I16
    failures: I8
    key: I64
    answers: I16
    counts: I64
    put_back: I64
    free: I64
    head: I64


_REVIEWS, _DECISIONS, _ACTIVITIES, _REOPENS = range(4)
_PERSON, _REOPENING, _ARRIVAL = range(3)


@inlined
def _has_met(floor: Floor, case: int, reviewer: int) -> bool:
    found = False
    for place in range(floor.met_count[case]):
        found |= floor.met[case, place] == reviewer
    return found


@inlined
def _enter(floor: Floor, out: Outputs, reviewer: int, state: int, now: int) -> None:
    """Note that the reviewer is in `state` from `now` on; equal neighbours stay one interval."""
    previous = floor.state[reviewer]
    if previous == state:
        return
    if previous != OFFLINE and now > floor.since_ms[reviewer]:
        row = floor.counts[_ACTIVITIES]
        out.activity_reviewer[row] = reviewer
        out.activity_state[row] = previous
        out.activity_start_ms[row] = floor.since_ms[reviewer]
        out.activity_end_ms[row] = now
        floor.counts[_ACTIVITIES] = row + 1
    if previous == AVAILABLE or state == AVAILABLE:
        floor.free[reviewer >> 5] ^= 1 << (reviewer & 31)
    floor.state[reviewer] = state
    floor.since_ms[reviewer] = now


@inlined
def _start(
    seed: int, work: Work, people: People, effects: Effects, floor: Floor, out: Outputs,
    case: int, reviewer: int, now: int,
) -> None:  # fmt: skip
    """Begin a turn: everything about it is settled here, and happens when its time has passed."""
    kind = out.case_turn[case]
    attempt = floor.attempts[case]
    floor.attempts[case] = attempt + 1
    if floor.met_count[case] < MEETINGS_KEPT:
        floor.met[case, floor.met_count[case]] = reviewer
        floor.met_count[case] += 1
    hour = min(now // HOUR_MS, effects.queue_hour.shape[1] - 1)
    fresh = math.exp(-out.experience[reviewer] / effects.learning[2])
    luck = effects.noise[int(uniform(seed, case, attempt, NOISE) * len(effects.noise))]
    duration = work.base_ms[case] * effects.turn[kind] * luck * people.speed[reviewer]
    duration *= 1.0 + effects.learning[0] * fresh
    duration *= effects.queue_hour[work.queue[case], hour] * effects.site_hour[people.site[reviewer], hour]
    outcome = SUBMITTED
    if floor.failures[case] < FORCED_AFTER:
        drawn = uniform(seed, case, attempt, OUTCOME)
        for place in range(4):
            if drawn < effects.outcome_edges[place]:
                outcome = SKIPPED + place
                break
    answer = work.label[case]
    if uniform(seed, case, attempt, ANSWER) < people.error[reviewer] * (1.0 + effects.learning[1] * fresh):
        wrong = uniform(seed, case, attempt, WRONG)
        clear = work.first_label[case]
        if answer != clear and wrong < 0.6:
            answer = clear
        else:
            rest = wrong if answer == clear else (wrong - 0.6) / 0.4
            answer = clear + 1 + int(rest * (work.label_count[case] - 1))
    if outcome in (SKIPPED, RETURNED):
        duration *= 0.3
    spent = max(2_000, min(int(duration), MAX_HANDLE_MS))
    handled = spent
    if outcome == TIMEOUT:
        handled = min(spent // 2 + IDLE_CAP_MS, LEASE_MS)
        spent = LEASE_MS
    floor.case_of[reviewer] = case
    floor.assigned_ms[reviewer] = now
    floor.outcome[reviewer] = outcome
    floor.handle_ms[reviewer] = handled
    floor.answer[reviewer] = answer
    if out.case_state[case] != DECIDED:
        out.case_state[case] = IN_REVIEW
    _enter(floor, out, reviewer, HANDLING, now)
    tournament_set(floor.tree, reviewer, now + spent)


@inlined
def _wait(work: Work, floor: Floor, lane: int, key: int) -> None:
    """Put a case into its lane by its key; `head` repeats the smallest key of each lane."""
    heap_push(floor.heap, work.lane_base[lane], floor.heap_size[lane], key)
    floor.heap_size[lane] += 1
    floor.head[lane] = min(floor.head[lane], key)


@inlined
def _offer(work: Work, people: People, floor: Floor, out: Outputs, case: int) -> int:
    """Return who has been free the longest and may take the case, or −1 and let it wait in its lane."""
    lane = work.lane[case]
    best, best_since = -1, NEVER
    for word in range(len(floor.free)):
        found = floor.free[word] & people.member_bits[lane, word]
        while found:
            lowest = found & -found
            found ^= lowest
            reviewer = (word << 5) + bit_place(lowest)
            if floor.since_ms[reviewer] < best_since and not _has_met(floor, case, reviewer):
                best, best_since = reviewer, floor.since_ms[reviewer]
    if best < 0:
        if out.case_state[case] != DECIDED:
            out.case_state[case] = WAITING
        _wait(work, floor, lane, floor.key[case])
    return best


@inlined
def _take(work: Work, people: People, floor: Floor, reviewer: int) -> int:
    """Return the most urgent waiting case that the reviewer may take, removed from its lane, or −1."""
    put_count = 0
    found = -1
    while put_count < len(floor.put_back):
        best, key = -1, NOTHING
        for place in range(people.lane_first[reviewer], people.lane_first[reviewer + 1]):
            lane = people.lanes[place]
            if floor.head[lane] < key:
                best, key = lane, floor.head[lane]
        if best < 0:
            break
        base, size = work.lane_base[best], floor.heap_size[best]
        heap_pop(floor.heap, base, size)
        floor.heap_size[best] = size - 1
        floor.head[best] = floor.heap[base] if size > 1 else NOTHING
        case = key & ((1 << NUMBER_BITS) - 1)
        if not _has_met(floor, case, reviewer):
            found = case
            break
        floor.put_back[put_count] = key
        put_count += 1
    for place in range(put_count):
        lane = work.lane[floor.put_back[place] & ((1 << NUMBER_BITS) - 1)]
        _wait(work, floor, lane, floor.put_back[place])
    return found


@inlined
def _proceed(
    work: Work, people: People, timetable: Timetable, floor: Floor, out: Outputs, reviewer: int, now: int
) -> int:
    """Return the case that a reviewer without one takes next, or −1 and let them do what is planned."""
    pointer = floor.pointer[reviewer]
    while timetable.at_ms[pointer + 1] <= now:
        pointer += 1
    floor.pointer[reviewer] = pointer
    begun = timetable.at_ms[pointer] <= now
    planned = timetable.state[pointer] if begun else OFFLINE
    case = _take(work, people, floor, reviewer) if planned == AVAILABLE else -1
    if case < 0:
        _enter(floor, out, reviewer, planned, now)
        tournament_set(floor.tree, reviewer, timetable.at_ms[pointer + 1 if begun else pointer])
    return case


@inlined
def _finish(
    seed: int, work: Work, effects: Effects, floor: Floor, out: Outputs, reviewer: int, now: int
) -> int:
    """End the reviewer's turn: write the review, then decide. Return the case if it is open again, or −1."""
    case = int(floor.case_of[reviewer])
    floor.case_of[reviewer] = -1
    kind = out.case_turn[case]
    outcome = floor.outcome[reviewer]
    answer = floor.answer[reviewer]
    row = floor.counts[_REVIEWS]
    out.review_case[row] = case
    out.review_reviewer[row] = reviewer
    out.review_kind[row] = kind
    out.review_assigned_ms[row] = floor.assigned_ms[reviewer]
    out.review_submitted_ms[row] = now
    out.review_handle_ms[row] = floor.handle_ms[reviewer]
    out.review_outcome[row] = outcome
    out.review_label[row] = answer if outcome == SUBMITTED else -1
    floor.counts[_REVIEWS] = row + 1
    if outcome != SUBMITTED:
        floor.failures[case] += 1
        if outcome == ESCALATED:
            floor.key[case] = floor.key[case] % ESCALATED_SHIFT
        return case
    out.experience[reviewer] += 1.0
    floor.failures[case] = 0
    if work.double[case] and (kind == FIRST or (kind == SECOND and floor.answers[case] != answer)):
        floor.answers[case] = answer
        out.case_turn[case] = kind + 1
        return case
    rule = LAST_TURN
    if kind == CORRECTION:
        rule = CORRECTION_WINS
    elif kind == SECOND:
        rule = MAJORITY
    elif kind == THIRD:
        rule = THIRD_BREAKS_TIE
    row = floor.counts[_DECISIONS]
    out.decision_case[row] = case
    out.decision_review[row] = floor.counts[_REVIEWS] - 1
    out.decision_version[row] = 1 if kind == CORRECTION else 0
    out.decision_rule[row] = rule
    out.decision_label[row] = answer
    floor.counts[_DECISIONS] = row + 1
    out.case_state[case] = DECIDED
    if kind != CORRECTION and uniform(seed, case, 0, REOPENS) < effects.reopen[0]:
        delay = -math.log(1.0 - uniform(seed, case, 0, REOPEN_DELAY)) * effects.reopen[1]
        heap_push(floor.reopen, 0, floor.counts[_REOPENS], ((now + 1 + int(delay)) << NUMBER_BITS) | case)
        floor.counts[_REOPENS] += 1
    return -1


@inlined
def _reopen(floor: Floor, out: Outputs) -> int:
    """Return the decided case that comes back next, to be corrected."""
    case = heap_pop(floor.reopen, 0, floor.counts[_REOPENS]) & ((1 << NUMBER_BITS) - 1)
    floor.counts[_REOPENS] -= 1
    out.case_turn[case] = CORRECTION
    return case


@inlined
def _close(floor: Floor, out: Outputs, now: int) -> None:
    """Write the activity that still lasts at the end."""
    for reviewer in range(len(floor.state)):
        _enter(floor, out, reviewer, OFFLINE, now)


@compiled
def run_events(
    seed: int, horizon_ms: int, work: Work, people: People, effects: Effects, timetable: Timetable,
    floor: Floor, out: Outputs,
) -> int:  # fmt: skip
    """Play all events before `horizon_ms`; return how many there were. `floor` and `out` are written."""
    arrived = 0
    events = 0
    while True:
        person = floor.tree[1] & ((1 << ENTRANT_BITS) - 1)
        now = floor.tree[1] >> ENTRANT_BITS
        source = _PERSON
        if floor.counts[_REOPENS] > 0 and floor.reopen[0] >> NUMBER_BITS <= now:
            now = floor.reopen[0] >> NUMBER_BITS
            source = _REOPENING
        if arrived < len(work.at_ms) and work.at_ms[arrived] <= now:
            now = work.at_ms[arrived]
            source = _ARRIVAL
        if now >= horizon_ms:
            break
        events += 1
        opened = -1
        if source == _ARRIVAL:
            opened = arrived
            arrived += 1
        elif source == _REOPENING:
            opened = _reopen(floor, out)
        elif floor.case_of[person] >= 0:
            opened = _finish(seed, work, effects, floor, out, person, now)
        # First the case that became open looks for somebody, then the person for a case.
        for side in range(2):
            reviewer, case = -1, opened
            if side == 0 and opened >= 0:
                reviewer = _offer(work, people, floor, out, opened)
            if side == 1 and source == _PERSON:
                case = _proceed(work, people, timetable, floor, out, person, now)
                reviewer = person if case >= 0 else -1
            if reviewer >= 0:
                _start(seed, work, people, effects, floor, out, case, reviewer, now)
    _close(floor, out, horizon_ms)
    return events
