"""Writes a document as an Excel workbook: native numbers, native charts with bars for their intervals."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from django.utils.translation import gettext
from xlsxwriter.utility import xl_range_abs

from watchfloor.operations.shell.documents.tree import (
    Chart,
    Document,
    Figures,
    Heading,
    Note,
    Number,
    PageBreak,
    Series,
    Table,
    Text,
    Tone,
    Value,
)

_COLOURS: dict[Tone, str] = {"good": "#17693F", "bad": "#B3261E", "warn": "#8A5200", "quiet": "#5F6B7A"}
_FORMS = {"line": "line", "bar": "bar", "column": "column", "scatter": "scatter"}
_DATA = "Chart data"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(value: str) -> str:
    """Return the text, made plain where a spreadsheet would run it as a formula."""
    return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value


def workbook_of(document: Document) -> bytes:
    """Return the document as a workbook; its tables and charts are native, and can be worked on."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": document.title, "created": document.made_at.replace(tzinfo=None)})
    writer = _Writer(book, book.add_worksheet("Report"))
    writer.line(document.title, bold=True, size=18)
    writer.line(document.subtitle, colour="#5F6B7A")
    if document.simulated:
        writer.line(document.simulated, bold=True, colour=_COLOURS["warn"])
    writer.sheet.set_column(0, 0, 34)
    writer.sheet.set_column(1, 40, 13)
    for block in document.blocks:
        writer.write(block)
    writer.row += 1
    for source in document.sources:
        writer.line(source, colour="#5F6B7A", size=8)
    if writer.data is not None:
        writer.data.autofit()
    book.close()
    return target.getvalue()


@dataclass
class _Writer:
    """The sheet in the making, and the sheet behind its charts."""

    book: Any
    sheet: Any
    row: int = 0
    data: Any = None
    data_row: int = 0
    formats: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def form(self, **properties: object) -> Any:
        """Return the format of these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]

    def line(self, text: str, *, bold: bool = False, size: int = 10, colour: str = "#141B24") -> None:
        """Write one line of text."""
        self.sheet.write_string(
            self.row, 0, safe(text), self.form(bold=bold, font_size=size, font_color=colour)
        )
        self.row += 1

    def write(self, block: object) -> None:
        """Write one block below the last."""
        if isinstance(block, Heading):
            self.row += 1
            self.line(block.text, bold=True, size=(15, 12, 11)[min(block.level, 3) - 1])
        elif isinstance(block, Text):
            self.line("".join(_text(part) for part in block.parts))
        elif isinstance(block, Note):
            self.line(block.text, bold=True, colour=_COLOURS.get(block.tone, "#141B24"))
        elif isinstance(block, Figures):
            for one in block.figures:
                self.sheet.write_string(self.row, 0, safe(one.name))
                self.value(self.row, 1, one.number)
                self.sheet.write_string(self.row, 2, safe(" ".join((one.number.interval, one.below)).strip()))
                self.row += 1
        elif isinstance(block, Table):
            self.table(block)
        elif isinstance(block, Chart):
            self.chart(block)
        elif isinstance(block, PageBreak) and block.sheet:
            self.begin(block.sheet)

    def begin(self, name: str) -> None:
        """Begin another sheet; names that Excel refuses are made to fit."""
        fit = "".join(" " if letter in "[]:*?/\\" else letter for letter in name).strip("' ")[:28] or "Sheet"
        taken = {sheet.get_name().lower() for sheet in self.book.worksheets()}
        offered = (fit if number == 1 else f"{fit[:24]} {number}" for number in range(1, 10_000))
        fitting = next(each for each in offered if each.lower() not in taken)
        self.sheet, self.row = self.book.add_worksheet(fitting), 0
        self.sheet.set_column(0, 0, 34)
        self.sheet.set_column(1, 40, 13)

    def value(self, row: int, column: int, value: Value) -> None:
        """Write one value: a number as a number."""
        if isinstance(value, str):
            self.sheet.write_string(row, column, safe(value))
        elif value.value is None:
            self.sheet.write_string(row, column, value.text, self.form(font_color="#5F6B7A"))
        else:
            form: dict[str, object] = {"num_format": _number_format(value.unit)}
            if value.tone in _COLOURS:
                form["font_color"] = _COLOURS[value.tone]
            self.sheet.write_number(row, column, value.value, self.form(**form))

    def table(self, block: Table) -> None:
        """Write a table; a column whose numbers have intervals is followed by its two bounds."""
        if block.title:
            self.row += 1
            self.line(block.title, bold=True)
        bounded = [any(_has_bounds(row[at]) for row in block.rows) for at in range(len(block.columns))]
        head = self.form(bold=True, bottom=1, text_wrap=True, valign="top")
        column = 0
        for at, one in enumerate(block.columns):
            for title in (one.title, *((gettext("low"), gettext("high")) if bounded[at] else ())):
                self.sheet.write_string(self.row, column, safe(title), head)
                column += 1
        for row in block.rows:
            self.row += 1
            self._table_row(row, bounded)
        self.row += 1
        if block.note:
            self.line(block.note, colour="#5F6B7A", size=8)

    def _table_row(self, row: Sequence[Value], bounded: Sequence[bool]) -> None:
        column = 0
        for at, value in enumerate(row):
            self.value(self.row, column, value)
            column += 1
            if bounded[at]:
                for bound in (value.low, value.high) if isinstance(value, Number) else (None, None):
                    if bound is not None:
                        unit = value.unit if isinstance(value, Number) else ""
                        form = self.form(num_format=_number_format(unit), font_color="#5F6B7A")
                        self.sheet.write_number(self.row, column, bound, form)
                    column += 1

    def chart(self, block: Chart) -> None:
        """Insert a native chart over rows of its own in the data sheet."""
        if not block.series:
            self.line(block.alternative or block.title)
            return
        if self.data is None:
            self.data = self.book.add_worksheet(_DATA)
        first, count = self.data_row + 1, len(block.categories)
        self.data.write_string(self.data_row, 0, safe(block.title), self.form(bold=True))
        for at, name in enumerate(block.categories):
            self.data.write_string(first + at, 0, safe(name))
        chart = self.book.add_chart({"type": _FORMS[block.form]})
        column = 1
        for series in block.series:
            column = self._series(
                chart, series, first=first, count=count, column=column, lying=block.form == "bar"
            )
        if block.limit is not None:
            limit = Series(gettext("target"), (block.limit,) * count)
            column = self._series(chart, limit, first=first, count=count, column=column, dashed=True)
        chart.set_title({"name": block.title, "name_font": {"size": 11}})
        chart.set_legend({"position": "bottom"} if len(block.series) > 1 else {"none": True})
        axis = chart.set_x_axis if block.form == "bar" else chart.set_y_axis
        axis({"num_format": _number_format(block.unit), "major_gridlines": {"visible": True}})
        chart.set_size({"width": 760, "height": 320})
        self.row += 1
        self.sheet.insert_chart(self.row, 0, chart, {"description": block.alternative or block.title})
        self.row += 17
        self.data_row = first + count + 1

    def _series(
        self,
        chart: Any,
        series: Series,
        *,
        first: int,
        count: int,
        column: int,
        lying: bool = False,
        dashed: bool = False,
    ) -> int:
        """Write a series with its bounds into the data sheet and give it to the chart."""
        self.data.write_string(first - 1, column, safe(series.name))
        for at, value in enumerate(series.values):
            if value is not None:
                self.data.write_number(first + at, column, value)
        drawn: dict[str, Any] = {
            "name": series.name,
            "categories": [_DATA, first, 0, first + count - 1, 0],
            "values": [_DATA, first, column, first + count - 1, column],
        }
        if dashed:
            drawn["line"] = {"dash_type": "dash", "color": "#5F6B7A", "width": 1.25}
        used = column + 1
        if any(bound is not None for bound in (*series.low, *series.high)):
            for at, (value, low, high) in enumerate(zip(series.values, series.low, series.high, strict=True)):
                self.data.write_number(first + at, column + 1, _distance(low, value))
                self.data.write_number(first + at, column + 2, _distance(value, high))
            drawn["x_error_bars" if lying else "y_error_bars"] = {
                "type": "custom",
                "minus_values": _range(first, count, column + 1),
                "plus_values": _range(first, count, column + 2),
                "line": {"color": "#5F6B7A"},
            }
            used = column + 3
        chart.add_series(drawn)
        return used


def _has_bounds(value: Value) -> bool:
    return isinstance(value, Number) and (value.low is not None or value.high is not None)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return f"{value.text} ({value.interval})" if value.interval else value.text


def _number_format(unit: str) -> str:
    return "0.0%" if unit == "share" else "#,##0.00"


def _distance(low: float | None, high: float | None) -> float:
    return max(high - low, 0.0) if low is not None and high is not None else 0.0


def _range(first: int, count: int, column: int) -> str:
    return f"='{_DATA}'!{xl_range_abs(first, column, first + count - 1, column)}"
