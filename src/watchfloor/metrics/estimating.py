"""Answers what is estimated from samples and ratings: weighted ratios, agreement, calibration, reach, gaps.

Statements come from `compiler.weighted` and `compiler.ratings`; every formula is `science`'s.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pyarrow as pa

from watchfloor.kernel import Estimate
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.cellmaking import CellMaker, Key, keys_of, optional
from watchfloor.metrics.cells import Cell
from watchfloor.metrics.compiler.frame import Frame, Source
from watchfloor.metrics.compiler.ratings import (
    BINS,
    calibration_sql,
    entity_share_sql,
    rating_term,
    votes_sql,
)
from watchfloor.metrics.compiler.weighted import WeightedMetric, compile_weighted
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.metrics.rollups.planner import Planner
from watchfloor.metrics.terms import Term
from watchfloor.science.agreement_votes import agreement_of_votes
from watchfloor.science.uncertainty import FloatArray
from watchfloor.science.uncertainty.confidence_errors import expected_calibration_error
from watchfloor.science.uncertainty.design_sums import DesignMethod, ratio_from_design_sums
from watchfloor.science.uncertainty.designs import WeightedEstimate
from watchfloor.science.uncertainty.gaps import shrunk_gap

ESTIMATED = ("weighted_ratio", "agreement", "calibration_error", "entity_share", "gap")
_MOST = {"share": 1.0, "points": 100.0}
TOO_FEW_GROUPS = "no data: fewer than two groups have an estimate to compare"
_METHODS: dict[str, DesignMethod] = {"NE": "NE", "FPC": "FPC", "CP": "CP", "PX": "PX", "CB": "CB"}


class Running(Protocol):
    """What an answer in the making offers."""

    frame: Frame
    maker: CellMaker
    planner: Planner
    notes: dict[str, str]

    def rows(self, sql: str, *, prunable: bool = False) -> pa.Table:
        """Run one statement."""
        ...


def estimated_cells(
    definitions: Sequence[Definition], *, run: Running, catalogue: Catalogue
) -> Iterator[Cell]:
    """Yield the cells of every estimated metric among `definitions`."""
    by_primitive: dict[str, list[Definition]] = {}
    for definition in definitions:
        by_primitive.setdefault(definition.primitive, []).append(definition)
    yield from _weighted(by_primitive.get("weighted_ratio", []), run)
    yield from _agreement(by_primitive.get("agreement", []), run)
    for definition in by_primitive.get("calibration_error", []):
        yield from _calibration(definition, run)
    for definition in by_primitive.get("entity_share", []):
        yield from _entity_share(definition, run)
    for definition in by_primitive.get("gap", []):
        yield from _gap(definition, catalogue, run)


@dataclass(frozen=True)
class _Sources:
    """Where the rows of a scan come from: a rollup that keeps the columns, else the facts."""

    run: Running
    frame: Frame

    def __call__(
        self, key: tuple[str, str], terms: Sequence[Term], columns: frozenset[str]
    ) -> Sequence[Source]:
        stored = self.run.planner.kept(key, terms, columns, self.frame)
        return stored or [self.frame.raw(*key, self.frame.grid.period)]


def _weighted(definitions: Sequence[Definition], run: Running) -> Iterator[Cell]:
    for keys, definition, found, sums in _estimates(definitions, run.frame, run):
        for i, key in enumerate(keys):
            if sums["units"][i]:
                yield _weighted_cell(definition, key, i, found, sums, run.maker)


def _estimates(
    definitions: Sequence[Definition], frame: Frame, run: Running
) -> Iterator[tuple[list[Key], Definition, WeightedEstimate, dict[str, FloatArray]]]:
    """Yield, for each weighted ratio, its cells' keys, estimates and sums."""
    metrics = [WeightedMetric(definition) for definition in definitions]
    for statement in compile_weighted(metrics, frame=frame, sources=_Sources(run, frame)):
        table = run.rows(statement.sql, prunable=statement.prunable)
        keys = keys_of(table, frame)
        for i, metric in enumerate(statement.metrics):
            run.notes[metric.definition.id] = statement.note
            sums = _sums(table, i)
            method = _METHODS[metric.definition.interval.method]
            yield keys, metric.definition, _estimate(sums, method), sums


def _sums(table: pa.Table, i: int) -> dict[str, FloatArray]:
    prefix = f"m{i}_"
    return {
        name.removeprefix(prefix): _floats(table, name)
        for name in table.column_names
        if name.startswith(prefix)
    }


def _estimate(sums: dict[str, FloatArray], method: DesignMethod) -> WeightedEstimate:
    whole = sums["rows"] == sums["n"]  # every observation has a denominator
    return ratio_from_design_sums(
        numerator=sums["numerator"],
        denominator=sums["denominator"],
        numerator_squares=sums["yy"],
        products=sums["yx"],
        denominator_squares=sums["xx"],
        units=sums["units"],
        strata=sums["strata"],
        n=sums["n"],
        weight_sum=sums["weights"],
        weight_square_sum=sums["weight_squares"],
        same_units=(whole * sums["units_none"], whole * sums["units_all"]),
        same_spread=(sums["spread_none"], sums["spread_all"]),
        method=method,
    )


def _weighted_cell(
    definition: Definition,
    key: Key,
    i: int,
    found: WeightedEstimate,
    sums: dict[str, FloatArray],
    maker: CellMaker,
) -> Cell:
    value, low = optional(float(found.value[i])), optional(float(found.low[i]))
    high = optional(float(found.high[i]))
    signed = definition.signed or low is None
    estimate = Estimate(
        value,
        low if signed else max(low or 0.0, 0.0),
        high if high is None else min(high, _MOST.get(definition.unit, high)),
        int(sums["n"][i]),
        optional(float(found.n_eff[i])),
        str(found.method[i]),
    )
    return maker.cell(
        definition,
        key,
        estimate=estimate,
        numerator=float(sums["numerator"][i]),
        denominator=float(sums["denominator"][i]),
        weight_sum=float(sums["weights"][i]),
        reason="" if sums["denominator"][i] else "no data: nothing in the sample has a denominator",
    )


def _agreement(definitions: Sequence[Definition], run: Running) -> Iterator[Cell]:
    groups: dict[tuple[str, str], list[Definition]] = {}
    for definition in definitions:
        groups.setdefault((rating_term(definition).key, definition.value or ""), []).append(definition)
    for group in groups.values():
        sql, source = votes_sql(group[0], frame=run.frame, sources=_Sources(run, run.frame))
        table = run.rows(sql)
        votes = [text.split("|") for text in table.column("votes").to_pylist()]
        times = _floats(table, "items")
        rows_of: dict[Key, list[int]] = {}
        for row, key in enumerate(keys_of(table, run.frame)):
            rows_of.setdefault(key, []).append(row)
        for definition in group:
            run.notes[definition.id] = source
            for key, rows in rows_of.items():
                yield _agreement_cell(definition, key, [votes[r] for r in rows], times[rows], run.maker)


def _agreement_cell(
    definition: Definition, key: Key, votes: list[list[str]], times: FloatArray, maker: CellMaker
) -> Cell:
    found = agreement_of_votes(votes=votes, times=times, coefficient=definition.coefficient or "ac1")
    method = "none" if found.low is None else definition.interval.method
    return maker.cell(
        definition,
        key,
        estimate=Estimate(found.value, found.low, found.high, found.items, None, method),
        reason="" if found.value is not None else "no data: one category holds every answer",
    )


def _calibration(definition: Definition, run: Running) -> Iterator[Cell]:
    sql, note = calibration_sql(definition, frame=run.frame)
    run.notes[definition.id] = note
    table = run.rows(sql)
    names = ("w", "correct", "stated", "n")
    columns = {name: _floats(table, name) for name in names}
    bins = table.column("bin").cast(pa.int64()).to_pylist()
    people = table.column("unit").to_pylist()
    rows_of: dict[Key, list[int]] = {}
    for row, key in enumerate(keys_of(table, run.frame)):
        rows_of.setdefault(key, []).append(row)
    for key, rows in rows_of.items():
        who = {name: i for i, name in enumerate(sorted({people[r] for r in rows}, key=str))}
        cube = np.zeros((3, len(who), BINS))
        for r in rows:
            for part, name in enumerate(names[:3]):
                cube[part, who[people[r]], bins[r]] += columns[name][r]
        n = float(columns["n"][rows].sum())
        found = expected_calibration_error(weights=cube[0], correct=cube[1], confidence_sums=cube[2], n=n)
        bounds = (optional(float(found.low)), optional(float(found.high)))
        estimate = Estimate(optional(float(found.value)), *bounds, int(n), None, str(found.method))
        weight = float(cube[0].sum())
        yield run.maker.cell(definition, key, estimate=estimate, weight_sum=weight)


def _entity_share(definition: Definition, run: Running) -> Iterator[Cell]:
    sql, note = entity_share_sql(definition, frame=run.frame, sources=_Sources(run, run.frame))
    run.notes[definition.id] = note
    table = run.rows(sql)
    tops, bottoms = _floats(table, "reached"), _floats(table, "entities")
    for key, top, bottom in zip(keys_of(table, run.frame), tops, bottoms, strict=True):
        if bottom:
            estimate = Estimate(float(top / bottom), n=int(bottom))
            yield run.maker.cell(
                definition, key, estimate=estimate, numerator=float(top), denominator=float(bottom)
            )


def _gap(definition: Definition, catalogue: Catalogue, run: Running) -> Iterator[Cell]:
    assert definition.gap is not None  # noqa: S101 -- validated with the definition
    base = catalogue[definition.gap.of]
    across = DIMENSIONS[definition.gap.across]
    frame = replace(run.frame, dimensions=(*run.frame.dimensions, across))
    groups: dict[Key, list[int]] = {}
    for keys, _, found, sums in _estimates([base], frame, run):
        run.notes[definition.id] = run.notes[base.id]
        for row, (dimensions, bucket) in enumerate(keys):
            if dimensions[-1] is not None and sums["n"][row] and not np.isnan(found.value[row]):
                groups.setdefault((dimensions[:-1], bucket), []).append(row)
        for key, rows in groups.items():
            gap = shrunk_gap(
                # Engines add up in different orders; what they agree on is what the prior is fitted to.
                proportions=np.clip(found.value[rows], 0.0, 1.0).round(9),
                sizes=np.nan_to_num(found.n_eff[rows]).round(6),
            )
            n = int(sums["n"][rows].sum())
            estimate = Estimate(
                optional(gap.value), optional(gap.low), optional(gap.high), n, None,
                "none" if np.isnan(gap.low) else "EB",
            )  # fmt: skip
            reason = TOO_FEW_GROUPS if np.isnan(gap.value) else ""
            weight = float(sums["weights"][rows].sum())
            yield run.maker.cell(definition, key, estimate=estimate, weight_sum=weight, reason=reason)


def _floats(table: pa.Table, name: str) -> FloatArray:
    column = table.column(name).cast(pa.float64(), safe=False)
    return np.asarray(column.fill_null(0.0).to_numpy(), dtype=np.float64)


__all__ = ["ESTIMATED", "estimated_cells"]
