"""The clauses of a definition that only some primitives take: survival, conversion, learning, samples …"""

from math import isfinite
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Coefficient = Literal["ac1", "fleiss", "cohen", "krippendorff", "observed", "positive", "negative"]


class Clause(BaseModel):
    """A part of a definition: nothing beyond its own keys, and nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Survival(Clause):
    """How long until something happens, people and cases still waiting counted as waiting.

    Attributes:
        begins: Column of the instant at which the wait begins.
        ends: Column of the instant at which it is over; null while it lasts.
        censored: Column of an instant from which the rest is unknown: the person left.
        horizon_seconds: Answers the share over by then; without it the metric's quantile is answered.
        complement: Whether the share that is not over is meant (retention rather than attrition).

    """

    begins: str
    ends: str
    censored: str | None = None
    horizon_seconds: float | None = Field(default=None, gt=0)
    complement: bool = False


class Conversion(Clause):
    """What must follow the metric's own row, for the same entity and within a time, to count as converted."""

    relation: str
    at: str
    filter: str | None = None
    within_seconds: float = Field(gt=0)


class Learning(Clause):
    """The curve a + b·exp(−x/τ) through `value` over experience; answered is the x where `gained` is won."""

    experience: str
    gained: float = Field(default=0.9, gt=0, lt=1)


class Bounds(Clause):
    """Row expressions whose sums bound the metric's sum from below and above."""

    low: str
    high: str


class Parameter(Clause):
    """A number that a derived metric's expression names, with the reason for it."""

    value: float
    reason: str = Field(min_length=3)

    @model_validator(mode="after")
    def _finite(self) -> "Parameter":
        if not isfinite(self.value):
            raise ValueError("a parameter must be a finite number")
        return self


class Sample(Clause):
    """How the rows were drawn: the column of their inclusion probability, and those that name a stratum."""

    pi: str
    strata: tuple[str, ...] = ()


class Entity(Clause):
    """What an `entity_share` counts, and how many rows of the numerator make one count."""

    column: str
    at_least: int = Field(default=1, ge=1)


class Gap(Clause):
    """Between the values of which dimension a weighted metric is compared."""

    of: str
    across: str
