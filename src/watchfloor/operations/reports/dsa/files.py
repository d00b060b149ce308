"""Writes the sheets as CSV in a zip, and as XLSX. The same sheets and instant give the same bytes."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime

import xlsxwriter

from watchfloor.operations.reports.dsa.sheets import Cell, Sheet

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(sheet: Sheet) -> str:
    """Return one sheet as CSV, with a header line; blank cells stay blank."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(sheet.header)
    writer.writerows([_plain(value) for value in row] for row in sheet.rows)
    return text.getvalue()


def _plain(value: Cell) -> str | int | float:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value


def zip_of(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as one CSV each, in order, in a zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in sheets:
            entry = zipfile.ZipInfo(f"{sheet.name}.csv", date_time=_ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, "\ufeff" + csv_of(sheet))
    return target.getvalue()


def workbook_of(sheets: Sequence[Sheet], *, made_at: datetime) -> bytes:
    """Return the sheets as one workbook; numbers are numbers, blank cells are empty."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.write_row(0, 0, sheet.header, bold)
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.header), 18)
        for number, row in enumerate(sheet.rows, 1):
            for column, value in enumerate(row):
                if value is not None:
                    page.write(number, column, _plain(value))
    book.close()
    return target.getvalue()
