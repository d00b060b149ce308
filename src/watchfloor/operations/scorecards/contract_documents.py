"""A month of a contract as a document: for the vendor, for finance, as PDF or workbook."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext

from watchfloor.operations.scorecards.contract_words import statement_shown, terms
from watchfloor.operations.scorecards.statements import LineResult, Statement
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.documents import Column, Document, Heading, Number, Table, Text
from watchfloor.operations.shell.documents.tree import Figure, Figures


def statement_document(found: Statement, *, now: datetime, language: str) -> Document:
    """Return the month: what the invoice should be, how each line was kept, hours by site, the terms."""
    row, shown = found.contract, statement_shown(found)
    figures = Figures(
        (
            Figure(gettext("The invoice should be"), Number(float(found.due), shown["due"])),
            Figure(
                gettext("Fee"), Number(float(found.fee), shown["fee"]), f"{shown['units']} × {shown['unit']}"
            ),
            Figure(gettext("Credits"), Number(float(found.credits), shown["credits"])),
        )
    )
    kept = Table(
        (
            Column(gettext("What was agreed")),
            Column(gettext("Measured"), "number"),
            Column("n", "number"),
            Column(gettext("Verdict")),
            Column(gettext("Credit")),
        ),
        tuple(
            (
                f"{line['name']} {line['agreed']}",
                _number(each),
                Number(float(line["n"]), formats.count(line["n"])),
                line["verdict"],
                line["credit"] or formats.NONE,
            )
            for each, line in zip(found.lines, shown["lines"], strict=True)
        ),
        title=gettext("Kept and missed"),
    )
    hours = Table(
        (
            Column(gettext("Site")),
            Column(gettext("Contracted hours"), "number"),
            Column(gettext("Delivered hours"), "number"),
        ),
        tuple(
            (
                each.site,
                Number(each.contracted, formats.count(each.contracted)),
                Number(each.delivered, formats.count(each.delivered)),
            )
            for each in found.hours
        ),
        title=gettext("Hours"),
    )
    said = [Text.of(f"{name}: {text}") for name, text in terms(row)]
    return Document(
        title=f"{row.vendor.name} · {row.number} v{row.version}",
        blocks=(figures, kept, *([hours] if found.hours else []), Heading(gettext("Terms"), 2), *said),
        made_at=now,
        language=language,
        subtitle=f"{found.month:%Y-%m}",
        simulated=gettext("Simulated data") if settings.WATCHFLOOR_SIMULATED else "",
        sources=(gettext("Facts version %(version)s") % {"version": found.version},),
    )


def _number(each: LineResult) -> Number:
    unit, cell = each.definition.unit, each.cell
    if cell is None or cell.estimate.value is None:
        return Number(None, formats.NONE)
    low, high = cell.estimate.low, cell.estimate.high
    said = ""
    if low is not None and high is not None:
        said = f"{formats.quantity(low, unit=unit)} – {formats.quantity(high, unit=unit)}"
    return Number(
        cell.estimate.value, formats.quantity(cell.estimate.value, unit=unit), low, high, said, unit
    )
