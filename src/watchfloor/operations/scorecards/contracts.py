"""Writes contracts: drawn up, revised, published into targets and contracted hours. And who may see them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Q

from watchfloor.metrics import Catalogue
from watchfloor.metrics.definition import Definition
from watchfloor.operations.record.services import audit, record_change, write_events
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.scorecards.contract_drafts import NewContract, checked
from watchfloor.operations.scorecards.errors import ContractError
from watchfloor.operations.scorecards.models import ContractLine, VendorContract
from watchfloor.operations.targets import guards
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.publishing import NewTarget, write_target
from watchfloor.operations.targets.resolver import in_force
from watchfloor.operations.targets.scopes import scope_key

MOST_MONTHS = 36
"""Months of contracted hours that are written ahead where a contract has no end."""


def contracts(*, viewer: Viewer, vendor: str = "") -> list[VendorContract]:
    """Return the contracts all of whose sites are within the viewer's reach, newest version first."""
    viewer.require("contracts.view")
    rows = VendorContract.objects.select_related("vendor").order_by("vendor__slug", "number", "-version")
    if vendor:
        rows = rows.filter(vendor__slug=vendor)
    return [row for row in rows if _reaches(viewer, row)]


def contract_of(contract_id: int, *, viewer: Viewer) -> VendorContract:
    """Return one contract.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    viewer.require("contracts.view")
    row = VendorContract.objects.select_related("vendor").filter(pk=contract_id).first()
    if row is None or not _reaches(viewer, row):
        raise NotFoundError(
            f"There is no contract {contract_id}.", remedy="Check the address and your access."
        )
    return row


def may_change(viewer: Viewer) -> bool:
    """Return whether the viewer writes contracts: a grant limited to sites reads its vendor's, no more."""
    return any(
        "contracts.change" in grant.permissions and not (grant.site or grant.market or grant.queue_group)
        for grant in viewer.grants
    )


def require_change(viewer: Viewer) -> None:
    """Refuse who may only read.

    Raises:
        NotPermittedError: the grant is limited to sites, or there is none.

    """
    if not may_change(viewer):
        raise NotPermittedError(
            f"{viewer.name} reads contracts of the own sites and writes none.",
            remedy="Ask somebody whose grant covers every site.",
        )


@transaction.atomic
def draw_up(new: NewContract, *, catalogue: Catalogue, by: Viewer, now: datetime) -> VendorContract:
    """Return the contract as a draft; the next version where its number exists.

    Raises:
        ContractError: a price, a band, a site or a line is impossible; the message says which.
        GuardError: a value is outside its metric's unit.

    """
    require_change(by)
    vendor = checked(new, catalogue)
    versions = VendorContract.objects.filter(number=new.number)
    if (held := versions.first()) is not None and held.vendor_id != vendor.pk:
        raise ContractError(
            f"Contract {new.number} is with {held.vendor.name}.", remedy="Choose another number."
        )
    last = versions.aggregate(last=Max("version"))["last"] or 0
    versions.filter(state="draft").delete()
    drawn = VendorContract.objects.create(
        number=new.number,
        version=last + 1 if not versions.filter(version=last + 1).exists() else last + 2,
        vendor=vendor,
        effective_from=new.effective_from,
        effective_to=new.effective_to,
        time_zone=new.time_zone,
        currency=new.currency.upper(),
        price_basis=new.price_basis,
        bands=[[float(start), str(price)] for start, price in new.bands],
        banding=new.banding,
        hours={site: float(hours) for site, hours in new.hours.items()},
        hours_per_fte=new.hours_per_fte,
        credit_cap=new.credit_cap,
        owner=by.name,
        reason=new.reason.strip(),
        created_at=now,
    )
    ContractLine.objects.bulk_create(
        ContractLine(
            contract=drawn,
            metric_id=line.metric_id,
            kind=line.kind,
            value=line.value,
            queues=list(line.queues),
            rule=line.rule,
            min_n=line.min_n,
            credits=[[float(start), float(share)] for start, share in line.credits],
        )
        for line in new.lines
    )
    audit(
        actor=by.name,
        action="contract.drawn_up",
        object_kind="contract",
        object_id=new.number,
        after={"version": drawn.version, "vendor": vendor.slug, "lines": len(new.lines)},
        now=now,
    )
    return drawn


@transaction.atomic
def publish(
    contract_id: int, *, catalogue: Catalogue, by: Viewer, now: datetime, writes_hours: bool = True
) -> VendorContract:
    """Return the contract in force: its lines are contractual targets, its hours are facts by month.

    The version before ends where this one begins. All of it is written, or nothing.

    Args:
        contract_id: The draft.
        catalogue: The metrics.
        by: Who publishes.
        now: When.
        writes_hours: Whether its hours become facts; an operation that imports them says no.

    Raises:
        ContractError: it is no draft, or another version begins later.
        GuardError: a line on speed stands without quality and wellbeing beside it.
        OverlapError: another contract holds there.

    """
    require_change(by)
    row = VendorContract.objects.select_for_update().filter(pk=contract_id, state="draft").first()
    if row is None:
        raise ContractError(f"There is no draft {contract_id}.", remedy="Draw up a new version.")
    lines = list(row.lines.all())
    sites = sorted(row.hours)
    starts = _instant(row.effective_from, row)
    ends = _instant(row.effective_to, row) if row.effective_to else None
    for old in VendorContract.objects.select_for_update().filter(number=row.number, state="published"):
        if old.effective_from >= row.effective_from:
            raise ContractError(
                f"{old} begins on {old.effective_from}, not before this version's {row.effective_from}.",
                remedy="Let the new version begin later.",
            )
        old.state, old.effective_to = "ended", row.effective_from
        old.save(update_fields=["state", "effective_to"])
    _refuse_dropped(row, lines, catalogue=catalogue, sites=sites)
    for line in lines:
        definition = catalogue[line.metric_id]
        _guard(line, lines, sites=sites, definition=definition, at=max(starts, now))
        new = NewTarget(
            scope=_scope(line, definition, sites),
            kind=line.kind,
            value=line.value,
            effective_from=starts,
            effective_to=ends,
            period="month",
            method="contract",
            inputs={"contract": row.number, "version": row.version},
            confidence_rule=line.rule,
            min_n=line.min_n,
            owner=row.owner,
            reason=f"{row.number} v{row.version}",
            contractual=True,
        )
        write_target(new, definition=definition, by=by, now=now, approver=by.name)
    if writes_hours:
        write_events(fact="contract_hours", rows=_hours_rows(row))
    row.state, row.published_at, row.published_by = "published", now, by.name
    row.save(update_fields=["state", "published_at", "published_by"])
    told = {"version": row.version, "hours": row.hours, "bands": row.bands, "targets": len(lines)}
    audit(
        actor=by.name,
        action="contract.published",
        object_kind="contract",
        object_id=row.number,
        after=told,
        now=now,
    )
    record_change(
        object_kind="contract",
        object_id=row.number,
        object_version=row.version,
        kind="changed" if row.version > 1 else "created",
        at=max(starts, now),
        author=by.name,
        summary=f"Contract {row.number} v{row.version} with {row.vendor.name} from {row.effective_from}",
        detail=told,
    )
    return row


def months_of(row: VendorContract, *, until: date) -> list[date]:
    """Return the first days of the months in which the contract holds, up to the one of `until`."""
    first = row.effective_from.replace(day=1)
    months = []
    while first <= until and (row.effective_to is None or first < row.effective_to):
        months.append(first)
        first = next_month(first)
    return months


def next_month(first: date) -> date:
    """Return the first day of the month after."""
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def _reaches(viewer: Viewer, row: VendorContract) -> bool:
    return bool(row.hours) and all(
        viewer.reaches("contracts.view", {"site": site, "data_boundary": ""}) or _of_all(viewer)
        for site in row.hours
    )


def _of_all(viewer: Viewer) -> bool:
    return any(
        grant.data_boundary == ALL_BOUNDARIES and "contracts.view" in grant.permissions and not grant.site
        for grant in viewer.grants
    )


def _scope(line: ContractLine, definition: Definition, sites: Sequence[str]) -> dict[str, list[str]]:
    scope = {"queue": list(line.queues)} if line.queues else {}
    return scope | ({"site": list(sites)} if "site" in definition.dimensions else {})


def _refuse_dropped(
    row: VendorContract, lines: Sequence[ContractLine], *, catalogue: Catalogue, sites: Sequence[str]
) -> None:
    """Refuse a version that leaves out what the one before agreed: its target would go on holding."""
    kept = {
        (line.metric_id, line.kind, scope_key(_scope(line, catalogue[line.metric_id], sites)))
        for line in lines
    }
    held = Target.objects.filter(
        contractual=True, closed_at__isnull=True, withdrawn=False, inputs__contract=row.number
    ).filter(Q(effective_to__isnull=True) | Q(effective_to__gt=_instant(row.effective_from, row)))
    for target in held:
        if (target.metric_id, target.kind, target.scope_key) not in kept:
            raise ContractError(
                f"Version {row.version} leaves out {target.metric_id} of “{target.scope_key}”, "
                f"which holds by {target.reason}.",
                remedy="Keep the line, with another value if that was agreed, or withdraw its target.",
            )


def _guard(
    line: ContractLine,
    lines: Sequence[ContractLine],
    *,
    sites: Sequence[str],
    definition: Definition,
    at: datetime,
) -> None:
    if line.metric_id not in guards.SPEED:
        return
    needed = guards.QUALITY_FLOORS | guards.WELLBEING_CEILINGS
    beside = [(each.metric_id, each.kind, each.scope) for each in in_force(needed, at=at)]
    beside += [(each.metric_id, each.kind, {"site": list(sites)}) for each in lines if not each.queues]
    guards.check_paired(line.metric_id, scope=_scope(line, definition, sites), beside=beside)


def _instant(day: date, row: VendorContract) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(row.time_zone)).astimezone(UTC)


def _hours_rows(row: VendorContract) -> list[tuple[str, dict[str, Any]]]:
    until = row.effective_to or date(row.effective_from.year + MOST_MONTHS // 12, row.effective_from.month, 1)
    found = []
    for first in months_of(row, until=until - timedelta(days=1)):
        after = next_month(first)
        begins = max(first, row.effective_from)
        ends = min(after, row.effective_to) if row.effective_to else after
        part = (ends - begins).days / (after - first).days
        for site, hours in sorted(row.hours.items()):
            key = f"{row.number}:{site}:{first:%Y-%m}"
            found.append(
                (
                    key,
                    {
                        "contract_hours_id": key,
                        "vendor": row.vendor.slug,
                        "site_id": site,
                        "employer_kind": "vendor",
                        "started_at": _instant(begins, row),
                        "ended_at": _instant(ends, row),
                        "contracted_hours": round(hours * part, 3),
                    },
                )
            )
    return found
