"""Cells of derived and cumulative metrics, made from the cells of other metrics of the same grid.

A derived value carries an interval only where one is honest: with one uncertain input the expression is taken
at that input's bounds; with several, variances add by the delta rule if the definition says that their errors
are independent, and otherwise the value stands without an interval.
"""

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from watchfloor.kernel import Estimate, Period
from watchfloor.metrics.cellmaking import NO_OBSERVATION, CellMaker, Key
from watchfloor.metrics.cells import Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.derivation import evaluate, inputs_of, tree_of

_Z = 1.959963984540054
_HOUR = 3600.0


def cumulated(cells: Sequence[Cell], query: Query) -> Iterator[Cell]:
    """Yield each cell as the sum of its scope from the beginning of the period to the end of its bucket."""
    totals: dict[object, tuple[float, int]] = {}
    for cell in sorted(cells, key=lambda c: (c.scope.items, c.period.start)):
        if cell.estimate.value is None:
            yield cell
            continue
        before, n_before = totals.get(cell.scope, (0.0, 0))
        value, n = before + cell.estimate.value, n_before + cell.n
        totals[cell.scope] = (value, n)
        yield replace(
            cell,
            numerator=value,
            n=n,
            estimate=Estimate(value, n=n, method="none"),
            period=Period(query.period.start, cell.period.end),
        )


def derived_cells(
    definition: Definition, *, cells: Mapping[str, Sequence[Cell]], maker: CellMaker, query: Query
) -> Iterator[Cell]:
    """Yield the cells of a derived metric from those of its inputs."""
    assert definition.expression is not None  # noqa: S101 -- validated with the definition
    tree = tree_of(definition.expression, where=definition.id)
    names = inputs_of(definition)
    parameters = {name: given.value for name, given in definition.parameters.items()}
    by_key: dict[Key, dict[str, Cell]] = {}
    for name in names:
        for cell in cells[name]:
            by_key.setdefault(_key(cell, maker, query), {})[name] = cell
    for key, found in by_key.items():
        hours = (maker.frame.grid.bucket(key[1]).end - maker.frame.grid.bucket(key[1]).start).total_seconds()
        clock = {"period_hours": hours / _HOUR, "period_days": hours / (24 * _HOUR)}
        yield _cell(definition, tree, key, names, found, {**parameters, **clock}, maker)


def _cell(
    definition: Definition,
    tree: ast.expr,
    key: Key,
    names: Sequence[str],
    found: Mapping[str, Cell],
    constants: Mapping[str, float],
    maker: CellMaker,
) -> Cell:
    values = dict(constants)
    for name in names:
        cell = found.get(name)
        if cell is None or cell.estimate.value is None:
            told = cell.reason if cell is not None and cell.reason else NO_OBSERVATION
            return maker.empty(definition, key, told if name in told else f"{told} ({name})")
        values[name] = cell.estimate.value
    value = evaluate(tree, values)
    if math.isnan(value):
        return maker.empty(definition, key, "the denominator is zero")
    low, high, method = _interval(definition, tree, names, found, values, value)
    observed = [found[name].n for name in names if found[name].n]
    n = min(observed) if observed else 0
    above = below = None
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        above, below = evaluate(tree.left, values), evaluate(tree.right, values)
    coverages = [cell.coverage for cell in found.values() if cell.coverage is not None]
    return maker.cell(
        definition,
        key,
        estimate=Estimate(value, low, high, n, None, method),
        numerator=above,
        denominator=below,
        coverage=min(coverages) if coverages else None,
    )


def _interval(
    definition: Definition,
    tree: ast.expr,
    names: Sequence[str],
    found: Mapping[str, Cell],
    values: Mapping[str, float],
    value: float,
) -> tuple[float | None, float | None, str]:
    if definition.interval.method == "none":
        return None, None, "none"
    bounds = {
        name: (e.low, e.high)
        for name in names
        if (e := found[name].estimate).low is not None and e.high is not None
    }
    if len(bounds) == 1:
        (name, ends), *_ = bounds.items()
        reached = [evaluate(tree, {**values, name: float(end)}) for end in ends if end is not None]
        if not any(math.isnan(one) for one in reached) and min(reached) <= value <= max(reached):
            return min(reached), max(reached), found[name].estimate.method
        return None, None, "none"
    if bounds and definition.independent:
        variance = 0.0
        for name, (low, high) in bounds.items():
            if low is None or high is None:
                continue
            slope = (evaluate(tree, {**values, name: high}) - evaluate(tree, {**values, name: low})) / 2.0
            variance += (slope / _Z) ** 2
        if math.isfinite(variance):
            half = _Z * math.sqrt(variance)
            return value - half, value + half, "CB"
    return None, None, "none"


def _key(cell: Cell, maker: CellMaker, query: Query) -> Key:
    scope = cell.scope.as_dict()
    values = tuple(scope[name][0] for name in query.by) if all(n in scope for n in query.by) else ()
    grid = maker.frame.grid
    return values, grid.index_of(cell.bucket_start) if cell.bucket_start else 0
