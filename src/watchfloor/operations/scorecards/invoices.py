"""Checks an invoice against its contract: a bridge from what it asks to what the month gives, to the cent."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.scorecards.contract_terms import Tariff, money
from watchfloor.operations.scorecards.contracts import next_month, require_change
from watchfloor.operations.scorecards.invoice_files import InvoiceLine
from watchfloor.operations.scorecards.models import InvoiceCheck
from watchfloor.operations.scorecards.statements import METRIC_OF, Statement

REASONS = (
    "arithmetic", "foreign", "outside", "twice", "not_delivered", "under_invoiced", "not_invoiced", "rate",
    "band", "credits", "rounding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what it takes off the invoice (below 0 adds), why, and which facts say so."""

    reason: str
    amount: Decimal
    site: str = ""
    period: str = ""
    cell: str = ""
    invoiced: str = ""
    computed: str = ""
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Bridge:
    """From invoiced to computed: `invoiced` less all differences is `computed`, exactly."""

    invoiced: Decimal
    computed: Decimal
    differences: tuple[Difference, ...]
    matched: int

    @property
    def by_reason(self) -> dict[str, Decimal]:
        """The differences added up by reason, in the order they are told."""
        sums: dict[str, Decimal] = {}
        for reason in REASONS:
            own = [each.amount for each in self.differences if each.reason == reason]
            if own:
                sums[reason] = sum(own, Decimal(0))
        return sums


def bridge(lines: Sequence[InvoiceLine], month: Statement) -> Bridge:
    """Return where an invoice differs from the month of its contract, line by line. Pure."""
    tariff = Tariff.of(month.contract.bands, month.contract.banding)
    metric = METRIC_OF[month.contract.price_basis]
    found: list[Difference] = []
    seen: set[tuple[str, date]] = set()
    matched = 0
    credited = sum((line.amount for line in lines if line.kind == "credit"), Decimal(0))
    work = [line for line in lines if line.kind == "work"]
    for line in work:
        product = line.quantity * line.rate
        place = {"site": line.site, "period": line.period, "cell": line.cell}
        if abs(line.amount - product) >= Decimal("0.005"):
            found.append(
                Difference(
                    "arithmetic",
                    line.amount - product,
                    **place,
                    invoiced=str(line.amount),
                    computed=str(product),
                )
            )
            slack = Decimal(0)
        else:
            slack = line.amount - product
        days = _days(line, month)
        if line.site not in month.volumes or not days:
            reason = "foreign" if line.site not in month.volumes else "outside"
            found.append(
                Difference(reason, product + slack, **place, invoiced=str(line.quantity), computed="0")
            )
            continue
        if any((line.site, day) in seen for day in days):
            found.append(
                Difference("twice", product + slack, **place, invoiced=str(line.quantity), computed="0")
            )
            continue
        seen |= {(line.site, day) for day in days}
        given = sum((month.volumes[line.site].get(day, Decimal(0)) for day in days), Decimal(0))
        own = {**place, "metric": metric}
        # Invoices are written to the hundredth of an hour; less than that is no difference.
        off = line.quantity - given
        if money(off):
            reason = "not_delivered" if off > 0 else "under_invoiced"
            found.append(
                Difference(reason, off * line.rate, **own, invoiced=str(line.quantity), computed=str(given))
            )
        if line.rate != tariff.base:
            found.append(
                Difference(
                    "rate",
                    given * (line.rate - tariff.base),
                    **own,
                    invoiced=str(line.rate),
                    computed=str(tariff.base),
                )
            )
        matched += not money(off) and line.rate == tariff.base
    for site, volumes in month.volumes.items():
        left = sum((units for day, units in volumes.items() if (site, day) not in seen), Decimal(0))
        if money(left):
            found.append(
                Difference("not_invoiced", -left * tariff.base, site, "", "", "0", str(left), metric)
            )
    plain, priced = month.units * tariff.base, tariff.fee(month.units)
    # Credits of the invoice settle credits first, then what the bands take off; what is left is too much.
    given = -credited
    to_credits = min(given, month.credits)
    to_bands = min(given - to_credits, max(Decimal(0), money(plain - priced)))
    bands = plain - priced - to_bands
    if money(bands):
        found.append(
            Difference(
                "band", bands, invoiced=str(month.units * tariff.base), computed=str(tariff.fee(month.units))
            )
        )
    missing = month.credits - (given - to_bands)
    if missing:
        found.append(Difference("credits", missing, invoiced=str(-credited), computed=str(month.credits)))
    invoiced = money(sum((line.amount for line in lines), Decimal(0)))
    told = [_rounded(each) for each in found]
    rest = invoiced - sum((each.amount for each in told), Decimal(0)) - month.due
    if rest:
        told.append(Difference("rounding", rest))
    return Bridge(invoiced, month.due, tuple(told), matched)


@transaction.atomic
def record_check(
    month: Statement,
    lines: Sequence[InvoiceLine],
    found: Bridge,
    *,
    file_name: str,
    by: Viewer,
    now: datetime,
) -> InvoiceCheck:
    """Return the check as it is kept: the lines as they were read, and the bridge."""
    require_change(by)
    kept = InvoiceCheck.objects.create(
        contract=month.contract,
        month=month.month,
        file_name=file_name[:200],
        lines=[_plain(asdict(line)) for line in lines],
        bridge={
            "differences": [_plain(asdict(each)) for each in found.differences],
            "matched": found.matched,
        },
        invoiced=found.invoiced,
        computed=found.computed,
        facts_version=month.version,
        checked_by=by.name,
        checked_at=now,
    )
    audit(
        actor=by.name,
        action="invoice.checked",
        object_kind="contract",
        object_id=month.contract.number,
        after={
            "month": f"{month.month:%Y-%m}",
            "invoiced": str(found.invoiced),
            "computed": str(found.computed),
        },
        now=now,
    )
    return kept


def should_be(month: Statement) -> list[InvoiceLine]:
    """Return the lines an invoice of the month should hold: a line a site, and the credits."""
    tariff = Tariff.of(month.contract.bands, month.contract.banding)
    written = f"{month.month:%Y-%m}"
    lines = []
    for site, volumes in sorted(month.volumes.items()):
        units = money(sum(volumes.values(), Decimal(0)))
        lines.append(InvoiceLine("work", site, written, units, tariff.base, money(units * tariff.base), ""))
    reduced = money(month.units * tariff.base - tariff.fee(month.units))
    if reduced:
        lines.append(InvoiceLine("credit", "", written, Decimal(0), Decimal(0), -reduced, ""))
    if month.credits:
        lines.append(InvoiceLine("credit", "", written, Decimal(0), Decimal(0), -month.credits, ""))
    return lines


def _whole(reason: str, line: InvoiceLine, amount: Decimal) -> Difference:
    return Difference(reason, amount, line.site, line.period, line.cell, str(line.quantity), "0")


def _days(line: InvoiceLine, month: Statement) -> list[date]:
    """Return the days of the statement that a line is about; none where it lies outside the month."""
    first = month.month
    if line.is_month:
        if line.first_day != first:
            return []
        return [first + timedelta(days=at) for at in range((next_month(first) - first).days)]
    return [line.first_day] if first <= line.first_day < next_month(first) else []


def _rounded(each: Difference) -> Difference:
    return Difference(**{**asdict(each), "amount": money(each.amount)})


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
