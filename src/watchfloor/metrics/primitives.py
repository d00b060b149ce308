"""The closed algebra in plain Python: what each primitive remembers, how two memories merge, what comes out.

The compiler renders the same algebra as SQL; this form is its reference, for tests and for streams too
small for an engine. Every state merges associatively and commutatively, so that hours, sites, rollups and
engines can be put together in any order. What cannot be merged honestly has no state here: a mean of
percentiles, a sum of stocks.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan
from typing import Protocol, Self

import numpy as np

from watchfloor.metrics.buckets import LogBuckets, locate
from watchfloor.metrics.definition import PrimitiveName
from watchfloor.science.uncertainty import cluster_ratio, order_statistic_ranks


class State(Protocol):
    """What a primitive remembers of the rows it has seen."""

    def merge(self, other: Self) -> Self:
        """Return the state of both sets of rows."""
        ...

    def combine(self) -> float | None:
        """Return the value; None where nothing was observed."""
        ...

    def variance(self) -> float | None:
        """Return the variance of the value; None where no formula holds."""
        ...


@dataclass(frozen=True)
class RatioState:
    """Count, sum and ratio: numerator and denominator by cluster.

    A count adds ones to the numerator, a sum its value; the denominator is then unused.
    """

    sums: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def accumulate(self, *, cluster: str, numerator: float, denominator: float) -> "RatioState":
        """Return the state with one more row."""
        return self.merge(RatioState({cluster: (numerator, denominator)}))

    def merge(self, other: "RatioState") -> "RatioState":
        """Return the state of both sets of rows; a cluster in both is added up."""
        merged = dict(self.sums)
        for cluster, (n, d) in other.sums.items():
            before = merged.get(cluster, (0.0, 0.0))
            merged[cluster] = (before[0] + n, before[1] + d)
        return RatioState(merged)

    @property
    def total(self) -> float:
        """The sum of the numerator."""
        return sum(n for n, _ in self.sums.values())

    def combine(self) -> float | None:
        """Return numerator over denominator; None where the denominator is zero."""
        below = sum(d for _, d in self.sums.values())
        return self.total / below if below else None

    def variance(self) -> float | None:
        """Return the cluster-linearised variance; None below two clusters."""
        pairs = np.array(list(self.sums.values()), dtype=np.float64).reshape(-1, 2)
        n, d = pairs[:, 0], pairs[:, 1]
        estimate = cluster_ratio(
            numerator=n.sum(),
            denominator=d.sum(),
            numerator_squares=n @ n,
            products=n @ d,
            denominator_squares=d @ d,
            clusters=int(((n != 0) | (d != 0)).sum()),
        )
        found = float(estimate.variance)
        return None if isnan(found) else found


@dataclass(frozen=True)
class HistogramState:
    """Quantiles from logarithmic buckets: counts that add."""

    probability: float
    scheme: LogBuckets = field(default_factory=LogBuckets)
    counts: Mapping[int, int] = field(default_factory=dict)

    def accumulate(self, value: float) -> "HistogramState":
        """Return the state with one more row."""
        return self.merge(HistogramState(self.probability, self.scheme, {self.scheme.index(value): 1}))

    def merge(self, other: "HistogramState") -> "HistogramState":
        """Return the state of both sets of rows."""
        return HistogramState(self.probability, self.scheme, Counter(self.counts) + Counter(other.counts))

    def combine(self) -> float | None:
        """Return the centre of the bucket that holds the quantile."""
        n = sum(self.counts.values())
        if not n:
            return None
        buckets = np.array(sorted(self.counts), dtype=np.int64)
        weights = np.array([self.counts[int(k)] for k in buckets], dtype=np.int64)
        rank = int(order_statistic_ranks(trials=n, probability=self.probability).point)
        found = locate(ordered_buckets=buckets, counts=weights, rank=rank)
        return self.scheme.centre(found[0]) if found else None

    def variance(self) -> float | None:
        """Return None: a quantile's interval comes from order statistics."""
        return None


@dataclass(frozen=True)
class ValuesState:
    """Exact quantiles and distinct counts: the values themselves."""

    probability: float | None = None
    values: tuple[float | str, ...] = ()

    def accumulate(self, value: float | str) -> "ValuesState":
        """Return the state with one more row."""
        return self.merge(ValuesState(self.probability, (value,)))

    def merge(self, other: "ValuesState") -> "ValuesState":
        """Return the state of both sets of rows."""
        return ValuesState(self.probability, tuple(sorted((*self.values, *other.values), key=_ordered)))

    def combine(self) -> float | None:
        """Return the observation of rank ⌈n·q⌉, or without a probability the number of different values."""
        if self.probability is None:
            return float(len(set(self.values)))
        if not self.values:
            return None
        rank = int(order_statistic_ranks(trials=len(self.values), probability=self.probability).point)
        return float(self.values[rank - 1])

    def variance(self) -> float | None:
        """Return None: a quantile's interval comes from order statistics."""
        return None


@dataclass(frozen=True)
class StockState:
    """Snapshot: whether each entity was open when it was last heard of, at the instant of the stock."""

    last: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)

    def accumulate(self, *, entity: str, heard_at: datetime, is_open: bool) -> "StockState":
        """Return the state with one more report; the latest report of an entity stands."""
        return self.merge(StockState({entity: (heard_at, is_open)}))

    def merge(self, other: "StockState") -> "StockState":
        """Return the state of both sets of reports; of one instant, the closed one stands."""
        merged = dict(self.last)
        for entity, report in other.last.items():
            known = merged.get(entity)
            if known is None or (report[0], not report[1]) > (known[0], not known[1]):
                merged[entity] = report
        return StockState(merged)

    def combine(self) -> float | None:
        """Return how many are open; None when nothing was ever heard."""
        return float(sum(is_open for _, is_open in self.last.values())) if self.last else None

    def variance(self) -> float | None:
        """Return None: a stock is counted, not sampled."""
        return None


def _ordered(value: float | str) -> tuple[int, float, str]:
    return (1, 0.0, value) if isinstance(value, str) else (0, value, "")


STATES: Mapping[PrimitiveName, type[RatioState | HistogramState | ValuesState | StockState]] = {
    "count": RatioState,
    "sum": RatioState,
    "ratio": RatioState,
    "quantile": ValuesState,
    "histogram_quantile": HistogramState,
    "distinct": ValuesState,
    "snapshot": StockState,
}
