"""Keeps the demo operation living: cases arrive, people come, work, rest and go, all through the services.

The state is the operation's own: after a restart people go on with the cases they hold. A stop is taken out
of the deadlines and written to the change log (`actors.pause`); what would have happened is not made up.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from zlib import crc32

import numpy as np
from django.db import OperationalError, connection

from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.services import write_events
from watchfloor.operations.review.actors import CLIENT
from watchfloor.operations.review.actors.contents import simulated_content
from watchfloor.operations.review.actors.pause import SHORTEST_PAUSE, take_pause_out
from watchfloor.operations.review.actors.people import (
    Person,
    find_people,
    finish,
    follow_timetable,
    leave_all,
    look_for_work,
)
from watchfloor.operations.review.actors.seed import seeded_world
from watchfloor.operations.review.actors.seed_intake import known_labels
from watchfloor.operations.review.counters import QueuePlan
from watchfloor.operations.review.errors import BatchRejectedError
from watchfloor.operations.review.services import Enqueued, NewCase, enter_batch
from watchfloor.science.simulation.live import LiveCase, LiveOperation
from watchfloor.science.simulation.world import DemoWorld

TICK_SECONDS = 0.5
AHEAD = timedelta(days=3)
PLAN_AHEAD_HOURS = 24
LONGEST_TICK = timedelta(seconds=30)

_logger = logging.getLogger("watchfloor.actor")


@dataclass(slots=True)
class Stage:
    """The operation as the actor plays it."""

    world: DemoWorld
    operation: LiveOperation
    people: list[Person]
    rng: np.random.Generator
    played_until: datetime
    planned_until: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def enter(cls, world: DemoWorld, *, now: datetime) -> "Stage":
        """Return the stage at `now`, after taking a pause out of the deadlines."""
        pause = take_pause_out(now=now)
        if pause:
            _logger.info("The simulation stood still for %s; open deadlines were moved.", pause)
        operation = LiveOperation.build(world, until=now + AHEAD)
        rng = np.random.default_rng([world.seed, int(now.timestamp())])
        people = find_people(operation=operation, now=now, rng=rng)
        return cls(world, operation, people, rng, played_until=now)

    def play(self, *, now: datetime) -> None:
        """Let everything happen that is due at `now`."""
        if now > self.operation.until - timedelta(hours=PLAN_AHEAD_HOURS + 2):
            self.operation = LiveOperation.build(self.world, until=now + AHEAD)
        self._plan(now)
        self._arrive(now)
        for person in self.people:
            ended = finish(person, now=now, rng=self.rng)
            if ended:
                self._count(ended)
            follow_timetable(person, operation=self.operation, now=now, rng=self.rng)
            if look_for_work(person, operation=self.operation, now=now, rng=self.rng):
                self._count("claimed")

    def _arrive(self, now: datetime) -> None:
        since = max(self.played_until, now - LONGEST_TICK)
        self.played_until = now
        arrived = self.operation.arrivals(since=since, until=now, rng=self.rng)
        if arrived:
            self._count("enqueued", self._enter([_new_case(case, self.world) for case in arrived], now))

    def _enter(self, cases: list[NewCase], now: datetime) -> int:
        """Return how many cases came in; those whose strategy may not send them are left out.

        The rules choose their queues. Where somebody put rules in force that lead nowhere, the cases go to
        the queues they are meant for, so that the operation goes on.
        """
        ruled = [replace(case, queue="") if case.labels else case for case in cases]
        try:
            results = enter_batch(cases=ruled, now=now, client=CLIENT)
        except BatchRejectedError as error:
            _logger.warning("The routing rules do not take every case: %s", error)
            results = enter_batch(cases=cases, now=now, client=CLIENT)
        return sum(isinstance(each, Enqueued) for each in results)

    def _plan(self, now: datetime) -> None:
        """Keep the plan a day ahead, each hour's forecast made once, as counter and as fact."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self.planned_until and hour < self.planned_until - timedelta(hours=PLAN_AHEAD_HOURS - 1):
            return
        self.planned_until = hour + timedelta(hours=PLAN_AHEAD_HOURS)
        known_here = [queue.slug for queue in self.world.queues]  # others were opened since
        produced = Queue.objects.filter(purpose="production", slug__in=known_here)
        queues = {queue.slug: queue.pk for queue in produced}
        known = set(
            QueuePlan.objects.filter(interval_start_at__gte=hour).values_list("queue_id", "interval_start_at")
        )
        hours = [hour + timedelta(hours=step) for step in range(PLAN_AHEAD_HOURS)]
        plans = [
            QueuePlan(
                queue_id=queues[slug],
                interval_start_at=at,
                volume=round(self.operation.planned_arrivals(queue=slug, at=at), 2),
            )
            for slug in sorted(queues)
            for at in hours
            if (queues[slug], at) not in known
        ]
        if plans:
            self._write_plans(plans, {pk: slug for slug, pk in queues.items()}, now)

    def _write_plans(self, plans: list[QueuePlan], slugs: dict[int, str], now: datetime) -> None:
        QueuePlan.objects.bulk_create(plans, ignore_conflicts=True)
        write_events(
            fact="forecast",
            rows=[
                (
                    f"{slugs[plan.queue_id]}/{plan.interval_start_at.isoformat()}",
                    {
                        "queue_id": slugs[plan.queue_id],
                        "interval_start_at": plan.interval_start_at,
                        "interval_seconds": 3600,
                        "vintage_at": now.replace(microsecond=0),
                        "volume": plan.volume,
                    },
                )
                for plan in plans
            ],
        )

    def _count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number


def _new_case(case: LiveCase, world: DemoWorld) -> NewCase:
    meant = world.queue(case.queue)
    key = f"{case.queue}/{case.at.isoformat()}/{case.risk_score}"
    inside = meant.data_boundary is not None  # its sender names the queue: no rule leads into a boundary
    return NewCase(
        queue=case.queue,
        strategy_id=case.strategy,
        severity_hint=case.severity_hint,
        risk_score=case.risk_score,
        language=case.language,
        market=case.market,
        media_seconds=case.media_seconds,
        object_id=f"{meant.surface}-{crc32(key.encode()):08x}",
        author_id=f"author-{crc32(key[::-1].encode()) % 20_000:05d}",
        content=simulated_content(case, key=key),
        enqueued_at=case.at,
        surface=meant.surface,
        labels=() if inside else known_labels(meant),
    )


def run_actor(stop: Event, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Play the demo until `stop` is set; a lost database is waited for, an unseeded operation left alone."""
    stage: Stage | None = None
    while not stop.is_set():
        started = time.monotonic()
        try:
            if stage is None:
                world = seeded_world()
                stage = Stage.enter(world, now=clock()) if world else None
            if stage is not None and clock() - stage.played_until >= SHORTEST_PAUSE:
                stage = None  # the machine slept: enter anew, which takes the sleep out of the deadlines
                continue
            if stage is not None:
                stage.play(now=clock())
        except OperationalError as error:
            _logger.warning("The database is not there, trying again: %s", error)
            connection.close()
            stage = None
            stop.wait(2.0)
        stop.wait(max(0.05, TICK_SECONDS - (time.monotonic() - started)))
    if stage is not None:
        leave_all(stage.people, now=clock())
    connection.close()
