"""One call for all that asks about metrics: the viewer's reach, the answer, the sums that may leave."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings

from watchfloor.metrics import Answer, Query
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.released import with_released
from watchfloor.operations.cells.warehouse import ask
from watchfloor.operations.record.viewers import Viewer


def ask_as(
    query: Query, *, viewer: Viewer, operation: str, now: datetime, known_at: datetime | None = None
) -> Answer:
    """Return what the viewer may know of the query's answer.

    Args:
        query: The question, before it is narrowed.
        viewer: Who asks; background work asks as `Viewer.system()`.
        operation: The operation or imported log.
        now: The instant that is shown: what is open is known up to it.
        known_at: Answer with the facts as they were published at this instant; None is the newest version.

    Raises:
        NotPermittedError: the viewer may not ask for metrics, or not by person.
        UnknownMetricError: a metric does not exist.
        RefusedError: the question has no honest answer.

    """
    if "reviewer" in {*query.by, *query.where}:
        viewer.require("people.view")
    is_live = operation == settings.WATCHFLOOR_OPERATION
    narrowed = replace(query, where=within_reach(query.where, viewer=viewer, is_live=is_live))
    found = ask(narrowed, operation=operation, now=now, known_at=known_at)
    if not is_live:
        return found
    return with_released(found, query=query, viewer=viewer, operation=operation, now=now, known_at=known_at)
