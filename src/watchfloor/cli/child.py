"""One process of the operation that is no server: `python -m watchfloor.cli.child NAME`.

The supervisor starts it. It goes on until SIGTERM or SIGINT.
"""

import importlib
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from watchfloor.cli.operation import set_up_django
from watchfloor.settings.environment import read_environment

# Name → the loop, which takes the event that ends it.
LOOPS = {
    "pulse": "watchfloor.operations.review.pulse:run_pulse",
    "actor": "watchfloor.operations.demo.acting:run_actor",
}
WORKER = "worker"
HISTORY = "history"
JOBS_AT_ONCE = 2


def main(name: str) -> None:
    """Run the loop, or the worker, until told to stop."""
    set_up_django()
    logging.getLogger("watchfloor").info("%s runs", name)
    if name == WORKER:
        work()
        return
    if name == HISTORY:
        play()
        return
    module, _, attribute = LOOPS[name].partition(":")
    loop = getattr(importlib.import_module(module), attribute)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    loop(stop)


def play() -> None:
    """Write the demo's history, saying on standard output how far it is; the objects are there already."""
    from watchfloor.facts.store import FactStore
    from watchfloor.operations.review.actors.history import write_history
    from watchfloor.operations.review.actors.seed import seed_demo

    environment = read_environment()
    now = datetime.now(UTC)
    world = seed_demo(
        now=now, progress=lambda _: None, seed=environment.demo_seed, days=environment.demo_days
    )
    store = FactStore(environment.facts_root, environment.operation)
    write_history(world=world, store=store, now=now, progress=lambda text: print(text, flush=True))


def work() -> None:
    """Run the background jobs; on a signal the running ones are finished first."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    if not isinstance(app.connector, DjangoConnector):
        raise TypeError(f"The jobs' connector is {type(app.connector).__name__}, not Django's.")
    connector = app.connector.get_worker_connector()
    # As procrastinate's own Django command does it, less that command's checks of every page.
    with callbacks_beside(), app.replace_connector(connector) as worker:
        worker.run_worker(concurrency=JOBS_AT_ONCE, shutdown_graceful_timeout=8.0)


@contextmanager
def callbacks_beside() -> Iterator[None]:
    """Follow decisions and tell endpoints in a thread of their own while this lasts."""
    from watchfloor.operations.enforcement.runner import run_callbacks

    stop = Event()
    thread = Thread(target=run_callbacks, args=(stop,), name="callbacks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=15.0)


if __name__ == "__main__":
    main(sys.argv[1])
