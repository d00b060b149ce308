"""Opens the facts for the pages: one engine a process, one store an operation, one catalogue."""

from dataclasses import replace
from datetime import datetime
from functools import cache

from django.conf import settings

from watchfloor.facts.engines.duckdb_engine import DuckDBEngine
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Answer, Catalogue, Query, answer
from watchfloor.operations.cells.definitions import catalogue_in_force
from watchfloor.operations.shell.asked import Asked

_PLACED_BY = ("decision", "review", "case")


@cache
def engine() -> DuckDBEngine:
    """Return this process's engine; it is safe between threads."""
    return DuckDBEngine(threads=2, memory_limit="1GB")


def catalogue() -> Catalogue:
    """Return the metric definitions in force: the product's, and those approved here."""
    return catalogue_in_force()


@cache
def store_of(operation: str) -> FactStore:
    """Return the facts of an operation."""
    return FactStore(settings.WATCHFLOOR_FACTS_ROOT, operation)


def extent_of(operation: str) -> Period | None:
    """Return the shortest period that holds every case, review and decision; None without any."""
    snapshot = store_of(operation).snapshot()
    extents = [extent for table in _PLACED_BY if (extent := snapshot.extent(table))]
    if not extents:
        return None
    return Period(min(extent.start for extent in extents), max(extent.end for extent in extents))


def seen_from(asked: Asked, *, now: datetime) -> datetime:
    """Return the instant that a page shows: as asked, else now, else the end of an imported log.

    The living operation as it was known then is shown as it stood then, unless another instant is asked for.
    """
    if asked.at is not None:
        return asked.at
    if asked.is_live:
        return asked.known_at or now
    extent = extent_of(asked.operation)
    return extent.end if extent else now


def ask(
    query: Query,
    *,
    operation: str,
    now: datetime,
    known_at: datetime | None = None,
    definitions: Catalogue | None = None,
) -> Answer:
    """Return the metrics' answer for an operation, from the newest facts or those published by `known_at`.

    `now` is the instant that the page shows: what is open is known up to it, whenever facts were published.
    `definitions` are the catalogue with variants for one question beside it.
    """
    if known_at is not None:
        query = replace(query, as_of=known_at)
    known = catalogue() if definitions is None else definitions
    return answer(query, catalogue=known, store=store_of(operation), engine=engine(), now=now)
