"""Questions and their answers: a query, and the cells that everything downstream exchanges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from watchfloor.kernel import Estimate, Period, Scope
from watchfloor.metrics.grid import Grain

Suppression = Literal["exact", "suppressed", "noised"]


@dataclass(frozen=True, slots=True)
class Query:
    """Metrics over a period, split by dimensions and buckets of local time.

    Attributes:
        metrics: Metric ids.
        period: Half-open period.
        by: Dimensions to split by.
        grain: Buckets of local time; None gives one cell for the period.
        where: Dimension → the values kept.
        time_zone: Zone of local days and hours.
        as_of: Answer with the facts as they were published at this instant; None is the newest version.

    """

    metrics: tuple[str, ...]
    period: Period
    by: tuple[str, ...] = ()
    grain: Grain | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    time_zone: str = "UTC"
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One number with everything needed to judge it.

    Attributes:
        metric: Metric id.
        version: Version of its definition.
        scope: Dimension values the number is about; `(unknown)` where the fact does not record one.
        period: The part of time it covers; for a stock, the instant is its end.
        bucket_start: First instant of the bucket; None without a grain.
        numerator: Sum above the line; None where the metric has none.
        denominator: Sum below the line.
        estimate: Value, interval, n and method.
        weight_sum: Sum of weights, for weighted samples; None for a census.
        n: Observations.
        n_eff: Effective observations.
        as_of: Instant up to which the facts were known.
        coverage: Share of eligible observations that are complete; None where the metric states no rule.
        suppression: Whether the number is exact, suppressed or noised.
        unit: Unit of the value.
        reason: Why there is no value; empty when there is one.

    """

    metric: str
    version: int
    scope: Scope
    period: Period
    bucket_start: datetime | None
    numerator: float | None
    denominator: float | None
    estimate: Estimate
    weight_sum: float | None
    n: int
    n_eff: float | None
    as_of: datetime
    coverage: float | None
    suppression: Suppression
    unit: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The cells of a query, and where they came from.

    Attributes:
        cells: Ordered by metric, scope and bucket.
        notes: Metric id → `raw`, or the name of the rollup that answered.
        sql: The statements run.
        version: Number of the facts' version.
        warnings: What a reader should know before trusting a number.

    """

    cells: tuple[Cell, ...]
    notes: Mapping[str, str]
    sql: tuple[str, ...]
    version: int
    warnings: tuple[str, ...] = ()
