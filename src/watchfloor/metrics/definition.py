"""What one metric is: the typed form of a file in `definitions/`.

Owns the shape and the checks that one file can pass or fail on its own. Whether the columns exist is checked
by `catalogue`, against `relations`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from watchfloor.kernel import WatchfloorError
from watchfloor.metrics.clauses import (
    Bounds,
    Coefficient,
    Conversion,
    Entity,
    Gap,
    Learning,
    Parameter,
    Sample,
    Survival,
)

PrimitiveName = Literal[
    "count", "sum", "ratio", "quantile", "histogram_quantile", "distinct", "snapshot",
    "cumulative", "conversion", "derived", "survival", "largest", "learning",
    "weighted_ratio", "agreement", "calibration_error", "entity_share", "gap",
]  # fmt: skip
TimeBasis = Literal["ENQ", "DONE", "DUE", "SNAP", "CLOCK", "FOLLOW", "DONE/ENQ"]
Additivity = Literal["ADD", "SEMI", "RATIO", "NON", "EST"]
IntervalMethod = Literal[
    "none", "CB", "OB", "NE", "FPC", "OS", "PX", "W", "CP", "KM", "BB", "CS", "FQ", "EB"
]  # fmt: skip
Cluster = Literal["reviewer", "day", "object", "item"]
Direction = Literal["higher_is_better", "lower_is_better", "neutral"]
Unit = Literal[
    "cases", "reviews", "reviewers", "s", "share", "1/h", "reviews/case",
    "objects", "people", "queues", "items", "h", "min", "days", "full_time", "1", "1/year",
    "currency", "currency/case", "points",
]  # fmt: skip
StockMeasure = Literal["count", "age_quantile", "age_max", "share", "sum", "last", "alone"]
UseOnPeople = Literal["allowed", "unranked", "team_level"]

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,47}$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class MetricError(WatchfloorError):
    """A metric cannot be defined or answered.

    MetricError
    ├── DefinitionError      a definition file is wrong
    ├── UnknownMetricError   no metric of that name
    └── RefusedError         the question has no honest answer
    """


class DefinitionError(MetricError):
    """A definition file is wrong; the message names the file, the key and the value."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Translated(_Strict):
    """A text in each language of the pages. A plain string is refused: it would stay in one language."""

    en: Text
    zh_hans: Text = Field(alias="zh-Hans")

    def in_language(self, code: str) -> str:
        """Return the text in the language of `code` (`en`, `zh-hans`), English when there is none."""
        return self.zh_hans if code.lower().startswith("zh") else self.en


class Part(_Strict):
    """One side of a ratio. What it leaves out is taken from the metric itself."""

    relation: str | None = None
    at: str | None = None
    value: str | None = None
    filter: str | None = None


class IntervalRule(_Strict):
    """Which interval the metric carries, and over which clusters its variance is taken."""

    method: IntervalMethod
    cluster: Cluster | None = None

    @model_validator(mode="after")
    def _clustered_where_needed(self) -> "IntervalRule":
        if self.method in {"CB", "OB", "NE", "FPC", "BB"} and self.cluster is None:
            raise ValueError(f"methods CB, OB, NE, FPC and BB need a cluster, not {self.method} alone")
        if self.method not in {"CB", "OB", "NE", "FPC", "BB", "CP", "PX"} and self.cluster is not None:
            raise ValueError(f"method {self.method} takes no cluster; CB, OB, NE, FPC and BB need a cluster")
        if self.method == "BB" and self.cluster != "day":
            raise ValueError("method BB takes blocks of one day: cluster: day")
        return self


class CoverageRule(_Strict):
    """Which of the eligible observations are complete: recorded at all, or mature.

    `matures_after_seconds` asks the clock instead: the share of the cell's period that is older than that.
    """

    of: str | None = None
    complete: str | None = None
    matures_after_seconds: int | None = Field(default=None, gt=0)
    meaning: Translated

    @model_validator(mode="after")
    def _one_of_both(self) -> "CoverageRule":
        if (self.complete is None) == (self.matures_after_seconds is None):
            raise ValueError("coverage needs either `complete` or `matures_after_seconds`")
        return self


class Stock(_Strict):
    """What a snapshot counts: entities open from one instant until another.

    Measures: `count`; `age_quantile` and `age_max` of the time since `opened`; `share` of those open that
    pass `condition`; `sum` of `value`; `alone`, the number of `group`s in which one row is open; `last`, the
    number of entities whose newest row (by `opened`, within the staleness limit) passes `condition`.
    """

    opened: str
    closed: str
    measure: StockMeasure
    condition: str | None = None
    value: str | None = None
    entity: str | None = None
    group: str | None = None
    instant: Literal["start", "end"] = "end"
    staleness_limit_seconds: int = Field(default=172_800, gt=0)


class Definition(_Strict):
    """One version of one metric."""

    id: Identifier
    version: int = Field(ge=1)
    code: Text
    family: Literal["efficiency", "quality", "people", "capacity"]
    owner: Text
    name: Translated
    description: Translated
    formula: Translated
    primitive: PrimitiveName
    relation: str
    at: str | None = None
    value: str | None = None
    filter: str | None = None
    numerator: Part | None = None
    denominator: Part | None = None
    probability: float | None = Field(default=None, gt=0, lt=1)
    stock: Stock | None = None
    survival: Survival | None = None
    conversion: Conversion | None = None
    learning: Learning | None = None
    sample: Sample | None = None
    coefficient: Coefficient | None = None
    entity: Entity | None = None
    gap: Gap | None = None
    bounds: Bounds | None = None
    expression: str | None = None
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    independent: bool = False
    signed: bool = False
    people: UseOnPeople = "allowed"
    purposes: tuple[str, ...] = ("production",)
    coverage: CoverageRule | None = None
    time_basis: TimeBasis
    unit: Unit
    direction: Direction
    interval: IntervalRule
    additivity: Additivity
    trap: Translated
    guard: Translated
    example: Translated | None = None
    dimensions: tuple[str, ...] = Field(min_length=1)

    @field_validator("dimensions")
    @classmethod
    def _each_dimension_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("a dimension stands twice")
        return value

    @model_validator(mode="after")
    def _primitive_has_its_parts(self) -> "Definition":
        needed = _NEEDED[self.primitive]
        for key in _PARTS:
            present = getattr(self, key) is not None
            if self.primitive in _OPTIONAL.get(key, ()):
                continue
            if key == "probability" and self.primitive == "snapshot":
                wanted = self.stock is not None and self.stock.measure == "age_quantile"
            elif key == "probability" and self.primitive == "survival":
                wanted = self.survival is not None and self.survival.horizon_seconds is None
            else:
                wanted = key in needed
            if present != wanted:
                verb = "needs" if wanted else "takes no"
                raise ValueError(f"primitive {self.primitive} {verb} `{key}`")
        if (self.at is None) != (self.primitive in ("snapshot", "derived")):
            raise ValueError("`at` names the time column of every metric except a snapshot or a derived one")
        if self.additivity not in _ADDITIVITY[self.primitive]:
            raise ValueError(f"primitive {self.primitive} is {' or '.join(_ADDITIVITY[self.primitive])}")
        if self.sample is None and self.interval.method == "FPC":
            raise ValueError("method FPC needs a `sample` with its inclusion probability")
        if self.people == "team_level" and "reviewer" in self.dimensions:
            raise ValueError("a metric with `people: team_level` cannot be split by reviewer; leave it out")
        return self

    @property
    def rankable(self) -> bool:
        """Whether people may be put in order by it. Exposure and wellness never are."""
        return self.people == "allowed"

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations its components stand on, in order, without repeats."""
        parts = [part.relation or self.relation for part in (self.numerator, self.denominator) if part]
        return tuple(dict.fromkeys(parts or [self.relation]))

    @property
    def reference(self) -> str:
        """Id and version, as cells and reports name it."""
        return f"{self.id}@{self.version}"


_PARTS = (
    "value", "numerator", "denominator", "probability", "stock", "survival", "conversion", "learning",
    "bounds", "expression", "sample", "coefficient", "entity", "gap",
)  # fmt: skip
_OPTIONAL = {"value": ("snapshot", "cumulative"), "bounds": ("sum",)}
_NEEDED: dict[str, frozenset[str]] = {
    "count": frozenset(),
    "sum": frozenset({"value"}),
    "ratio": frozenset({"numerator", "denominator"}),
    "quantile": frozenset({"value", "probability"}),
    "histogram_quantile": frozenset({"value", "probability"}),
    "distinct": frozenset({"value"}),
    "snapshot": frozenset({"stock"}),
    "cumulative": frozenset(),
    "conversion": frozenset({"conversion"}),
    "derived": frozenset({"expression"}),
    "survival": frozenset({"survival", "probability"}),
    "largest": frozenset({"value"}),
    "learning": frozenset({"value", "learning"}),
    "weighted_ratio": frozenset({"numerator", "denominator", "sample"}),
    "agreement": frozenset({"value", "coefficient"}),
    "calibration_error": frozenset({"value", "numerator", "denominator", "sample"}),
    "entity_share": frozenset({"numerator", "denominator", "entity"}),
    "gap": frozenset({"gap"}),
}
_ADDITIVITY: dict[str, tuple[str, ...]] = {
    "count": ("ADD",),
    "sum": ("ADD",),
    "ratio": ("RATIO", "NON"),
    "quantile": ("NON",),
    "histogram_quantile": ("NON",),
    "distinct": ("NON",),
    "snapshot": ("SEMI", "NON", "RATIO"),
    "cumulative": ("SEMI",),
    "conversion": ("RATIO",),
    "derived": ("NON", "RATIO", "SEMI", "ADD"),
    "survival": ("NON",),
    "largest": ("NON",),
    "learning": ("NON",),
    "weighted_ratio": ("EST",),
    "agreement": ("NON",),
    "calibration_error": ("EST",),
    "entity_share": ("NON",),
    "gap": ("NON",),
}
