"""Reads an edited workbook of a plan: every difference, every fault with its cell, reason and remedy.

Nothing is written here. A workbook with one fault is refused whole.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import openpyxl
from django.utils.translation import gettext
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from watchfloor.metrics.definition import Definition
from watchfloor.operations.targets.errors import GuardError, TargetError
from watchfloor.operations.targets.guards import check_values
from watchfloor.operations.targets.models import Plan, PlanLine
from watchfloor.operations.targets.workbook import (
    EDITABLE,
    FIGURES,
    HEADER_ROW,
    HIDDEN,
    KEY,
    SHEET,
    columns_of,
)

MOST_BYTES = 8_000_000
MOST_FAULTS = 200
_TEXTS = {"owner": 254, "note": 400}
_NEEDED = ("effort", "min_n")


class WorkbookError(TargetError):
    """The file is no workbook of this plan at this revision; nothing was read from it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that cannot be taken: its address, why, and what would do."""

    cell: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that says something else than the plan."""

    cell: str
    key: str
    column: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Read:
    """What a workbook would change; with a fault it changes nothing."""

    differences: tuple[Difference, ...] = ()
    faults: tuple[Fault, ...] = ()
    rows: int = 0

    @property
    def changes(self) -> dict[str, dict[str, Any]]:
        """The differences as changes of the plan's units, by scope key."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.differences:
            found.setdefault(one.key, {})[one.column] = one.new
        return found


@dataclass
class _Reading:
    plan: Plan
    definition: Definition
    columns: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def fault(self, row: int, name: str, reason: str, remedy: str) -> None:
        self.faults.append(Fault(_address(row, self.columns[name]), reason, remedy))


def read_workbook(content: bytes, *, plan: Plan, lines: Sequence[PlanLine], definition: Definition) -> Read:
    """Return what the workbook would change.

    Args:
        content: The file.
        plan: The plan that it is uploaded to.
        lines: Its units.
        definition: Its metric.

    Raises:
        WorkbookError: it is no workbook, of another plan, or of an older revision.

    """
    shown, written = _opened(content)
    columns = _check_origin(written, plan)
    sheet = shown[SHEET]
    headings = [cell.value for cell in sheet[HEADER_ROW + 1]]
    faults = [
        Fault(
            _address(HEADER_ROW + 1, at),
            gettext("The column is “{found}” and was “{name}”.").format(
                found=headings[at] if at < len(headings) and headings[at] is not None else "", name=name
            ),
            gettext("Columns were moved or renamed. Put them back, or download the workbook again."),
        )
        for at, name in enumerate(columns)
        if at >= len(headings) or headings[at] != name
    ]
    if faults:
        return Read(faults=tuple(faults[:MOST_FAULTS]))
    reading = _Reading(plan, definition, {name: at for at, name in enumerate(columns)})
    held = {line.scope_key: line for line in lines}
    seen: dict[str, int] = {}
    formulas = written[SHEET]
    for number, cells in enumerate(
        sheet.iter_rows(min_row=HEADER_ROW + 2, max_col=len(columns), values_only=True), start=HEADER_ROW + 2
    ):
        if all(value is None for value in cells):
            continue
        key = str(cells[0] or "").removeprefix("'")
        line = held.get(key)
        if line is None:
            reading.fault(
                number, KEY,
                gettext("The plan has no unit “{key}”.").format(key=key[:80]),
                gettext("Units cannot be added or renamed in the workbook. Delete the row."),
            )  # fmt: skip
        elif key in seen:
            reading.fault(
                number, KEY,
                gettext("“{key}” stands in row {row} as well.").format(key=key[:80], row=seen[key]),
                gettext("Delete one of the two rows."),
            )  # fmt: skip
        else:
            seen[key] = number
            _row(reading, number, line, cells, formulas)
    for key in [key for key in held if key not in seen][:MOST_FAULTS]:
        reading.faults.append(
            Fault(
                "A",
                gettext("The unit “{key}” is missing.").format(key=key[:80]),
                gettext("A unit cannot be deleted in the workbook. Put its row back."),
            )
        )
    kept = () if reading.faults else tuple(reading.differences)
    return Read(kept, tuple(reading.faults[:MOST_FAULTS]), len(seen))


def _opened(content: bytes) -> tuple[Any, Any]:
    if len(content) > MOST_BYTES:
        raise WorkbookError(
            f"The file has {len(content) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} are read.",
            remedy="Delete what was added to it.",
        )
    try:
        shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        written = openpyxl.load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        TypeError,
    ) as error:
        raise WorkbookError(
            "The file is no Excel workbook (.xlsx).",
            remedy="Upload the file that was downloaded, saved as .xlsx.",
        ) from error
    return shown, written


def _check_origin(book: Any, plan: Plan) -> list[str]:
    """Return the names of the columns as the workbook was made, in order."""
    if SHEET not in book.sheetnames or HIDDEN not in book.sheetnames:
        raise WorkbookError(
            f"The workbook lacks the sheet “{SHEET}” or its hidden companion.",
            remedy="Edit the downloaded file itself; a copy of its cells says too little.",
        )
    said = {str(row[0]): row[1] for row in book[HIDDEN].iter_rows(max_col=2, values_only=True) if row[0]}
    if said.get("plan") != plan.pk:
        raise WorkbookError(
            f"The workbook is of plan {said.get('plan')}, this is plan {plan.pk}.",
            remedy="Upload it on the page of its own plan.",
        )
    if said.get("revision") != plan.revision:
        raise WorkbookError(
            f"The workbook was made from revision {said.get('revision')}; the plan is at {plan.revision}.",
            remedy="Somebody changed the plan meanwhile. Download it again and bring your changes over.",
        )
    columns = str(said.get("columns") or "").split()
    fixed = columns_of(plan, [])
    if columns[: len(fixed)] != fixed:
        raise WorkbookError(
            "The hidden sheet does not say which columns the workbook had.",
            remedy="Download the workbook again.",
        )
    return columns


def _row(reading: _Reading, number: int, line: PlanLine, cells: Sequence[Any], formulas: Any) -> None:
    found: dict[str, Any] = {}
    faults_before = len(reading.faults)
    for name in EDITABLE:
        column = reading.columns[name]
        raw = cells[column]
        written = formulas.cell(row=number, column=column + 1).value
        is_formula = isinstance(written, str) and written.startswith("=")
        if is_formula and raw is None:
            reading.fault(
                number, name,
                gettext("The formula {formula} has no result.").format(formula=written[:60]),
                gettext("Open the file in a spreadsheet and save it, or write the value."),
            )  # fmt: skip
            continue
        if isinstance(raw, str) and raw.startswith("#"):
            reading.fault(
                number, name,
                gettext("The cell holds the error {error}.").format(error=raw[:20]),
                gettext("Correct the formula, or write the value."),
            )  # fmt: skip
            continue
        if name in _TEXTS:
            text = "" if raw is None else str(raw).removeprefix("'").strip()
            if len(text) > _TEXTS[name]:
                reading.fault(
                    number, name,
                    gettext("The text has {n} characters; {most} fit.").format(
                        n=len(text), most=_TEXTS[name]
                    ),
                    gettext("Shorten it."),
                )  # fmt: skip
                continue
            found[name] = text
            continue
        if (value := _figure(reading, number, name, raw)) is not _REFUSED:
            found[name] = value
    if len(reading.faults) == faults_before:
        _check(reading, number, line, found)


_REFUSED = object()


def _figure(reading: _Reading, number: int, name: str, raw: Any) -> Any:
    unit = reading.definition.unit
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if name in _NEEDED:
            reading.fault(number, name, gettext("The cell is empty."), gettext("Give a number."))
            return _REFUSED
        return None
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        reading.fault(
            number, name,
            gettext("“{text}” is text, not a number.").format(text=str(raw)[:40]),
            gettext("Write a number without letters or spaces; a date or yes/no is none."),
        )  # fmt: skip
        return _REFUSED
    value = float(raw)
    if not isfinite(value):
        reading.fault(number, name, gettext("The number is not finite."), gettext("Give a finite value."))
        return _REFUSED
    if name in FIGURES and unit == "share" and value > 1:
        reading.fault(
            number, name,
            gettext("{value} would be {percent} %.").format(value=f"{value:g}", percent=f"{value * 100:g}"),
            gettext("Write {value}% or {share}.").format(value=f"{value:g}", share=f"{value / 100:g}"),
        )  # fmt: skip
        return _REFUSED
    if name == "min_n":
        if value < 0 or value != int(value):
            reading.fault(
                number, name,
                gettext("{value} is no count of observations.").format(value=f"{value:g}"),
                gettext("Give a whole number, 0 or more."),
            )  # fmt: skip
            return _REFUSED
        return int(value)
    if name == "effort" and value <= 0:
        reading.fault(number, name, gettext("An effort is above 0."), gettext("Give 1 for the usual effort."))
        return _REFUSED
    return value


def _check(reading: _Reading, number: int, line: PlanLine, found: Mapping[str, Any]) -> None:
    """Refuse values that no target may have, then note what differs from the plan."""
    kind = reading.plan.kind
    try:
        if found["value"] is not None:
            upper = found["upper"] if kind == "band" else None
            check_values(reading.definition, kind=kind, value=found["value"], upper=upper)
        if found["stretch"] is not None:
            check_values(reading.definition, kind="stretch", value=found["stretch"], upper=None)
    except GuardError as error:
        reading.fault(number, "value", error.message, error.remedy or "")
        return
    for name, value in found.items():
        old = getattr(line, name)
        if not _same(old, value):
            address = _address(number, reading.columns[name])
            reading.differences.append(Difference(address, line.scope_key, name, old, value))


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return abs(old - new) <= 1e-9 * max(1.0, abs(old))
    return bool(old == new)


def _address(row: int, column: int) -> str:
    return f"{get_column_letter(column + 1)}{row}"
