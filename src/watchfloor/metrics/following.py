"""Cells of what follows a row: survival, conversion, the largest, and learning curves."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchfloor.kernel import Estimate
from watchfloor.metrics.cellmaking import NO_OBSERVATION, CellMaker, Key, keys_of, optional
from watchfloor.metrics.cells import Cell
from watchfloor.metrics.compiler.followed import conversion_sql, largest_sql, learning_sql, survival_sql
from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.compiler.orders import FINE
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.learning import Curve, learned
from watchfloor.metrics.surviving import SurvivalSteps
from watchfloor.science.uncertainty import wilson

FOLLOWING = ("survival", "conversion", "largest", "learning")
NOT_YET = "no data: fewer have ended than the quantile asks for"


class Running(Protocol):
    """One answer in the making, as this module needs it."""

    frame: Frame
    maker: CellMaker
    notes: dict[str, str]

    def rows(self, sql: str, *, prunable: bool = False) -> pa.Table:
        """Run one statement."""
        ...


def following_sql(definition: Definition, *, frame: Frame) -> str:
    """Return the statement of a metric of this kind."""
    compilers: dict[str, Callable[..., str]] = {
        "survival": survival_sql,
        "conversion": conversion_sql,
        "largest": largest_sql,
        "learning": learning_sql,
    }
    return compilers[definition.primitive](definition, frame=frame)


def following_cells(definitions: Sequence[Definition], *, run: Running) -> Iterator[Cell]:
    """Yield the cells of survival, conversion, largest and learning metrics among `definitions`."""
    readers: dict[str, Callable[[Definition, pa.Table, Running], Iterator[Cell]]] = {
        "survival": _survival,
        "conversion": _conversion,
        "largest": _largest,
        "learning": _learning,
    }
    for definition in definitions:
        if definition.primitive in FOLLOWING:
            table = run.rows(following_sql(definition, frame=run.frame))
            run.notes[definition.id] = "raw"
            yield from readers[definition.primitive](definition, table, run)


def _by_cell(table: pa.Table, frame: Frame) -> Iterator[tuple[Key, pa.Table]]:
    rows: dict[Key, list[int]] = {}
    for number, key in enumerate(keys_of(table, frame)):
        rows.setdefault(key, []).append(number)
    for key, numbers in rows.items():
        yield key, table.take(pa.array(numbers))


def _survival(definition: Definition, table: pa.Table, run: Running) -> Iterator[Cell]:
    survival = definition.survival
    assert survival is not None  # noqa: S101 -- validated with the definition
    for key, rows in _by_cell(table, run.frame):
        k = _numbers(rows, "k").astype(np.int64)
        order = np.argsort(k)
        steps = SurvivalSteps.of(
            durations=np.array([FINE.centre(int(index)) for index in k[order]]),
            events=_numbers(rows, "events")[order],
            lost=_numbers(rows, "lost")[order],
        )
        ended = float(steps.events.sum())
        if survival.horizon_seconds is None:
            point, low, high = steps.quantile(definition.probability or 0.5)
        else:
            point, low, high = steps.share_over(complement=survival.complement)
        estimate = Estimate(
            optional(point), optional(low), optional(high), int(steps.total), None,
            "KM" if not (np.isnan(low) and np.isnan(high)) else "none",
        )  # fmt: skip
        yield run.maker.cell(
            definition,
            key,
            estimate=estimate,
            numerator=ended,
            denominator=float(steps.total),
            reason=NOT_YET if np.isnan(point) else "",
        )


def _conversion(definition: Definition, table: pa.Table, run: Running) -> Iterator[Cell]:
    n, converted, eligible = (_numbers(table, name) for name in ("n", "converted", "eligible"))
    interval = wilson(successes=converted, trials=n)
    for i, key in enumerate(keys_of(table, run.frame)):
        if not eligible[i]:
            continue
        known = n[i] > 0
        estimate = Estimate(
            float(converted[i] / n[i]) if known else None,
            optional(interval.low[i]),
            optional(interval.high[i]),
            int(n[i]),
            float(n[i]) if known else None,
            "W" if known else "none",
        )
        yield run.maker.cell(
            definition,
            key,
            estimate=estimate,
            numerator=float(converted[i]),
            denominator=float(n[i]),
            coverage=float(n[i] / eligible[i]),
            reason="" if known else "no data: nothing has been followed for long enough yet",
        )


def _largest(definition: Definition, table: pa.Table, run: Running) -> Iterator[Cell]:
    n, value = _numbers(table, "n"), table.column("value").to_pylist()
    for i, key in enumerate(keys_of(table, run.frame)):
        if n[i]:
            yield run.maker.cell(definition, key, estimate=Estimate(float(value[i]), n=int(n[i])))


def _learning(definition: Definition, table: pa.Table, run: Running) -> Iterator[Cell]:
    clause = definition.learning
    assert clause is not None  # noqa: S101 -- validated with the definition
    for key, rows in _by_cell(table, run.frame):
        found: Curve = learned(
            people=rows.column("person").to_pylist(),
            n=_numbers(rows, "n"),
            x_sum=_numbers(rows, "x_sum"),
            y_sum=_numbers(rows, "y_sum"),
            gained=clause.gained,
        )
        if found.point is None:
            reason = found.reason or NO_OBSERVATION
            yield run.maker.cell(definition, key, estimate=Estimate(None, n=found.n), reason=reason)
        else:
            method = "CB" if found.low is not None else "none"
            estimate = Estimate(found.point, found.low, found.high, found.n, None, method)
            yield run.maker.cell(definition, key, estimate=estimate)


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    column = table.column(name).cast(pa.float64(), safe=False)
    return np.asarray(column.fill_null(0.0).to_numpy(), dtype=np.float64)
