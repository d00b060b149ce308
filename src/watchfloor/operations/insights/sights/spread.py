"""The views of a distribution: a histogram with intervals, and percentiles over time."""

from dataclasses import replace

import numpy as np
from django.utils.translation import gettext

from watchfloor.metrics import Query
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.spreading import Spread, at_quantile, valued, with_variants
from watchfloor.operations.cells.asking import spreads_as
from watchfloor.operations.cells.figures import axis_unit, name_of, point, scaled
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.insights.answers import rows_of
from watchfloor.operations.insights.dimension_words import dimension_names
from watchfloor.operations.insights.question import QuestionError
from watchfloor.operations.insights.sights.parts import Look, Picture, Sight, number_of
from watchfloor.operations.insights.sights.plain import series_of
from watchfloor.operations.shell import charts, formats
from watchfloor.operations.shell.chart_forms import histogram
from watchfloor.operations.shell.documents import Chart, Column, Series, Table
from watchfloor.science.uncertainty import wilson

PROBABILITIES = (0.10, 0.25, 0.50, 0.75, 0.90, 0.99)
BINS = 30
MOST_SCOPES = 8
_SHOWN_UP_TO = 0.99


def distribution(look: Look) -> Sight:
    """Return histograms of the values behind one metric, with their percentiles as a table.

    Raises:
        QuestionError: several metrics are asked for.
        RefusedError: the metric has no distribution.

    """
    definition = _single(look)
    valued(definition)  # says why when there is none, before anything is read
    query = replace(look.query(), grain=None)
    found = spreads_as(
        definition.id,
        query,
        viewer=look.viewer,
        operation=look.asked.operation,
        now=look.now,
        known_at=look.asked.known_at,
    )
    kept = [one for one in found if one.n][:MOST_SCOPES]
    variants = {p: at_quantile(definition, p) for p in PROBABILITIES}
    asked = replace(query, metrics=tuple(one.id for one in variants.values()))
    known = with_variants(catalogue(), {one.id: one for one in variants.values()})
    answer = look.ask(asked, definitions=known)
    top = max((one.quantile(_SHOWN_UP_TO) or 0.0 for one in kept), default=0.0)
    unit, divisor = axis_unit(definition.unit, largest=top)
    title = f"{name_of(definition)} ({unit})" if unit else name_of(definition)
    pictures = [_picture(one, look=look, title=title, top=top, divisor=divisor) for one in kept]
    remarks = [
        gettext("The last hundredth lies beyond the right edge; the percentiles below count every value."),
        gettext("The upright rules on the columns are 95% intervals of their shares."),
    ]
    if len(found) > len(kept):
        remarks.append(gettext("%(n)s more stand in the table below.") % {"n": len(found) - len(kept)})
    question = replace(look.question, grain=None, metrics=asked.metrics)
    rows = rows_of(answer.cells, question=question, period=look.period)
    names = dimension_names()
    columns = (
        *(Column(names.get(name, name)) for name in look.question.by),
        Column("n", "number"),
        *(Column(f"p{p * 100:g}", "number") for p in PROBABILITIES),
    )
    table = Table(
        columns,
        tuple(
            (*row.values, formats.count(max(c.n for c in row.cells if c)), *(number_of(c) for c in row.cells))
            for row in rows
            if any(row.cells)
        ),
        title=gettext("Percentiles"),
    )
    return Sight(
        replace(look.question, grain=None),
        look.period,
        answer,
        (definition,),
        tuple(pictures),
        tables=(table,) if table.rows else (),
        remarks=tuple(remarks) if kept else (),
    )


def _single(look: Look) -> Definition:
    if len(look.question.metrics) != 1:
        raise QuestionError(
            f"{len(look.question.metrics)} metrics are asked for; this view shows one.",
            remedy="Leave one metric, or choose lines or small multiples.",
        )
    return look.definitions[0]


def _picture(spread: Spread, *, look: Look, title: str, top: float, divisor: float) -> Picture:
    centres, counts = np.array(spread.centres), np.array(spread.counts, dtype=float)
    low = min(float(centres.min()), 0.0) if centres.size else 0.0
    edges = np.linspace(low, top if top > low else low + 1.0, BINS + 1)
    inside, _ = np.histogram(centres, bins=edges, weights=counts)
    bounds = wilson(successes=inside, trials=np.full(BINS, float(spread.n)))
    bars = [
        {
            "start": edges[i] / divisor,
            "end": edges[i + 1] / divisor,
            "share": inside[i] / spread.n,
            "low": float(np.atleast_1d(bounds.low)[i]),
            "high": float(np.atleast_1d(bounds.high)[i]),
            "n": int(inside[i]),
        }
        for i in range(BINS)
    ]
    marks = [
        {"value": value / divisor, "name": f"p{p * 100:g}"}
        for p in (0.5, 0.9)
        if (value := spread.quantile(p)) is not None and value <= edges[-1]
    ]
    scope = spread.scope.as_dict()
    name = " · ".join((scope.get(each) or ("",))[0] for each in look.question.by) or title
    chart = Chart(
        f"{name} · n = {formats.count(spread.n)}",
        histogram(bars, value_title=title, marks=marks),
        tuple(f"{bar['start']:.4g}" for bar in bars),
        (
            Series(
                name,
                tuple(float(bar["share"]) for bar in bars),
                tuple(float(bar["low"]) for bar in bars),
                tuple(float(bar["high"]) for bar in bars),
            ),
        ),
        "column",
        "share",
        alternative=f"{title}: {name}",
    )
    return Picture(chart, bounded=True)


def percentiles(look: Look) -> Sight:
    """Return percentiles of the values behind one metric over time, each with its interval.

    Raises:
        QuestionError: several metrics are asked for.
        RefusedError: the metric has no distribution.

    """
    definition = _single(look)
    variants = [at_quantile(definition, p) for p in PROBABILITIES]
    known = with_variants(catalogue(), {one.id: one for one in variants})
    grain = look.question.grain or "day"
    base = look.query()
    query = Query(
        tuple(one.id for one in variants), base.period, base.by, grain, base.where, base.time_zone, base.as_of
    )
    answer = look.ask(query, definitions=known)
    question = replace(look.question, grain=grain, metrics=query.metrics)
    rows = rows_of(answer.cells, question=question, period=look.period)
    size: dict[tuple[str, ...], int] = {}
    for row in rows:
        size[row.values] = size.get(row.values, 0) + max((cell.n for cell in row.cells if cell), default=0)
    pictures = []
    for values in sorted(size, key=lambda each: (-size[each], each))[:MOST_SCOPES]:
        own = [row for row in rows if row.values == values]
        largest = max((abs(c.estimate.value or 0.0) for row in own for c in row.cells if c), default=1.0)
        unit, divisor = axis_unit(definition.unit, largest=largest)
        title = f"{name_of(definition)} ({unit})" if unit else name_of(definition)
        points = [
            scaled(point(cell, series=f"p{p * 100:g}", cut=row.cut), divisor)
            for at, p in reversed(list(enumerate(PROBABILITIES)))
            for row in own
            if (cell := row.cells[at]) and cell.estimate.value is not None
        ]
        if not points:
            continue
        named = " · ".join(values)
        series: list[Series] = []
        categories: tuple[str, ...] = ()
        for at, variant in enumerate(variants):
            categories, one = series_of(own, question=question, definition=variant, at=at)
            series += [replace(each, name=f"p{PROBABILITIES[at] * 100:g}") for each in one]
        chart = Chart(
            f"{named} · {title}" if named else title,
            charts.over_time(points, value_title=title, unit=definition.unit),
            categories,
            tuple(series),
            "line",
            definition.unit,
            alternative=f"{title} {named}",
        )
        pictures.append(Picture(chart, any(one["low"] is not None for one in points)))
    return Sight(question, look.period, answer, tuple(variants), tuple(pictures), tuple(rows))
