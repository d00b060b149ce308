"""`watchfloor demo`: the simulated operation, made when absent, then served."""

import os

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
    """Make the demo operation's content, as far as it is not there."""
    raise NotImplementedError
