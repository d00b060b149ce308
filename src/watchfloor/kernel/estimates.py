"""A number with what it is made of: a rate keeps its parts, an estimate its interval."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A numerator over a denominator. Rates are added part by part, never averaged.

    >>> (Rate(1, 2) + Rate(30, 40)).value
    0.7380952380952381
    """

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        """The quotient, or None when the denominator is zero: missing is not zero."""
        return self.numerator / self.denominator if self.denominator else None

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.numerator + other.numerator, self.denominator + other.denominator)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval. `low` and `high` are None where no interval is defined.

    Attributes:
        value: The point value in the metric's unit; None means no data, which is not zero.
        low: Lower bound of the interval, same unit.
        high: Upper bound of the interval, same unit.
        n: Observations that entered.
        n_eff: Effective number of independent observations, where the design says so.
        method: Code of the interval (domain reference, section 5.3), or "none".
        confidence: Nominal coverage, between 0 and 1.

    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    n_eff: float | None = None
    method: str = "none"
    confidence: float = 0.95
