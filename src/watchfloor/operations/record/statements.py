"""Hand-written SQL by name, and the thin way to run it on Django's own connection and transaction."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import dict_row
from psycopg.types.json import JsonbLoader

_OPERATIONS = Path(__file__).resolve().parent.parent


@cache
def statement(feature: str, name: str) -> str:
    """Return the text of `operations/<feature>/sql/<name>.sql`."""
    return (_OPERATIONS / feature / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def terse_statement(feature: str, name: str) -> str:
    """Return the statement without comments and layout: psycopg keeps only short statements parsed."""
    return " ".join(re.sub(r"--.*", "", statement(feature, name)).split())


@contextmanager
def server_cursor() -> Iterator[psycopg.Cursor[dict[str, Any]]]:
    """Yield a cursor that binds on the server, so that PostgreSQL keeps the plan of a hot statement.

    It shares the connection, and so the transaction, of Django's ORM, which prepares nothing itself: the
    threshold is lifted only meanwhile.
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    usual = raw.prepare_threshold
    raw.prepare_threshold = 0
    try:
        with psycopg.Cursor(raw, row_factory=dict_row) as cursor:
            cursor.adapters.register_loader("jsonb", JsonbLoader)  # Django leaves JSON as text
            yield cursor
    finally:
        raw.prepare_threshold = usual


def run(feature: str, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a named statement, prepared once a connection."""
    with server_cursor() as cursor:
        cursor.execute(terse_statement(feature, name), parameters, prepare=True)
        return cursor.fetchall() if cursor.description else []
