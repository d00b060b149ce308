"""Writes a plan's screen as an Excel workbook to edit and send back: `workbook_reading` takes it again.

The sheet is protected but for the columns that may be edited. A second, hidden sheet holds the plan's id and
revision, so that a workbook of another plan or of an older revision is recognised.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext

from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.shell.documents.workbook import safe
from watchfloor.operations.targets.grid import Grid, Row
from watchfloor.operations.targets.models import Plan
from watchfloor.operations.targets.words import method_meanings, method_names

SHEET, HIDDEN = "Targets", "watchfloor"
HEADER_ROW = 3
"""Row of the headings, from 0."""
KEY = "unit"
EDITABLE = ("value", "upper", "stretch", "least", "most", "effort", "min_n", "owner", "note")
FIGURES = ("value", "upper", "stretch", "least", "most")
"""Columns in the metric's unit."""
_SHOWN = ("baseline", "low", "high", "n", "weight")


def columns_of(plan: Plan, methods: list[str]) -> list[str]:
    """Return the names of the columns in their order: the editable ones follow what they are judged by."""
    return [KEY, *plan.by, *_SHOWN, *EDITABLE, *methods]


def workbook_of(plan: Plan, grid: Grid, *, definition: Definition, made_at: datetime) -> bytes:
    """Return the plan as a workbook."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": plan.title, "created": made_at.replace(tzinfo=None)})
    is_share = definition.unit == "share"
    form = "0.00%" if is_share else "#,##0.00"
    bold = book.add_format(
        {"bold": True, "bottom": 1, "bg_color": "#EEF0F4", "text_wrap": True, "valign": "top"}
    )
    title = book.add_format({"bold": True, "font_size": 14})
    quiet = book.add_format({"font_color": "#5F6B7A"})
    figure = book.add_format({"num_format": form, "font_color": "#465261"})
    share = book.add_format({"num_format": "0.00%", "font_color": "#465261"})
    free = {"locked": False, "bg_color": "#FFF9E5", "border": 1, "border_color": "#E2E5EA"}
    open_figure = book.add_format({**free, "num_format": form})
    open_plain = book.add_format({**free, "num_format": "General"})
    sheet = book.add_worksheet(SHEET)
    told = [method.name for method in grid.methods if method.values]
    names = columns_of(plan, told)
    sheet.write_string(0, 0, safe(f"{plan.title} · {name_of(definition)}"), title)
    sheet.write_string(
        1, 0, gettext("Edit the yellow cells alone, save, and upload the file on the plan's page."), quiet
    )
    for column, name in enumerate(names):
        sheet.write_string(HEADER_ROW, column, name, bold)
    for column, name in enumerate(names):
        if name in method_meanings():
            sheet.write_comment(HEADER_ROW, column, f"{method_names()[name]}: {method_meanings()[name]}")
    forms = _Forms(figure, share, open_figure, open_plain)
    for at, row in enumerate(grid.rows, start=HEADER_ROW + 1):
        _write_row(sheet, at, row, names=names, plan=plan, grid=grid, forms=forms)
    said = gettext("A share lies between 0% and 100%.")
    last = HEADER_ROW + max(len(grid.rows), 1)
    for column, name in enumerate(names):
        if name in FIGURES and is_share:
            sheet.data_validation(
                HEADER_ROW + 1, column, last, column,
                {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1,
                 "ignore_blank": True, "error_title": "0 – 100 %", "error_message": said},
            )  # fmt: skip
    sheet.freeze_panes(HEADER_ROW + 1, 1 + len(plan.by))
    sheet.set_column(0, 0, 12, None, {"level": 1, "hidden": True})
    sheet.set_column(1, len(plan.by), 24)
    sheet.set_column(1 + len(plan.by), len(names) - 1, 11)
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": False, "autofilter": True})
    hidden = book.add_worksheet(HIDDEN)
    for at, (name, value) in enumerate(
        (
            ("plan", plan.pk),
            ("revision", plan.revision),
            ("metric", definition.reference),
            ("columns", " ".join(names)),
        )
    ):
        hidden.write(at, 0, name)
        hidden.write(at, 1, value)
    hidden.very_hidden()
    book.close()
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class _Forms:
    figure: Any
    share: Any
    open_figure: Any
    open_plain: Any


def _write_row(
    sheet: Any, at: int, row: Row, *, names: list[str], plan: Plan, grid: Grid, forms: _Forms
) -> None:
    line = row.line
    sheet.write_string(at, 0, safe(line.scope_key))
    for column, name in enumerate(names[1:], start=1):
        if name in plan.by:
            sheet.write_string(at, column, safe(", ".join(line.scope.get(name, ()))))
        elif name in _SHOWN:
            shown = {"low": line.baseline_low, "high": line.baseline_high}.get(
                name, getattr(line, name, None)
            )
            form = {"weight": forms.share, "n": None}.get(name, forms.figure)
            _number(sheet, at, column, shown, form)
        elif name in ("owner", "note"):
            sheet.write_string(at, column, safe(getattr(line, name)), forms.open_plain)
        elif name in EDITABLE:
            form = forms.open_figure if name in FIGURES else forms.open_plain
            _number(sheet, at, column, getattr(line, name), form)
        else:
            _number(sheet, at, column, row.told[_at(grid, name)], forms.figure)


def _at(grid: Grid, name: str) -> int:
    return next(at for at, method in enumerate(grid.methods) if method.name == name)


def _number(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: float | None, form: object
) -> None:
    if value is None:
        sheet.write_blank(row, column, None, form)
    else:
        sheet.write_number(row, column, value, form)
