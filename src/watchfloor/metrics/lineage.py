"""Where a number comes from: the facts and columns of a definition, and the cases behind one cell."""

from dataclasses import dataclass

from watchfloor.facts.engines import Engine
from watchfloor.facts.store import FactStore
from watchfloor.metrics.cells import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.derivation import inputs_of
from watchfloor.metrics.expressions import conjuncts, parse
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.terms import ratio_terms, row_conditions
from watchfloor.metrics.tracing import cases_behind


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a definition reads.

    Attributes:
        facts: Fact tables.
        relations: Relations its rows come from, with what one row is.
        columns: Columns read, as `relation.column`.
        filter: Conditions a row must pass, as text.

    """

    facts: tuple[str, ...]
    relations: tuple[str, ...]
    columns: tuple[str, ...]
    filter: str


def lineage(definition: Definition) -> Lineage:
    """Return the facts, columns and conditions behind a metric."""
    if definition.expression is not None:
        inputs = inputs_of(definition)
        read = f"{definition.expression} over {', '.join(inputs)}"
        return Lineage(RELATIONS[definition.relation].facts, (), inputs, read)
    columns: dict[str, None] = {}
    filters: dict[str, None] = {}
    for relation, at, value, conditions in _readings(definition):
        texts = [*conditions, *([value] if value else [])]
        names = {name for text in texts for name in parse(text, where=definition.id).columns}
        for name in (*((at,) if at else ()), *sorted(names)):
            columns[f"{relation}.{name}"] = None
        filters[f"{relation}: {' AND '.join(conditions) or 'every row'}"] = None
    facts = dict.fromkeys(fact for name in definition.relations for fact in RELATIONS[name].facts)
    relations = tuple(f"{name}: {RELATIONS[name].doc}" for name in definition.relations)
    return Lineage(tuple(facts), relations, tuple(columns), "; ".join(filters))


def cases_behind_cell(
    cell: Cell,
    *,
    definition: Definition,
    store: FactStore,
    engine: Engine,
    time_zone: str = "UTC",
    limit: int = 200,
) -> tuple[str, ...]:
    """Return the ids of the first cases, by id, that entered the cell.

    The facts are read as of the cell's instant.
    `tracing.cases_behind` says what that means for ratios, stocks and metrics over clock time.
    """
    return cases_behind(
        definition,
        period=cell.period,
        where=cell.scope.as_dict(),
        store=store,
        engine=engine,
        now=cell.as_of,
        as_of=cell.as_of,
        time_zone=time_zone,
        limit=limit,
    )


def _readings(definition: Definition) -> list[tuple[str, str | None, str | None, tuple[str, ...]]]:
    """Return relation, time column, value and conditions of everything the metric reads."""
    if definition.primitive == "ratio":
        terms = ratio_terms(definition)
        sides = (terms.numerator, terms.denominator)
        return [(term.relation, term.at, term.value, term.conditions) for term in sides]
    conditions = row_conditions(definition)
    if definition.stock is None:
        value = parse(definition.value, where=definition.id).canonical if definition.value else None
        return [(definition.relation, definition.at, value, conditions)]
    stock = definition.stock
    extra = tuple(e.canonical for e in conjuncts(stock.condition, where=definition.id))
    reading = (definition.relation, stock.opened, stock.closed, (*conditions, *extra))
    return [reading]
