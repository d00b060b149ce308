"""Turns the rows an engine returned into cells: keys into scopes and periods, sums into estimates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isnan

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchfloor.kernel import Estimate, Scope
from watchfloor.metrics.cells import Cell
from watchfloor.metrics.compiler.additive import AdditiveMetric, block_of
from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dimensions import UNKNOWN
from watchfloor.metrics.terms import Term
from watchfloor.science.uncertainty import (
    FloatArray,
    RatioEstimate,
    clopper_pearson,
    cluster_proportion,
    cluster_ratio,
    exact_poisson,
    wilson,
)

Key = tuple[tuple[str | None, ...], int]

NO_OBSERVATION = "no data: no eligible observation"


@dataclass
class CellMaker:
    """Makes cells of one answer; scopes and periods that repeat are made once."""

    frame: Frame
    as_of: datetime
    _scopes: dict[tuple[str | None, ...], Scope] = field(default_factory=dict)

    def scope(self, values: tuple[str | None, ...]) -> Scope:
        """Return the scope of one row: its dimension values and the query's restrictions."""
        found = self._scopes.get(values)
        if found is None:
            items = {name: tuple(kept) for name, kept in self.frame.where.items()}
            for dimension, value in zip(self.frame.dimensions, values, strict=True):
                items[dimension.name] = (UNKNOWN if value is None else value,)
            found = self._scopes[values] = Scope.of(items)
        return found

    def cell(
        self,
        definition: Definition,
        key: Key,
        *,
        estimate: Estimate,
        numerator: float | None = None,
        denominator: float | None = None,
        coverage: float | None = None,
        weight_sum: float | None = None,
        reason: str = "",
    ) -> Cell:
        """Return one cell."""
        grid = self.frame.grid
        dimensions, bucket = key
        if coverage is None:
            coverage = self._matured(definition, bucket)
        return Cell(
            metric=definition.id,
            version=definition.version,
            scope=self.scope(dimensions),
            period=grid.bucket(bucket),
            bucket_start=grid.start_of(bucket) if grid.grain else None,
            numerator=numerator,
            denominator=denominator,
            estimate=estimate,
            weight_sum=weight_sum,
            n=estimate.n,
            n_eff=estimate.n_eff,
            as_of=self.as_of,
            coverage=coverage,
            suppression="exact",
            unit=definition.unit,
            reason=reason,
        )

    def _matured(self, definition: Definition, bucket: int) -> float | None:
        """Return the share of the bucket that was followed long enough, where the metric asks for that."""
        rule = definition.coverage
        if rule is None or rule.matures_after_seconds is None:
            return None
        period = self.frame.grid.bucket(bucket)
        followed = self.frame.known_until - timedelta(seconds=rule.matures_after_seconds) - period.start
        return min(max(followed / (period.end - period.start), 0.0), 1.0)

    def empty(self, definition: Definition, key: Key, reason: str) -> Cell:
        """Return a cell without a value, and why."""
        return self.cell(definition, key, estimate=Estimate(None, method="none"), reason=reason)


def keys_of(table: pa.Table, frame: Frame) -> list[Key]:
    """Return dimension values and bucket of every row."""
    columns = [table.column(f"d{i}").to_pylist() for i in range(len(frame.dimensions))]
    dimensions = list(zip(*columns, strict=True)) if columns else [()] * table.num_rows
    buckets = table.column("bucket").to_pylist() if "bucket" in table.column_names else [0] * table.num_rows
    return [(tuple(d), int(b)) for d, b in zip(dimensions, buckets, strict=True)]


def additive_cells(table: pa.Table, metrics: Sequence[AdditiveMetric], *, maker: CellMaker) -> Iterator[Cell]:
    """Yield the cells of every metric of one statement; those without an observation are left out."""
    keys = keys_of(table, maker.frame)
    terms = list(dict.fromkeys(term for metric in metrics for term in metric.terms))
    columns = {term: _floats(table, f"{term.key}_{i}") for i, term in enumerate(terms)}
    blocks = _floats(table, "block")
    for metric in metrics:
        rows = blocks == block_of(metric, metrics)
        sums = {term: columns[term][rows] for term in metric.terms}
        own = [key for key, kept in zip(keys, rows, strict=True) if kept]
        if metric.ratio is None:
            yield from _counted(metric, own, sums, maker)
        else:
            squares = {}
            if metric.cluster is not None:
                names = ("nn", "nd", "dd", "clusters")
                squares = {n: _floats(table, f"{metric.definition.id}__{n}")[rows] for n in names}
            yield from _ratios(metric, own, sums, squares, maker)


def _counted(
    metric: AdditiveMetric, keys: Sequence[Key], sums: dict[Term, FloatArray], maker: CellMaker
) -> Iterator[Cell]:
    assert metric.term is not None  # noqa: S101 -- the caller keeps counts and sums
    values = sums[metric.term]
    low = high = np.full_like(values, np.nan)
    if metric.definition.interval.method == "PX":
        interval = exact_poisson(events=values)
        low, high = interval.low, interval.high
    elif metric.bounds:
        low, high = (sums[term] for term in metric.bounds)
    for i, key in enumerate(keys):
        if values[i]:
            n = int(values[i]) if metric.definition.primitive == "count" else 0
            value = float(values[i])
            method = metric.definition.interval.method
            estimate = Estimate(value, optional(low[i]), optional(high[i]), n, None, method)
            yield maker.cell(metric.definition, key, estimate=estimate, numerator=value)


def _ratios(
    metric: AdditiveMetric,
    keys: Sequence[Key],
    sums: dict[Term, FloatArray],
    squares: dict[str, FloatArray],
    maker: CellMaker,
) -> Iterator[Cell]:
    terms = metric.ratio
    assert terms is not None  # noqa: S101 -- the caller keeps ratios only
    numerator, denominator = sums[terms.numerator], sums[terms.denominator]
    observed = sums[terms.observations]
    result = _interval(metric, numerator, denominator, squares)
    coverage = np.full_like(numerator, np.nan)
    if terms.eligible is not None and terms.complete is not None:
        eligible = sums[terms.eligible]
        coverage = np.divide(sums[terms.complete], eligible, out=coverage, where=eligible > 0)
    defined = ~np.isnan(result.low)
    for i, key in enumerate(keys):
        if not (observed[i] or numerator[i] or denominator[i]):
            continue
        method = metric.definition.interval.method if defined[i] else "none"
        estimate = Estimate(
            optional(result.value[i]),
            optional(result.low[i]),
            optional(result.high[i]),
            int(observed[i]),
            optional(result.n_eff[i]),
            method,
        )
        yield maker.cell(
            metric.definition,
            key,
            estimate=estimate,
            numerator=float(numerator[i]),
            denominator=float(denominator[i]),
            coverage=optional(coverage[i]),
            reason="" if denominator[i] else "the denominator is zero",
        )


def _interval(
    metric: AdditiveMetric, numerator: FloatArray, denominator: FloatArray, squares: dict[str, FloatArray]
) -> RatioEstimate:
    """Return value and interval of a ratio by the method its definition names."""
    method, terms = metric.definition.interval.method, metric.ratio
    assert terms is not None  # noqa: S101 -- validated with the definition
    undefined = np.full_like(numerator, np.nan)
    value = np.divide(numerator, denominator, out=undefined.copy(), where=denominator != 0)
    if method in ("W", "CP"):
        interval = (wilson if method == "W" else clopper_pearson)(successes=numerator, trials=denominator)
        return RatioEstimate(value, undefined, interval.low, interval.high, denominator)
    if method == "none":
        return RatioEstimate(value, undefined, undefined, undefined, undefined)
    part_of_whole = (
        terms.numerator.counts_rows
        and terms.denominator.counts_rows
        and (terms.numerator.relation, terms.numerator.at)
        == (terms.denominator.relation, terms.denominator.at)
    )
    estimator = cluster_proportion if part_of_whole else cluster_ratio
    result = estimator(
        numerator=numerator,
        denominator=denominator,
        numerator_squares=squares["nn"],
        products=squares["nd"],
        denominator_squares=squares["dd"],
        clusters=squares["clusters"],
    )
    # Every sum here is of quantities that cannot be negative, so the bound cannot be either.
    low = np.where(np.isnan(result.low), np.nan, np.maximum(result.low, 0.0))
    if metric.definition.signed:
        low = result.low
    return RatioEstimate(result.value, result.variance, low, result.high, result.n_eff)


def optional(value: float) -> float | None:
    """Return None for NaN, else the plain float."""
    return None if isnan(value) else float(value)


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    column = table.column(name).cast(pa.float64(), safe=False)
    return np.asarray(column.fill_null(0.0).to_numpy(), dtype=np.float64)
