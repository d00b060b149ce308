"""The door for notebooks: open an operation's facts and ask for metrics. Needs the base install alone.

Pages and commands use the rooms directly; see `watchfloor.metrics` for the full interface.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.store import FactStore, list_operations
from watchfloor.kernel import Period, WatchfloorError, nearest, parse_instant, parse_period
from watchfloor.metrics import Answer, Catalogue, Query, answer
from watchfloor.metrics.grid import Grain


class OperationError(WatchfloorError):
    """The operation named does not exist in the data directory."""


@dataclass(frozen=True)
class AnswerTable:
    """An answer that turns into a table."""

    answer: Answer

    def table(self) -> pa.Table:
        """Return one row a cell: scope, bucket, parts, value, interval, n, version."""
        rows = [
            {
                "metric": cell.metric,
                "version": cell.version,
                "scope": cell.scope.label(),
                "bucket_start_at": cell.bucket_start,
                "numerator": cell.numerator,
                "denominator": cell.denominator,
                "value": cell.estimate.value,
                "low": cell.estimate.low,
                "high": cell.estimate.high,
                "n": cell.n,
                "unit": cell.unit,
            }
            for cell in self.answer.cells
        ]
        return pa.Table.from_pylist(rows)


@dataclass(frozen=True)
class Operation:
    """One operation's facts, with the catalogue that reads them."""

    store: FactStore
    engine: DuckDBEngine
    catalogue: Catalogue

    def metric(
        self,
        *metrics: str,
        last: str = "7d",
        period: Period | None = None,
        by: Sequence[str] = (),
        where: Mapping[str, tuple[str, ...]] | None = None,
        grain: Grain | None = None,
        as_of: str | None = None,
        now: datetime | None = None,
    ) -> AnswerTable:
        """Return the cells of the metrics by dimensions; `last` counts back from `now` (default: now).

        Raises:
            WatchfloorError: a metric, dimension or period cannot be answered; the message says what can.

        """
        instant = now or datetime.now(UTC)
        query = Query(
            metrics=metrics,
            by=tuple(by),
            period=period or parse_period(last, now=instant),
            where=dict(where or {}),
            grain=grain,
            as_of=parse_instant(as_of) if as_of else None,
        )
        return AnswerTable(
            answer(query, catalogue=self.catalogue, store=self.store, engine=self.engine, now=instant)
        )


def open_operation(data: str | Path = "var", *, operation: str = "demo") -> Operation:
    """Return the operation whose facts lie under `data`.

    Raises:
        OperationError: no such operation; the message names the nearest.

    """
    root = Path(data) / "facts"
    known = list_operations(root)
    if operation not in known:
        close = nearest(operation, known)
        raise OperationError(
            f"Operation {operation!r} is not in {root}.",
            remedy=f"Did you mean {close!r}?" if close else "Import a log or run the demo first.",
        )
    return Operation(store=FactStore(root, operation), engine=DuckDBEngine(), catalogue=Catalogue.load())
