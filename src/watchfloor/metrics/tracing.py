"""Traces a number back: the cases whose rows a cell is made of."""

from collections.abc import Mapping
from datetime import datetime

from watchfloor.facts.engines import Engine
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dialects import DIALECTS
from watchfloor.metrics.grid import Grid
from watchfloor.metrics.relations import RELATIONS

MOST = 200


def cases_behind(
    definition: Definition,
    *,
    period: Period,
    where: Mapping[str, tuple[str, ...]],
    store: FactStore,
    engine: Engine,
    now: datetime,
    time_zone: str = "UTC",
    as_of: datetime | None = None,
    limit: int = MOST,
) -> tuple[str, ...]:
    """Return the ids of the first cases, by id, that enter the metric over `period` and `where`.

    A ratio is traced by its denominator; a snapshot by what is open at the period's end. A metric over clock time
    stands on people's intervals, not on cases, and gives none.
    """
    part = definition.denominator
    relation = RELATIONS[(part.relation if part else None) or definition.relation]
    if relation.entity != "case_id":
        return ()
    dialect = DIALECTS[engine.dialect]
    known_until = as_of or now
    frame = Frame((), dict(where), Grid(period, None, time_zone), dialect, known_until)
    filters = [definition.filter, part.filter if part else None]
    if definition.stock is not None:
        opened, closed = definition.stock.opened, definition.stock.closed
        end = dialect.instant(min(period.end, known_until))
        conditions = [
            f"{opened} < {end}",
            f"({closed} IS NULL OR {closed} >= {end})",
            *frame.restrictions(opened),
        ]
    else:
        at = (part.at if part else None) or definition.at or relation.prunable_at or ""
        conditions = frame.within(at, period)
    if "purpose" in relation.columns and definition.purposes:
        conditions.append(f"purpose IN ({', '.join(dialect.text(value) for value in definition.purposes)})")
    conditions += [f"({written})" for written in filters if written]
    sql = (
        f"SELECT DISTINCT {relation.entity} AS case_id FROM {relation.source} AS r "
        f"WHERE {' AND '.join(conditions)} ORDER BY 1 LIMIT {int(limit)}"
    )
    table = engine.query(sql, snapshot=store.snapshot(as_of))
    return tuple(value for value in table.column("case_id").to_pylist() if value)
