"""Terms: the sums a metric is made of. Two metrics that need the same sum share one term.

A term is Σ value, or the count of rows, over the rows of a relation that pass its conditions, placed in
time by one column. Everything additive is built from terms: the compiler adds them up, the rollups store
them by key.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from watchfloor.metrics.definition import Definition, Part
from watchfloor.metrics.dialects import Dialect
from watchfloor.metrics.expressions import RowExpression, conjuncts, parse
from watchfloor.metrics.relations import RELATIONS

ADDITIVE = ("count", "sum", "ratio", "cumulative")


@dataclass(frozen=True)
class Term:
    """One additive sum.

    Attributes:
        relation: Name of the relation.
        at: Time column.
        value: Row expression that is added up; None counts rows.
        conditions: Conditions joined by AND, canonical and in order.

    """

    relation: str
    at: str
    value: str | None
    conditions: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        """Column name of the sum: equal for equal terms, whatever metric they come from."""
        text = "\x1f".join((self.relation, self.at, self.value or "", *self.conditions))
        return "t_" + blake2b(text.encode(), digest_size=6).hexdigest()

    @property
    def counts_rows(self) -> bool:
        """Whether the term counts rows rather than adding a value."""
        return self.value is None

    @property
    def reads_known_until(self) -> bool:
        """Whether the term depends on the instant of the question, so that it cannot be stored."""
        return any("KNOWN_UNTIL(" in text for text in (self.value or "", *self.conditions))

    def render(self, dialect: Dialect, *, known_until: str, shared: frozenset[str] = frozenset()) -> str:
        """Return the aggregate; conditions in `shared` already hold for every row of the scan."""
        own = [c for c in self.conditions if c not in shared]
        rendered = [parse(c, where=self.relation).render(dialect, known_until=known_until) for c in own]
        where = f" FILTER (WHERE {' AND '.join(f'({text})' for text in rendered)})" if rendered else ""
        if self.value is None:
            return f"count(*){where}"
        value = parse(self.value, where=self.relation).render(dialect, known_until=known_until)
        return f"coalesce(sum({value}){where}, 0)"


@dataclass(frozen=True, slots=True)
class RatioTerms:
    """The terms of a ratio: its two sides, the number of observations, and how complete they are."""

    numerator: Term
    denominator: Term
    observations: Term
    eligible: Term | None
    complete: Term | None

    @property
    def all(self) -> tuple[Term, ...]:
        """Every term once, in order."""
        terms = (self.numerator, self.denominator, self.observations, self.eligible, self.complete)
        return tuple(dict.fromkeys(term for term in terms if term is not None))


def ratio_terms(definition: Definition) -> RatioTerms:
    """Return the terms of a ratio metric."""
    if definition.numerator is None or definition.denominator is None:
        raise ValueError(f"{definition.reference} is no ratio.")
    numerator = _part(definition, definition.numerator)
    denominator = _part(definition, definition.denominator)
    counted = next((term for term in (denominator, numerator) if term.counts_rows), None)
    # Intervals are cut at edges; counting those that begin gives the same n however they were cut.
    once = ("begins",) if RELATIONS[denominator.relation].clock else ()
    conditions = tuple(sorted((*denominator.conditions, *once)))
    observations = counted or Term(denominator.relation, denominator.at, None, conditions)
    eligible, complete = coverage_terms(definition)
    return RatioTerms(numerator, denominator, observations, eligible, complete)


def single_term(definition: Definition) -> Term:
    """Return the term of a count or a sum, or for a quantile the count of its observations."""
    value = definition.value if definition.primitive in ("sum", "cumulative") else None
    return _part(definition, Part(value=value))


def bound_terms(definition: Definition) -> tuple[Term, ...]:
    """Return the terms of the lower and of the upper bound of a sum, where the metric states them."""
    if definition.bounds is None:
        return ()
    bounds = (definition.bounds.low, definition.bounds.high)
    return tuple(_part(definition, Part(value=text)) for text in bounds)


def coverage_terms(definition: Definition) -> tuple[Term | None, Term | None]:
    """Return the counts of eligible and of complete observations, where the metric states them."""
    rule = definition.coverage
    if rule is None or rule.complete is None or definition.at is None:
        return None, None
    where = f"{definition.id}.coverage"
    of = (*conjuncts(rule.of, where=where), *_purposes(definition, definition.relation))
    complete = (*of, *conjuncts(rule.complete, where=where))
    return (
        Term(definition.relation, definition.at, None, _texts(of)),
        Term(definition.relation, definition.at, None, _texts(complete)),
    )


def row_conditions(definition: Definition) -> tuple[str, ...]:
    """Return the conditions a row must pass to enter the metric's own relation."""
    own = conjuncts(definition.filter, where=f"{definition.id}.filter")
    return _texts((*own, *_purposes(definition, definition.relation)))


def part_term(definition: Definition, part: Part, *, value: str | None, extra: str = "") -> Term:
    """Return the term of a side with another value, over the rows that also pass `extra`."""
    found = _part(definition, Part(relation=part.relation, at=part.at, filter=part.filter))
    canonical = parse(value, where=definition.id).canonical if value else None
    conditions = {*found.conditions, *_texts(conjuncts(extra or None, where=definition.id))}
    return Term(found.relation, found.at, canonical, tuple(sorted(conditions)))


def _part(definition: Definition, part: Part) -> Term:
    relation = part.relation or definition.relation
    at = part.at or definition.at
    if at is None:
        raise ValueError(f"{definition.reference} has no time column.")
    where = definition.id
    common = conjuncts(definition.filter, where=where) if relation == definition.relation else ()
    conditions = (*common, *conjuncts(part.filter, where=where), *_purposes(definition, relation))
    value = parse(part.value, where=where).canonical if part.value else None
    return Term(relation, at, value, _texts(conditions))


def _purposes(definition: Definition, relation: str) -> tuple[RowExpression, ...]:
    if "purpose" not in RELATIONS[relation].columns or not definition.purposes:
        return ()
    kept = ", ".join(f"'{purpose}'" for purpose in sorted(definition.purposes))
    text = f"purpose = {kept}" if len(definition.purposes) == 1 else f"purpose IN ({kept})"
    return (parse(text, where=f"{definition.id}.purposes"),)


def _texts(expressions: tuple[RowExpression, ...]) -> tuple[str, ...]:
    return tuple(sorted({expression.canonical for expression in expressions}))
