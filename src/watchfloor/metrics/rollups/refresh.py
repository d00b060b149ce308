"""Computes the rollups of the newest version, day by day, and only the days whose facts changed.

Which files changed is what a rollup remembers of the files it was computed from (`rollups.changes`). Where a
relation joins facts, or places rows by another instant, the rows of the changed files say which days they
touch: a decision of today belongs to the day its case was enqueued or due.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchfloor.facts.engines import Engine
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore, Snapshot
from watchfloor.kernel import Period
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.compiler.frame import STORED_AT, Frame
from watchfloor.metrics.compiler.orders import COARSE
from watchfloor.metrics.dialects import DIALECTS, Dialect
from watchfloor.metrics.grid import Grid
from watchfloor.metrics.relation import Relation
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.rollups.changes import Changes, changes_since, input_files, joined, span_of
from watchfloor.metrics.rollups.planner import FORMAT, rollup_table
from watchfloor.metrics.rollups.shapes import (
    HOUR_SECONDS,
    SHAPES,
    Shape,
    distributions_of,
    stored_key,
    stored_terms,
    terms_of,
)
from watchfloor.metrics.terms import Term


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one refresh did to one rollup.

    Attributes:
        name: The rollup.
        rows: Rows it holds now.
        partitions: Partitions computed again; 0 when it was fresh.
        version: Version of the facts it stands for.

    """

    name: str
    rows: int
    partitions: int
    version: int


def refresh_rollups(
    *, store: FactStore, engine: Engine, catalogue: Catalogue, now: datetime
) -> tuple[Refreshed, ...]:
    """Bring every rollup to the newest version of the facts; return what was computed.

    Args:
        store: Facts of the operation.
        engine: What computes.
        catalogue: Definitions whose terms are stored.
        now: The present, at which intervals that still last are cut.

    """
    snapshot = store.snapshot()
    if not snapshot.number:
        return ()
    partition_days = 1 if store.partition == "day" else 31
    work = _Refresh(store, snapshot, engine, catalogue, now, partition_days)
    return tuple(work.shape(shape) for shape in SHAPES)


@dataclass(frozen=True)
class _Refresh:
    store: FactStore
    snapshot: Snapshot
    engine: Engine
    catalogue: Catalogue
    now: datetime
    partition_days: int
    hourly: dict[str, dict[str, pa.Table]] = field(default_factory=dict)
    touched: dict[tuple[str, ...], list[date]] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.engine.dialect]

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms of the catalogue, prepared once for all rollups."""
        return stored_terms(self.catalogue)

    def shape(self, shape: Shape) -> Refreshed:
        """Bring one rollup up to date."""
        table = rollup_table(self.store.folder, shape)
        if shape.histogram:
            keys = [stored_key(d) for d in distributions_of(shape, self.catalogue)]
        else:
            keys = [term.key for term in terms_of(shape, self.terms)]
        inputs = input_files(self.snapshot, shape.relation)
        old = table.stamp()
        if old is not None and not _same_shape(old, shape, keys):
            old = None
        holds_until = self._holds_until(shape)
        if old is not None and old["inputs"] == inputs and old["holds_until"] == holds_until:
            if old["version"] != self.snapshot.number:
                table.replace_stamp({**old, "version": self.snapshot.number})
            return Refreshed(shape.name, int(old["rows"]), 0, self.snapshot.number)
        partitions = self._changed(shape, old, inputs)
        files: dict[str, str] = dict(old["files"]) if old else {}
        counts: dict[str, int] = dict(old["counts"]) if old else {}
        if partitions is None:
            files, counts = {}, {}
        computed = self._computed(shape, partitions, keys)
        for partition in partitions or ():
            files.pop(partition, None)
            counts.pop(partition, None)
        for partition, rows in computed.items():
            if holds_until and self._span(partition).end > datetime.fromisoformat(holds_until):
                continue
            files[partition] = table.write(rows, name=partition)
            counts[partition] = rows.num_rows
        stored = sum(counts.values())
        stamp = {
            "format": FORMAT,
            "version": self.snapshot.number,
            "columns": list(shape.columns),
            "keys": keys,
            "inputs": inputs,
            "files": files,
            "counts": counts,
            "rows": stored,
            "partition_days": self.partition_days,
            "holds_until": holds_until,
        }
        table.replace_stamp(stamp)
        # A reader may still hold the stamp before this one.
        table.remove_files_except([*files.values(), *(old["files"].values() if old else ())])
        return Refreshed(shape.name, stored, len(computed), self.snapshot.number)

    def _computed(
        self, shape: Shape, partitions: Sequence[str] | None, keys: Sequence[str]
    ) -> dict[str, pa.Table]:
        """Return the rows of the partitions asked for: from the hours just computed, else from the facts."""
        if not keys:
            return {}
        hours = next((other for other in SHAPES if other.sums_up_to(shape)), None)
        known = self.hourly.get(hours.name) if hours else None
        if known is not None and partitions is not None and set(partitions) <= set(known):
            return {partition: summed(known[partition], shape, keys) for partition in partitions}
        found = self._compute(shape, partitions)
        if shape.seconds == HOUR_SECONDS and partitions is not None:
            self.hourly[shape.name] = found
        return found

    def _changed(
        self, shape: Shape, old: dict[str, Any] | None, inputs: dict[str, dict[str, list[str]]]
    ) -> list[str] | None:
        """Return the partitions to compute again; None for all of them."""
        if old is None:
            return None
        changes = changes_since(self.snapshot, old["inputs"], inputs)
        relation = RELATIONS[shape.relation]
        if relation.reaches_on:
            days = [day for found in changes.partitions.values() for day in found]
            if old["holds_until"]:
                days.append(datetime.fromisoformat(old["holds_until"]).date().isoformat())
            return self._from(min(days), relation) if days else []
        if relation.prunable_at == shape.at:
            return list(changes.partitions[relation.facts[0]])
        try:
            return self._touched(shape, changes)
        except FileNotFoundError:
            return None  # a file that went was vacuumed; nobody knows what stood in it

    def _from(self, first: str, relation: Relation) -> list[str]:
        """Return the partitions that a row which began in `first` or later may reach into."""
        extents = [self.snapshot.extent(fact) for fact in relation.facts]
        last = max(self.now, *(extent.end for extent in extents if extent is not None))
        days, at = [], self._span(first)
        while at.start < last:
            days.append(at.start.date().isoformat())
            at = self._span(at.end.date().isoformat())
        return days

    def _touched(self, shape: Shape, changes: Changes) -> list[str] | None:
        """Return the partitions of the changed files' rows, or of rows of their cases; None for all."""
        relation = RELATIONS[shape.relation]
        placed = relation.facts[0]
        known = (shape.relation, shape.at, repr(changes.partitions), repr(changes.removed))
        if known not in self.touched:
            days: set[date] = set()
            unplaced: list[str] = []
            for fact in relation.facts:
                for path in changes.paths(fact):
                    found, complete = _days_in(path, shape.at)
                    days |= found
                    if fact != placed and not complete:
                        unplaced.append(path)
            if unplaced and any(
                fact != placed and "case_id" not in TABLES[fact].by_name for fact in relation.facts
            ):
                return None  # nothing says which rows those of another key bear on
            if unplaced:
                days.update(self._days_of_cases(shape, placed, unplaced))
            self.touched[known] = sorted({self._span(day.isoformat()).start.date() for day in days})
        return [day.isoformat() for day in self.touched[known]]

    def _days_of_cases(self, shape: Shape, placed: str, paths: list[str]) -> list[date]:
        grid = Grid(Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)), "day")
        rows = self.engine.query(
            f"SELECT DISTINCT {grid.index_sql(shape.at, self.dialect)} AS n FROM fact_{placed} "
            f"WHERE {shape.at} IS NOT NULL AND case_id IN "
            f"(SELECT case_id FROM {self.dialect.parquet(paths)} AS changed)",
            snapshot=self.snapshot,
        )
        return [grid.start_of(int(n)).date() for n in rows.column("n").to_pylist()]

    def _compute(self, shape: Shape, partitions: Sequence[str] | None) -> dict[str, pa.Table]:
        """Return the rows of the partitions asked for (None: of all), by partition."""
        if partitions is not None and not partitions:
            return {}
        spans = (
            [self._span(day) for day in partitions] if partitions is not None else [self._everything(shape)]
        )
        found: dict[str, pa.Table] = {}
        for span in joined(span for span in spans if span is not None):
            rows = self._rows(shape, span)
            grid = self._grid(span)
            numbers = rows.column("partition_number")
            kept = rows.drop_columns(["partition_number"])
            for number in sorted(set(numbers.to_pylist())):
                mask = pc.equal(numbers, number)
                found[grid.start_of(int(number)).date().isoformat()] = kept.filter(mask)
        return found

    def _rows(self, shape: Shape, span: Period) -> pa.Table:
        grid = self._grid(span)
        hourly = Grid(span, "hour")
        frame = Frame(
            (), {}, hourly if shape.seconds == HOUR_SECONDS else grid_of_day(span), self.dialect, self.now
        )
        source = frame.raw(shape.relation, shape.at, span)
        index = self.dialect.floor_divide(self.dialect.microseconds(shape.at), shape.seconds * 1_000_000)
        keys = [
            f"{grid.index_sql(shape.at, self.dialect)} AS partition_number",
            f"{self.dialect.instant_of(f'({index} * {shape.seconds * 1_000_000})')} AS {STORED_AT}",
            *shape.columns,
        ]
        within = " AND ".join([*frame.within(shape.at, span), *frame.unasked(shape.relation)])
        if shape.histogram:
            pieces = []
            for distribution in distributions_of(shape, self.catalogue):
                own = " AND ".join(distribution.condition_sql(frame))
                label = self.dialect.text(stored_key(distribution))
                columns = [
                    *keys,
                    f"{label} AS stored_key",
                    f"{COARSE.index_sql(distribution.value_sql(frame))} AS k",
                ]
                pieces.append(
                    self._grouped(columns, ["count(*) AS weight"], source.sql, f"{within} AND {own}")
                )
            sql = " UNION ALL ".join(pieces)
        else:
            known = frame.known_until_sql
            terms = terms_of(shape, self.terms)
            sums = [f"{term.render(self.dialect, known_until=known)} AS {term.key}" for term in terms]
            sql = self._grouped(keys, sums, source.sql, within)
        period = span if source.prunable else None
        order = ", ".join(("partition_number", *shape.columns, STORED_AT))
        ordered = f"SELECT * FROM ({sql}) AS cube ORDER BY {order}"
        return self.engine.query(ordered, snapshot=self.snapshot, period=period)

    @staticmethod
    def _grouped(keys: Sequence[str], sums: Sequence[str], source: str, where: str) -> str:
        grouped = ", ".join(str(i + 1) for i in range(len(keys)))
        return f"SELECT {', '.join([*keys, *sums])} FROM {source} AS s WHERE {where} GROUP BY {grouped}"

    def _everything(self, shape: Shape) -> Period | None:
        """Return a period of whole partitions that holds every row of the relation."""
        placed = self.dialect.microseconds(shape.at)
        found = self.engine.query(
            f"SELECT min({placed}) AS low, max({placed}) AS high FROM {self._extent_source(shape)} AS s",
            snapshot=self.snapshot,
        ).to_pylist()[0]
        if found["low"] is None:
            return None
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        low = epoch + timedelta(microseconds=int(found["low"]))
        high = epoch + timedelta(microseconds=int(found["high"]))
        if RELATIONS[shape.relation].clock:
            high = max(high, self.now) + timedelta(days=2)
        return Period(self._span(low.date().isoformat()).start, self._span(high.date().isoformat()).end)

    def _extent_source(self, shape: Shape) -> str:
        relation = RELATIONS[shape.relation]
        return f"fact_{relation.facts[0]}"

    def _holds_until(self, shape: Shape) -> str | None:
        """Return the start of the partition in which the oldest interval that still lasts began, if any."""
        relation = RELATIONS[shape.relation]
        unsure = [self.now.date()] if relation.reads_present else []
        if relation.clock and "activity_interval" in relation.facts:
            files = self.snapshot.data_files("activity_interval")
            unsure += [f.partition_date for f in files if f.nulls.get("ended_at") != 0]
        return self._span(min(unsure).isoformat()).start.isoformat() if unsure else None

    def _span(self, partition: str) -> Period:
        """Return the day or month that the partition holds."""
        return span_of(partition, self.partition_days)

    def _grid(self, span: Period) -> Grid:
        return Grid(span, "day" if self.partition_days == 1 else "month")


def _days_in(path: str, at: str) -> tuple[set[date], bool]:
    """Return the days of the instants `at` in a file, and whether each of its rows has one."""
    if at not in pq.read_schema(path).names:
        return set(), False
    column = pq.read_table(path, columns=[at], partitioning=None).column(at)
    days = pc.unique(column.cast(pa.date32())).drop_null().to_pylist()
    return set(days), not column.null_count


def grid_of_day(span: Period) -> Grid:
    """Return the daily grid, by which intervals are cut for a daily rollup."""
    return Grid(span, "day")


def _same_shape(stamp: dict[str, Any], shape: Shape, keys: list[str]) -> bool:
    return bool(
        stamp["format"] == FORMAT and stamp["columns"] == list(shape.columns) and stamp["keys"] == keys
    )


def summed(hours: pa.Table, shape: Shape, keys: Sequence[str]) -> pa.Table:
    """Return the daily rows of a rollup from its hourly ones."""
    days = pc.floor_temporal(hours.column(STORED_AT), unit="day")
    rows = hours.set_column(hours.schema.get_field_index(STORED_AT), STORED_AT, days)
    by = [STORED_AT, *shape.columns, *(("stored_key", "k") if shape.histogram else ())]
    sums = ["weight"] if shape.histogram else list(keys)
    found = rows.group_by(by, use_threads=False).aggregate([(name, "sum") for name in sums])
    named = found.rename_columns([*by, *sums])
    return named.sort_by([(name, "ascending") for name in (*shape.columns, STORED_AT)])
