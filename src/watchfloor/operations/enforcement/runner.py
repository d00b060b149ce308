"""The loop that follows decisions and tells endpoints; it runs beside the jobs, in the worker's process.

A job a second would be too coarse and would write a job row each time. The loop alone touches the database;
a few threads send. An endpoint has a few of them at most, so that one that hangs holds up nobody else.
Several runners are fine: one follows at a time, and a delivery is taken by one.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from django.db import Error, connection

from watchfloor.operations.enforcement.following import follow
from watchfloor.operations.enforcement.sending import (
    MOST_AT_ONCE_AN_ENDPOINT,
    Outcome,
    send,
    sending_endpoints,
    take_due,
    write_outcomes,
)

BEAT_SECONDS = 0.5
SENDERS = 16
_TROUBLE_SECONDS = 5.0

_logger = logging.getLogger("watchfloor.callbacks")


@dataclass
class Runner:
    """The beat of the loop, and the messages that are out."""

    pool: ThreadPoolExecutor
    rng: random.Random
    out: set[Future[Outcome]] = field(default_factory=set)
    busy: Counter[int] = field(default_factory=Counter)

    def beat(self, *, now: datetime) -> bool:
        """Follow what settled, write what came back, send what is due; return whether more is waiting."""
        followed = follow(now=now)
        self.collect(now=now)
        room = {endpoint: MOST_AT_ONCE_AN_ENDPOINT - self.busy[endpoint] for endpoint in sending_endpoints()}
        free = SENDERS - len(self.out)
        fair = {endpoint: min(count, free) for endpoint, count in room.items() if count > 0 and free > 0}
        for message in take_due(now=now, room=fair):
            self.busy[message.endpoint_id] += 1
            self.out.add(self.pool.submit(send, message))
        return followed.full

    def collect(self, *, now: datetime) -> int:
        """Return how many attempts came back and were written."""
        done = {future for future in self.out if future.done()}
        self.out -= done
        outcomes = [future.result() for future in done]
        for outcome in outcomes:
            self.busy[outcome.message.endpoint_id] -= 1
        if outcomes:
            write_outcomes(outcomes=outcomes, now=now, rng=self.rng)
        return len(outcomes)


def run_callbacks(
    stop: Event,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    rng: random.Random | None = None,
) -> None:
    """Beat until `stop` is set; a lost database is waited for, and no failure ends the loop."""
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="callback") as pool:
        runner = Runner(pool=pool, rng=rng or random.SystemRandom())
        while not stop.is_set():
            started = time.monotonic()
            pause = BEAT_SECONDS
            try:
                if runner.beat(now=clock()):
                    pause = 0.0
            except Error as error:
                _logger.warning("The database is not there, trying again: %s", error)
                connection.close()
                pause = _TROUBLE_SECONDS
            except Exception:
                _logger.exception("A beat of the callbacks failed")
                pause = _TROUBLE_SECONDS
            left = max(0.0, pause - (time.monotonic() - started))
            if runner.out and pause == BEAT_SECONDS:
                wait(runner.out, timeout=left, return_when=FIRST_COMPLETED)
                left = 0.01
            stop.wait(left)
        wait(runner.out, timeout=12.0)
        runner.collect(now=clock())
    connection.close()
