"""Computes the rollups of the newest version, day by day, and only the days whose facts changed.

Which days changed is read from the files each version holds: a rollup remembers the files it was computed
from. Where a relation joins facts, a change may touch rows of other days: those of the cases in the
changed files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.facts.engines import Engine
from watchfloor.facts.store import FactStore, Snapshot
from watchfloor.kernel import Period
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.compiler.frame import STORED_AT, Frame
from watchfloor.metrics.compiler.orders import COARSE
from watchfloor.metrics.dialects import DIALECTS, Dialect
from watchfloor.metrics.grid import Grid
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.rollups.planner import input_files, rollup_table
from watchfloor.metrics.rollups.shapes import SHAPES, Shape, distributions_of, stored_key, terms_of

_FORMAT = 2


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

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.engine.dialect]

    def shape(self, shape: Shape) -> Refreshed:
        """Bring one rollup up to date."""
        table = rollup_table(self.store.folder, shape)
        if shape.histogram:
            keys = [stored_key(d) for d in distributions_of(shape, self.catalogue)]
        else:
            keys = [term.key for term in terms_of(shape, self.catalogue)]
        inputs = input_files(self.snapshot, shape)
        old = table.stamp()
        if old is not None and not _same_shape(old, shape, keys):
            old = None
        if old is not None and old["inputs"] == inputs:
            if old["version"] != self.snapshot.number:
                table.replace_stamp({**old, "version": self.snapshot.number})
            return Refreshed(shape.name, int(old["rows"]), 0, self.snapshot.number)
        partitions = self._changed(shape, old, inputs)
        files: dict[str, str] = dict(old["files"]) if old else {}
        counts: dict[str, int] = dict(old["counts"]) if old else {}
        if partitions is None:
            files, counts = {}, {}
        computed = self._compute(shape, partitions) if keys else {}
        for partition in partitions or ():
            files.pop(partition, None)
            counts.pop(partition, None)
        for partition, rows in computed.items():
            files[partition] = table.write(rows, name=partition)
            counts[partition] = rows.num_rows
        stored = sum(counts.values())
        stamp = {
            "format": _FORMAT,
            "version": self.snapshot.number,
            "columns": list(shape.columns),
            "keys": keys,
            "inputs": inputs,
            "files": files,
            "counts": counts,
            "rows": stored,
            "partition_days": self.partition_days,
            "open_intervals": self._open_intervals(shape),
        }
        table.replace_stamp(stamp)
        # A reader may still hold the stamp before this one.
        table.remove_files_except([*files.values(), *(old["files"].values() if old else ())])
        return Refreshed(shape.name, stored, len(computed), self.snapshot.number)

    def _changed(
        self, shape: Shape, old: dict[str, Any] | None, inputs: dict[str, dict[str, list[str]]]
    ) -> list[str] | None:
        """Return the partitions to compute again; None for all of them."""
        if old is None:
            return None
        before: dict[str, dict[str, list[str]]] = old["inputs"]
        relation = RELATIONS[shape.relation]
        changed = {
            fact: sorted(
                day
                for day in set(inputs[fact]) | set(before.get(fact, {}))
                if inputs[fact].get(day) != before.get(fact, {}).get(day)
            )
            for fact in inputs
        }
        if relation.prunable_at == shape.at:
            return changed[relation.facts[0]]
        removed = any(
            set(names) - set(inputs[fact].get(day, []))
            for fact, days in before.items()
            for day, names in days.items()
        )
        if removed or relation.clock:
            return None
        return self._touched(shape, changed)

    def _touched(self, shape: Shape, changed: dict[str, list[str]]) -> list[str]:
        """Return the partitions that hold a row of a case whose facts were added."""
        sides = []
        for fact, days in changed.items():
            placed = "enqueued_at" if fact == "case" else "decided_at"
            spans = [self._span(day) for day in days]
            either = " OR ".join(
                f"({placed} >= {self.dialect.instant(s.start)} AND {placed} < {self.dialect.instant(s.end)})"
                for s in spans
            )
            if either:
                sides.append(f"SELECT case_id FROM fact_{fact} WHERE {either}")
        if not sides:
            return []
        grid = self._grid(Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)))
        rows = self.engine.query(
            f"SELECT DISTINCT {grid.index_sql(shape.at, self.dialect)} AS n "
            f"FROM {RELATIONS[shape.relation].source} AS s "
            f"WHERE {shape.at} IS NOT NULL AND case_id IN ({' UNION ALL '.join(sides)})",
            snapshot=self.snapshot,
        )
        return sorted(grid.start_of(int(n)).date().isoformat() for n in rows.column("n").to_pylist())

    def _compute(self, shape: Shape, partitions: Sequence[str] | None) -> dict[str, pa.Table]:
        """Return the rows of the partitions asked for (None: of all), by partition."""
        if partitions is not None and not partitions:
            return {}
        spans = (
            [self._span(day) for day in partitions] if partitions is not None else [self._everything(shape)]
        )
        found: dict[str, pa.Table] = {}
        for span in _joined(span for span in spans if span is not None):
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
        frame = Frame((), {}, hourly if shape.seconds == 3600 else grid_of_day(span), self.dialect, self.now)
        source = frame.raw(shape.relation, shape.at, span)
        index = self.dialect.floor_divide(self.dialect.microseconds(shape.at), shape.seconds * 1_000_000)
        keys = [
            f"{grid.index_sql(shape.at, self.dialect)} AS partition_number",
            f"{self.dialect.instant_of(f'({index} * {shape.seconds * 1_000_000})')} AS {STORED_AT}",
            *shape.columns,
        ]
        within = " AND ".join(frame.within(shape.at, span))
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
            terms = terms_of(shape, self.catalogue)
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
            high = max(high, self.now) if self._open_intervals(shape) else high + timedelta(days=2)
        return Period(self._span(low.date().isoformat()).start, self._span(high.date().isoformat()).end)

    def _extent_source(self, shape: Shape) -> str:
        relation = RELATIONS[shape.relation]
        return f"fact_{relation.facts[0]}"

    def _open_intervals(self, shape: Shape) -> int:
        if not RELATIONS[shape.relation].clock:
            return 0
        rows = self.engine.query(
            "SELECT count(*) AS n FROM fact_activity_interval WHERE ended_at IS NULL", snapshot=self.snapshot
        )
        return int(rows.column("n")[0].as_py())

    def _span(self, partition: str) -> Period:
        """Return the day or month that the partition holds."""
        first = date.fromisoformat(partition)
        if self.partition_days == 1:
            last = first + timedelta(days=1)
        else:
            first = first.replace(day=1)
            last = (first + timedelta(days=32)).replace(day=1)
        return Period(*(datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (first, last)))

    def _grid(self, span: Period) -> Grid:
        return Grid(span, "day" if self.partition_days == 1 else "month")


def grid_of_day(span: Period) -> Grid:
    """Return the daily grid, by which intervals are cut for a daily rollup."""
    return Grid(span, "day")


def _same_shape(stamp: dict[str, Any], shape: Shape, keys: list[str]) -> bool:
    return bool(
        stamp["format"] == _FORMAT and stamp["columns"] == list(shape.columns) and stamp["keys"] == keys
    )


def _joined(spans: Iterable[Period]) -> list[Period]:
    """Return the spans with neighbours joined, so that each run of days is one scan."""
    joined: list[Period] = []
    for span in sorted(spans):
        if joined and joined[-1].end >= span.start:
            joined[-1] = Period(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
