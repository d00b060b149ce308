"""Writes the reference pages of commands, settings and errors: `python -m watchfloor.cli.reference DOCS`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from watchfloor.cli.error_reference import errors_page
from watchfloor.cli.main import cli
from watchfloor.settings.environment import settings


def commands_page() -> str:
    """Return the reference of every command, as the command itself tells it."""
    parts = [
        "# Commands",
        "",
        (
            "What `watchfloor COMMAND --help` prints, for every command. This page is generated; "
            "`python -m watchfloor.cli.reference docs` writes it anew."
        ),
        "",
        "Exit codes: 0 done; 2 an expected failure, told in one message; 130 stopped by Ctrl-C.",
        "",
    ]
    for context in contexts_below(context_of(cli, name="watchfloor", parent=None)):
        depth = context.command_path.count(" ") + 2
        parts += [f"{'#' * min(depth, 4)} `{context.command_path}`", "", "```text"]
        parts += [line.rstrip() for line in context.command.get_help(context).splitlines()]
        parts += ["```", ""]
    return "\n".join(parts)


def context_of(command: click.Command, *, name: str, parent: click.Context | None) -> click.Context:
    """Return the context in which the command prints its help, of one width whatever the terminal."""
    written = {**command.context_settings, "max_content_width": 100, "terminal_width": 100}
    return click.Context(command, info_name=name, parent=parent, **written)


def contexts_below(context: click.Context) -> Iterator[click.Context]:
    """Give the context of a command and of every command below it."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            child = context.command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from contexts_below(context_of(child, name=name, parent=context))


def settings_page() -> str:
    """Return the reference of every setting."""
    parts = [
        "# Settings",
        "",
        (
            "Everything is set by variables of the environment. A variable named `WATCHFLOOR_…` that "
            "is not in this table is refused, with the nearest name: a misspelt setting is never ignored. "
            "This page is generated; `python -m watchfloor.cli.reference docs` writes it anew."
        ),
        "",
        "| Variable | Meaning | May be | When absent |",
        "| --- | --- | --- | --- |",
    ]
    parts += [f"| `{s.variable}` | {s.meaning} | {s.limit} | {s.default} |" for s in settings()]
    return "\n".join([*parts, ""])


def main(docs: Path) -> None:
    """Write the pages below the directory of the documentation."""
    (docs / "reference" / "commands.md").write_text(commands_page(), encoding="utf-8")
    (docs / "reference" / "settings.md").write_text(settings_page(), encoding="utf-8")
    (docs / "reference" / "errors.md").write_text(errors_page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
