"""Reads invoices from CSV and Excel: every cell that cannot be read is named, and then nothing is taken."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from watchfloor.kernel import nearest
from watchfloor.operations.scorecards.errors import InvoiceError

COLUMNS = ("kind", "site", "period", "quantity", "rate", "amount")
NEEDED = ("site", "period", "quantity", "rate", "amount")
KINDS = ("work", "credit")
MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
_MOST_FAULTS = 20
_MONTH, _DAY = re.compile(r"^\d{4}-\d{2}$"), re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line: work of a site in a month or on a day, or a credit. `cell` is where it stands."""

    kind: str
    site: str
    period: str
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    cell: str

    @property
    def first_day(self) -> date:
        """The day, or the first of the month."""
        return date.fromisoformat(self.period if len(self.period) == 10 else f"{self.period}-01")

    @property
    def is_month(self) -> bool:
        """Whether the line is about a whole month."""
        return len(self.period) == 7


def read_invoice(content: bytes, *, name: str) -> list[InvoiceLine]:
    """Return the lines of an invoice file, all of them or none.

    Raises:
        InvoiceError: it is too large, no table, or cells cannot be read; all faults are listed.

    """
    if len(content) > MOST_BYTES:
        raise InvoiceError(
            f"{name} has {len(content):,} bytes; {MOST_BYTES:,} are read.", remedy="Send one month at a time."
        )
    rows = _of_workbook(content, name) if name.lower().endswith(".xlsx") else _of_csv(content, name)
    if not rows:
        raise InvoiceError(f"{name} is empty.", remedy=f"Its first row names {', '.join(NEEDED)}.")
    places = _places([str(value or "").strip().lower() for value in rows[0]])
    if len(rows) - 1 > MOST_ROWS:
        raise InvoiceError(f"{name} has {len(rows) - 1:,} lines; {MOST_ROWS:,} are read.", remedy="Split it.")
    faults: list[str] = []
    lines = [
        line
        for at, row in enumerate(rows[1:], start=2)
        if any(str(value or "").strip() for value in row)
        for line in [_line(row, places, at, faults)]
        if line is not None
    ]
    if faults:
        more = len(faults) - 1
        raise InvoiceError(
            f"{faults[0]}{f' And {more} more.' if more else ''}",
            remedy="Correct the cells and send the file again; nothing of it was taken.",
            faults=tuple(faults[:_MOST_FAULTS]),
        )
    if not lines:
        raise InvoiceError(f"{name} has no line below its heading.", remedy="Add one a site and month.")
    return lines


def _of_csv(content: bytes, name: str) -> list[Sequence[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvoiceError(f"{name} is not UTF-8.", remedy="Save it as CSV UTF-8, or as .xlsx.") from error
    if "\0" in text:
        raise InvoiceError(f"{name} is no text.", remedy="Send CSV or .xlsx.")
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def _of_workbook(content: bytes, name: str) -> list[Sequence[object]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows: list[Sequence[object]] = [
            tuple(row) for row in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=40, values_only=True)
        ]
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError, IndexError) as error:
        raise InvoiceError(
            f"{name} is no Excel workbook.", remedy="Save it again as .xlsx, or as CSV."
        ) from error
    book.close()
    return rows


def _places(titles: Sequence[str]) -> dict[str, int]:
    places = {title: at for at, title in enumerate(titles) if title}
    missing = [title for title in NEEDED if title not in places]
    if missing:
        close = nearest(missing[0], list(places))
        said = f" {get_column_letter(places[close] + 1)}1 says “{close}”." if close else ""
        raise InvoiceError(
            f"Row 1 names no column “{missing[0]}”.{said}",
            remedy=f"Name {', '.join(NEEDED)}; kind may be added.",
        )
    repeated = [title for title in COLUMNS if list(titles).count(title) > 1]
    if repeated:
        raise InvoiceError(f"Row 1 names “{repeated[0]}” twice.", remedy="Keep one column of each name.")
    return places


def _line(row: Sequence[object], places: dict[str, int], at: int, faults: list[str]) -> InvoiceLine | None:
    before = len(faults)

    def cell(title: str) -> str:
        return f"{get_column_letter(places[title] + 1)}{at}"

    def value(title: str) -> object:
        return row[places[title]] if title in places and places[title] < len(row) else None

    kind = str(value("kind") or "work").strip().lower()
    if kind not in KINDS:
        faults.append(f"{cell('kind')}: “{kind}” is no kind; write {' or '.join(KINDS)}.")
    site = str(value("site") or "").strip()
    if not site and kind == "work":
        faults.append(f"{cell('site')}: the line names no site.")
    period = _period(value("period"))
    if period is None:
        faults.append(
            f"{cell('period')}: “{value('period')}” is no month or day; write 2026-03 or 2026-03-14."
        )
    numbers = {}
    for title in ("quantity", "rate", "amount"):
        found = _number(value(title), blank=kind == "credit" and title != "amount")
        if isinstance(found, str):
            faults.append(f"{cell(title)}: {found}")
        else:
            numbers[title] = found
    if len(numbers) == 3:
        faults += [
            f"{cell(title)}: {numbers[title]} is below 0; write a line of kind credit."
            for title in ("quantity", "rate")
            if kind == "work" and numbers[title] < 0
        ]
    if len(faults) > before or period is None:
        return None
    return InvoiceLine(
        kind, site, period, numbers["quantity"], numbers["rate"], numbers["amount"], cell("amount")
    )


def _period(value: object) -> str | None:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    text = str(value or "").strip()
    try:
        if _MONTH.match(text):
            date.fromisoformat(f"{text}-01")
            return text
        if _DAY.match(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
    return None


def _number(value: object, *, blank: bool) -> Decimal | str:
    if value is None or str(value).strip() == "":
        return Decimal(0) if blank else "there is no number."
    try:
        found = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        return f"“{value}” is no number; write 1234.50."
    return found if found.is_finite() and abs(found) < Decimal(10) ** 12 else f"“{value}” is no amount."


def sample_csv(lines: Iterable[InvoiceLine]) -> str:
    """Return lines as a file that `read_invoice` reads back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([line.kind, line.site, line.period, line.quantity, line.rate, line.amount])
    return text.getvalue()
