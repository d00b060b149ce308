"""How the values behind a metric are spread: histograms, and the metric asked at other quantiles or ages.

A metric has a spread when each of its rows carries a value: quantiles, and means over rows. What has none is
refused, with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from watchfloor.facts.engines import Engine
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Scope
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.cells import Query
from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.compiler.orders import COARSE, Distribution, histogram_sql
from watchfloor.metrics.definition import Definition, IntervalRule, Part
from watchfloor.metrics.dialects import DIALECTS
from watchfloor.metrics.dimensions import DIMENSIONS, UNKNOWN
from watchfloor.metrics.quantiles import read_histogram
from watchfloor.metrics.questions import RefusedError, checked
from watchfloor.metrics.rollups.planner import load_planner

_AS_THEY_ARE = ("quantile", "histogram_quantile", "largest")


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one scope as counts in logarithmic buckets, ascending.

    Attributes:
        scope: Dimension values the counts are about.
        centres: What stands for each bucket, in the metric's unit, within 1 % of every value inside.
        counts: Rows in each bucket.

    """

    scope: Scope
    centres: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """Rows in all."""
        return sum(self.counts)

    def quantile(self, probability: float) -> float | None:
        """Return the centre of the bucket that the quantile lies in; None without rows.

        >>> Spread(Scope(), (1.0, 2.0, 3.0), (1, 1, 2)).quantile(0.5)
        2.0
        """
        reached, wanted = 0, probability * self.n
        for centre, count in zip(self.centres, self.counts, strict=True):
            reached += count
            if reached >= wanted:
                return centre
        return None


def valued(definition: Definition) -> Definition:
    """Return the metric as the median of the values behind it.

    Raises:
        RefusedError: no row of it carries a value.

    """
    numerator, denominator = definition.numerator, definition.denominator
    if definition.primitive in _AS_THEY_ARE and definition.value is not None and definition.at is not None:
        value, conditions = definition.value, [definition.filter]
    elif (
        definition.primitive == "ratio"
        and numerator is not None
        and numerator.value is not None
        and numerator.relation in (None, definition.relation)
        and denominator == Part()
        and definition.at is not None
    ):
        value, conditions = numerator.value, [definition.filter, numerator.filter]
    else:
        raise RefusedError(
            f"{definition.id} has no distribution: its rows carry no value ({definition.primitive}).",
            remedy="Ask for a metric of durations, such as handle_p50, tat_p90 or aht.",
        )
    kept = [f"({each})" for each in conditions if each]
    return definition.model_copy(
        update={
            "primitive": "quantile",
            "value": value,
            "filter": " AND ".join(kept) or None,
            "probability": 0.5,
            "numerator": None,
            "denominator": None,
            "coverage": None,
            "additivity": "NON",
            "interval": IntervalRule(method="OS"),
        }
    )


def at_quantile(definition: Definition, probability: float) -> Definition:
    """Return the metric as that quantile of its values, under an id and names of its own.

    Raises:
        RefusedError: no row of it carries a value.

    """
    percent = f"{probability * 100:g}"
    suffix = f" · p{percent}"
    name = definition.name.model_copy(
        update={"en": definition.name.en + suffix, "zh_hans": definition.name.zh_hans + suffix}
    )
    return valued(definition).model_copy(
        update={
            "id": f"{definition.id}_at_p{percent.replace('.', '_')}",
            "probability": probability,
            "name": name,
        }
    )


def within_age(definition: Definition, seconds: float) -> Definition:
    """Return the cohort metric with another age at which its cases are looked at.

    Raises:
        RefusedError: it does not follow a cohort to an age.

    """
    if definition.conversion is None:
        raise RefusedError(
            f"{definition.id} does not follow cases from their enqueue to an age.",
            remedy="Ask review_completion_24h by weeks since enqueue, or this metric by tenure.",
        )
    return definition.model_copy(
        update={
            "id": f"{definition.id}_in_{seconds:.0f}s",
            "conversion": definition.conversion.model_copy(update={"within_seconds": float(seconds)}),
        }
    )


def with_variants(catalogue: Catalogue, variants: Mapping[str, Definition]) -> Catalogue:
    """Return the catalogue with variants beside its own definitions, for one question."""
    return Catalogue({**dict(catalogue), **variants})


def spreads(
    metric: str, query: Query, *, catalogue: Catalogue, store: FactStore, engine: Engine, now: datetime
) -> tuple[Spread, ...]:
    """Return how the values behind a metric are spread, one a scope of the query, the largest first.

    Raises:
        UnknownMetricError: the metric does not exist.
        RefusedError: it has no distribution, or the question cannot be answered.

    """
    distribution = Distribution.of(valued(catalogue[metric]))
    _, grid = checked(query, catalogue)
    snapshot = store.snapshot(query.as_of)
    frame = Frame(
        tuple(DIMENSIONS[name] for name in query.by),
        {name: tuple(values) for name, values in query.where.items() if values},
        grid,
        DIALECTS[engine.dialect],
        min(query.as_of or now, now),
    )
    stored = load_planner(store, snapshot).histogram(distribution, frame)
    sources = stored or [frame.raw(distribution.relation, distribution.at, query.period)]
    prunable = all(source.prunable or source.stored for source in sources)
    table = engine.query(
        histogram_sql(distribution, frame=frame, sources=sources, scheme=COARSE),
        snapshot=snapshot,
        period=query.period if prunable else None,
    )
    histogram = read_histogram(table, frame)
    found = []
    for at, key in enumerate(histogram.keys):
        rows = slice(int(histogram.starts[at]), int(histogram.starts[at + 1]))
        before = int(histogram.reached[rows.start - 1]) if rows.start else 0
        reached = histogram.reached[rows].tolist()
        counts = tuple(int(b - a) for a, b in zip([before, *reached[:-1]], reached, strict=True))
        centres = tuple(COARSE.centre(int(k)) for k in histogram.k[rows])
        values = {name: (value or UNKNOWN,) for name, value in zip(query.by, key[0], strict=True)}
        found.append(Spread(Scope.of(values), centres, counts))
    return tuple(sorted(found, key=lambda one: (-one.n, one.scope.label())))
