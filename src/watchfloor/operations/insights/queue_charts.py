"""The charts of one queue: its last day hour by hour, and its metrics over weeks with what changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.operations.insights.figures import axis_unit, name_of, point, scaled, written
from watchfloor.operations.insights.warehouse import ask, catalogue
from watchfloor.operations.shell.asked import Asked
from watchfloor.operations.shell.charts import Spec, flow, over_time

HOUR = timedelta(hours=1)


def day_chart(slug: str, *, asked: Asked, now: datetime) -> Spec | None:
    """Return arrivals and decisions of the last 24 hours; None when the facts hold nothing."""
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    query = Query(
        metrics=("intake", "completed"),
        period=Period(end - timedelta(hours=24), end),
        grain="hour",
        where={"queue": (slug,)},
    )
    try:
        cells = ask(query, operation=asked.operation, now=now).cells
    except WatchfloorError:
        return None
    names = {"intake": gettext("Arrivals"), "completed": gettext("Decided")}
    points = [
        {"at": written(cell.bucket_start), "value": cell.estimate.value, "series": names[cell.metric]}
        for cell in cells
        if cell.bucket_start is not None and cell.bucket_start + HOUR <= now
    ]
    return flow(points) if points else None


def queue_metrics(
    slug: str, *, metrics: Sequence[str], asked: Asked, now: datetime, days: int, changes: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """Return one entry a metric: its definition, its chart by day with bands, its latest value or problem."""
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    period = Period(end - timedelta(days=days), end)
    marks = [
        {"at": written(change.at), "summary": change.summary} for change in changes if change.at in period
    ]
    known = [name for name in metrics if name in catalogue()]
    cells: dict[str, list[Cell]] = {name: [] for name in known}
    query = Query(metrics=tuple(known), period=period, grain="day", where={"queue": (slug,)})
    problem: WatchfloorError | None = None
    try:
        for cell in ask(query, operation=asked.operation, now=now).cells:
            if cell.bucket_start is not None:
                cells[cell.metric].append(cell)
    except WatchfloorError as error:
        problem = error
    return [_entry(catalogue()[name], cells[name], slug=slug, marks=marks, problem=problem) for name in known]


def _entry(
    definition: Definition,
    cells: Sequence[Cell],
    *,
    slug: str,
    marks: Sequence[dict[str, str]],
    problem: WatchfloorError | None,
) -> dict[str, Any]:
    known = [cell for cell in cells if cell.estimate.value is not None]
    name = name_of(definition)
    largest = max((abs(cell.estimate.value or 0.0) for cell in known), default=0.0)
    unit, divisor = axis_unit(definition.unit, largest=largest)
    points = [scaled(point(cell, series=slug), divisor) for cell in known]
    chart = (
        over_time(points, value_title=name, unit=definition.unit, changes=marks, height=170)
        if points
        else None
    )
    return {
        "definition": definition,
        "name": name,
        "chart": chart,
        "element": f"metric-{definition.id}",
        "latest": known[-1] if known else None,
        "unit": unit,
        "problem": problem,
    }
