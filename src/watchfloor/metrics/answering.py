"""Answers a query: checks it, compiles it, runs it on an engine, and makes cells with intervals.

Refusals are errors (`questions`); a metric without data gives a cell without a value that says why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import pyarrow as pa

from watchfloor.facts.engines import Engine
from watchfloor.facts.store import FactStore, Snapshot
from watchfloor.kernel import Estimate
from watchfloor.metrics.availability import Availability
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.cellmaking import CellMaker, Key, additive_cells, keys_of
from watchfloor.metrics.cells import Answer, Cell, Query
from watchfloor.metrics.compiler.additive import ScanKey, Statement, compile_additive, prepare
from watchfloor.metrics.compiler.frame import Frame, Source
from watchfloor.metrics.compiler.orders import (
    COARSE,
    FINE,
    SINGLE_PASS_ROWS,
    Distribution,
    distinct_sql,
    histogram_sql,
    sorted_sql,
    values_sql,
)
from watchfloor.metrics.compiler.standing import compiler_of, standing_sql
from watchfloor.metrics.completing import cell_order, completed, stock_cells, whole_period
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.derivation import inputs_of, with_inputs
from watchfloor.metrics.deriving import cumulated, derived_cells
from watchfloor.metrics.dialects import DIALECTS
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.metrics.estimating import estimated_cells
from watchfloor.metrics.following import FOLLOWING, following_cells, following_sql
from watchfloor.metrics.quantiles import (
    centres,
    exact_values,
    quantile_rows,
    read_histogram,
    sorted_values,
    wanted_buckets,
)
from watchfloor.metrics.questions import checked
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.rollups.planner import NO_ROLLUPS, Planner, load_planner
from watchfloor.metrics.terms import ADDITIVE, Term
from watchfloor.metrics.unmatched import unmatched_values


def answer(
    query: Query,
    *,
    catalogue: Catalogue,
    store: FactStore,
    engine: Engine,
    now: datetime,
    rollups: Literal["auto", "never"] = "auto",
) -> Answer:
    """Return the cells of `query`, each with its interval, and where they came from.

    Args:
        query: The question.
        catalogue: The definitions in force.
        store: Facts of the operation.
        engine: What runs the SQL.
        now: Up to it open intervals and cohorts are known; an earlier `query.as_of` goes before it.
        rollups: "auto" answers from the smallest rollup that can; "never" reads the facts.

    Raises:
        UnknownMetricError: a metric does not exist; the nearest is suggested.
        RefusedError: the question has no honest answer.
        NoSuchVersionError: nothing was known at `query.as_of`.

    """
    asked, grid = checked(query, catalogue)
    definitions = with_inputs(asked, catalogue)
    snapshot = store.snapshot(query.as_of)
    known_until = min(query.as_of or now, now)
    frame = Frame(
        tuple(DIMENSIONS[name] for name in query.by),
        {name: tuple(values) for name, values in query.where.items() if values},
        grid,
        DIALECTS[engine.dialect],
        known_until,
    )
    planner = load_planner(store, snapshot) if rollups == "auto" else NO_ROLLUPS
    run = _Run(frame, snapshot, engine, planner, CellMaker(frame, known_until))
    availability = Availability(snapshot, query.period, known_until)
    cells: dict[str, list[Cell]] = {}
    answerable = []
    for definition in definitions:
        reason = next(filter(None, map(availability.why_not, with_inputs((definition,), catalogue))), "")
        if reason:
            cells[definition.id] = [whole_period(run.maker, definition, query, reason)]
            run.notes[definition.id] = "none"
        else:
            answerable.append(definition)
    run.additive([d for d in answerable if d.primitive in ADDITIVE], cells)
    run.quantiles([d for d in answerable if d.primitive in ("quantile", "histogram_quantile")], cells)
    run.distinct([d for d in answerable if d.primitive == "distinct"], cells)
    run.stocks([d for d in answerable if d.primitive == "snapshot"], cells, availability)
    for cell in estimated_cells(answerable, run=run, catalogue=catalogue):
        cells.setdefault(cell.metric, []).append(cell)
    for cell in following_cells(answerable, run=run):
        cells.setdefault(cell.metric, []).append(cell)
    for definition in answerable:
        made = cells.get(definition.id, [])
        if definition.primitive == "derived":
            made = list(derived_cells(definition, cells=cells, maker=run.maker, query=query))
            sources = dict.fromkeys(run.notes.get(name, "raw") for name in inputs_of(definition))
            run.notes[definition.id] = " + ".join(sources)
        made = completed(made, definition, run.maker, query, availability)
        if definition.primitive == "cumulative":
            made = list(cumulated(made, query))
        cells[definition.id] = made
    ordered = [cell for d in asked for cell in sorted(cells.get(d.id, []), key=cell_order)]
    notes = {d.id: run.notes.get(d.id, "raw") for d in asked}
    warnings = (*availability.warnings(definitions), *unmatched_values(query, asked, ordered, run.rows))
    return Answer(tuple(ordered), notes, tuple(run.sql), snapshot.number, warnings)


def compile_query(
    query: Query, *, catalogue: Catalogue, now: datetime, dialect: str = "duckdb"
) -> tuple[str, ...]:
    """Return the first statements that `query` would run over raw facts, without running them.

    Exact quantiles read a second statement whose buckets depend on the first one's counts.

    Raises:
        UnknownMetricError: a metric does not exist.
        RefusedError: the question has no honest answer.

    """
    asked, grid = checked(query, catalogue)
    definitions = with_inputs(asked, catalogue)
    where = {name: tuple(values) for name, values in query.where.items() if values}
    known_until = min(query.as_of or now, now)
    dimensions = tuple(DIMENSIONS[name] for name in query.by)
    frame = Frame(dimensions, where, grid, DIALECTS[dialect], known_until)
    return tuple(_statements(definitions, frame))


def _statements(definitions: Sequence[Definition], frame: Frame) -> Iterator[str]:
    period = frame.grid.period
    additive = [prepare(d) for d in definitions if d.primitive in ADDITIVE]
    compiled = compile_additive(
        additive, frame=frame, sources=lambda key, *_: [frame.raw(key[0], key[1], period)]
    )
    yield from (statement.sql for statement in compiled)
    for exact, scheme in (("quantile", FINE), ("histogram_quantile", COARSE)):
        for one in dict.fromkeys(Distribution.of(d) for d in definitions if d.primitive == exact):
            source = frame.raw(one.relation, one.at, period)
            yield histogram_sql(one, frame=frame, sources=[source], scheme=scheme)
    for definition in definitions:
        if definition.primitive == "distinct":
            one = Distribution.of(definition)
            yield distinct_sql(one, frame=frame, source=frame.raw(one.relation, one.at, period))
        elif definition.stock is not None:
            yield compiler_of(definition.stock)([definition], frame=frame)
        elif definition.primitive in FOLLOWING:
            yield following_sql(definition, frame=frame)


NORMAL_95 = 1.959963984540054


@dataclass
class _Run:
    """One answer in the making."""

    frame: Frame
    snapshot: Snapshot
    engine: Engine
    planner: Planner
    maker: CellMaker
    sql: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def rows(self, sql: str, *, prunable: bool = False) -> pa.Table:
        """Run one statement; files outside the period are left unread where that is safe."""
        self.sql.append(sql)
        period = self.frame.grid.period if prunable else None
        return self.engine.query(sql, snapshot=self.snapshot, period=period)

    def additive(self, definitions: Sequence[Definition], cells: dict[str, list[Cell]]) -> None:
        """Answer counts, sums and ratios, sharing scans."""
        for statement in self.additive_statements(definitions):
            table = self.rows(statement.sql, prunable=statement.prunable)
            self.notes.update(statement.notes)
            for cell in additive_cells(table, statement.metrics, maker=self.maker):
                cells.setdefault(cell.metric, []).append(cell)

    def additive_statements(self, definitions: Sequence[Definition]) -> list[Statement]:
        """Return the statements for counts, sums and ratios."""
        metrics = [prepare(definition) for definition in definitions]
        return compile_additive(metrics, frame=self.frame, sources=self._sources)

    def _sources(self, key: ScanKey, terms: Sequence[Term], clusters: frozenset[str]) -> Sequence[Source]:
        stored = self.planner.additive(key, terms, clusters, self.frame)
        return stored or [self.frame.raw(*key, self.frame.grid.period)]

    def quantiles(self, definitions: Sequence[Definition], cells: dict[str, list[Cell]]) -> None:
        """Answer quantiles; those of one distribution share their passes."""
        groups: dict[tuple[Distribution, bool], list[Definition]] = {}
        for definition in definitions:
            exact = definition.primitive == "quantile"
            groups.setdefault((Distribution.of(definition), exact), []).append(definition)
        for (distribution, exact), group in groups.items():
            stored = self.planner.histogram(distribution, self.frame)
            if stored:
                self._quantile_group(distribution, group, stored, exact=False, cells=cells)
            else:
                raw = [self.frame.raw(distribution.relation, distribution.at, self.frame.grid.period)]
                if exact and self._sorts_in_memory(distribution):
                    self._sorted_group(distribution, group, raw[0], cells)
                    continue
                self._quantile_group(distribution, group, raw, exact=exact, cells=cells)

    def _sorts_in_memory(self, distribution: Distribution) -> bool:
        rows = self.snapshot.row_count(RELATIONS[distribution.relation].facts[0])
        return self.frame.dialect.sorts_lists and rows <= SINGLE_PASS_ROWS

    def _sorted_group(
        self,
        distribution: Distribution,
        definitions: Sequence[Definition],
        source: Source,
        cells: dict[str, list[Cell]],
    ) -> None:
        probabilities = [definition.probability or 0.5 for definition in definitions]
        sql = sorted_sql(
            distribution, frame=self.frame, source=source, probabilities=probabilities, z=NORMAL_95
        )
        table = self.rows(sql, prunable=source.prunable)
        keys = keys_of(table, self.frame)
        for i, definition in enumerate(definitions):
            self.notes[definition.id] = source.note
            columns, totals = sorted_values(table, probabilities[i])
            cells.setdefault(definition.id, []).extend(
                self._quantile_cells(definition, keys, columns, totals.tolist())
            )

    def _quantile_cells(
        self,
        definition: Definition,
        keys: Sequence[Key],
        columns: Sequence[Sequence[float | None]],
        totals: Sequence[int],
    ) -> Iterator[Cell]:
        for key, low, point, high, n in zip(keys, *columns, totals, strict=True):
            method = "OS" if low is not None or high is not None else "none"
            estimate = Estimate(point, low, high, int(n), None, method)
            yield self.maker.cell(definition, key, estimate=estimate)

    def _quantile_group(
        self,
        distribution: Distribution,
        definitions: Sequence[Definition],
        sources: Sequence[Source],
        *,
        exact: bool,
        cells: dict[str, list[Cell]],
    ) -> None:
        scheme = FINE if exact else COARSE
        prunable = all(source.prunable or source.stored for source in sources)
        sql = histogram_sql(distribution, frame=self.frame, sources=sources, scheme=scheme)
        histogram = read_histogram(self.rows(sql, prunable=prunable), self.frame)
        found = [quantile_rows(histogram, definition.probability or 0.5) for definition in definitions]
        wanted = wanted_buckets(histogram, found) if exact else []
        values = None
        if wanted:
            second = values_sql(
                distribution, frame=self.frame, source=sources[0], scheme=scheme, wanted=wanted
            )
            values = self.rows(second, prunable=prunable)
        totals = histogram.totals
        note = " + ".join(dict.fromkeys(source.note for source in sources))
        for definition, rows in zip(definitions, found, strict=True):
            self.notes[definition.id] = note if exact else f"{note} (log buckets, within 1 %)"
            columns = exact_values(values, rows) if values is not None else centres(histogram, rows, scheme)
            cells.setdefault(definition.id, []).extend(
                self._quantile_cells(definition, histogram.keys, columns, totals.tolist())
            )

    def distinct(self, definitions: Sequence[Definition], cells: dict[str, list[Cell]]) -> None:
        """Answer distinct counts, one scan each: they cannot share an aggregate."""
        for definition in definitions:
            distribution = Distribution.of(definition)
            source = self.frame.raw(distribution.relation, distribution.at, self.frame.grid.period)
            table = self.rows(
                distinct_sql(distribution, frame=self.frame, source=source), prunable=source.prunable
            )
            self.notes[definition.id] = source.note
            for key, n in zip(keys_of(table, self.frame), table.column("n").to_pylist(), strict=True):
                if n:
                    estimate = Estimate(float(n), n=int(n), method="none")
                    cell = self.maker.cell(definition, key, estimate=estimate, numerator=float(n))
                    cells.setdefault(definition.id, []).append(cell)

    def stocks(
        self, definitions: Sequence[Definition], cells: dict[str, list[Cell]], availability: Availability
    ) -> None:
        """Answer snapshots: plain counts from arrivals and departures, the rest from the open rows."""
        groups: dict[tuple[object, ...], list[Definition]] = {}
        for d in definitions:
            if d.stock is not None:
                compiler = compiler_of(d.stock)
                alone = d.id if compiler is standing_sql else ""
                edges = (d.stock.opened, d.stock.closed, d.stock.instant)
                groups.setdefault((d.relation, *edges, compiler, alone), []).append(d)
        for group in groups.values():
            sql = compiler_of(group[0].stock)(group, frame=self.frame)
            table = self.rows(sql)
            keys = keys_of(table, self.frame)
            for definition in group:
                self.notes[definition.id] = "raw"
                made = cells.setdefault(definition.id, [])
                made += stock_cells(table, keys, definition, self.maker, availability)
