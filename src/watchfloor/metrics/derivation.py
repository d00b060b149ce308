"""Expressions over other metrics of one grid: read, checked, and evaluated with what they honestly carry.

An expression names metrics, the definition's parameters, `period_hours` and `period_days`, joined by
arithmetic and `sqrt`, `abs`, `min`, `max`, `normal_cdf`. What is refused: a flow divided by a stock (unless
the stock is averaged over both ends of the period), a mean of ratios, a name nobody defines, and a circle.
"""

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from watchfloor.kernel import nearest
from watchfloor.metrics.definition import Definition, DefinitionError

CLOCK_NAMES = ("period_hours", "period_days")


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "abs": abs,
    "min": min,
    "max": max,
    "normal_cdf": _normal_cdf,
}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@lru_cache(maxsize=512)
def tree_of(text: str, *, where: str) -> ast.expr:
    """Return the parsed expression.

    Raises:
        DefinitionError: it is no arithmetic over names and numbers.

    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise DefinitionError(
            f"{where}: expression: {text!r} is no arithmetic.", remedy="Write names, numbers and + - * /."
        ) from error
    for node in ast.walk(tree):
        _check_node(node, text, where)
    return tree


def _check_node(node: ast.AST, text: str, where: str) -> None:
    known = isinstance(
        node,
        (ast.BinOp, ast.UnaryOp, ast.USub, ast.Name, ast.Load, ast.Call, *_OPERATORS),
    ) or (isinstance(node, ast.Constant) and type(node.value) in (int, float))
    if isinstance(node, ast.Call):
        known = isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and not node.keywords
    if not known:
        raise DefinitionError(
            f"{where}: expression: {_written(node, text)!r} is not allowed.",
            remedy=f"Use names, numbers, + - * / and {', '.join(_FUNCTIONS)}.",
        )


def _written(node: ast.AST, text: str) -> str:
    return ast.unparse(node) if isinstance(node, ast.expr) else text


def names_in(node: ast.AST) -> tuple[str, ...]:
    """Return the names an expression reads, functions left out, each once and in order."""
    functions = {id(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
    found = (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in functions)
    return tuple(dict.fromkeys(found))


def inputs_of(definition: Definition) -> tuple[str, ...]:
    """Return the metrics that a derived metric reads itself; none for the others."""
    if definition.expression is None:
        return ()
    own = {*definition.parameters, *CLOCK_NAMES}
    return tuple(n for n in names_in(tree_of(definition.expression, where=definition.id)) if n not in own)


def with_inputs(
    definitions: tuple[Definition, ...], known: Mapping[str, Definition]
) -> tuple[Definition, ...]:
    """Return the definitions and everything they are derived from, inputs before what reads them."""
    ordered: dict[str, Definition] = {}

    def visit(definition: Definition) -> None:
        if definition.id not in ordered:
            for name in inputs_of(definition):
                visit(known[name])
            ordered[definition.id] = definition

    for definition in definitions:
        visit(definition)
    return tuple(ordered.values())


def derived_form(definition: Definition) -> list[object]:
    """Return what the canonical form of a derived metric holds beyond that of others."""
    if definition.expression is None:
        return []
    parameters = sorted((name, given.value) for name, given in definition.parameters.items())
    return [ast.unparse(tree_of(definition.expression, where=definition.id)), parameters]


def check_derivations(known: Mapping[str, Definition]) -> None:
    """Refuse derived metrics that read what does not exist, what they cannot be split by, or mean nothing.

    Raises:
        DefinitionError: see the module.

    """
    for definition in known.values():
        if definition.expression is None:
            continue
        where = f"{definition.id}.yaml"
        for name in inputs_of(definition):
            if name not in known:
                guess = nearest(name, (*known, *definition.parameters, *CLOCK_NAMES))
                raise DefinitionError(
                    f"{where}: expression: {name!r} is no metric and no parameter.",
                    remedy=f"Did you mean {guess!r}?" if guess else "Define it, or add a parameter.",
                )
            missing = [d for d in definition.dimensions if d not in known[name].dimensions]
            if missing:
                raise DefinitionError(
                    f"{where}: dimensions: {missing[0]!r} does not split its input {name!r}.",
                    remedy=f"Leave it out; {name} is split by {', '.join(known[name].dimensions)}.",
                )
        _refuse_circle(definition, known, ())
        tree = tree_of(definition.expression, where=definition.id)
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                _refuse_stock_below(node, definition, known)
                _refuse_mean_of_ratios(node, definition, known)


def _refuse_circle(definition: Definition, known: Mapping[str, Definition], above: tuple[str, ...]) -> None:
    if definition.id in above:
        circle = " → ".join((*above[above.index(definition.id) :], definition.id))
        raise DefinitionError(
            f"{definition.id}.yaml: expression: it reads itself ({circle}).", remedy="Break the circle."
        )
    for name in inputs_of(definition):
        if name in known:
            _refuse_circle(known[name], known, (*above, definition.id))


def _kinds(node: ast.AST, known: Mapping[str, Definition]) -> Iterator[Definition]:
    for name in names_in(node):
        if name in known:
            yield known[name]


def _refuse_stock_below(node: ast.BinOp, definition: Definition, known: Mapping[str, Definition]) -> None:
    below = [d for d in _kinds(node.right, known) if d.stock is not None and d.additivity == "SEMI"]
    above = [d for d in _kinds(node.left, known) if d.stock is None and d.expression is None]
    if not below or not above:
        return
    edges = {d.stock.instant for d in below if d.stock is not None}
    if edges == {"start", "end"}:
        return
    raise DefinitionError(
        f"{definition.id}.yaml: expression: {ast.unparse(node)!r} divides {above[0].id!r}, which happens "
        f"over time, by the stock {below[0].id!r}.",
        remedy="Divide by the mean of the stock at both ends of the period, or by a flow.",
    )


def _refuse_mean_of_ratios(node: ast.BinOp, definition: Definition, known: Mapping[str, Definition]) -> None:
    left = node.left
    if names_in(node.right) or not isinstance(left, ast.BinOp) or not isinstance(left.op, ast.Add):
        return
    sides = (left.left, left.right)
    ratios = [[d for d in _kinds(side, known) if d.additivity in ("RATIO", "EST", "NON")] for side in sides]
    if all(ratios):
        raise DefinitionError(
            f"{definition.id}.yaml: expression: {ast.unparse(node)!r} averages a ratio.",
            remedy=f"Write one ratio over both: sum what {ratios[0][0].id} divides, and what it divides by.",
        )


def evaluate(node: ast.expr, values: Mapping[str, float]) -> float:
    """Return the value of the expression; not a number where it has none (a zero below the line)."""
    try:
        return _evaluate(node, values)
    except (ZeroDivisionError, ValueError, OverflowError):
        return math.nan


def _evaluate(node: ast.expr, values: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]  # checked to be a number when it was parsed
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.UnaryOp):
        return -_evaluate(node.operand, values)
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)  # noqa: S101 -- checked when it was parsed
        return float(_FUNCTIONS[node.func.id](*(_evaluate(part, values) for part in node.args)))
    assert isinstance(node, ast.BinOp)  # noqa: S101 -- checked when it was parsed
    left, right = _evaluate(node.left, values), _evaluate(node.right, values)
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    return left * right if isinstance(node.op, ast.Mult) else left / right
