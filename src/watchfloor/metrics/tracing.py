"""Traces a number back: the cases whose rows a cell is made of."""

from collections.abc import Mapping
from datetime import datetime

from watchfloor.facts.engines import Engine
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dialects import DIALECTS
from watchfloor.metrics.expressions import parse
from watchfloor.metrics.grid import Grid
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.terms import ratio_terms, row_conditions, single_term

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

    A ratio is traced by its denominator; a snapshot by what is open at the period's end. A metric over clock
    time stands on people's intervals, not on cases, and gives none; so does a derived one.
    """
    if definition.expression is not None:
        return ()  # its inputs are traced, each on its own
    known_until = min(as_of or now, now)
    frame = Frame((), dict(where), Grid(period, None, time_zone), DIALECTS[engine.dialect], known_until)
    if definition.stock is not None:
        relation, conditions = definition.relation, row_conditions(definition)
        end = frame.dialect.instant(min(period.end, known_until))
        opened, closed = definition.stock.opened, definition.stock.closed
        source = frame.rows_of(relation)
        kept = [f"{opened} < {end}", f"({closed} IS NULL OR {closed} >= {end})", *frame.restrictions(opened)]
    else:
        term = (
            ratio_terms(definition).denominator
            if definition.primitive == "ratio"
            else single_term(definition)
        )
        relation, conditions = term.relation, term.conditions
        raw = frame.raw(relation, term.at, period)
        source, kept = raw.sql, frame.within(raw.at, period)
    entity = RELATIONS[relation].entity
    if entity != "case_id":
        return ()
    known = frame.known_until_sql
    kept += [
        f"({parse(c, where=definition.id).render(frame.dialect, known_until=known)})" for c in conditions
    ]
    sql = (
        f"SELECT DISTINCT {entity} AS case_id FROM {source} AS r "
        f"WHERE {' AND '.join(kept)} ORDER BY 1 LIMIT {int(limit)}"
    )
    table = engine.query(sql, snapshot=store.snapshot(as_of))
    return tuple(value for value in table.column("case_id").to_pylist() if value)
