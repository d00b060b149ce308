"""What a mapping may say: sources, their columns, and the facts each row makes. Pydantic validates the shape.

Whether the names exist (fact tables, columns, checks) is `facts.imports.library`; the SQL is
`facts.imports.columns`.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
SourceColumn = Annotated[str, Field(min_length=1, max_length=200)]
Scalar = str | int | float | bool


class Part(BaseModel):
    """The strictness that every part of a mapping shares: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Plausible(Part):
    """The instants that a log can hold: `from` is included, `to` is not. Others are rejected."""

    start: date = Field(default=date(2000, 1, 1), alias="from")
    end: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "Plausible":
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"`to` ({self.end}) is not after `from` ({self.start})")
        return self


class TypedColumn(Part):
    """A source column that is not text: an instant, a day, a number, a truth value."""

    type: Literal["instant", "date", "epoch_seconds", "epoch_milliseconds", "int", "float", "bool"]
    format: str | None = None
    time_zone: str | None = None
    plausible: Plausible | None = None

    @model_validator(mode="after")
    def _fits(self) -> "TypedColumn":
        if self.type not in ("instant", "date") and (self.format or self.time_zone):
            raise ValueError(f"`format` and `time_zone` belong to an instant or a date, not to {self.type}")
        return self


class Rank(Part):
    """The row's place (0, 1, 2 …) among the rows that agree in `within`, ordered by `order_by`."""

    within: Annotated[list[SourceColumn], Field(min_length=1)]
    order_by: SourceColumn


class Lookup(Part):
    """A column of another fact, found by the other fact's key."""

    fact: Name
    key: SourceColumn
    take: Name


class FactColumn(Part):
    """Where a fact column's value comes from: exactly one origin, then a value map and a default."""

    column: SourceColumn | None = None
    value: Scalar | list[str] | None = None
    expression: str | None = None
    json_of: list[SourceColumn] | None = None
    rank: Rank | None = None
    lookup: Lookup | None = None
    values: dict[str, Scalar | None] | None = None
    otherwise: Literal["reject", "keep", "null"] | Annotated[str, Field(pattern=r"^=.*")] = "reject"
    default: Scalar | None = None
    split: Annotated[str, Field(min_length=1, max_length=3)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: Any) -> Any:
        return {"column": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_origin(self) -> "FactColumn":
        origins = [name for name in ORIGINS if getattr(self, name) is not None]
        if len(origins) != 1:
            raise ValueError(
                f"give exactly one of {', '.join(ORIGINS)}; found {', '.join(origins) or 'none'}"
            )
        return self

    @property
    def origin(self) -> str:
        """Which of the origins is used."""
        return next(name for name in ORIGINS if getattr(self, name) is not None)


ORIGINS = ("column", "value", "expression", "json_of", "rank", "lookup")


class OnePer(Part):
    """Many rows make one fact: the row that is first by `earliest` makes it, the others repeat it."""

    earliest: SourceColumn
    fact_instant: Name


class FactRule(Part):
    """How a row becomes a row of one fact table."""

    columns: dict[Name, FactColumn]
    when: str | None = None
    one_per: OnePer | None = None
    latest_by: SourceColumn | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> "FactRule":
        if self.one_per and self.latest_by:
            raise ValueError("give `one_per` or `latest_by`, not both")
        return self


class Check(Part):
    """A named look at the data's quality. It counts and shows examples; it never drops a row."""

    check: Name
    note: str = ""
    column: SourceColumn | None = None
    columns: list[SourceColumn] | None = None
    values: list[str] | None = None
    start: SourceColumn | None = Field(default=None, alias="from")
    end: SourceColumn | None = Field(default=None, alias="to")
    longer_than_seconds: float | None = None
    share_over: float | None = None


class Source(Part):
    """One kind of file in the log."""

    match: Annotated[list[str], Field(min_length=1)]
    format: Literal["csv", "parquet", "jsonl"] = "csv"
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Field(min_length=1, max_length=1)] = '"'
    null_values: list[str] = []
    columns: dict[SourceColumn, TypedColumn] = {}
    optional_columns: list[SourceColumn] = []
    facts: Annotated[dict[Name, FactRule], Field(min_length=1)]
    checks: list[Check] = []

    @field_validator("match", mode="before")
    @classmethod
    def _many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class Mapping(Part):
    """A whole mapping file."""

    mapping: Name
    version: Annotated[int, Field(ge=1)] = 1
    title: str
    description: str = ""
    operation: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")] | None = None
    partition: Literal["day", "month"] = "day"
    plausible: Plausible = Plausible()
    sources: Annotated[dict[Name, Source], Field(min_length=1)]

    def plausible_range(self, column: TypedColumn, *, now: datetime) -> tuple[date, date]:
        """Return the first day accepted and the first day no longer accepted for `column`."""
        own = column.plausible or self.plausible
        tomorrow = date.fromordinal(now.date().toordinal() + 2)
        return own.start, own.end or tomorrow
