"""Warns when a restriction names a value that never occurs, and suggests the nearest that does."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from watchfloor.kernel import nearest
from watchfloor.metrics.cellmaking import NO_OBSERVATION
from watchfloor.metrics.cells import Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dimensions import DIMENSIONS, UNKNOWN
from watchfloor.metrics.relations import RELATIONS


def unmatched_values(
    query: Query, definitions: Sequence[Definition], cells: Sequence[Cell], rows: Callable[[str], pa.Table]
) -> Iterator[str]:
    """Yield a warning for each value of `where` that no fact carries.

    Values are looked up only where the answer gives reason to: a metric without any observation.
    """
    silent = [d for d in definitions if _says_nothing([cell for cell in cells if cell.metric == d.id])]
    for name, values in query.where.items():
        column = DIMENSIONS[name].column
        if column is None or not silent:
            continue
        fact = RELATIONS[silent[0].relation].facts[0]
        table = rows(f"SELECT DISTINCT CAST({column} AS VARCHAR) AS value FROM fact_{fact}")
        known = {value for value in table.column("value").to_pylist() if value is not None}
        for value in values:
            if value not in known and value != UNKNOWN:
                guess = nearest(value, known)
                suggestion = f" Did you mean {guess!r}?" if guess else ""
                yield f"{name}={value!r} occurs in no {fact} fact.{suggestion}"
        if name == "purpose":
            covered = silent[0].purposes
            if not set(values) & set(covered):
                yield f"{silent[0].id} covers {', '.join(covered)} queues only."


def _says_nothing(cells: Sequence[Cell]) -> bool:
    """Whether the metric has facts for the period, yet none for the restriction."""
    known = [cell for cell in cells if not cell.reason or cell.reason == NO_OBSERVATION]
    return len(known) == len(cells) and not any(cell.n or cell.numerator for cell in cells)
