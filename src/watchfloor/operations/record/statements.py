"""Hand-written SQL by name, and the thin way to run it on Django's own connection and transaction."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from psycopg.rows import dict_row
from psycopg.types.json import JsonbBinaryLoader, JsonbLoader

_OPERATIONS = Path(__file__).resolve().parent.parent
# A cursor a connection, kept as long as it: making one costs as much as a hot statement.
_CURSORS: WeakKeyDictionary[Any, psycopg.Cursor[tuple[Any, ...]]] = WeakKeyDictionary()


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
    threshold is lifted only meanwhile. Its errors are Django's, so that a broken connection is noticed.
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    usual = raw.prepare_threshold
    raw.prepare_threshold = 0
    try:
        with connection.wrap_database_errors, psycopg.Cursor(raw, row_factory=dict_row) as cursor:
            cursor.adapters.register_loader("jsonb", JsonbLoader)  # Django leaves JSON as text
            yield cursor
    finally:
        raw.prepare_threshold = usual


def run(feature: str, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a named statement, prepared once a connection."""
    with server_cursor() as cursor:
        cursor.execute(terse_statement(feature, name), parameters, prepare=True)
        return cursor.fetchall() if cursor.description else []


def call(query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a short statement with `%s` parameters, prepared, sent and read in binary form.

    For calls of functions a thousand times a second: one round trip on Django's own connection, in its
    transaction where one is open, and otherwise a transaction of its own.
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    cursor = _CURSORS.get(raw)
    if cursor is None:
        cursor = psycopg.Cursor(raw)
        cursor.adapters.register_loader("jsonb", JsonbBinaryLoader)  # Django leaves JSON as text
        _CURSORS[raw] = cursor
    usual = raw.prepare_threshold
    raw.prepare_threshold = 0
    try:
        with connection.wrap_database_errors:
            cursor.execute(query, parameters, prepare=True, binary=True)
            return cursor.fetchall() if cursor.description else []
    finally:
        raw.prepare_threshold = usual
