"""The reference page of errors: every `WatchfloorError`, found by walking the rooms."""

import importlib
import inspect
import os
import pkgutil
from itertools import groupby

import django

import watchfloor
from watchfloor.kernel import WatchfloorError

_EXECUTED = ("__main__", ".wsgi", ".live", ".launcher")


def error_classes() -> list[type[WatchfloorError]]:
    """Return every error class of the product, ordered by module and name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings.django")
    django.setup()
    for module in pkgutil.walk_packages(watchfloor.__path__, prefix="watchfloor."):
        if not module.name.endswith(_EXECUTED) and ".migrations" not in module.name:
            _import(module.name)
    found: set[type[WatchfloorError]] = set()
    waiting = [WatchfloorError]
    while waiting:
        parent = waiting.pop()
        found.add(parent)
        waiting.extend(parent.__subclasses__())
    ours = [error for error in found if error.__module__.startswith("watchfloor.")]
    return sorted(ours, key=lambda error: (error.__module__, error.__name__))


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("pyspark"):  # the one part that the default leaves out
            raise


def errors_page() -> str:
    """Return the reference of every error that a person may see."""
    parts = [
        "# Errors",
        "",
        (
            "What a person may be told, by the room that says it. A message names the value, the limit and "
            "the remedy; commands print it without a traceback (exit code 2), the API gives it as "
            "`{code, message, remedy, errors}`. This page is generated; "
            "`python -m watchfloor.cli.reference docs` writes it anew."
        ),
        "",
    ]
    for room, errors in groupby(error_classes(), key=_room):
        parts += [f"## `{room}`", "", "| Error | Said when | A kind of |", "| --- | --- | --- |"]
        parts += [f"| `{e.__name__}` | {_meaning(e)} | `{e.__bases__[0].__name__}` |" for e in errors]
        parts.append("")
    return "\n".join(parts)


def _room(error: type[WatchfloorError]) -> str:
    return error.__module__.split(".")[1]


def _meaning(error: type[WatchfloorError]) -> str:
    return (inspect.getdoc(error) or "").partition("\n")[0].replace("|", "\\|")
