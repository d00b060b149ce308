"""What every statement of a query shares: dimensions, buckets, restrictions, and where rows come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from watchfloor.facts.schemas import TABLES
from watchfloor.kernel import Period
from watchfloor.metrics.dialects import DAY_MICROSECONDS, HOUR_MICROSECONDS, Dialect
from watchfloor.metrics.dimensions import DIMENSIONS, UNKNOWN, Dimension, dimension_sql
from watchfloor.metrics.grid import Grid
from watchfloor.metrics.relation import ANY, Relation
from watchfloor.metrics.relations import RELATIONS

STORED_AT = "bucket_at"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of one scan come from.

    Attributes:
        sql: FROM item.
        at: Time column.
        stored: Whether rows are sums from a rollup, one column a term, rather than facts.
        note: `raw`, or the rollup's name.
        period: The part of the period this source answers for.
        prunable: Whether files outside the period may be left unread.

    """

    sql: str
    at: str
    stored: bool
    note: str
    period: Period
    prunable: bool


@dataclass(frozen=True)
class Frame:
    """A query as SQL fragments in one dialect."""

    dimensions: tuple[Dimension, ...]
    where: Mapping[str, tuple[str, ...]]
    grid: Grid
    dialect: Dialect
    known_until: datetime

    @property
    def known_until_sql(self) -> str:
        """The instant of the question as a literal."""
        return self.dialect.instant(self.known_until)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the columns that identify a cell: d0, d1 … and the bucket."""
        names = tuple(f"d{i}" for i in range(len(self.dimensions)))
        return (*names, "bucket") if self.grid.grain else names

    def key_columns(self, at: str) -> list[str]:
        """Return `expression AS name` for each key, read at the time column `at`."""
        columns = [f"{self.dimension(d, at)} AS d{i}" for i, d in enumerate(self.dimensions)]
        if self.grid.grain:
            columns.append(f"{self.grid.index_sql(at, self.dialect)} AS bucket")
        return columns

    def dimension(self, dimension: Dimension, at: str) -> str:
        """Return SQL for the dimension's value as text."""
        local = "" if dimension.column else self.grid.local_microseconds(at, self.dialect)
        return dimension_sql(dimension, local_microseconds=local, dialect=self.dialect)

    def within(self, at: str, period: Period) -> list[str]:
        """Return the conditions that keep the rows of `period` and of the query's restrictions."""
        start, end = self.dialect.instant(period.start), self.dialect.instant(period.end)
        return [f"{at} >= {start}", f"{at} < {end}", *self.restrictions(at)]

    def restrictions(self, at: str) -> list[str]:
        """Return the conditions of `where`."""
        found = []
        for name, values in self.where.items():
            column = self.dimension(DIMENSIONS[name], at)
            known = [self.dialect.text(value) for value in values if value != UNKNOWN]
            either = [f"{column} IN ({', '.join(known)})"] if known else []
            if UNKNOWN in values:
                either.append(f"{column} IS NULL")
            found.append(f"({' OR '.join(either)})" if either else "false")
        return found

    def unasked(self, relation: str) -> list[str]:
        """Return the conditions that keep the row for "any" of each dimension nobody asks for, or drop it."""
        found = []
        for name in RELATIONS[relation].totals:
            column, total = DIMENSIONS[name].column, self.dialect.text(ANY)
            if DIMENSIONS[name] in self.dimensions:
                found += [] if name in self.where else [f"{column} <> {total}"]
            elif name not in self.where:
                found.append(f"{column} = {total}")
        return found

    def rows_of(self, relation: str) -> str:
        """Return every row of the relation as a FROM item, whatever the period."""
        return RELATIONS[relation].source(self.dialect, until=self.known_until_sql)

    def raw(self, relation: str, at: str, period: Period) -> Source:
        """Return the relation itself as a source for `period`."""
        found = RELATIONS[relation]
        start, end = self.dialect.instant(period.start), self.dialect.instant(period.end)
        placed = f"{at} >= {start} AND {at} < {end}"
        rows = found.source(
            self.dialect,
            until=self.known_until_sql,
            low=start,
            high=end,
            among=self._cases_of(found, at, placed, start, end),
        )
        sql = self._cut_intervals(found, rows, period) if found.clock else rows
        return Source(sql, at, False, "raw", period, found.prunable_at == at)

    def _cases_of(self, relation: Relation, at: str, placed: str, start: str, end: str) -> str:
        """Return the SELECT of the cases whose rows may be kept; empty where that is not known beforehand."""
        first = relation.facts[0]
        if at in TABLES[first].by_name:
            return f"SELECT case_id FROM fact_{first} WHERE {placed}"
        if at == "first_decided_at" and "decision" in relation.facts:
            decided = f"decided_at >= {start} AND decided_at < {end}"
            return f"SELECT case_id FROM fact_decision WHERE decision_version = 0 AND {decided}"
        return ""

    def _cut_intervals(self, relation: Relation, rows: str, period: Period) -> str:
        """Return intervals cut at the edges of the period and of every bucket.

        An interval that lasts still ends at the instant of the question; what is planned goes on beyond it.
        """
        made = ("started_at", "ended_at", "seconds", "begins")
        kept = ", ".join(f"a.{name}" for name in relation.columns if name not in made)
        until = f"least(coalesce(a.ended_at, {self.known_until_sql}), {self.known_until_sql})"
        if relation.planned:
            until = "a.ended_at"
        hourly = self.grid.grain == "hour" or any(d.column is None for d in self.dimensions)
        hourly = hourly or any(DIMENSIONS[name].column is None for name in self.where)
        edges = self._hour_edges(rows, period, until) if hourly else self._bucket_edges(rows, period)
        seconds = self.dialect.seconds_between("started_at", "ended_at")
        return (
            f"(SELECT *, {seconds} AS seconds FROM (SELECT {kept}, a.started_at >= b.starts AS begins, "
            f"greatest(a.started_at, b.starts) AS started_at, "
            f"least({until}, b.ends) AS ended_at FROM {edges} "
            f"WHERE a.started_at < b.ends AND {until} > b.starts AND b.starts < b.ends) AS cut)"
        )

    def _bucket_edges(self, source: str, period: Period) -> str:
        rows = []
        for index in self.grid.indices:
            bucket = self.grid.bucket(index)
            start, end = max(bucket.start, period.start), min(bucket.end, period.end)
            if start < end:
                rows.append(
                    f"SELECT {self.dialect.instant(start)} AS starts, {self.dialect.instant(end)} AS ends"
                )
        return f"{source} a CROSS JOIN ({' UNION ALL '.join(rows)}) AS b"

    def _hour_edges(self, source: str, period: Period, until: str) -> str:
        """Return every interval beside each hour it touches, clipped to the period."""
        shift = self.grid.minutes_past
        first = self.dialect.floor_divide(
            f"({self.dialect.microseconds('a.started_at')} + {shift})", HOUR_MICROSECONDS
        )
        last = self.dialect.floor_divide(f"({self.dialect.microseconds(until)} + {shift})", HOUR_MICROSECONDS)
        start = self.dialect.instant_of(f"(hour_number * {HOUR_MICROSECONDS} - {shift})")
        end = self.dialect.instant_of(f"((hour_number + 1) * {HOUR_MICROSECONDS} - {shift})")
        low, high = self.dialect.instant(period.start), self.dialect.instant(period.end)
        touching = (
            f"SELECT a.*, {self.dialect.each_integer(first, last)} AS hour_number "
            f"FROM {source} a "
            f"WHERE a.started_at < {high} AND {until} > {low}"
        )
        return (
            f"({touching}) AS a CROSS JOIN LATERAL (SELECT greatest({start}, {low}) AS starts, "
            f"least({end}, {high}) AS ends) AS b"
        )


def cluster_sql(cluster: str, *, at: str, relation: str, dialect: Dialect) -> str:
    """Return SQL for the cluster a row belongs to; rows without a reviewer form one cluster together.

    Grouping takes nulls for one value, and a bare column keeps the dictionary of its file, which groups
    faster than any expression on it.
    """
    if cluster == "day":
        return dialect.floor_divide(dialect.microseconds(at), DAY_MICROSECONDS)
    if "reviewer_id" not in RELATIONS[relation].columns:
        # It shares the statement with metrics of another cluster; none over reviewers reads it.
        return dialect.as_text("NULL")
    return "reviewer_id"
