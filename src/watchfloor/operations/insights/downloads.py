"""Writes an answer as CSV. Rates keep numerator and denominator."""

import csv
import io
from collections.abc import Iterator, Sequence

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
    """Return the column names."""
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
