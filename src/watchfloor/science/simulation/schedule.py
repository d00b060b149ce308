"""When each reviewer is planned to work, and what really happens: absences, late starts, breaks that slip.

A shift lasts eight and a half hours: work, a stand-up, two breaks, a meal, two wellness breaks, coaching on
two days of five. People in their first five shifts are in training. Wellness is time that people are owed;
it is no shrinkage to be saved.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.world import DemoWorld

STATES = ("offline", "available", "break", "wellness", "training", "meeting", "handling")
OFFLINE, AVAILABLE, BREAK, WELLNESS, TRAINING, MEETING, HANDLING = range(7)
SHIFT_MS = int(8.5 * 3_600_000)
ABSENCE_SHARE = 0.08
TRAINING_SHIFTS = 5
NEVER = 1 << 60

_MINUTE_MS = 60_000
# state, start and length in minutes after the shift's start; staggered between people by up to half an hour
_PARTS = (
    (MEETING, 60, 20),
    (BREAK, 120, 15),
    (WELLNESS, 180, 20),
    (BREAK, 240, 30),
    (TRAINING, 315, 25),
    (WELLNESS, 360, 20),
    (BREAK, 430, 15),
)
_STAGGER = (0.5, 1.0, 0.5, 1.0, 0.5, 1.0, 0.5)

I64 = NDArray[np.int64]


class Timetable(NamedTuple):
    """What really happens, by reviewer: from `at_ms[i]` on, the state is `state[i]` (compressed rows).

    Every row ends with an entry at `NEVER`.
    """

    first: I64
    at_ms: I64
    state: I64


@dataclass(frozen=True)
class Plan:
    """What was planned: one row a reviewer and planned interval, in order of start within a reviewer."""

    reviewer: I64
    state: I64
    start_ms: I64
    end_ms: I64


@dataclass(frozen=True)
class Schedule:
    """The plan and what came of it."""

    plan: Plan
    timetable: Timetable


class _Shifts(NamedTuple):
    reviewer: I64
    start_ms: I64
    training: NDArray[np.bool_]
    coaching: NDArray[np.bool_]


def build_schedule(world: DemoWorld, *, end: datetime, rng: np.random.Generator) -> Schedule:
    """Return plan and timetable of every reviewer from the world's start to `end`."""
    shifts = _shifts(world, end=end)
    count = len(shifts.reviewer)
    stagger = np.random.default_rng([world.seed, 2]).integers(0, 31, len(world.reviewers))[shifts.reviewer]
    parts = np.array(_PARTS, dtype=np.int64)
    begins = parts[None, :, 1] + (np.array(_STAGGER)[None, :] * stagger[:, None]).astype(np.int64)
    lengths = np.tile(parts[:, 2], (count, 1))
    lengths[~shifts.coaching, 4] = 0
    lengths[shifts.training] = 0
    plan = _plan(shifts, begins_ms=begins * _MINUTE_MS, lengths_ms=lengths * _MINUTE_MS)
    present = rng.random(count) >= ABSENCE_SHARE
    slip = (rng.normal(0.0, 1.5, begins.shape) * _MINUTE_MS).astype(np.int64)
    longer = (rng.exponential(1.0, begins.shape) * _MINUTE_MS).astype(np.int64) * (lengths > 0)
    late = (np.abs(rng.normal(0.0, 2.5, count)) * _MINUTE_MS).astype(np.int64)
    actual_begins = begins * _MINUTE_MS + np.clip(slip, -5 * _MINUTE_MS, 5 * _MINUTE_MS)
    actual_lengths = lengths * _MINUTE_MS + np.minimum(longer, 4 * _MINUTE_MS)
    return Schedule(
        plan=plan,
        timetable=_timetable(
            shifts, present=present, late_ms=late, begins_ms=actual_begins, lengths_ms=actual_lengths,
            reviewer_count=len(world.reviewers),
        ),
    )  # fmt: skip


def _shifts(world: DemoWorld, *, end: datetime) -> _Shifts:
    zones = {site.slug: ZoneInfo(site.time_zone) for site in world.sites}
    first_day = world.start.astimezone(UTC).date() - timedelta(days=2)
    days = (end.astimezone(UTC).date() - first_day).days + 2
    starts: dict[tuple[str, float, date], int] = {}
    rows = []
    for number, reviewer in enumerate(world.reviewers):
        worked = 0
        trains = reviewer.hired_on >= world.start.date()
        for offset in range(days):
            day = first_day + timedelta(days=offset)
            left = reviewer.left_on is not None and day >= reviewer.left_on
            if day.weekday() in reviewer.days_off or day < reviewer.hired_on or left:
                continue
            key = (reviewer.site, reviewer.shift_start_hour, day)
            if key not in starts:
                local = datetime.combine(day, time(0), tzinfo=zones[reviewer.site])
                local += timedelta(hours=reviewer.shift_start_hour)
                starts[key] = round((local - world.start) / timedelta(milliseconds=1))
            worked += 1
            rows.append((number, starts[key], trains and worked <= TRAINING_SHIFTS, worked % 5 < 2))
    reviewer_codes, at_ms, training, coaching = zip(*rows, strict=True)
    return _Shifts(
        np.array(reviewer_codes, dtype=np.int64),
        np.array(at_ms, dtype=np.int64),
        np.array(training),
        np.array(coaching),
    )


def _transitions(
    shifts: _Shifts, *, start_ms: I64, begins_ms: I64, lengths_ms: I64
) -> tuple[I64, NDArray[np.int64]]:
    """Return instants and states of every shift: on duty, each part and back, off duty; 16 a shift."""
    count = len(shifts.reviewer)
    duty = np.where(shifts.training, TRAINING, AVAILABLE)
    at_ms = np.empty((count, 2 + 2 * len(_PARTS)), dtype=np.int64)
    state = np.empty_like(at_ms)
    at_ms[:, 0], state[:, 0] = start_ms, duty
    at_ms[:, 1:-1:2] = shifts.start_ms[:, None] + begins_ms
    state[:, 1:-1:2] = np.where(lengths_ms > 0, np.array([part[0] for part in _PARTS]), duty[:, None])
    at_ms[:, 2:-1:2] = at_ms[:, 1:-1:2] + lengths_ms
    state[:, 2:-1:2] = duty[:, None]
    at_ms[:, -1], state[:, -1] = shifts.start_ms + SHIFT_MS, OFFLINE
    return np.maximum.accumulate(at_ms, axis=1), state


def _plan(shifts: _Shifts, *, begins_ms: I64, lengths_ms: I64) -> Plan:
    at_ms, state = _transitions(shifts, start_ms=shifts.start_ms, begins_ms=begins_ms, lengths_ms=lengths_ms)
    start, stop, kept = at_ms[:, :-1], at_ms[:, 1:], state[:, :-1]
    # Parts without length leave neighbours of one state: they are one interval to the planner.
    fresh = np.ones(kept.shape, dtype=bool)
    fresh[:, 1:] = kept[:, 1:] != kept[:, :-1]
    rows = np.flatnonzero(fresh.ravel())
    next_row = np.append(rows[1:], fresh.size) - 1
    reviewer = np.repeat(shifts.reviewer, kept.shape[1])
    return Plan(reviewer[rows], kept.ravel()[rows], start.ravel()[rows], stop.ravel()[next_row])


def _timetable(
    shifts: _Shifts,
    *,
    present: NDArray[np.bool_],
    late_ms: I64,
    begins_ms: I64,
    lengths_ms: I64,
    reviewer_count: int,
) -> Timetable:
    at_ms, state = _transitions(
        shifts, start_ms=shifts.start_ms + late_ms, begins_ms=begins_ms, lengths_ms=lengths_ms
    )
    at_ms, state, reviewer = at_ms[present], state[present], shifts.reviewer[present]
    width = at_ms.shape[1]
    counts = np.bincount(reviewer, minlength=reviewer_count) * width
    first = np.concatenate([[0], np.cumsum(counts + 1)])
    all_at = np.full(first[-1], NEVER, dtype=np.int64)
    all_state = np.full(first[-1], OFFLINE, dtype=np.int64)
    # Shifts come ordered by reviewer, then start: each takes its place behind its reviewer's earlier ones.
    place = np.arange(at_ms.size) + np.repeat(reviewer, width)
    all_at[place] = at_ms.ravel()
    all_state[place] = state.ravel()
    return Timetable(first.astype(np.int64), all_at, all_state)
