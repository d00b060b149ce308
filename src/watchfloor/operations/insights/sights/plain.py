"""The views that show figures as they are: lines or points, small multiples, the table alone."""

from collections.abc import Sequence

from django.utils.translation import gettext

from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import axis_unit, name_of, point, scaled
from watchfloor.operations.insights.answers import Row, bucket_text, chart_of, rows_of
from watchfloor.operations.insights.question import Question, QuestionError
from watchfloor.operations.insights.sights.parts import Look, Picture, Sight
from watchfloor.operations.insights.sights.standing import common_limit, standing
from watchfloor.operations.shell import charts
from watchfloor.operations.shell.chart_forms import with_domain, with_limit
from watchfloor.operations.shell.documents import Chart, Series

MOST_MULTIPLES = 24
MOST_SERIES = 6


def plain(look: Look, *, definitions: Sequence[Definition] | None = None) -> Sight:
    """Return lines over time with a grain, else one point a scope; each with its interval and target."""
    sight = table(look)
    known = tuple(definitions or sight.definitions)
    pictures = []
    for at, definition in enumerate(known):
        picture = pictured(sight.rows, question=sight.question, definition=definition, at=at, sight=sight)
        if picture is not None:
            pictures.append(picture)
    return Sight(
        sight.question,
        sight.period,
        sight.answer,
        sight.definitions,
        tuple(pictures),
        sight.rows,
        judged=sight.judged,
    )


def table(look: Look) -> Sight:
    """Return the figures alone."""
    found = look.ask(look.query())
    rows = tuple(rows_of(found.cells, question=look.question, period=look.period))
    definitions = look.definitions
    judged = standing(found.cells, definitions=definitions, look=look)
    return Sight(look.question, look.period, found, definitions, rows=rows, judged=judged)


def pictured(
    rows: Sequence[Row], *, question: Question, definition: Definition, at: int, sight: Sight | None = None
) -> Picture | None:
    """Return one metric's chart, its target drawn where all its cells share one."""
    made = chart_of(rows, question=question, definition=definition, at=at)
    if made is None:
        return None
    limit = common_limit(sight.judged, metric=definition.id) if sight is not None else None
    spec = made.spec
    if limit is not None:
        values = [cell.estimate.value or 0.0 for row in rows if (cell := row.cells[at])]
        _, divisor = axis_unit(definition.unit, largest=max(map(abs, values), default=1.0))
        along = "y" if question.grain else "x"
        spec = with_limit(spec, limit / divisor, along=along, name=gettext("Target"))
    categories, series = series_of(rows, question=question, definition=definition, at=at)
    chart = Chart(
        made.title,
        spec,
        categories,
        series,
        "line" if question.grain else "bar",
        definition.unit,
        limit,
        alternative=made.title,
    )
    return Picture(chart, made.bounded)


def series_of(
    rows: Sequence[Row], *, question: Question, definition: Definition, at: int
) -> tuple[tuple[str, ...], tuple[Series, ...]]:
    """Return a metric's categories and series as a workbook draws them, in the metric's own unit."""
    if not question.grain:
        kept = [(row, cell) for row in rows if (cell := row.cells[at]) and cell.estimate.value is not None][
            :40
        ]
        names = tuple(" · ".join(row.values) or name_of(definition) for row, _ in kept)
        estimates = [cell.estimate for _, cell in kept]
        one = Series(
            name_of(definition),
            tuple(e.value for e in estimates),
            tuple(e.low for e in estimates),
            tuple(e.high for e in estimates),
        )
        return names, (one,)
    buckets = sorted({row.bucket for row in rows if row.bucket is not None})
    names = tuple(bucket_text(b, grain=question.grain, time_zone=question.time_zone) for b in buckets)
    size: dict[tuple[str, ...], int] = {}
    cells = {}
    for row in rows:
        if cell := row.cells[at]:
            size[row.values] = size.get(row.values, 0) + cell.n
            cells[row.values, row.bucket] = cell.estimate
    found = []
    for values in sorted(size, key=lambda each: (-size[each], each))[:MOST_SERIES]:
        timed = [cells.get((values, bucket)) for bucket in buckets]
        found.append(
            Series(
                " · ".join(values) or name_of(definition),
                tuple(e.value if e else None for e in timed),
                tuple(e.low if e else None for e in timed),
                tuple(e.high if e else None for e in timed),
            )
        )
    return names, tuple(found)


def multiples(look: Look) -> Sight:
    """Return one small chart over time a scope and metric, those of a metric on one scale."""
    if not look.question.by:
        raise QuestionError(
            "Small multiples need a dimension: one chart stands for each of its values.",
            remedy="Split by queue, site or another dimension.",
        )
    if look.question.grain is None:
        look = look.with_question(grain="day")
    sight = table(look)
    size: dict[tuple[str, ...], int] = {}
    for row in sight.rows:
        size[row.values] = size.get(row.values, 0) + sum(cell.n for cell in row.cells if cell)
    ranked = sorted(size, key=lambda values: (-size[values], values))
    pictures = []
    scales = [_scale(sight.rows, definition, at) for at, definition in enumerate(sight.definitions)]
    for values in ranked[: max(1, MOST_MULTIPLES // len(sight.definitions))]:
        rows = [row for row in sight.rows if row.values == values]
        for at, definition in enumerate(sight.definitions):
            pictures.append(_small(rows, sight=sight, definition=definition, at=at, scale=scales[at]))
    left_out = len(ranked) - max(1, MOST_MULTIPLES // len(sight.definitions))
    remarks = [gettext("All charts of a metric have one scale; the largest scopes come first.")]
    if left_out > 0:
        remarks.append(gettext("%(n)s more stand in the table below.") % {"n": left_out})
    return Sight(
        sight.question,
        sight.period,
        sight.answer,
        sight.definitions,
        tuple(picture for picture in pictures if picture is not None),
        sight.rows,
        judged=sight.judged,
        remarks=tuple(remarks),
    )


def _scale(rows: Sequence[Row], definition: Definition, at: int) -> tuple[float, float, str, float]:
    """Return the lowest and the highest value drawn, the axis's unit, and what values are divided by."""
    drawn = [
        value
        for row in rows
        if (cell := row.cells[at])
        for value in (cell.estimate.value, cell.estimate.low, cell.estimate.high)
        if value is not None
    ]
    unit, divisor = axis_unit(definition.unit, largest=max(map(abs, drawn), default=1.0))
    low, high = min(drawn, default=0.0), max(drawn, default=1.0)
    if definition.unit != "share":
        low = min(low, 0.0)
    return low / divisor, (high if high > low else low + 1.0) / divisor, unit, divisor


def _small(
    rows: Sequence[Row],
    *,
    sight: Sight,
    definition: Definition,
    at: int,
    scale: tuple[float, float, str, float],
) -> Picture | None:
    low, high, unit, divisor = scale
    scope = " · ".join(rows[0].values) or "–"
    points = [
        scaled(point(cell, series="", cut=row.cut), divisor)
        for row in rows
        if (cell := row.cells[at]) and cell.estimate.value is not None
    ]
    if not points:
        return None
    title = f"{name_of(definition)} ({unit})" if unit else name_of(definition)
    spec = with_domain(
        charts.over_time(points, value_title=title, unit=definition.unit, height=120), low, high
    )
    keys = {(definition.id, cell.scope, cell.bucket_start) for row in rows if (cell := row.cells[at])}
    limit = common_limit({k: v for k, v in sight.judged.items() if k in keys}, metric=definition.id)
    if limit is not None:
        spec = with_limit(spec, limit / divisor, name=gettext("Target"))
    categories, series = series_of(rows, question=sight.question, definition=definition, at=at)
    heading = scope if len(sight.definitions) == 1 else f"{scope} · {title}"
    chart = Chart(heading, spec, categories, series, "line", definition.unit, limit, f"{scope}: {title}")
    return Picture(
        chart,
        any(one["low"] is not None for one in points),
        group=title if len(sight.definitions) == 1 else "",
    )
