"""`watchfloor database`: where it is, whether it runs, a shell in it."""

import json
import os
import shutil

import click
import psycopg

from watchfloor.cli.operation import database_at_hand, embedded_answers
from watchfloor.settings.embedded.binaries import find_programs
from watchfloor.settings.embedded.cluster import major_of
from watchfloor.settings.embedded.errors import ProgramsMissing
from watchfloor.settings.embedded.server import Server
from watchfloor.settings.environment import Environment, read_environment


@click.group()
def database() -> None:
    """Look at the operation's database."""


def address(environment: Environment) -> str:
    """Return the address of the operation's database."""
    return environment.database_url or Server(environment.data).url


@database.command()
def url() -> None:
    """Print the database's address, for psql or a BI tool."""
    click.echo(address(read_environment()))


@database.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Say where the database is, whether it runs and how large it is. Starts nothing."""
    environment = read_environment()
    facts: dict[str, str | int | bool | None] = {"kind": "given" if environment.database_url else "embedded"}
    if not environment.database_url:
        places = Server(environment.data).places
        facts |= {"directory": str(places.home), "version": major_of(places.cluster)}
        facts["runs"] = embedded_answers(environment)
    if environment.database_url or facts["runs"]:
        with psycopg.connect(address(environment), connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version'), pg_database_size(current_database())"
            ).fetchone()
        facts |= {"runs": True, "version": row[0], "bytes": row[1]} if row else {}
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name:<10} {in_words(value)}")


def in_words(value: str | int | bool | None) -> str:
    """Return a fact of the database as a person reads it."""
    if value is None:
        return "not made yet"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@database.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(arguments: tuple[str, ...]) -> None:
    """Open psql on the database; further ARGUMENTS go to psql, such as `-c 'SELECT 1'`.

    The embedded server runs while the shell does.
    """
    with database_at_hand() as environment:
        psql = shutil.which("psql") or find_psql()
        code = os.spawnv(os.P_WAIT, psql, [psql, address(environment), *arguments])  # noqa: S606 -- no shell is wanted
    raise SystemExit(code)


def find_psql() -> str:
    """Return the psql beside the server's programs.

    Raises:
        ProgramsMissing: there is none.

    """
    found = find_programs().directory / "psql"
    if not found.is_file():
        raise ProgramsMissing("No psql was found.", remedy="Install PostgreSQL's client.")
    return str(found)
