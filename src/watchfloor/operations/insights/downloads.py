"""Writes an answer as CSV or as a workbook with a native chart. Rates keep numerator and denominator."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

import xlsxwriter

from watchfloor.metrics import Cell
from watchfloor.operations.insights.answers import bucket_text, values_of
from watchfloor.operations.insights.question import Question

_MEASURES = (
    "metric",
    "version",
    "unit",
    "value",
    "low",
    "high",
    "n",
    "n_eff",
    "method",
    "numerator",
    "denominator",
    "coverage",
    "suppression",
)
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def header_of(question: Question) -> list[str]:
    """Return the column names of both forms."""
    return [*(["bucket_start"] if question.grain else []), *question.by, *_MEASURES]


def records(cells: Sequence[Cell], *, question: Question) -> Iterator[list[object]]:
    """Return one record a cell, in the columns of `header_of`."""
    for cell in cells:
        e = cell.estimate
        bucket = [bucket_text(cell.bucket_start, grain=question.grain, time_zone=question.time_zone)]
        yield [
            *(bucket if question.grain else []),
            *values_of(cell, question.by),
            cell.metric, cell.version, cell.unit, e.value, e.low, e.high, e.n, e.n_eff, e.method,
            cell.numerator, cell.denominator, cell.coverage, cell.suppression,
        ]  # fmt: skip


def safe(value: object) -> object:
    """Return the value, with a text that a spreadsheet would run as a formula made plain."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value


def csv_of(cells: Sequence[Cell], *, question: Question) -> str:
    """Return the answer as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header_of(question))
    for record in records(cells, question=question):
        writer.writerow(["" if value is None else safe(value) for value in record])
    return text.getvalue()


def workbook_of(
    cells: Sequence[Cell], *, question: Question, title: str, made_at: datetime, source: str
) -> bytes:
    """Return the answer as an Excel workbook: figures, a native chart, and where they come from."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold, share, plain = (
        book.add_format({"bold": True, "bottom": 1}),
        book.add_format({"num_format": "0.0%"}),
        book.add_format({"num_format": "#,##0.00"}),
    )
    sheet = book.add_worksheet("Figures")
    header = header_of(question)
    sheet.write_row(0, 0, header, bold)
    first_value = header.index("value")
    count = 0
    for count, record in enumerate(records(cells, question=question), start=1):
        unit = record[header.index("unit")]
        for column, value in enumerate(record):
            figure = first_value <= column <= first_value + 2
            sheet.write(count, column, value, (share if unit == "share" else plain) if figure else None)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(header) - 1)
    sheet.autofit()
    first = [cell for cell in cells if cell.metric == question.metrics[0]]
    contiguous = [cell.metric for cell in cells[: len(first)]] == [question.metrics[0]] * len(first)
    if first and contiguous and first_value > 3 - 1 and header[0] != "metric":
        chart = book.add_chart({"type": "line" if question.grain else "bar"})
        chart.add_series(
            {
                "name": title,
                "categories": ["Figures", 1, 0, len(first), 0],
                "values": ["Figures", 1, first_value, len(first), first_value],
            }
        )
        chart.set_title({"name": title})
        chart.set_legend({"none": True})
        chart.set_size({"width": 720, "height": 400})
        sheet.insert_chart(1, len(header) + 1, chart)
    about = book.add_worksheet("About")
    about.write_column(0, 0, [title, source, f"Made at {made_at.isoformat(timespec='seconds')}"])
    book.close()
    return target.getvalue()
