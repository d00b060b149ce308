"""Row expressions: the small part of SQL that a definition may write, read and rendered by sqlglot.

One row in, one value out: columns, literals, arithmetic, comparisons, CASE and a few functions. Aggregates,
subqueries and anything that reads a clock or a file are refused. Our own functions hide where engines differ:
`seconds_between(start, end)` and `known_until()`, the instant up to which the answer knows the facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from watchfloor.kernel import nearest
from watchfloor.metrics.definition import DefinitionError
from watchfloor.metrics.dialects import Dialect

_ALLOWED: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg, exp.Not,
    exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Case, exp.If, exp.Coalesce, exp.Least, exp.Greatest, exp.Abs,
    exp.Sqrt, exp.Floor,
)  # fmt: skip
_OURS = {"seconds_between": 2, "known_until": 0}


@dataclass(frozen=True, slots=True)
class RowExpression:
    """A parsed expression. `canonical` is equal for expressions that differ in spelling alone."""

    tree: exp.Expr
    canonical: str
    columns: tuple[str, ...]

    @property
    def reads_known_until(self) -> bool:
        """Whether the value depends on the instant the question is asked for."""
        return "KNOWN_UNTIL(" in self.canonical

    def render(self, dialect: Dialect, *, known_until: str = "NULL") -> str:
        """Return the expression in the engine's SQL; `known_until` is SQL for that instant."""
        return _render(self.canonical, dialect, known_until)


@lru_cache(maxsize=2048)
def parse(text: str, *, where: str) -> RowExpression:
    """Return the row expression that `text` writes.

    Args:
        text: The expression.
        where: File and key it stands in, for the message.

    Raises:
        DefinitionError: it cannot be parsed, or holds something that is no row expression.

    """
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise DefinitionError(
            f"{where}: {text!r} is not an expression ({first}).", remedy="Write one SQL row expression."
        ) from error
    for node in tree.walk():
        _check_node(node, text, where)
    canonical = _flat(tree).sql(dialect="duckdb", normalize_functions="upper")
    columns = tuple(sorted({column.name.lower() for column in tree.find_all(exp.Column)}))
    return RowExpression(tree, canonical, columns)


def conjuncts(text: str | None, *, where: str) -> tuple[RowExpression, ...]:
    """Return the conditions that `text` joins by AND, in canonical order; none for None."""
    if text is None:
        return ()
    parts = _operands(parse(text, where=where).tree)
    parsed = {p.canonical: p for p in (parse(part.sql("duckdb"), where=where) for part in parts)}
    return tuple(parsed[key] for key in sorted(parsed))


def _operands(tree: exp.Expr) -> list[exp.Expr]:
    """Return what AND joins, through any brackets."""
    inner = tree.unnest()
    if isinstance(inner, exp.And):
        return [*_operands(inner.left), *_operands(inner.right)]
    return [inner]


def check_columns(expression: RowExpression, *, known: Iterable[str], where: str) -> None:
    """Refuse a column that the relation does not have.

    Raises:
        DefinitionError: a column is unknown; the message names the nearest.

    """
    names = set(known)
    for column in expression.columns:
        if column not in names:
            guess = nearest(column, names)
            raise DefinitionError(
                f"{where}: column {column!r} is unknown.",
                remedy=f"Did you mean {guess!r}?" if guess else f"Columns: {', '.join(sorted(names))}.",
            )


def _check_node(node: exp.Expr, text: str, where: str) -> None:
    if isinstance(node, exp.Anonymous) and node.name.lower() in _OURS:
        wanted = _OURS[node.name.lower()]
        if len(node.expressions) != wanted:
            raise DefinitionError(
                f"{where}: {node.name} takes {wanted} arguments, not {len(node.expressions)}.",
                remedy="Write seconds_between(start, end) or known_until().",
            )
        return
    if isinstance(node, _ALLOWED) and type(node) in _ALLOWED:
        return
    raise DefinitionError(
        f"{where}: {node.sql('duckdb')!r} in {text!r} is not allowed in a row expression.",
        remedy="Use columns, literals, arithmetic, comparisons, CASE, COALESCE, LEAST, GREATEST, ABS, SQRT, "
        "FLOOR, seconds_between and known_until; aggregation is the primitive's work.",
    )


def _flat(tree: exp.Expr) -> exp.Expr:
    """Return the tree with AND and OR operands and IN lists sorted, columns lower case, no idle brackets."""

    def tidy(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Identifier):
            return exp.to_identifier(node.name.lower())
        if isinstance(node, exp.Paren) and isinstance(node.parent, exp.And | None):
            inner = node.this
            return inner if isinstance(inner, exp.And) or node.parent is None else node
        if isinstance(node, exp.In) and node.expressions:
            ordered = sorted(node.expressions, key=lambda item: item.sql("duckdb"))
            return exp.In(this=node.this, expressions=ordered)
        return node

    cleaned = tree.copy().transform(tidy)
    for kind in (exp.And, exp.Or):
        if isinstance(cleaned, kind):
            ordered = sorted(cleaned.flatten(), key=lambda item: item.sql("duckdb"))
            joined = ordered[0]
            for part in ordered[1:]:
                joined = kind(this=joined, expression=part)
            return joined
    return cleaned


@lru_cache(maxsize=4096)
def _render(canonical: str, dialect: Dialect, known_until: str) -> str:
    tree = sqlglot.parse_one(canonical, read="duckdb")

    def replace(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous):
            if node.name.lower() == "known_until":
                return exp.Var(this=known_until)
            start, end = (part.transform(replace).sql(dialect.name) for part in node.expressions)
            return exp.Var(this=dialect.seconds_between(start, end))
        return node

    return tree.transform(replace).sql(dialect=dialect.name)
