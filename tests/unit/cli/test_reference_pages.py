"""An undocumented command or setting is a failing test; both pages are generated."""

from pathlib import Path

import pytest

from watchfloor.cli.main import COMMANDS, cli
from watchfloor.cli.reference import commands_below, commands_page, settings_page
from watchfloor.settings.environment import settings

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
REMEDY = "run: python -m watchfloor.cli.reference docs"


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == commands_page(), REMEDY


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page(), REMEDY


def test_every_setting_has_its_row() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert [s.variable for s in settings() if f"| `{s.variable}` |" not in page] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_named_as_it_is_called_and_says_what_it_does(name: str) -> None:
    command = cli.get_command(cli.make_context("watchfloor", ["--help"], resilient_parsing=True), name)
    assert command is not None
    for _, below in commands_below(command, (name,)):
        assert below.help, f"{below.name} has no help"
        undescribed = [p.name for p in below.params if p.param_type_name == "option" and not p.help]  # type: ignore[attr-defined] # options have help
        assert not undescribed
