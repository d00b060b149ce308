"""Stocks of entities: the newest row of each, if it is not stale, and groups that stand on one entity alone.

The newest row of an entity at an instant is the last one that began before it. A row older than the staleness
limit says nothing any more: the entity is left out, because silence is not a state.
"""

from collections.abc import Callable, Sequence

from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.compiler.stocks import count_sql, edges_of, stock_sql
from watchfloor.metrics.definition import Definition, Stock
from watchfloor.metrics.expressions import conjuncts
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.terms import row_conditions


def compiler_of(stock: Stock | None) -> Callable[..., str]:
    """Return what compiles a stock of that measure."""
    assert stock is not None  # noqa: S101 -- the caller asks for stocks only
    if stock.measure in ("last", "alone"):
        return standing_sql
    return count_sql if stock.measure == "count" and stock.instant == "end" else stock_sql


def standing_sql(definitions: Sequence[Definition], *, frame: Frame) -> str:
    """Return the SELECT of keys, `<id>__n` and `<id>__value` for one metric of newest rows or lone groups."""
    definition = definitions[0]
    stock = definition.stock
    assert stock is not None  # noqa: S101 -- the caller asks for stocks only
    instants = " UNION ALL ".join(
        f"SELECT {index} AS bucket, {frame.dialect.instant(at)} AS instant"
        for index, at in edges_of(frame, stock.instant)
    )
    names = [f"d{i}" for i in range(len(frame.dimensions))]
    dimensions = [
        f"{frame.dimension(d, stock.opened)} AS {n}" for n, d in zip(names, frame.dimensions, strict=True)
    ]
    holds = [_render(e.canonical, frame) for e in conjuncts(stock.condition, where=definition.id)]
    condition = " AND ".join(holds) or "true"
    rows = f"{frame.rows_of(definition.relation)} AS s CROSS JOIN ({instants}) AS t"
    kept = [f"s.{stock.opened} < t.instant", *frame.restrictions(stock.opened)]
    kept += [_render(text, frame) for text in row_conditions(definition)]
    entity = stock.entity or RELATIONS[definition.relation].entity
    keys = ", ".join([*names, "bucket"])
    if stock.measure == "alone":
        kept += [f"(s.{stock.closed} IS NULL OR s.{stock.closed} >= t.instant)", condition]
        columns = ", ".join([*dimensions, "t.bucket AS bucket", f"count(DISTINCT s.{entity}) AS members"])
        number = len(names) + 2
        grouped = ", ".join([*(str(i + 1) for i in range(number - 1)), f"s.{stock.group}"])
        inner = f"SELECT {columns} FROM {rows} WHERE {' AND '.join(kept)} GROUP BY {grouped}"
        value = "count(*) FILTER (WHERE members = 1)"
    else:
        age = frame.dialect.seconds_between(f"s.{stock.opened}", "t.instant")
        kept.append(f"{age} <= {stock.staleness_limit_seconds}")
        newest = f"row_number() OVER (PARTITION BY t.bucket, s.{entity} ORDER BY s.{stock.opened} DESC)"
        holding = f"CASE WHEN {condition} THEN 1 ELSE 0 END AS holds"
        columns = ", ".join([*dimensions, "t.bucket AS bucket", holding, f"{newest} AS place"])
        inner = (
            f"SELECT * FROM (SELECT {columns} FROM {rows} WHERE {' AND '.join(kept)}) AS placed "
            f"WHERE place = 1"
        )
        value = "sum(holds)"
    name = definition.id
    values = f"count(*) AS {name}__n, {value} AS {name}__value"
    return f"SELECT {keys}, {values} FROM ({inner}) AS f GROUP BY {keys}"


def _render(canonical: str, frame: Frame) -> str:
    found = conjuncts(canonical, where="stock")
    return " AND ".join(f"({e.render(frame.dialect, known_until='t.instant')})" for e in found) or "true"
