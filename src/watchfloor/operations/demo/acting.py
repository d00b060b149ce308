"""The demo's actor: the world's reviewers in one thread, the floor's own people in another."""

import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

from django.db import Error, connection

from watchfloor.operations.demo.cast import find_cast
from watchfloor.operations.demo.floor import is_open
from watchfloor.operations.demo.living import Living
from watchfloor.operations.demo.platform import Platform, listening
from watchfloor.operations.review.actors.live import run_actor as run_reviewers

BEAT_SECONDS = 2.0
_TROUBLE_SECONDS = 5.0

_logger = logging.getLogger("watchfloor.actor")


def run_actor(stop: Event, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Play the demo until `stop` is set."""
    thread = Thread(target=run_floor, args=(stop,), kwargs={"clock": clock}, name="floor", daemon=True)
    thread.start()
    run_reviewers(stop, clock=clock)
    thread.join(timeout=10.0)


def run_floor(stop: Event, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Answer callbacks and do the floor's chores until `stop` is set; no failure ends it."""
    with listening() as platform:
        living: Living | None = None
        while not stop.is_set():
            pause = BEAT_SECONDS
            try:
                living = beat(platform, living, now=clock())
            except Error as error:
                _logger.warning("The database is not there, trying again: %s", error)
                connection.close()
                pause = _TROUBLE_SECONDS
            except Exception:
                _logger.exception("A beat of the demo's floor failed")
                pause = _TROUBLE_SECONDS
            stop.wait(pause)
    connection.close()


def beat(platform: Platform, living: Living | None, *, now: datetime) -> Living | None:
    """Return the floor in motion after one beat; None where it was never opened."""
    platform.introduce(now=now)
    if living is None:
        cast = find_cast() if is_open() else None
        living = Living(cast=cast, rng=random.SystemRandom()) if cast else None
    if living is not None:
        living.beat(now=now)
    return living
