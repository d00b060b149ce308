"""The sentences of errors that pages may show, read from the sources as templates.

`python -m watchfloor.cli.error_templates` prints those without a Chinese line, ready to be appended to
`operations/locale/zh_Hans/LC_MESSAGES/errors.po`. How a page says them: `operations.shell.refusals`.
"""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import watchfloor
from watchfloor.operations.shell.refusals import sentences

ROOT = Path(watchfloor.__file__).parent
# What pages may show: everything that the operation refuses, and what may go wrong with a question.
SHOWN = (
    "operations",
    "facts/event_rows.py",
    "facts/lock.py",
    "facts/replay.py",
    "metrics/questions.py",
    "metrics/catalogue.py",
    "metrics/grid.py",
    "metrics/spreading.py",
    "kernel/periods.py",
)
# Said to machines, to whoever runs a command, or to whoever writes definitions or code; pages never show it.
ENGLISH_ALONE = (
    "metrics/catalogue.py: DefinitionError",
    "operations/demo/",
    "operations/insights/api.py",
    "operations/intake/events_ozone.py",
    "operations/intake/reports.py",
    "operations/intake/shapes_",
    "operations/people/access.py: TokenRefusedError",
    "operations/people/request_limits.py",
    "operations/people/sign_in.py: UnknownUserError",
    "operations/queues/design_api.py",
    "operations/record/sealing.py",
    "operations/record/services.py",
    "operations/review/clients.py",
    "operations/review/errors.py: BatchRejectedError",
)
# Where functions return what is wrong as sentences, which a message then joins.
WITH_FAULTS = (
    "facts/",
    "operations/insights/template_trial.py",
    "operations/intake/yield_guard.py",
    "operations/policies/services.py",
    "operations/quality/designs.py",
    "operations/queues/",
    "operations/routing/",
)
# No errors of ours: of the language, of a form, or a code that a page has words for.
_OTHERS = (
    "ValueError",
    "TimeoutError",
    "RuntimeError",
    "ValidationError",
    "ConstructorError",
    "NotApplicableError",
)

_SENTENCE = re.compile(r"^(?!.*%\()[^\n]+( [^\n]*[.?]|: \{\d\})$")


def templates() -> dict[str, str]:
    """Return every sentence of an error that a page may show, `{0}`, `{1}` … for values, and its place."""
    found: dict[str, str] = {}
    for path in _sources():
        where = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        if where.startswith(WITH_FAULTS):
            found |= {text: where for text in _faults(tree) if text not in found}
        for function in [tree, *(each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))]:
            for error, said in _said(function):
                if not f"{where}: {error}".startswith(ENGLISH_ALONE):
                    for text in _texts(said, function):
                        found.setdefault(text, where)
    return found


def _faults(tree: ast.AST) -> Iterator[str]:
    """Yield the sentences below the docstrings of functions that return what is wrong; messages join them."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and any(
            word in function.name for word in ("fault", "reason")
        ):
            nodes = [node for part in function.body[_described(function) :] for node in ast.walk(part)]
            inside = {id(part) for each in nodes if isinstance(each, ast.JoinedStr) for part in each.values}
            for node in nodes:
                if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in inside:
                    yield from (text for text in _texts(node, tree) if _is_sentence(text))


def _described(function: ast.FunctionDef) -> int:
    return int(ast.get_docstring(function) is not None)


def _is_sentence(text: str) -> bool:
    return bool(_SENTENCE.search(text))


def missing() -> list[tuple[str, str]]:
    """Return the templates without a Chinese sentence, and where they stand."""
    known = sentences("zh-hans")
    return [(text, where) for text, where in templates().items() if not known.get(text)]


def _sources() -> Iterator[Path]:
    for each in SHOWN:
        path = ROOT / each
        yield from [path] if path.suffix else sorted(path.rglob("*.py"))


def _said(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the class and the message or remedy of each error that is made in a function, not below it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef):
            continue
        waiting.extend(ast.iter_child_nodes(node))
        name = _name(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name.endswith(("Error", "Refusal")) and name not in _OTHERS:
            further = [each.value for each in node.keywords if each.arg in ("remedy", "message")]
            yield from ((name, each) for each in [*node.args[:1], *further])


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _texts(node: ast.expr, function: ast.AST) -> list[str]:
    """Return what an expression may say, as templates; nothing for what another place says."""
    return [text for text in (_numbered(parts) for parts in _parts(node, function)) if _says(text)]


def _says(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _parts(node: ast.expr, function: ast.AST) -> list[tuple[str | None, ...]]:
    """Return each way an expression may come out: texts, and None for a value."""
    match node:
        case ast.Constant(value=str(text)):
            return [(text,)]
        case ast.JoinedStr(values=values):
            found = [
                _parts(each, function) if isinstance(each, ast.Constant) else [(None,)] for each in values
            ]
            return [sum(chosen, ()) for chosen in product(*found)]
        case ast.IfExp(body=body, orelse=other):
            return _parts(body, function) + _parts(other, function)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pairs = product(_parts(left, function), _parts(right, function))
            return [one + other for one, other in pairs]
        case ast.Name(id=name):
            return [
                part
                for each in ast.walk(function)
                if isinstance(each, ast.Assign) and any(_name(target) == name for target in each.targets)
                for part in _parts(each.value, function)
            ]
    return []


def _numbered(parts: tuple[str | None, ...]) -> str:
    text, number = "", 0
    for part in parts:
        if part is None:
            text, number = f"{text}{{{number}}}", number + 1
        else:
            text += part.replace("{", "{{").replace("}", "}}")
    return text


if __name__ == "__main__":
    for text, where in missing():
        written = text.replace("\\", "\\\\").replace('"', '\\"')
        print(f'#: {where}\nmsgid "{written}"\nmsgstr ""\n')
