"""Gives a command the operation: its environment, a database that answers, Django set up."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import django
import django.db
import psycopg

from watchfloor.settings.embedded.errors import DatabaseError
from watchfloor.settings.embedded.places import places_of
from watchfloor.settings.embedded.server import Server
from watchfloor.settings.environment import Environment, read_environment

SETTINGS_MODULE = "watchfloor.settings.django"


@contextmanager
def database_at_hand(*, make: bool = False) -> Iterator[Environment]:
    """Give the environment while a database answers.

    The operation's running server is used when there is one; else the embedded one runs while this lasts.

    Args:
        make: Make the embedded database when there is none; otherwise that is refused, because whoever asks
            about an operation stands in the wrong directory more often than before an empty one.

    Raises:
        DatabaseError: no database answers, and none can be started.

    """
    environment = read_environment()
    places = places_of(environment.data)
    if not (make or environment.database_url or places.cluster.is_dir()):
        raise DatabaseError(
            f"No operation stands in {environment.data}.",
            remedy="Start one with `watchfloor demo` or `serve`, or set WATCHFLOOR_DATA to its place.",
        )
    if environment.database_url:
        refuse_unreachable(environment.database_url)
    borrowed = bool(environment.database_url) or embedded_answers(environment)
    with nullcontext() if borrowed else Server(environment.data):
        yield environment


@contextmanager
def operation_at_hand(*, make: bool = False) -> Iterator[Environment]:
    """Give the environment while a database answers and Django is set up.

    Raises:
        DatabaseError: no database answers, or it holds no operation of this version.

    """
    with database_at_hand(make=make) as environment:
        set_up_django()
        try:
            yield environment
        except (psycopg.OperationalError, django.db.OperationalError) as error:
            raise DatabaseError(
                f"The database went away: {str(error).strip().splitlines()[0]}.",
                remedy="Run the command again.",
            ) from error
        except django.db.ProgrammingError as error:
            if not isinstance(
                error.__cause__, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn
            ):
                raise
            raise DatabaseError(
                f"The database is not of this version: {str(error).strip().splitlines()[0]}.",
                remedy="Bring it to this version with `watchfloor manage migrate`; serving does so too.",
            ) from error


def embedded_answers(environment: Environment) -> bool:
    """Return whether the embedded server of the data directory runs and answers."""
    try:
        with Server(environment.data).connect():
            return True
    except psycopg.OperationalError:
        return False


def refuse_unreachable(database_url: str) -> None:
    """Refuse a PostgreSQL that does not answer, or is too old.

    Raises:
        DatabaseError: naming what the server or the network said.

    """
    try:
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        raise DatabaseError(
            f"The PostgreSQL of DATABASE_URL does not answer: {str(error).strip()}.",
            remedy="Check the address, the password and that the server runs; or unset DATABASE_URL.",
        ) from error
    if version < 150_000:
        raise DatabaseError(
            f"The PostgreSQL of DATABASE_URL is version {version // 10_000}; 15 or newer is needed.",
            remedy="Update it, or unset DATABASE_URL to use the embedded one.",
        )


def set_up_django() -> None:
    """Set Django up with our settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()
