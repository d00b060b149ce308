"""Folds what happened into the numbers of the live floor, once a second, and says which queues changed.

Owns `review.counters` and `QueuePulse`. One pulse beats an operation; a second waits for the first to end.
A beat costs what happened since the last, whatever the number of queues and open cases; the overdue count,
which grows by the clock alone, is taken every ten seconds.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

from django.db import OperationalError, connection, transaction

from watchfloor.operations.record.statements import run
from watchfloor.operations.review.counters import PulseMark
from watchfloor.operations.review.heads import Heads

CHANNEL = "watchfloor_floor"
BEAT_SECONDS = 1.0
DELTAS_A_BEAT = 50_000
OVERDUE_EVERY = timedelta(seconds=10)
PRUNE_EVERY = timedelta(minutes=10)
_SLUGS_A_NOTICE = 80  # a notice holds less than 8,000 bytes
_LOCK = 0x57464C50  # "WFLP"

_logger = logging.getLogger("watchfloor.pulse")


@dataclass(slots=True)
class Pulse:
    """The beat and what it does at longer intervals."""

    counted_overdue_at: datetime | None = None
    pruned_at: datetime | None = None
    heads: Heads = field(default_factory=Heads)

    def beat(self, *, now: datetime) -> list[str]:
        """Return the slugs of the queues that changed, after folding everything committed so far."""
        with transaction.atomic():
            parameters = {"now": now, "limit": DELTAS_A_BEAT}
            PulseMark.objects.get_or_create(id=1)
            changed = {row["slug"] for row in run("review", "pulse_fold", parameters)}
            changed |= {row["slug"] for row in run("review", "pulse_tally", parameters)}
            if _due(self.counted_overdue_at, OVERDUE_EVERY, now):
                changed |= {row["slug"] for row in run("review", "pulse_overdue", parameters)}
                self.counted_overdue_at = now
            if _due(self.pruned_at, PRUNE_EVERY, now):
                run("review", "pulse_prune", parameters)
                self.pruned_at = now
            _notify(sorted(changed))
        return sorted(changed)


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


def _notify(slugs: list[str]) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(slugs), _SLUGS_A_NOTICE):
            payload = json.dumps(slugs[start : start + _SLUGS_A_NOTICE])
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def run_pulse(stop: Event, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Beat once a second until `stop` is set; a lost database is waited for."""
    pulse = Pulse()
    while not stop.is_set():
        started = time.monotonic()
        try:
            if _is_only_pulse():
                pulse.beat(now=clock())
                pulse.heads.keep()
        except OperationalError as error:
            _logger.warning("The database is not there, trying again: %s", error)
            connection.close()
        stop.wait(max(0.05, BEAT_SECONDS - (time.monotonic() - started)))
    connection.close()


def _is_only_pulse() -> bool:
    """Return whether this session holds the pulse's lock; it is kept until the connection closes."""
    connection.ensure_connection()
    held: object = getattr(connection, "_watchfloor_pulse", None)
    if held is connection.connection:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        alone = bool(cursor.fetchone()[0])
    if alone:
        connection._watchfloor_pulse = connection.connection  # type: ignore[attr-defined] # the lock lives with it
    return alone
