"""Quantiles: log-bucket histograms, exact values inside the buckets that matter, and distinct counts.

An exact quantile has two plans. Where the engine sorts lists and the rows fit in memory, one pass collects
and sorts the values of each cell and returns the neighbourhood of each rank. Otherwise it takes two passes:
the first counts rows by cell and fine bucket; the ranks of the quantile and of its interval then name a
few buckets; the second reads the values of those alone. Memory stays small whatever the number of rows, on
any engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from watchfloor.metrics.buckets import FINE_RELATIVE_ERROR, RELATIVE_ERROR, LogBuckets
from watchfloor.metrics.compiler.frame import Frame, Source
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dimensions import UNKNOWN
from watchfloor.metrics.expressions import parse
from watchfloor.metrics.terms import row_conditions

COARSE = LogBuckets(RELATIVE_ERROR)
FINE = LogBuckets(FINE_RELATIVE_ERROR)


@dataclass(frozen=True)
class Distribution:
    """What a quantile is taken of: quantiles that share it share the passes."""

    relation: str
    at: str
    value: str
    conditions: tuple[str, ...]

    @classmethod
    def of(cls, definition: Definition) -> "Distribution":
        """Return the distribution behind a quantile or a distinct count."""
        assert definition.value is not None  # noqa: S101 -- the definition was validated
        assert definition.at is not None  # noqa: S101 -- validated with the definition
        value = parse(definition.value, where=definition.id).canonical
        return cls(definition.relation, definition.at, value, row_conditions(definition))

    def value_sql(self, frame: Frame) -> str:
        """Return the value in the frame's dialect."""
        return parse(self.value, where="value").render(frame.dialect, known_until=frame.known_until_sql)

    def condition_sql(self, frame: Frame) -> list[str]:
        """Return the conditions in the frame's dialect, with the value present."""
        rendered = [
            f"({parse(c, where='filter').render(frame.dialect, known_until=frame.known_until_sql)})"
            for c in self.conditions
        ]
        columns = parse(self.value, where="value").columns
        if all(f"NOT {column} IS NULL" in self.conditions for column in columns):
            return rendered
        return [*rendered, f"{self.value_sql(frame)} IS NOT NULL"]


def histogram_sql(
    distribution: Distribution, *, frame: Frame, sources: Sequence[Source], scheme: LogBuckets
) -> str:
    """Return the SELECT of keys, `k` and `weight`: how many rows of each cell fall in each bucket."""
    pieces = [_histogram_piece(distribution, frame, source, scheme) for source in sources]
    if len(pieces) == 1:
        return pieces[0]
    keys = [*frame.keys, "k"]
    return (
        f"SELECT {', '.join(keys)}, sum(weight) AS weight FROM ({' UNION ALL '.join(pieces)}) AS pieces "
        f"GROUP BY {', '.join(keys)}"
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bucket of a cell whose values the second pass reads; `number` names it in the result."""

    number: int
    dimensions: tuple[str | None, ...]
    bucket: int | None
    k: int


def values_sql(
    distribution: Distribution, *, frame: Frame, source: Source, scheme: LogBuckets, wanted: Sequence[Wanted]
) -> str:
    """Return the SELECT of `number` and `value` for the rows in the wanted buckets."""
    columns = [*frame.key_columns(source.at), f"{scheme.index_sql(distribution.value_sql(frame))} AS k"]
    columns.append(f"CAST({distribution.value_sql(frame)} AS DOUBLE) AS value")
    conditions = [*frame.within(source.at, source.period), *distribution.condition_sql(frame)]
    missing = frame.dialect.text(UNKNOWN)
    names = [*(f"d{i}" for i in range(len(frame.dimensions))), *(["bucket"] if frame.grid.grain else [])]
    rows = []
    for row in wanted:
        cells = [frame.dialect.text(UNKNOWN if d is None else d) for d in row.dimensions]
        if frame.grid.grain:
            cells.append(str(row.bucket))
        rows.append(f"({', '.join([str(row.number), *cells, str(row.k)])})")
    matches = [
        f"coalesce(v.{name}, {missing}) = w.{name}" if name != "bucket" else "v.bucket = w.bucket"
        for name in names
    ]
    listed = f"(VALUES {', '.join(rows)}) AS w({', '.join(['number', *names, 'k'])})"
    return (
        f"SELECT w.number AS number, v.value AS value "
        f"FROM (SELECT {', '.join(columns)} FROM {source.sql} AS s "
        f"WHERE {' AND '.join(conditions)}) AS v JOIN {listed} ON {' AND '.join([*matches, 'v.k = w.k'])}"
    )


SINGLE_PASS_ROWS = 60_000_000
NEIGHBOURHOOD = 4


def sorted_sql(
    distribution: Distribution, *, frame: Frame, source: Source, probabilities: Sequence[float], z: float
) -> str:
    """Return the SELECT of keys, `n`, `ranks` around each quantile and its bounds, and the values `near`.

    The exact ranks of the bounds are binomial and known to the caller alone; they lie within a few ranks
    of the normal approximation, so the values of `NEIGHBOURHOOD` ranks on either side of it are returned.
    One `list_select` copies those alone; every slice of a list would drag the whole list along.
    """
    columns = frame.key_columns(source.at)
    keys = len(columns)
    conditions = [*frame.within(source.at, source.period), *distribution.condition_sql(frame)]
    value = f"CAST({distribution.value_sql(frame)} AS DOUBLE)"
    grouped = f" GROUP BY {', '.join(str(i + 1) for i in range(keys))}" if keys else ""
    selected = ", ".join([*columns, "count(*) AS n", f"list_sort(list({value})) AS v"])
    inner = f"SELECT {selected} FROM {source.sql} AS s WHERE {' AND '.join(conditions)}{grouped}"
    ranges = []
    for q in dict.fromkeys(probabilities):
        half = f"{z!r} * sqrt(n * {q!r} * {1.0 - q!r})"
        for centre in (f"n * {q!r} - {half}", f"n * {q!r}", f"n * {q!r} + {half}"):
            middle = f"CAST(floor({centre}) AS BIGINT)"
            ranges.append(f"range({middle} - {NEIGHBOURHOOD}, {middle} + {NEIGHBOURHOOD + 1})")
    ranks = f"list_transform(flatten([{', '.join(ranges)}]), lambda r: least(greatest(r, 1), n))"
    kept = ", ".join([*frame.keys, "n", "ranks"])
    return (
        f"SELECT {kept}, list_select(v, ranks) AS near "
        f"FROM (SELECT *, {ranks} AS ranks FROM ({inner}) AS sorted WHERE n > 0) AS ranked"
    )


def distinct_sql(distribution: Distribution, *, frame: Frame, source: Source) -> str:
    """Return the SELECT of keys and `n`, the number of different values in each cell."""
    columns = frame.key_columns(source.at)
    keys = len(columns)
    conditions = [*frame.within(source.at, source.period), *distribution.condition_sql(frame)]
    grouped = f" GROUP BY {', '.join(str(i + 1) for i in range(keys))}" if keys else ""
    counted = f"count(DISTINCT {distribution.value_sql(frame)}) AS n"
    selected = ", ".join([*columns, counted])
    return f"SELECT {selected} FROM {source.sql} AS s WHERE {' AND '.join(conditions)}{grouped}"


def _histogram_piece(distribution: Distribution, frame: Frame, source: Source, scheme: LogBuckets) -> str:
    columns = frame.key_columns(source.at)
    if source.stored:
        columns.append("k AS k")
        weight, own = "sum(weight)", []
    else:
        columns.append(f"{scheme.index_sql(distribution.value_sql(frame))} AS k")
        weight, own = "count(*)", distribution.condition_sql(frame)
    conditions = [*frame.within(source.at, source.period), *own]
    keys = ", ".join(str(i + 1) for i in range(len(columns)))
    return (
        f"SELECT {', '.join([*columns, f'{weight} AS weight'])} FROM {source.sql} AS s "
        f"WHERE {' AND '.join(conditions)} GROUP BY {keys}"
    )
