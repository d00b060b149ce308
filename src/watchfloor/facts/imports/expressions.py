"""Row expressions in a mapping: a closed set of scalar SQL, checked by sqlglot and rendered for DuckDB.

An expression sees the columns of its own row and nothing else: no table, no subquery, no aggregate, no
window, no function outside the list. Typed source columns keep their type; all others are text.
"""

from collections.abc import Callable, Iterable
from typing import Any

import sqlglot
from sqlglot import exp

from watchfloor.facts.imports.errors import MappingError
from watchfloor.kernel import nearest

FUNCTIONS = (
    "abs", "coalesce", "concat", "concat_ws", "contains", "date_diff", "date_trunc", "ends_with", "epoch",
    "epoch_ms", "floor", "greatest", "hash", "if", "ifnull", "least", "left", "length", "list_value", "lower",
    "ltrim", "md5", "nullif", "regexp_extract", "regexp_matches", "regexp_replace", "replace", "right",
    "round", "rtrim", "split_part", "starts_with", "strftime", "string_split", "strpos", "substr",
    "substring", "trim", "try_cast", "upper",
)  # fmt: skip

_OPERATORS: tuple[type[exp.Expression], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Case, exp.If, exp.And,
    exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Like,
    exp.ILike,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.Concat, exp.Cast,
    exp.TryCast,
    exp.DataType, exp.Tuple, exp.Var, exp.Interval, exp.Array, exp.Split,
)  # fmt: skip
_TYPES = {"VARCHAR", "TEXT", "BIGINT", "INT", "INTEGER", "DOUBLE", "FLOAT", "BOOLEAN", "DATE"}
_LONGEST = 4000
Node = Any  # sqlglot's base class has another name from release to release


def render(text: str, *, columns: Iterable[str], column_sql: Callable[[str], str], where: str) -> str:
    """Return DuckDB SQL of the expression, with each column replaced by `column_sql(name)`.

    Args:
        text: The expression as the mapping writes it.
        columns: Names of the source's columns.
        column_sql: Gives the SQL that stands for a column.
        where: Place in the mapping, said in errors.

    Raises:
        MappingError: the expression is no expression, or uses what is not allowed.

    """
    tree = parse(text, where=where)
    known = set(columns)
    for column in list(tree.find_all(exp.Column)):
        if column.name not in known:
            near = nearest(column.name, known)
            raise MappingError(
                f"{where}: the expression names the column {column.name!r}, which the source does not have.",
                remedy=f"Did you mean {near!r}?" if near else "Use a column of the file's header.",
            )
    rendered = tree.transform(
        lambda node: exp.Var(this=column_sql(node.name)) if isinstance(node, exp.Column) else node
    )
    return str(rendered.sql(dialect="duckdb"))


def columns_of(text: str, *, where: str) -> list[str]:
    """Return the source columns that the expression reads."""
    return sorted({column.name for column in parse(text, where=where).find_all(exp.Column)})


def parse(text: str, *, where: str) -> Node:
    """Return the expression's tree, every node of it allowed.

    Raises:
        MappingError: it cannot be parsed, or holds a node that is not allowed.

    """
    if len(text) > _LONGEST:
        raise MappingError(
            f"{where}: the expression has {len(text)} characters; at most {_LONGEST} are read."
        )
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        first = str(error).splitlines()[0]
        raise MappingError(
            f"{where}: {text!r} is no expression: {first}", remedy="See the mapping reference."
        ) from error
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        raise MappingError(f"{where}: {text!r} is not one expression.", remedy="Write one scalar expression.")
    for node in tree.walk():
        _allow(node, where=where)
    return tree


def _allow(node: Node, *, where: str) -> None:
    if isinstance(node, exp.Column) and node.table:
        raise MappingError(f"{where}: {node.sql()!r} names a table; a row expression sees columns alone.")
    if isinstance(node, exp.DataType):
        if node.this.value not in _TYPES:
            raise MappingError(
                f"{where}: the type {node.sql()!r} is not allowed.", remedy=f"Use {sorted(_TYPES)}."
            )
        return
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
        raise MappingError(f"{where}: a cast could stop the import.", remedy="Write try_cast(… as …).")
    if isinstance(node, _OPERATORS):
        return
    if isinstance(node, exp.Func):
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_names()[0]).lower()
        written = node.sql(dialect="duckdb").split("(", 1)[0].strip().lower()
        if name in FUNCTIONS or written in FUNCTIONS:
            return
        near = nearest(written, FUNCTIONS)
        raise MappingError(
            f"{where}: the function {written!r} is not allowed.",
            remedy=f"Did you mean {near!r}?" if near else f"Allowed: {', '.join(FUNCTIONS)}.",
        )
    if isinstance(node, exp.TimeUnit):
        return
    raise MappingError(f"{where}: {type(node).__name__.lower()} is not allowed in a row expression.")
