"""`watchfloor demo`: the simulated operation, made when absent, then served."""

import os
from datetime import UTC, datetime

import click

from watchfloor.cli.serve import address_options, note_options, run_operation
from watchfloor.cli.steps import Steps
from watchfloor.settings.environment import Environment, read_environment


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
    run_operation(read_environment(), names=("web", "live", "worker", "pulse", "actor"), prepare=make_demo)


def make_demo(environment: Environment, steps: Steps) -> None:
    """Make the demo operation's content, as far as it is not there: its objects, then its history.

    Each of both is made wholly or not at all, so a start that was stopped is taken up by the next one.
    """
    from watchfloor.facts.store import FactStore
    from watchfloor.operations.review.actors.history import write_history
    from watchfloor.operations.review.actors.seed import seed_demo

    now = datetime.now(UTC)
    with steps.step("Making the demo operation") as progress:
        world = seed_demo(now=now, progress=progress, seed=environment.demo_seed, days=environment.demo_days)
    store = FactStore(environment.facts_root, environment.operation)
    if not store.versions():
        with steps.step(f"Playing {environment.demo_days} days of history") as progress:
            write_history(world=world, store=store, now=now, progress=progress)
