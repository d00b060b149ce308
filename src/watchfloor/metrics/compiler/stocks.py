"""Stocks: what is open at an instant.

An entity is open at t when it was opened before t and not closed before t.

A series takes the stock at the end of each bucket; a stock is never added over time. Counts come from one
scan of arrivals and departures (what is open at t is everything that came minus everything that went);
ages need the open rows themselves.
"""

from collections.abc import Sequence
from datetime import datetime

from watchfloor.metrics.compiler.frame import Frame
from watchfloor.metrics.definition import Definition, Stock
from watchfloor.metrics.dialects import Dialect
from watchfloor.metrics.expressions import conjuncts, parse
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.terms import row_conditions


def stock_instants(frame: Frame) -> list[tuple[int, datetime]]:
    """Return bucket number and instant of every stock asked for: the end of each bucket."""
    return edges_of(frame, "end")


def edges_of(frame: Frame, edge: str) -> list[tuple[int, datetime]]:
    """Return bucket number and first or last instant of every bucket."""
    if frame.grid.grain is None:
        return [(0, getattr(frame.grid.period, edge))]
    return [(index, getattr(frame.grid.bucket(index), edge)) for index in frame.grid.indices]


def stock_sql(definitions: Sequence[Definition], *, frame: Frame) -> str:
    """Return the SELECT of keys and one column set a metric, over the cases open at each instant.

    Metrics share the relation and the two instants. Columns: `<id>__n` (observations), `<id>__value`, and for
    shares `<id>__numerator`.
    """
    first = definitions[0]
    stock = _stock(first)
    instants = " UNION ALL ".join(
        f"SELECT {index} AS bucket, {frame.dialect.instant(at)} AS instant"
        for index, at in edges_of(frame, stock.instant)
    )
    dimensions = [f"{frame.dimension(d, stock.opened)} AS d{i}" for i, d in enumerate(frame.dimensions)]
    columns = [*dimensions, "t.bucket AS bucket"]
    keys = len(columns)
    for definition in definitions:
        columns += _columns(definition, frame.dialect)
    shared = frozenset.intersection(*(frozenset(row_conditions(d)) for d in definitions))
    conditions = [
        f"s.{stock.opened} < t.instant",
        f"(s.{stock.closed} IS NULL OR s.{stock.closed} >= t.instant)",
        *frame.restrictions(stock.opened),
        *(_render(text, frame.dialect) for text in sorted(shared)),
    ]
    source = frame.rows_of(first.relation)
    grouped = ", ".join(str(i + 1) for i in range(keys))
    return (
        f"SELECT {', '.join(columns)} FROM {source} AS s CROSS JOIN ({instants}) AS t "
        f"WHERE {' AND '.join(conditions)} GROUP BY {grouped}"
    )


def count_sql(definitions: Sequence[Definition], *, frame: Frame) -> str:
    """Return the SELECT of keys and `<id>__n` for plain counts, from arrivals minus departures."""
    stock = _stock(definitions[0])
    relation = RELATIONS[definitions[0].relation]
    end = frame.dialect.instant(frame.grid.period.end)
    edges = stock_instants(frame)
    sides = []
    texts = [text for definition in definitions for text in row_conditions(definition)]
    joined = any(column in text for text in texts for column in relation.derived_columns)
    # Arrivals alone need no join, unless a condition reads what the join brings.
    whole = frame.rows_of(relation.name)
    plain = relation.name == "case_outcome" and not joined
    arrivals = f"fact_{relation.facts[0]}" if plain else whole
    for at, sign, source in ((stock.opened, 1, arrivals), (stock.closed, -1, whole)):
        columns = [f"{frame.dimension(d, stock.opened)} AS d{i}" for i, d in enumerate(frame.dimensions)]
        index = frame.grid.index_sql(at, frame.dialect) if frame.grid.grain else "0"
        columns.append(f"greatest({index}, {edges[0][0]}) AS bucket")
        keys = len(columns)
        for definition in definitions:
            own = " AND ".join(_render(text, frame.dialect) for text in row_conditions(definition)) or "true"
            columns.append(f"{sign} * count(*) FILTER (WHERE {own}) AS {definition.id}__n")
        conditions = [f"{at} < {end}", *frame.restrictions(stock.opened)]
        grouped = ", ".join(str(i + 1) for i in range(keys))
        sides.append(
            f"SELECT {', '.join(columns)} FROM {source} AS s "
            f"WHERE {' AND '.join(conditions)} GROUP BY {grouped}"
        )
    listed = " UNION ALL ".join(f"SELECT {index} AS bucket" for index, _ in edges)
    names = [f"d{i}" for i in range(len(frame.dimensions))]
    sums = [f"sum({d.id}__n) AS {d.id}__n" for d in definitions]
    kept = ", ".join([*(f"f.{name} AS {name}" for name in names), "t.bucket AS bucket", *sums])
    keys_sql = ", ".join(str(i + 1) for i in range(len(names) + 1))
    return (
        f"SELECT {kept} FROM ({' UNION ALL '.join(sides)}) AS f JOIN ({listed}) AS t ON f.bucket <= t.bucket "
        f"GROUP BY {keys_sql}"
    )


def _columns(definition: Definition, dialect: Dialect) -> list[str]:
    stock = _stock(definition)
    own = [_render(text, dialect) for text in row_conditions(definition)]
    where = f" FILTER (WHERE {' AND '.join(own)})" if own else ""
    name = definition.id
    age = dialect.seconds_between(f"s.{stock.opened}", "t.instant")
    counted = f"count(*){where} AS {name}__n"
    if stock.measure == "age_max":
        return [counted, f"max({age}){where} AS {name}__value"]
    if stock.measure == "age_quantile":
        return [
            counted,
            f"{dialect.exact_quantile(age, definition.probability or 0.5)}{where} AS {name}__value",
        ]
    if stock.measure == "sum":
        assert stock.value is not None  # noqa: S101 -- validated with the definition
        value = parse(stock.value, where=name).render(dialect, known_until="t.instant")
        return [counted, f"coalesce(sum({value}){where}, 0) AS {name}__value"]
    if stock.measure == "share":
        condition = [_render(e.canonical, dialect) for e in conjuncts(stock.condition, where=name)]
        both = " AND ".join([*own, *condition])
        return [counted, f"count(*) FILTER (WHERE {both}) AS {name}__numerator"]
    return [counted]


def _render(canonical: str, dialect: Dialect) -> str:
    """Return a condition in SQL; for a stock, the instant of the question is the stock's own."""
    expression = conjuncts(canonical, where="stock")
    return " AND ".join(f"({e.render(dialect, known_until='t.instant')})" for e in expression)


def _stock(definition: Definition) -> Stock:
    assert definition.stock is not None  # noqa: S101 -- the definition was validated
    return definition.stock
