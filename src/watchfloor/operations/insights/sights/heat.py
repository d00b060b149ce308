"""The heat map: hour of the day against weekday in a chosen zone, and what stands out of the whole."""

from dataclasses import replace

from babel import Locale
from django.utils.translation import gettext

from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import axis_unit, name_of
from watchfloor.operations.insights.answers import interval_text, rows_of
from watchfloor.operations.insights.question import QuestionError
from watchfloor.operations.insights.sights.parts import Look, Picture, Sight
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.chart_forms import heat
from watchfloor.operations.shell.documents import Chart, Series

CLOCK = ("weekday", "hour")
MOST_MAPS = 8


def weekdays() -> list[str]:
    """Return the short names of the days, Monday first, in the language in force."""
    names = Locale.parse(formats.locale_name()).days["stand-alone"]["abbreviated"]
    return [str(names[at]) for at in range(7)]


def heatmap(look: Look) -> Sight:
    """Return one heat map a metric, of hours and weekdays in the question's time zone.

    Raises:
        QuestionError: it is split by something else too.
        RefusedError: a metric cannot be split by hour and weekday.

    """
    others = [name for name in look.question.by if name not in CLOCK]
    if len(others) > 1:
        raise QuestionError(
            f"A heat map is already split by weekday and hour; {len(others)} more dimensions do not fit.",
            remedy="Leave one of them, or filter by the others.",
        )
    look = look.with_question(by=(*others, *CLOCK), grain=None)
    answer = look.ask(look.query())
    whole = look.ask(replace(look.query(), by=tuple(others)))
    middle = {
        (cell.metric, _value(cell, others)): cell.estimate.value
        for cell in whole.cells
        if cell.estimate.value is not None
    }
    size: dict[str, int] = {}
    for cell in answer.cells:
        size[_value(cell, others)] = size.get(_value(cell, others), 0) + cell.n
    pictures = []
    for definition in look.definitions:
        for name in sorted(size, key=lambda each: (-size[each], each))[:MOST_MAPS]:
            cells = [
                cell
                for cell in answer.cells
                if cell.metric == definition.id
                and _value(cell, others) == name
                and cell.estimate.value is not None
            ]
            if cells:
                level = middle.get((definition.id, name)) if definition.additivity != "ADD" else None
                pictures.append(_picture(cells, definition=definition, name=name, level=level))
    remarks = [
        gettext("Hours and weekdays of %(zone)s. A dot: its interval leaves out the whole's value.")
        % {"zone": look.question.time_zone}
    ]
    if pictures:
        remarks.append(gettext("About 8 of 168 squares carry a dot by chance alone: look for patterns."))
    return Sight(
        look.question,
        look.period,
        answer,
        look.definitions,
        tuple(pictures),
        tuple(rows_of(answer.cells, question=look.question, period=look.period)),
        remarks=tuple(remarks),
    )


def _value(cell: Cell, others: list[str]) -> str:
    held = cell.scope.as_dict()
    return " · ".join((held.get(name) or ("",))[0] for name in others)


def _picture(cells: list[Cell], *, definition: Definition, name: str, level: float | None) -> Picture:
    largest = max(abs(cell.estimate.value or 0.0) for cell in cells)
    unit, divisor = axis_unit(definition.unit, largest=largest)
    title = f"{name_of(definition)} ({unit})" if unit else name_of(definition)
    days, squares = weekdays(), []
    grid: dict[tuple[int, int], float] = {}
    for cell in cells:
        held = cell.scope.as_dict()
        day, hour = int(held["weekday"][0]), int(held["hour"][0])
        value, low, high = cell.estimate.value or 0.0, cell.estimate.low, cell.estimate.high
        grid[day, hour] = value
        span = interval_text(cell)
        squares.append(
            {
                "row": days[day - 1],
                "column": f"{hour:02d}",
                "value": value / divisor,
                "text": formats.quantity(value, unit=cell.unit) + (f" ({span})" if span else ""),
                "n": cell.n,
                "differs": bool(
                    level is not None and low is not None and high is not None and not low <= level <= high
                ),
            }
        )
    hours = [f"{hour:02d}" for hour in range(24)]
    spec = heat(squares, value_title=title, unit=definition.unit, rows=days, columns=hours, scale_by=divisor)
    series = tuple(
        Series(days[day - 1], tuple(grid.get((day, hour)) for hour in range(24))) for day in range(1, 8)
    )
    heading = f"{name} · {title}" if name else title
    return Picture(
        Chart(heading, spec, tuple(hours), series, "line", definition.unit, alternative=heading),
        bounded=level is not None,
    )
