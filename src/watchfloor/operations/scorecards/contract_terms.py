"""What a contract gives and costs: prices by volume, credits by shortfall. Pure, exact to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from watchfloor.science.uncertainty import status

CENT = Decimal("0.01")
Verdict = Literal["kept", "missed", "undecided", "no_data"]


def money(value: Decimal) -> Decimal:
    """Return an amount in whole cents, half up."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def volume(value: float) -> Decimal:
    """Return a volume to six places: what facts hold is no decimal, and a bill is."""
    return Decimal(repr(round(value, 6)))


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price in bands of volume: [(from, price), …], the first from 0.

    `marginal` prices each unit by its own band, `whole` all units by the band of the last.
    """

    bands: tuple[tuple[Decimal, Decimal], ...]
    banding: str = "marginal"

    @classmethod
    def of(cls, bands: Sequence[Sequence[object]], banding: str) -> "Tariff":
        """Return the tariff as a contract stores it."""
        return cls(tuple((Decimal(str(start)), Decimal(str(price))) for start, price in bands), banding)

    @property
    def base(self) -> Decimal:
        """The price of the first unit."""
        return self.bands[0][1]

    def fee(self, units: Decimal) -> Decimal:
        """Return what a volume costs, unrounded.

        >>> tariff = Tariff.of([[0, "20"], [100, "18"]], "marginal")
        >>> tariff.fee(Decimal(150)), Tariff(tariff.bands, "whole").fee(Decimal(150))
        (Decimal('2900'), Decimal('2700'))
        """
        if self.banding == "whole":
            price = [price for start, price in self.bands if units >= start][-1]
            return units * price
        ends = [*(start for start, _ in self.bands[1:]), None]
        total = Decimal(0)
        for (start, price), end in zip(self.bands, ends, strict=True):
            if units > start:
                total += (min(units, end) - start if end is not None else units - start) * price
        return total


@dataclass(frozen=True, slots=True)
class Miss:
    """How a measured value stands to what was agreed.

    `shortfall` is by how much the value is off, in the metric's unit, by the point value; 0 when kept.
    `stands` says that the miss holds by the contract's own rule, so that credits are due.
    """

    verdict: Verdict
    shortfall: float
    stands: bool
    share: Decimal


def missed(
    *,
    value: float | None,
    low: float | None,
    high: float | None,
    n: int,
    agreed: float,
    kind: str,
    rule: str,
    min_n: int,
    bands: Sequence[Sequence[float]],
) -> Miss:
    """Return whether what was agreed was missed by the contract's rule, and the share of the fee it costs.

    By `point` the value decides, by `interval` only a range that lies wholly on the wrong side does.

    >>> bands = [[0.0, 0.02], [0.02, 0.05]]
    >>> missed(value=0.93, low=0.90, high=0.96, n=300, agreed=0.95, kind="floor", rule="interval", min_n=30,
    ...     bands=bands).stands
    False
    >>> str(missed(value=0.92, low=0.90, high=0.94, n=300, agreed=0.95, kind="floor", rule="interval",
    ...     min_n=30, bands=bands).share)
    '0.05'
    """
    by_interval = rule == "interval"
    found = status(
        low=low if by_interval else None,
        high=high if by_interval else None,
        value=value,
        target=agreed,
        direction="higher_is_better" if kind == "floor" else "lower_is_better",
        n=n if n or value is None else max(min_n, 1),
        min_n=min_n,
    )
    if value is None or found == "no_data":
        return Miss("no_data", 0.0, stands=False, share=Decimal(0))
    short = max(0.0, agreed - value if kind == "floor" else value - agreed)
    verdict: Verdict = {"met": "kept", "missed": "missed"}.get(found, "undecided")  # type: ignore[assignment]  # three words of four
    stands = found == "missed"
    # A shortfall of 0.02 is a hair less in binary: a band begins where a person would say it does.
    reached = [
        Decimal(str(share))
        for start, share in sorted((each[0], each[1]) for each in bands)
        if short + 1e-9 >= start
    ]
    return Miss(verdict, short, stands, reached[-1] if stands and reached else Decimal(0))


def credit_of(fee: Decimal, shares: Sequence[Decimal], *, cap: float | None) -> tuple[list[Decimal], Decimal]:
    """Return the credits of each miss, and what the cap takes off their sum."""
    amounts = [money(fee * share) for share in shares]
    total = sum(amounts, Decimal(0))
    if cap is None:
        return amounts, Decimal(0)
    most = money(fee * Decimal(str(cap)))
    return amounts, max(Decimal(0), total - most)
