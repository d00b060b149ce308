"""Checks the clauses of a definition against the relations: columns that exist, and no mean of ratios."""

from sqlglot import exp

from watchfloor.kernel import nearest
from watchfloor.metrics.definition import Definition, DefinitionError
from watchfloor.metrics.expressions import check_columns, conjuncts, parse
from watchfloor.metrics.relations import RELATIONS


def clause_form(definition: Definition) -> list[object]:
    """Return what the canonical form holds of the clauses that only some primitives take; often nothing."""
    clauses = (definition.survival, definition.conversion, definition.learning, definition.bounds)
    stock = definition.stock
    more = (stock.value, stock.entity, stock.group, stock.instant) if stock is not None else ()
    kept = [repr(clause) for clause in clauses if clause is not None]
    return [*kept, *([more] if any(m not in (None, "end") for m in more) else [])]


def check_clauses(definition: Definition, file: str) -> None:
    """Refuse a clause that names what its relation does not have, and a ratio that averages ratios.

    Raises:
        DefinitionError: see above; the message names file, key and value.

    """
    own = definition.relation
    if definition.survival is not None:
        clause = definition.survival
        for key in ("begins", "ends", "censored"):
            _check(getattr(clause, key), own, f"{file}: survival.{key}")
    if definition.learning is not None:
        _check(definition.learning.experience, own, f"{file}: learning.experience")
        _check("reviewer_id", own, f"{file}: learning")
    if definition.bounds is not None:
        _check(definition.bounds.low, own, f"{file}: bounds.low")
        _check(definition.bounds.high, own, f"{file}: bounds.high")
    if definition.conversion is not None:
        other = definition.conversion.relation
        if other not in RELATIONS:
            guess = nearest(other, RELATIONS)
            raise DefinitionError(
                f"{file}: conversion.relation: {other!r} is unknown.",
                remedy=f"Did you mean {guess!r}?" if guess else f"One of {', '.join(RELATIONS)}.",
            )
        _check(definition.conversion.at, other, f"{file}: conversion.at")
        for found in conjuncts(definition.conversion.filter, where=f"{file}: conversion.filter"):
            check_columns(found, known=RELATIONS[other].columns, where=f"{file}: conversion.filter")
    _check_stock(definition, file)
    _refuse_mean_of_ratios(definition, file)


def _check_stock(definition: Definition, file: str) -> None:
    stock = definition.stock
    if stock is None:
        return
    for measure, key in (("sum", "value"), ("alone", "group"), ("last", "condition"), ("share", "condition")):
        if stock.measure == measure and getattr(stock, key) is None:
            raise DefinitionError(
                f"{file}: stock.measure: {measure} needs `{key}`.", remedy=f"Add {key} to `stock`."
            )
    for key in ("value", "entity", "group"):
        _check(getattr(stock, key), definition.relation, f"{file}: stock.{key}")


def _check(text: str | None, relation: str, where: str) -> None:
    if text is not None:
        check_columns(parse(text, where=where), known=RELATIONS[relation].columns, where=where)


def _refuse_mean_of_ratios(definition: Definition, file: str) -> None:
    above, below = definition.numerator, definition.denominator
    if definition.primitive != "ratio" or above is None or below is None or below.value is not None:
        return
    if above.value is None or (below.relation or definition.relation) != (
        above.relation or definition.relation
    ):
        return
    tree = parse(above.value, where=f"{file}: numerator.value").tree
    for division in tree.find_all(exp.Div):
        if any(division.expression.find_all(exp.Column)):
            raise DefinitionError(
                f"{file}: numerator.value: {above.value!r} over a count of rows averages a ratio.",
                remedy=f"Put {division.expression.sql('duckdb')} under `denominator.value`.",
            )
