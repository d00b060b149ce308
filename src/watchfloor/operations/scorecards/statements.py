"""The month of a contract: what was delivered and kept, what credits are due, what the invoice should be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from watchfloor.kernel import Period
from watchfloor.metrics import Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.scorecards.contract_terms import Miss, Tariff, credit_of, missed, money, volume
from watchfloor.operations.scorecards.contracts import next_month
from watchfloor.operations.scorecards.errors import ContractError
from watchfloor.operations.scorecards.models import ContractLine, VendorContract

METRIC_OF = {"hour": "vendor_delivery", "fte": "vendor_delivery", "case": "completed"}
_NO_MISS = Miss("no_data", 0.0, stands=False, share=Decimal(0))


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line of the contract: what was measured, whether the miss stands, what it costs."""

    line: ContractLine
    definition: Definition
    cell: Cell | None
    miss: Miss
    credit: Decimal


@dataclass(frozen=True, slots=True)
class SiteHours:
    """Hours of a site: contracted for the month as it is billed, and delivered."""

    site: str
    contracted: float
    delivered: float


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of a contract.

    Attributes:
        contract: Its version.
        month: First day.
        period: The month in the contract's zone, cut where the contract begins or ends.
        volumes: Site → local day → billable units (hours, cases or FTE months).
        units: Their sum.
        fee: What they cost by the tariff.
        lines: What was to be kept.
        capped: What the cap takes off the credits.
        credits: What is credited.
        due: Fee less credits: what the invoice should be.
        hours: Contracted and delivered hours by site; empty for contracts by case.
        version: Of the facts.
        is_whole: Whether the month is over.

    """

    contract: VendorContract
    month: date
    period: Period
    volumes: Mapping[str, Mapping[date, Decimal]]
    units: Decimal
    fee: Decimal
    lines: tuple[LineResult, ...]
    capped: Decimal
    credits: Decimal
    due: Decimal
    hours: tuple[SiteHours, ...]
    version: int
    is_whole: bool


def month_period(contract: VendorContract, month: date) -> Period:
    """Return the month in the contract's zone, cut where the contract begins or ends.

    Raises:
        ContractError: the contract does not hold in that month.

    """
    first, after = month.replace(day=1), next_month(month)
    begins = max(first, contract.effective_from)
    ends = min(after, contract.effective_to) if contract.effective_to else after
    if begins >= ends:
        raise ContractError(
            f"{contract} does not hold in {first:%Y-%m}.",
            remedy="Choose a month between its first and last day.",
        )
    zone = ZoneInfo(contract.time_zone)
    edges = (datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in (begins, ends))
    return Period(*edges)


def statement(
    contract: VendorContract,
    month: date,
    *,
    now: datetime,
    operation: str = "",
    known_at: datetime | None = None,
) -> Statement:
    """Return the month of a contract that the caller may see (`contracts.contract_of`).

    Raises:
        ContractError: the contract does not hold in that month.

    """
    period = month_period(contract, month)
    operation = operation or str(settings.WATCHFLOOR_OPERATION)
    by = Viewer.system("contract statement")
    sites = tuple(sorted(contract.hours))

    def ask(metric: str, where: dict[str, tuple[str, ...]], *, daily: bool = False) -> tuple[list[Cell], int]:
        query = Query(
            metrics=(metric,),
            period=period,
            where=where,
            by=("site",) if daily else (),
            grain="day" if daily else None,
            time_zone=contract.time_zone,
        )
        found = ask_as(query, viewer=by, operation=operation, now=now, known_at=known_at)
        return list(found.cells), found.version

    cells, version = ask(METRIC_OF[contract.price_basis], {"site": sites}, daily=True)
    volumes = _volumes(contract, cells, sites)
    units = sum((each for days in volumes.values() for each in days.values()), Decimal(0))
    fee = money(Tariff.of(contract.bands, contract.banding).fee(units))
    judged = []
    for line in contract.lines.all():
        definition = catalogue()[line.metric_id]
        where: dict[str, tuple[str, ...]] = {"queue": tuple(line.queues)} if line.queues else {}
        if "site" in definition.dimensions:
            where["site"] = sites
        cell = next(iter(ask(line.metric_id, where)[0]), None)
        judged.append((line, definition, cell, _judged(line, cell)))
    amounts, capped = credit_of(fee, [miss.share for *_, miss in judged], cap=contract.credit_cap)
    credited = sum(amounts, Decimal(0)) - capped
    return Statement(
        contract,
        month.replace(day=1),
        period,
        volumes,
        units,
        fee,
        tuple(
            LineResult(line, definition, cell, miss, amount)
            for (line, definition, cell, miss), amount in zip(judged, amounts, strict=True)
        ),
        capped,
        credited,
        fee - credited,
        _hours(contract, month, volumes, period),
        version,
        period.end <= now,
    )


def _judged(line: ContractLine, cell: Cell | None) -> Miss:
    if cell is None:
        return _NO_MISS
    return missed(
        value=cell.estimate.value,
        low=cell.estimate.low,
        high=cell.estimate.high,
        n=cell.n,
        agreed=line.value,
        kind=line.kind,
        rule=line.rule,
        min_n=line.min_n,
        bands=line.credits,
    )


def _volumes(
    contract: VendorContract, cells: list[Cell], sites: tuple[str, ...]
) -> dict[str, dict[date, Decimal]]:
    zone = ZoneInfo(contract.time_zone)
    found: dict[str, dict[date, Decimal]] = {site: {} for site in sites}
    for cell in cells:
        site = (cell.scope.as_dict().get("site") or ("",))[0]
        units = cell.estimate.value if contract.price_basis == "case" else cell.numerator
        if site in found and units and cell.bucket_start is not None:
            amount = volume(units)
            if contract.price_basis == "fte":
                amount = volume(units / contract.hours_per_fte)
            found[site][cell.bucket_start.astimezone(zone).date()] = amount
    return found


def _hours(
    contract: VendorContract, month: date, volumes: Mapping[str, Mapping[date, Decimal]], period: Period
) -> tuple[SiteHours, ...]:
    if contract.price_basis == "case":
        return ()
    whole = (next_month(month) - month.replace(day=1)).days
    part = min(1.0, round(period.seconds / 86_400) / whole)
    times = contract.hours_per_fte if contract.price_basis == "fte" else 1.0
    return tuple(
        SiteHours(site, hours * part, float(sum(volumes[site].values(), Decimal(0))) * times)
        for site, hours in sorted(contract.hours.items())
    )
