"""The charts of one queue: its last day hour by hour, and its metrics over weeks with what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import axis_unit, name_of, point, scaled, written
from watchfloor.operations.cells.grains import cut_of
from watchfloor.operations.cells.warehouse import ask, catalogue
from watchfloor.operations.insights.change_words import told
from watchfloor.operations.shell import formats
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
        cells = ask(query, operation=asked.operation, now=now, known_at=asked.known_at).cells
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
    slug: str,
    *,
    where: Mapping[str, tuple[str, ...]],
    metrics: Sequence[str],
    asked: Asked,
    now: datetime,
    days: int,
    changes: Sequence[Any] = (),
) -> list[dict[str, Any]]:
    """Return one entry a metric: its definition, its chart by day with bands, its latest value or problem."""
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    period = Period(end - timedelta(days=days), end)
    marks = [
        {"at": written(change.at), "summary": said.sentence}
        for change, said in zip(changes, told(changes, is_live=asked.is_live), strict=True)
        if change.at in period
    ]
    known = tuple(name for name in metrics if name in catalogue())
    query = Query(metrics=known, period=period, grain="day", where=where)
    answered = _answered(query, asked=asked, now=now)
    seen = Period(period.start, now)
    return [_entry(catalogue()[name], answered[name], slug=slug, marks=marks, seen=seen) for name in known]


def _answered(query: Query, *, asked: Asked, now: datetime) -> dict[str, list[Cell] | WatchfloorError]:
    """Return each metric's cells by day in one question; asked one by one where one of them is refused."""
    try:
        cells = ask(query, operation=asked.operation, now=now, known_at=asked.known_at).cells
    except WatchfloorError as error:
        if len(query.metrics) == 1:
            return {query.metrics[0]: error}
        alone = [_answered(replace(query, metrics=(name,)), asked=asked, now=now) for name in query.metrics]
        return {name: found for one in alone for name, found in one.items()}
    return {
        name: [cell for cell in cells if cell.metric == name and cell.bucket_start is not None]
        for name in query.metrics
    }


def _entry(
    definition: Definition,
    found: list[Cell] | WatchfloorError,
    *,
    slug: str,
    marks: Sequence[dict[str, str]],
    seen: Period,
) -> dict[str, Any]:
    problem, cells = (found, []) if isinstance(found, WatchfloorError) else (None, found)
    known = [cell for cell in cells if cell.estimate.value is not None]
    name = name_of(definition)
    largest = max((abs(cell.estimate.value or 0.0) for cell in known), default=0.0)
    unit, divisor = axis_unit(definition.unit, largest=largest)
    cuts = [cut_of(cell.bucket_start, grain="day", period=seen, time_zone="UTC") for cell in known]
    points = [
        scaled(point(cell, series=slug, cut=cut), divisor) for cell, cut in zip(known, cuts, strict=True)
    ]
    whole = [cell for cell, cut in zip(known, cuts, strict=True) if not cut]
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
        "latest": _latest_text(whole[-1], unit=unit, divisor=divisor) if whole else "",
        "unit": unit,
        "problem": problem,
    }


def _latest_text(cell: Cell, *, unit: str, divisor: float) -> str:
    """Return the latest value, in the unit of its chart's axis where that was made coarser."""
    if divisor == 1.0 or cell.estimate.value is None:
        return formats.quantity(cell.estimate.value, unit=cell.unit)
    return f"{cell.estimate.value / divisor:.1f} {unit}"
