"""`watchfloor demo`: the simulated operation, made when absent, then served."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from watchfloor.cli.serve import address_options, note_options, run_operation
from watchfloor.cli.steps import Progress, Steps
from watchfloor.kernel import WatchfloorError
from watchfloor.settings.embedded.processes import Bound
from watchfloor.settings.environment import Environment, read_environment


class HistoryError(WatchfloorError):
    """The demo's history could not be written."""


@click.command()
@address_options
@click.option("--days", type=int, help="Days of history of a new demo operation.  [default: 60]")
def demo(host: str | None, port: int | None, live_port: int | None, days: int | None) -> None:
    """Run the simulated demo operation and its pages until Ctrl-C.

    The first start makes the operation: people, policies, queues, and weeks of history as facts. From then
    on its cases arrive and are decided live. The next start continues where this one stopped.
    """
    note_options(host=host, port=port, live_port=live_port)
    if days is not None:
        os.environ["WATCHFLOOR_DEMO_DAYS"] = str(days)
    os.environ.setdefault("WATCHFLOOR_SIMULATED", "yes")
    # The invented platform that is told decisions listens on this machine; no other operation allows that.
    os.environ.setdefault("WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS", "127.0.0.1")
    run_operation(read_environment(), names=("web", "live", "worker", "pulse", "actor"), prepare=make_demo)


def make_demo(environment: Environment, steps: Steps) -> None:
    """Make the demo operation's content, as far as it is not there: its objects, its floor, its history.

    Each of them is made wholly or not at all, so a start that was stopped is taken up by the next one.
    """
    from watchfloor.facts.store import FactStore
    from watchfloor.operations.demo.cast import find_cast
    from watchfloor.operations.demo.floor import may_open, open_floor
    from watchfloor.operations.demo.reports import seed_reports
    from watchfloor.operations.demo.targets import seed_targets
    from watchfloor.operations.demo.watching import seed_alerts
    from watchfloor.operations.review.actors.desk import seat_visitor
    from watchfloor.operations.review.actors.pause import take_pause_out
    from watchfloor.operations.review.actors.seed import seed_demo

    with steps.step("Making the demo operation") as progress:
        seed_demo(
            now=datetime.now(UTC), progress=progress, seed=environment.demo_seed, days=environment.demo_days
        )
    if may_open():
        with steps.step("Opening the review floor") as progress:
            open_floor(now=datetime.now(UTC), progress=progress, seed=environment.demo_seed)
    seat_visitor(now=datetime.now(UTC))
    if not FactStore(environment.facts_root, environment.operation).versions():
        with steps.step(f"Playing {environment.demo_days} days of history") as progress:
            play_history(environment, progress)
    with steps.step("Agreeing on targets") as progress:
        seed_targets(now=datetime.now(UTC), progress=progress)
    if cast := find_cast():
        with steps.step("Letting rules watch it"):
            seed_alerts(cast=cast, now=datetime.now(UTC))
    with steps.step("Drafting a report") as progress:
        seed_reports(now=datetime.now(UTC), progress=progress)
    # Before anything else runs: the worker would end the leases that ran out while nobody was there.
    take_pause_out(now=datetime.now(UTC))


def play_history(environment: Environment, progress: Progress) -> None:
    """Write the history in a process of its own: its gigabyte of memory goes with it.

    Raises:
        HistoryError: that process failed; its log says why.

    """
    log = environment.data / "logs" / "history.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as said:
        playing = Bound(
            [sys.executable, "-m", "watchfloor.cli.child", "history"],
            directory=Path.cwd(),
            output=subprocess.PIPE,
            errors=said,
        )
        try:
            for line in playing.process.stdout or ():
                progress(line.decode("utf-8", "replace").strip())
            code = playing.process.wait()
        finally:
            playing.stop((signal.SIGTERM, 5.0))
    if code != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise HistoryError(
            f"The demo's history could not be written: {lines[-1] if lines else f'exit code {code}'}",
            remedy=f"See {log}; the next start tries again.",
        )
