"""Reads the form of a contract; what cannot be read is named by its field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import available_timezones

from django.http import QueryDict

from watchfloor.operations.people.models import Site
from watchfloor.operations.scorecards.contract_drafts import NewContract, NewLine
from watchfloor.operations.scorecards.errors import ContractError

METRICS = (
    "accuracy", "critical_error_rate", "sla_attainment", "tat_p90", "vendor_delivery", "leakage_miss",
    "recall", "gold_accuracy", "adherence",
)  # fmt: skip
DEFAULTS: Mapping[str, str] = {
    "currency": "EUR", "price_basis": "hour", "banding": "marginal", "hours_per_fte": "140",
    "time_zone": "UTC", "bands": "0: 20.00", "line-1-credits": "0: 2%, 2%: 5%",
}  # fmt: skip
_LINES = range(1, 5)


def read_contract(sent: QueryDict) -> NewContract:
    """Return the contract that a form describes.

    Raises:
        ContractError: a field cannot be read; the message names it.

    """
    hours = {}
    for site in Site.objects.filter(vendor__slug=sent.get("vendor", "")):
        written = sent.get(f"hours-{site.slug}", "").strip()
        if written:
            hours[site.slug] = _number(written, f"hours of {site.slug}")
    lines = []
    for at in _LINES:
        metric = sent.get(f"line-{at}-metric", "")
        if not metric:
            continue
        name = f"line {at}"
        lines.append(
            NewLine(
                metric_id=metric,
                kind=sent.get(f"line-{at}-kind", "floor"),
                value=_share(sent.get(f"line-{at}-value", ""), f"value of {name}"),
                queues=[one.strip() for one in sent.get(f"line-{at}-queues", "").split(",") if one.strip()],
                rule=sent.get(f"line-{at}-rule", "interval"),
                min_n=int(_number(sent.get(f"line-{at}-min_n") or "30", f"observations of {name}")),
                credits=_pairs(sent.get(f"line-{at}-credits", ""), f"credits of {name}"),
            )
        )
    cap = sent.get("credit_cap", "").strip()
    return NewContract(
        number=_slug(sent.get("number", "")),
        vendor=sent.get("vendor", ""),
        effective_from=_day(sent.get("effective_from", ""), "first day"),
        effective_to=_day(sent.get("effective_to", ""), "end") if sent.get("effective_to") else None,
        currency=sent.get("currency", ""),
        bands=_prices(sent.get("bands", "")),
        banding=sent.get("banding", "marginal"),
        price_basis=sent.get("price_basis", "hour"),
        hours=hours,
        hours_per_fte=_number(sent.get("hours_per_fte") or "140", "hours of an FTE"),
        credit_cap=_share(cap, "cap on credits") if cap else None,
        time_zone=_zone(sent.get("time_zone") or "UTC"),
        lines=lines,
        reason=sent.get("reason", ""),
    )


def _slug(written: str) -> str:
    found = written.strip().lower()
    if not found or not all(one.isalnum() or one in "-_" for one in found) or not found.isascii():
        raise ContractError(
            f"number: {written!r} is none.", remedy="Letters, digits and hyphens, as acme-2026."
        )
    return found[:60]


def _zone(written: str) -> str:
    if written not in available_timezones():
        raise ContractError(f"time zone: {written!r} is unknown.", remedy="Write Europe/Dublin.")
    return written


def _day(written: str, name: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError as error:
        raise ContractError(f"{name}: {written!r} is no day.", remedy="Write 2026-03-01.") from error


def _number(written: str, name: str) -> float:
    try:
        return float(written.strip())
    except ValueError as error:
        raise ContractError(f"{name}: {written!r} is no number.", remedy="Write 1200 or 97.5.") from error


def _share(written: str, name: str) -> float:
    text = written.strip()
    return _number(text[:-1], name) / 100 if text.endswith("%") else _number(text, name)


def _pairs(written: str, name: str) -> list[tuple[float, float]]:
    found = []
    for part in (one for one in written.split(",") if one.strip()):
        start, colon, share = part.partition(":")
        if not colon:
            raise ContractError(
                f"{name}: {part.strip()!r} has no colon.",
                remedy="Write shortfall: share, as in 0: 2%, 2%: 5%.",
            )
        found.append((_share(start, name), _share(share, name)))
    return found


def _prices(written: str) -> list[tuple[float, str]]:
    found = []
    for part in (one for one in written.replace("\n", ",").split(",") if one.strip()):
        start, _, price = part.partition(":")
        try:
            found.append((float(start), str(Decimal(price.strip()))))
        except (ValueError, InvalidOperation) as error:
            raise ContractError(
                f"price: {part.strip()!r} is no band.", remedy="Write from volume: price, as in 0: 20.00."
            ) from error
    return found
