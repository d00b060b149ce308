"""What contracts, statements and bridges say to people."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.scorecards.contract_terms import Tariff
from watchfloor.operations.scorecards.contracts import next_month
from watchfloor.operations.scorecards.invoices import REASONS
from watchfloor.operations.scorecards.models import ContractLine, InvoiceCheck, VendorContract
from watchfloor.operations.scorecards.statements import LineResult, Statement
from watchfloor.operations.shell import formats

_TONES = {"kept": "ok", "missed": "late", "undecided": "soon", "no_data": ""}


def state_names() -> dict[str, str]:
    """Return the states of a contract."""
    return {"draft": gettext("draft"), "published": gettext("in force"), "ended": gettext("ended")}


def basis_names() -> dict[str, str]:
    """Return what a price is for."""
    return {
        "hour": gettext("productive hour"),
        "case": gettext("completed case"),
        "fte": gettext("FTE month"),
    }


def verdict_names() -> dict[str, str]:
    """Return how a line of a contract was kept."""
    return {
        "kept": gettext("kept"),
        "missed": gettext("missed"),
        "undecided": gettext("undecided, so no credit"),
        "no_data": gettext("not enough data"),
    }


def reason_names() -> dict[str, str]:
    """Return why an invoice differs."""
    return {
        "arithmetic": gettext("Amount is not quantity × rate"),
        "foreign": gettext("Site is not in the contract"),
        "outside": gettext("Day outside the month"),
        "twice": gettext("Invoiced twice"),
        "not_delivered": gettext("Invoiced, not delivered"),
        "under_invoiced": gettext("Delivered beyond what is invoiced"),
        "not_invoiced": gettext("Delivered, not invoiced"),
        "rate": gettext("Rate differs"),
        "band": gettext("Volume band"),
        "credits": gettext("Credits"),
        "rounding": gettext("Rounding"),
    }


def amount(value: Decimal, currency: str) -> str:
    """Return an amount of money; below zero with a true minus.

    >>> amount(Decimal("-1234.5"), "EUR")
    '−1,234.50 EUR'
    """
    return f"{value:,.2f} {currency}".replace("-", formats.MINUS)


def terms(row: VendorContract) -> list[tuple[str, str]]:
    """Return the terms of a contract, one a line."""
    tariff = Tariff.of(row.bands, row.banding)
    prices = " · ".join(
        gettext("from %(start)s: %(price)s")
        % {"start": f"{start:,.0f}", "price": amount(price, row.currency)}
        for start, price in tariff.bands
    )
    how = {
        "marginal": gettext("each unit at the price of its band"),
        "whole": gettext("all units at the price of the last band"),
    }[row.banding]
    hours = ", ".join(f"{site} {formats.count(each)}" for site, each in sorted(row.hours.items()))
    until = f"{row.effective_to}" if row.effective_to else gettext("until further notice")
    found = [
        (gettext("Holds"), f"{row.effective_from} – {until}, {row.time_zone}"),
        (gettext("Price of a %(unit)s") % {"unit": basis_names()[row.price_basis]}, prices),
        (gettext("Hours a month"), hours),
    ]
    if len(tariff.bands) > 1:
        found.insert(2, (gettext("Bands"), how))
    if row.credit_cap is not None:
        found.append(
            (
                gettext("Most credited"),
                gettext("%(share)s of the fee") % {"share": formats.share(row.credit_cap)},
            )
        )
    return found


def line_text(line: ContractLine) -> str:
    """Return what a line asks and what a miss costs."""
    rule = {
        "interval": gettext("missed when the whole interval misses"),
        "point": gettext("missed when the value misses"),
    }[line.rule]
    costs = ", ".join(
        gettext("from %(start)s short: %(share)s") % {"start": f"{start:g}", "share": formats.share(share)}
        for start, share in line.credits
    )
    about = f" · {', '.join(line.queues)}" if line.queues else ""
    return f"{rule}{about}" + (f" · {costs}" if costs else "")


def statement_shown(found: Statement) -> dict[str, Any]:
    """Return a month as its page shows it: what the invoice should be first."""
    row = found.contract
    return {
        "it": found,
        "due": amount(found.due, row.currency),
        "fee": amount(found.fee, row.currency),
        "credits": amount(found.credits, row.currency),
        "capped": amount(found.capped, row.currency) if found.capped else "",
        "units": f"{found.units:,.2f}",
        "unit": basis_names()[row.price_basis],
        "lines": [_line(each, row) for each in found.lines],
        "hours": [
            {
                "site": each.site,
                "contracted": formats.count(each.contracted),
                "delivered": formats.count(each.delivered),
                "share": formats.share(each.delivered / each.contracted) if each.contracted else formats.NONE,
            }
            for each in found.hours
        ],
    }


def _sign(line: ContractLine) -> str:
    return "≥ " if line.kind == "floor" else "≤ "


def _line(each: LineResult, row: VendorContract) -> dict[str, Any]:
    unit, cell = each.definition.unit, each.cell
    estimate = cell.estimate if cell else None
    bounded = estimate is not None and estimate.low is not None and estimate.high is not None
    return {
        "name": name_of(each.definition),
        "metric": each.line.metric_id,
        "agreed": _sign(each.line) + formats.quantity(each.line.value, unit=unit),
        "value": formats.quantity(estimate.value if estimate else None, unit=unit),
        "interval": " – ".join(formats.quantity(one, unit=unit) for one in (estimate.low, estimate.high))
        if bounded and estimate
        else "",
        "n": cell.n if cell else 0,
        "verdict": verdict_names()[each.miss.verdict],
        "tone": _TONES[each.miss.verdict],
        "rule": line_text(each.line),
        "credit": amount(each.credit, row.currency) if each.credit else "",
        "share": formats.share(float(each.miss.share)) if each.miss.share else "",
    }


def bridge_shown(check: InvoiceCheck, *, url: Callable[[str, str, date, date], str]) -> list[dict[str, Any]]:
    """Return the bridge by reason, each with its differences and the address of their cells."""
    names, currency = reason_names(), check.contract.currency
    held = check.bridge["differences"]
    shown = []
    for reason in REASONS:
        own = [each for each in held if each["reason"] == reason]
        if not own:
            continue
        total = sum((Decimal(each["amount"]) for each in own), Decimal(0))
        items = []
        for each in own:
            first, after = _days(each["period"], check.month)
            linked = (
                url(each["metric"], each["site"], first, after) if each["metric"] and each["site"] else ""
            )
            items.append({**each, "amount": amount(-Decimal(each["amount"]), currency), "url": linked})
        shown.append(
            {"reason": names[reason], "code": reason, "amount": amount(-total, currency), "items": items}
        )
    return shown


def _days(written: str, month: date) -> tuple[date, date]:
    if len(written) == 10:
        first = date.fromisoformat(written)
        return first, first + timedelta(days=1)
    return month, next_month(month)
