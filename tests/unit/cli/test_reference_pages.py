"""An undocumented command, setting or error is a failing test; the pages are generated."""

from pathlib import Path

import click
import pytest

from watchfloor.cli.error_reference import error_classes, errors_page
from watchfloor.cli.main import COMMANDS, cli
from watchfloor.cli.reference import commands_page, context_of, contexts_below, settings_page
from watchfloor.settings.environment import settings

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
REMEDY = "run: python -m watchfloor.cli.reference docs"


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == commands_page(), REMEDY


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page(), REMEDY


def test_the_page_of_errors_is_what_the_errors_say() -> None:
    assert (DOCS / "errors.md").read_text(encoding="utf-8") == errors_page(), REMEDY


def test_every_error_says_when_it_is_said() -> None:
    silent = [
        error.__qualname__ for error in error_classes() if not (error.__dict__.get("__doc__") or "").strip()
    ]
    assert not silent


def test_every_setting_has_its_row() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert [s.variable for s in settings() if f"| `{s.variable}` |" not in page] == []


EVERY_COMMAND = {
    context.command_path: context.command
    for context in contexts_below(context_of(cli, name="watchfloor", parent=None))
}


@pytest.mark.parametrize("path", EVERY_COMMAND)
def test_a_command_and_each_of_its_options_say_what_they_do(path: str) -> None:
    command = EVERY_COMMAND[path]
    assert command.help
    undescribed = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
    assert not undescribed


def test_every_command_of_the_table_is_there() -> None:
    assert {f"watchfloor {name}" for name in COMMANDS} <= set(EVERY_COMMAND)
