"""A contract before it is one, and what makes it impossible: prices, bands, sites, lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from watchfloor.metrics import Catalogue
from watchfloor.metrics.definition import Definition
from watchfloor.operations.people.models import Site, Vendor
from watchfloor.operations.scorecards.errors import ContractError
from watchfloor.operations.scorecards.vocabulary import BANDINGS, PRICE_BASES, RULES
from watchfloor.operations.targets import guards


@dataclass(frozen=True, slots=True)
class NewLine:
    """One thing the vendor is to keep, and what a miss costs."""

    metric_id: str
    kind: str
    value: float
    queues: Sequence[str] = ()
    rule: str = "interval"
    min_n: int = 30
    credits: Sequence[Sequence[float]] = ()


@dataclass(frozen=True, slots=True)
class NewContract:
    """A contract before it is one. Bands are [from volume, price]; hours are by site and month."""

    number: str
    vendor: str
    effective_from: date
    currency: str
    bands: Sequence[Sequence[Any]]
    hours: Mapping[str, float]
    lines: Sequence[NewLine] = ()
    effective_to: date | None = None
    price_basis: str = "hour"
    banding: str = "marginal"
    hours_per_fte: float = 140.0
    credit_cap: float | None = None
    time_zone: str = "UTC"
    reason: str = ""


def checked(new: NewContract, catalogue: Catalogue) -> Vendor:
    """Return the vendor of a contract that can be kept; the message names what cannot."""
    vendor = Vendor.objects.filter(slug=new.vendor).first()
    if vendor is None:
        raise ContractError(f"There is no vendor {new.vendor!r}.", remedy="Add it under People first.")
    own = set(Site.objects.filter(vendor=vendor).values_list("slug", flat=True))
    if not new.hours:
        raise ContractError(
            "The contract names no site.", remedy=f"Give the hours of {', '.join(sorted(own))}."
        )
    for site, hours in new.hours.items():
        if site not in own:
            raise ContractError(
                f"{site!r} is no site of {vendor.name}.", remedy=f"One of {', '.join(sorted(own))}."
            )
        if not (isfinite(hours) and hours >= 0):
            raise ContractError(f"{site}: {hours:g} hours cannot be contracted.", remedy="Give 0 or more.")
    if new.effective_to is not None and new.effective_to <= new.effective_from:
        raise ContractError(
            f"The contract ends on {new.effective_to} and begins on {new.effective_from}.",
            remedy="Let it end after it begins.",
        )
    if len(new.currency) != 3 or not new.currency.isalpha():
        raise ContractError(f"{new.currency!r} is no currency.", remedy="Write three letters, as in EUR.")
    if new.price_basis not in PRICE_BASES or new.banding not in BANDINGS:
        raise ContractError("The price has no basis.", remedy=f"By {', '.join(PRICE_BASES)}.")
    _check_bands(new.bands)
    if new.credit_cap is not None and not 0 <= new.credit_cap <= 1:
        raise ContractError(f"The cap of {new.credit_cap:g} is no share.", remedy="Write 0.15 for 15 %.")
    for line in new.lines:
        _check_line(line, catalogue[line.metric_id], sorted(new.hours))
    return vendor


def _check_bands(bands: Sequence[Sequence[Any]]) -> None:
    if not bands:
        raise ContractError("The contract has no price.", remedy="Give one band from 0.")
    starts = []
    for start, price in bands:
        try:
            amount = Decimal(str(price))
            starts.append(float(start))
        except (InvalidOperation, ValueError) as error:
            raise ContractError(f"{price!r} is no price.", remedy="Write 18.50.") from error
        if not amount.is_finite() or amount < 0:
            raise ContractError(f"The price {price} is below 0.", remedy="Give 0 or more.")
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise ContractError(
            f"The bands begin at {', '.join(f'{one:g}' for one in starts)}.", remedy="Begin at 0 and rise."
        )


def _check_line(line: NewLine, definition: Definition, sites: Sequence[str]) -> None:
    guards.check_values(definition, kind=line.kind, value=line.value, upper=None)
    if line.kind not in ("floor", "ceiling") or line.rule not in RULES:
        raise ContractError(f"{line.metric_id}: no {line.kind!r} by {line.rule!r}.", remedy="Choose again.")
    if "site" not in definition.dimensions and not line.queues:
        raise ContractError(
            f"{line.metric_id} is not recorded by site.",
            remedy="Name the queues it is about.",
        )
    for start, share in line.credits:
        if not (0 <= share <= 1 and start >= 0):
            raise ContractError(
                f"{line.metric_id}: a credit of {share:g} from {start:g} is impossible.",
                remedy="Shares of the fee lie in 0 to 1, shortfalls are 0 or more.",
            )
    del sites
