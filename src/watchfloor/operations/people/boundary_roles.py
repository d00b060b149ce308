"""Reads in the database role of a viewer's data boundaries, so that a forgotten filter shows nothing.

The selectors filter by the viewer's grants; this is the second wall behind them. A page or an API read runs
in one transaction under the role; writes run as the owner, through services that ask for permissions.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import DatabaseError, connection, transaction

from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.people.row_security import guard_tables
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, Viewer

logger = logging.getLogger(__name__)


def install() -> None:
    """Guard every table and make the roles of every boundary; safe to repeat.

    A database user who may not make roles leaves the tables guarded and the roles unmade; reads then stay
    with the selectors alone, and the log says so.
    """
    try:
        with transaction.atomic():
            guard_tables()
            with connection.cursor() as cursor:
                cursor.execute("SELECT people_make_boundary_roles()")
    except DatabaseError as error:
        logger.warning("Roles of data boundaries were not made: %s", str(error).strip())
    _role_of.cache_clear()


@contextmanager
def seen_by(viewer: Viewer) -> Iterator[None]:
    """Run the reads inside under the viewer's boundaries; a viewer of all of them reads as the owner.

    Inside, nothing can be written.
    """
    boundaries = frozenset(grant.data_boundary for grant in viewer.grants) - {""}
    role = "" if ALL_BOUNDARIES in boundaries else _role_of(_database(), boundaries)
    if not role:
        yield
        return
    with transaction.atomic():
        _take_on(role)
        try:
            yield
        finally:
            if not connection.needs_rollback and not _is_broken():
                _take_on("none")


@contextmanager
def as_owner() -> Iterator[None]:
    """Run the reads inside as the owner, within `seen_by`: for the few sums that may leave a boundary."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        (role,) = cursor.fetchone()
    if role == "none":
        yield
        return
    _take_on("none")
    try:
        yield
    finally:
        if not connection.needs_rollback and not _is_broken():
            _take_on(role)


def _take_on(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [role])


def _is_broken() -> bool:
    connected = connection.connection
    return connected is None or connected.info.transaction_status.name == "INERROR"


def _database() -> str:
    return str(connection.settings_dict["NAME"])


@cache
def _role_of(database: str, boundaries: frozenset[str]) -> str:
    """Return the role that reads within these boundaries; blank where roles could not be made."""
    del database  # a key of the cache: roles belong to a database
    known = set(DataBoundary.objects.filter(slug__in=boundaries).values_list("slug", flat=True))
    tail = "page" if not known else f"page_{min(known)}"
    with connection.cursor() as cursor:
        if len(known) > 1:
            tail = "page_" + hashlib.sha256("/".join(sorted(known)).encode()).hexdigest()[:24]
            within = [f"page_{slug}" for slug in sorted(known)]
            cursor.execute(
                "SELECT people_make_role(people_role_name(%s), VARIADIC"
                " ARRAY(SELECT people_role_name(held) FROM unnest(%s::text[]) held))",
                [tail, within],
            )
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = people_role_name(%s)", [tail])
        made = cursor.fetchone()
    return str(made[0]) if made else ""
