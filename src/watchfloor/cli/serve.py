"""`watchfloor serve`: the operation and its pages, under one supervisor."""

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack

import click

from watchfloor.cli.operation import refuse_unreachable, set_up_django
from watchfloor.cli.ports import refuse_taken_port
from watchfloor.cli.preparation import migrate, prepare_pages
from watchfloor.cli.sign_in import ADDRESS_FILE, new_link, page_address
from watchfloor.cli.steps import Steps
from watchfloor.cli.supervisor import Child, Supervisor
from watchfloor.settings.embedded.ownership import Ownership
from watchfloor.settings.embedded.places import places_of
from watchfloor.settings.embedded.server import Server, make_data_directory
from watchfloor.settings.environment import Environment, read_environment
from watchfloor.settings.secret import keep_secret_key

ANSWER_SECONDS = 60.0
Preparation = Callable[[Environment, Steps], None]


def address_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where to listen; each is a setting of the environment too."""
    for option in (
        click.option("--live-port", type=int, help="Port of the live updates.  [default: the next port]"),
        click.option("--port", type=int, help="Port of the pages.  [default: 8000]"),
        click.option("--host", help="Address to listen on.  [default: 127.0.0.1]"),
    ):
        command = option(command)
    return command


@click.command()
@address_options
def serve(host: str | None, port: int | None, live_port: int | None) -> None:
    """Run your own operation and its pages until Ctrl-C.

    Starts the embedded PostgreSQL (or uses DATABASE_URL), brings its tables to this version, and keeps the
    pages, the live updates, the background jobs and the floor's pulse running. Prints a sign-in link.
    """
    note_options(host=host, port=port, live_port=live_port)
    run_operation(read_environment(), names=("web", "live", "worker", "pulse"))


def note_options(*, host: str | None, port: int | None, live_port: int | None) -> None:
    """Write the options into the environment, so that this process and its children agree."""
    for variable, value in (
        ("WATCHFLOOR_HOST", host),
        ("WATCHFLOOR_PORT", port),
        ("WATCHFLOOR_LIVE_PORT", live_port),
    ):
        if value is not None:
            os.environ[variable] = str(value)


def run_operation(
    environment: Environment, *, names: tuple[str, ...], prepare: Preparation = lambda *_: None
) -> None:
    """Run the named processes over the operation until told to stop, after making everything ready.

    Args:
        environment: Where the operation is and where it listens.
        names: Which of the processes run, in the order of starting.
        prepare: Makes the operation's content ready; called with the database up and Django set up.

    Raises:
        WatchfloorError: the data directory is owned, a port is taken, or the database fails.

    """
    steps = Steps()
    os.environ["WATCHFLOOR_DATA"] = str(environment.data)
    refuse_owned(environment)
    refuse_taken_port(host=environment.host, port=environment.port, option="--port")
    refuse_taken_port(host=environment.host, port=environment.live_port_in_use, option="--live-port")
    with ExitStack() as stack:
        server = own_database(environment, stack=stack, steps=steps)
        keep_secret_key(environment.data)
        set_up_django()
        with steps.step("Preparing the database"):
            migrate()
        with steps.step("Preparing the pages"):
            prepare_pages(environment)
        prepare(environment, steps)
        close_connections()
        supervisor = Supervisor(
            [child_of(name, environment) for name in names],
            server=server,
            logs=environment.data / "logs",
            tell=steps.tell,
        )
        supervisor.listen_for_the_end()
        stack.callback(supervisor.stop)
        note_address(environment, stack=stack)
        with steps.step("Starting the pages"):
            supervisor.start(first=("web", "live"))
            await_answer(environment, supervisor)
        supervisor.start_rest()
        if not supervisor.stopping:
            greet(environment, steps)
        supervisor.run()
        steps.tell("\nStopping …")
        supervisor.stop()
        steps.tell("Stopped. The next start continues here.")


def refuse_owned(environment: Environment) -> None:
    """Refuse a data directory that another process owns, before its ports are blamed.

    Raises:
        AlreadyOwned: naming that process.

    """
    make_data_directory(environment.data)
    ownership = Ownership(places_of(environment.data).lock)
    ownership.take()
    ownership.release()


def own_database(environment: Environment, *, stack: ExitStack, steps: Steps) -> Server | None:
    """Return the embedded server, started, or None with a database of one's own; either way own the data."""
    if environment.database_url:
        ownership = Ownership(places_of(environment.data).lock)
        ownership.take()
        stack.callback(ownership.release)
        with steps.step("Reaching PostgreSQL"):
            refuse_unreachable(environment.database_url)
        return None
    server = Server(environment.data)
    with steps.step("Starting PostgreSQL") as progress:
        server.start(tell=progress)
    stack.callback(server.stop)
    return server


def note_address(environment: Environment, *, stack: ExitStack) -> None:
    """Write down where the pages are, for other commands, until the operation stops."""
    written = environment.data / ADDRESS_FILE
    written.write_text(f"{page_address(environment)}\n", encoding="utf-8")
    stack.callback(lambda: written.unlink(missing_ok=True))


def close_connections() -> None:
    """Close this process's own connections: the supervisor only watches from here on."""
    from django.db import connections

    connections.close_all()


def child_of(name: str, environment: Environment) -> Child:
    """Return one of the operation's processes by name."""
    threads = environment.web_threads
    granian = [
        sys.executable,
        "-m",
        "granian",
        "--host",
        environment.host,
        "--log-level",
        "error",
        "--no-ws",
    ]
    django = {"DJANGO_SETTINGS_MODULE": "watchfloor.settings.django", "PYTHONUNBUFFERED": "1"}
    if name == "web":
        command = [
            *granian,
            *("--interface", "wsgi", "--port", str(environment.port)),
            *("--workers", str(environment.web_workers), "--blocking-threads", str(threads)),
            *("--workers-kill-timeout", "5"),
            "watchfloor.operations.wsgi:application",
        ]
        pool = str(environment.database_pool or threads)
        return Child(name=name, command=command, environ={**django, "WATCHFLOOR_DATABASE_POOL": pool})
    if name == "live":
        command = [
            *granian,
            *("--interface", "asgi", "--port", str(environment.live_port_in_use)),
            *("--workers-kill-timeout", "2"),
            "watchfloor.operations.live:application",
        ]
        return Child(name=name, command=command, environ=django)
    return Child(name=name, command=[sys.executable, "-m", "watchfloor.cli.child", name], environ=django)


def await_answer(environment: Environment, supervisor: Supervisor) -> None:
    """Return when the pages answer, or after a minute: the supervisor goes on trying."""
    until = time.monotonic() + ANSWER_SECONDS
    address = f"{page_address(Environment(host=environment.host, port=environment.port))}/healthz"
    while time.monotonic() < until and not supervisor.stopping:
        supervisor.look(now=time.monotonic())
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 -- our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)


def greet(environment: Environment, steps: Steps) -> None:
    """Print where the pages are, and a link that signs in once."""
    link = new_link(environment)
    close_connections()
    steps.tell(f"\n[bold]Watchfloor[/bold] serves {page_address(environment)}")
    # Written plainly, so that a narrow terminal does not break the link.
    click.echo(
        f"Sign in, once, within a day:\n\n    {link}\n\nCtrl-C stops. Logs: {environment.data / 'logs'}"
    )
