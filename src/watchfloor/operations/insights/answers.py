"""Lays an answer's cells out as a table and as a chart: one row a scope and bucket, one column a metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from watchfloor.kernel import Period
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import axis_unit, name_of, point, scaled
from watchfloor.operations.cells.grains import Cut, cut_of
from watchfloor.operations.insights.question import Question
from watchfloor.operations.shell import charts, formats

MAX_ROWS = 1_000
MOST_COMPARED = 40


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and what it shows, with the unit of its axis."""

    title: str
    spec: charts.Spec
    bounded: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its bucket, its dimension values in the question's order, a cell or None a metric.

    `cut` says that the period holds only a part of the bucket.
    """

    bucket: datetime | None
    values: tuple[str, ...]
    cells: tuple[Cell | None, ...]
    cut: Cut = ""


def values_of(cell: Cell, by: Sequence[str]) -> tuple[str, ...]:
    """Return the cell's dimension values in the order of `by`."""
    held = cell.scope.as_dict()
    return tuple((held.get(name) or ("",))[0] for name in by)


def rows_of(cells: Sequence[Cell], *, question: Question, period: Period) -> list[Row]:
    """Return the table's rows: by bucket then scope with a grain, else the largest first metric first."""
    grouped: dict[tuple[datetime | None, tuple[str, ...]], dict[str, Cell]] = {}
    for cell in cells:
        grouped.setdefault((cell.bucket_start, values_of(cell, question.by)), {})[cell.metric] = cell
    rows = [
        Row(
            bucket,
            values,
            tuple(by_metric.get(name) for name in question.metrics),
            cut_of(bucket, grain=question.grain, period=period, time_zone=question.time_zone),
        )
        for (bucket, values), by_metric in grouped.items()
    ]
    if question.grain:
        return sorted(rows, key=lambda row: (row.bucket is None, row.bucket, row.values))
    return sorted(rows, key=lambda row: (-(_first(row) or 0.0), row.values))


def _first(row: Row) -> float | None:
    cell = row.cells[0] if row.cells else None
    return cell.estimate.value if cell else None


def bucket_text(at: datetime | None, *, grain: str | None, time_zone: str) -> str:
    """Return a bucket's start in the question's time zone, as finely as its grain."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(time_zone))
    if grain == "hour":
        return local.strftime("%Y-%m-%d %H:%M")
    return local.strftime("%Y-%m") if grain == "month" else local.strftime("%Y-%m-%d")


def chart_of(rows: Sequence[Row], *, question: Question, definition: Definition, at: int = 0) -> Chart | None:
    """Return the chart of one metric: lines over time with a grain, else one row a scope; None without."""
    known = [(row, cell) for row in rows if (cell := row.cells[at]) and cell.estimate.value is not None]
    if not known:
        return None
    unit, divisor = axis_unit(
        definition.unit, largest=max(abs(cell.estimate.value or 0.0) for _, cell in known)
    )
    title = f"{name_of(definition)} ({unit})" if unit else name_of(definition)
    if question.grain:
        kept = _largest_series(rows, at=at)
        points = [
            scaled(point(cell, series=" · ".join(row.values) or name_of(definition), cut=row.cut), divisor)
            for row, cell in known
            if row.values in kept
        ]
        spec = charts.over_time(points, value_title=title, unit=definition.unit)
        return Chart(title, spec, bounded=_bounded(points))
    points = [
        scaled({**point(cell, series=""), "name": " · ".join(row.values)}, divisor)
        for row, cell in known[:MOST_COMPARED]
    ]
    if len(points) < 2:
        return None
    spec = charts.compared(points, value_title=title, unit=definition.unit)
    return Chart(title, spec, bounded=_bounded(points))


def _bounded(points: Sequence[dict[str, Any]]) -> bool:
    return any(one["low"] is not None for one in points)


def _largest_series(rows: Sequence[Row], *, at: int) -> set[tuple[str, ...]]:
    weight: dict[tuple[str, ...], int] = {}
    for row in rows:
        if cell := row.cells[at]:
            weight[row.values] = weight.get(row.values, 0) + cell.estimate.n
    ranked = sorted(weight, key=lambda values: (-weight[values], values))
    return set(ranked[: charts.MAX_SERIES])


def interval_text(cell: Cell) -> str:
    """Return the interval of a cell in words; empty where none is defined."""
    low, high = cell.estimate.low, cell.estimate.high
    if low is None or high is None:
        return ""
    return f"{formats.quantity(low, unit=cell.unit)} – {formats.quantity(high, unit=cell.unit)}"
