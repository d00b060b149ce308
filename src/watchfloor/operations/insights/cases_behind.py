"""Finds the cases behind one figure of Explore."""

from collections.abc import Mapping
from datetime import datetime

from django.http import QueryDict

from watchfloor.kernel import Period, parse_instant
from watchfloor.metrics import tracing
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.grains import end_of
from watchfloor.operations.cells.warehouse import engine, store_of
from watchfloor.operations.insights.question import Question, QuestionError
from watchfloor.operations.shell.asked import Asked


def bucket_period(parameters: QueryDict, *, question: Question) -> Period:
    """Return the figure's period: from `from` to `to`, or one bucket of the grain from `from` on."""
    start = parse_instant(parameters.get("from", ""), time_zone=question.time_zone)
    if written := parameters.get("to", ""):
        return Period(start, parse_instant(written, time_zone=question.time_zone))
    if question.grain is None:
        raise QuestionError("The figure's period has no end.", remedy="Open it from the table of figures.")
    return Period(start, end_of(start, grain=question.grain, time_zone=question.time_zone))


def cases_behind(
    definition: Definition,
    *,
    period: Period,
    where: Mapping[str, tuple[str, ...]],
    asked: Asked,
    now: datetime,
) -> tuple[str, ...]:
    """Return the first case ids that enter the metric there."""
    return tracing.cases_behind(
        definition,
        period=period,
        where=where,
        store=store_of(asked.operation),
        engine=engine(),
        now=now,
        as_of=asked.known_at,
    )
