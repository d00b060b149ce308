"""One call for all that asks about metrics: the viewer's reach, the answer, the sums that may leave."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings

from watchfloor.metrics import Answer, Catalogue, Query
from watchfloor.metrics.spreading import Spread, spreads
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.released import with_released
from watchfloor.operations.cells.warehouse import ask, catalogue, engine, store_of
from watchfloor.operations.record.viewers import Viewer


def ask_as(
    query: Query,
    *,
    viewer: Viewer,
    operation: str,
    now: datetime,
    known_at: datetime | None = None,
    definitions: Catalogue | None = None,
) -> Answer:
    """Return what the viewer may know of the query's answer.

    Args:
        query: The question, before it is narrowed.
        viewer: Who asks; background work asks as `Viewer.system()`.
        operation: The operation or imported log.
        now: The instant that is shown: what is open is known up to it.
        known_at: Answer with the facts as they were published at this instant; None is the newest version.
        definitions: The catalogue with variants beside it (`metrics.spreading`), for one question.

    Raises:
        NotPermittedError: the viewer may not ask for metrics, or not by person.
        UnknownMetricError: a metric does not exist.
        RefusedError: the question has no honest answer.

    """
    narrowed, is_live = _narrowed(query, viewer=viewer, operation=operation)
    found = ask(narrowed, operation=operation, now=now, known_at=known_at, definitions=definitions)
    if not is_live or definitions is not None:
        return found
    return with_released(found, query=query, viewer=viewer, operation=operation, now=now, known_at=known_at)


def spreads_as(
    metric: str,
    query: Query,
    *,
    viewer: Viewer,
    operation: str,
    now: datetime,
    known_at: datetime | None = None,
) -> tuple[Spread, ...]:
    """Return how the values behind a metric are spread, within the viewer's reach and nothing beyond it.

    Raises:
        NotPermittedError: the viewer may not ask for metrics, or not by person.
        RefusedError: the metric has no distribution.

    """
    narrowed, _ = _narrowed(query, viewer=viewer, operation=operation)
    return spreads(
        metric,
        narrowed if known_at is None else replace(narrowed, as_of=known_at),
        catalogue=catalogue(),
        store=store_of(operation),
        engine=engine(),
        now=now,
    )


def _narrowed(query: Query, *, viewer: Viewer, operation: str) -> tuple[Query, bool]:
    """Return the query within the viewer's reach, and whether it is about the living operation."""
    if "reviewer" in {*query.by, *query.where}:
        viewer.require("people.view")
    is_live = operation == settings.WATCHFLOOR_OPERATION
    return replace(query, where=within_reach(query.where, viewer=viewer, is_live=is_live)), is_live
