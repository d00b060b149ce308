"""The description turned into arrays: what the event loop and the live operation both read.

Codes are positions in the world's tuples; labels are numbered over all policies, in order. Time is
milliseconds since the world's start; effects of planted causes are given by whole hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from watchfloor.science.simulation.world import LANGUAGE_CODES, Cause, DemoWorld, Label

HOUR_MS = 3_600_000
NOISE_SIGMA = 0.5
NOISE_SIZE = 8192
LEASE_MS = 900_000
IDLE_CAP_MS = 300_000
MAX_HANDLE_MS = 2_400_000
REOPEN_SHARE = 0.016
REOPEN_MEAN_MS = 18 * HOUR_MS
# Shares of turns that end otherwise than by an answer: skipped, timeout, returned, escalated.
OUTCOME_SHARES = (0.010, 0.004, 0.003, 0.012)
TURN_FACTORS = (1.0, 0.97, 1.25, 1.15)

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]


class People(NamedTuple):
    """Arrays by reviewer, and who may take which lane (compressed rows, both ways round; 32 bits a word)."""

    speed: F64
    error: F64
    initial_cases: F64
    site: I64
    lane_first: I64
    lanes: I64
    member_first: I64
    members: I64
    member_bits: I64


class Effects(NamedTuple):
    """Factors on handle time by hour, and the constants of the model."""

    queue_hour: F64
    site_hour: F64
    noise: F64
    turn: F64
    outcome_edges: F64
    learning: F64
    reopen: F64


@dataclass(frozen=True)
class Model:
    """A world as arrays. `lane_of[queue, language]` is −1 where the queue does not take the language."""

    world: DemoWorld
    hours: int
    labels: tuple[Label, ...]
    first_label: I64
    lane_of: I64
    lane_queue: I64
    lane_language: I64
    people: People
    effects: Effects

    @property
    def lane_count(self) -> int:
        """The number of lanes: pairs of queue and language with work of their own."""
        return len(self.lane_queue)


def hours_between(start: datetime, end: datetime) -> int:
    """Return the number of hours from `start` to `end`, rounded up."""
    return -(-(end - start) // timedelta(hours=1))


def build_model(world: DemoWorld, *, end: datetime) -> Model:
    """Return the arrays for a simulation from the world's start to `end`."""
    hours = hours_between(world.start, end) + 1
    labels = tuple(label for policy in world.policies for label in policy.labels)
    position = {label.slug: index for index, label in enumerate(labels)}
    first_label = np.array([position[f"{queue.policy}.no_violation"] for queue in world.queues])
    lane_of = np.full((len(world.queues), len(LANGUAGE_CODES)), -1, dtype=np.int64)
    pairs = [
        (number, LANGUAGE_CODES.index(code))
        for number, queue in enumerate(world.queues)
        if queue.purpose == "production"
        for code in queue.languages
    ]
    for lane, pair in enumerate(pairs):
        lane_of[pair] = lane
    return Model(
        world=world,
        hours=hours,
        labels=labels,
        first_label=first_label,
        lane_of=lane_of,
        lane_queue=np.array([queue for queue, _ in pairs]),
        lane_language=np.array([language for _, language in pairs]),
        people=_people(world, lane_of=lane_of, lane_count=len(pairs)),
        effects=_effects(world, hours=hours),
    )


def may_take(world: DemoWorld, *, reviewer: int, queue: int) -> bool:
    """Return whether the reviewer is trained for the queue and stands on its side of every boundary."""
    person, place = world.reviewers[reviewer], world.queues[queue]
    return place.slug in person.queues and place.data_boundary == person.data_boundary


def _people(world: DemoWorld, *, lane_of: I64, lane_count: int) -> People:
    site_of = {site.slug: index for index, site in enumerate(world.sites)}
    rows: list[list[int]] = []
    members: list[list[int]] = [[] for _ in range(lane_count)]
    for number, reviewer in enumerate(world.reviewers):
        row = []
        for queue in range(len(world.queues)):
            if not may_take(world, reviewer=number, queue=queue):
                continue
            for code in reviewer.languages:
                lane = int(lane_of[queue, LANGUAGE_CODES.index(code)])
                if lane >= 0:
                    row.append(lane)
                    members[lane].append(number)
        rows.append(row)
    return People(
        speed=np.array([reviewer.speed_factor for reviewer in world.reviewers]),
        error=np.array([reviewer.error_share for reviewer in world.reviewers]),
        initial_cases=np.array([reviewer.initial_cases for reviewer in world.reviewers]),
        site=np.array([site_of[reviewer.site] for reviewer in world.reviewers]),
        lane_first=_first(rows),
        lanes=_flat(rows),
        member_first=_first(members),
        members=_flat(members),
        member_bits=_bits(members, count=len(world.reviewers)),
    )


def _first(rows: list[list[int]]) -> I64:
    return np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)


def _flat(rows: list[list[int]]) -> I64:
    return np.array([item for row in rows for item in row], dtype=np.int64)


def _bits(rows: list[list[int]], *, count: int) -> I64:
    bits = np.zeros((len(rows), (count + 31) // 32), dtype=np.int64)
    for row, items in enumerate(rows):
        for item in items:
            bits[row, item >> 5] |= 1 << (item & 31)
    return bits


def _effects(world: DemoWorld, *, hours: int) -> Effects:
    queue_hour = np.ones((len(world.queues), hours))
    site_hour = np.ones((len(world.sites), hours))
    for number, site in enumerate(world.sites):
        site_hour[number] *= site.handle_factor
    for cause in world.causes:
        scope = dict(cause.scope)
        factor = 1.0 + (cause.handle_factor - 1.0) * presence(cause, world=world, hours=hours)
        for number, queue in enumerate(world.queues):
            if "site" not in scope and queue.slug in scope.get("queue", ()):
                queue_hour[number] *= factor
        for number, site in enumerate(world.sites):
            if "team" not in scope and site.slug in scope.get("site", ()):
                site_hour[number] *= factor
    quantiles = ndtri((np.arange(NOISE_SIZE) + 0.5) / NOISE_SIZE)
    curve = world.learning
    return Effects(
        queue_hour=queue_hour,
        site_hour=site_hour,
        noise=np.exp(NOISE_SIGMA * quantiles - NOISE_SIGMA**2 / 2),
        turn=np.array(TURN_FACTORS),
        outcome_edges=np.cumsum(OUTCOME_SHARES),
        learning=np.array([curve.handle_extra, curve.error_extra, curve.tau_cases]),
        reopen=np.array([REOPEN_SHARE, float(REOPEN_MEAN_MS)]),
    )


def presence(cause: Cause, *, world: DemoWorld, hours: int) -> F64:
    """Return how present the cause is in each hour, 0 to 1, rising linearly over its ramp."""
    hour = np.arange(hours, dtype=np.float64)
    begins = (cause.from_at - world.start) / timedelta(hours=1)
    ends = np.inf if cause.to_at is None else (cause.to_at - world.start) / timedelta(hours=1)
    since = hour - begins
    ramp_hours = cause.ramp_seconds / 3600
    risen = np.clip(since / ramp_hours, 0.0, 1.0) if ramp_hours else np.ones(hours)
    return np.where((since >= 0) & (hour < ends), risen, 0.0)
