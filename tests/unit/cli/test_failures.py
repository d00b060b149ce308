"""An expected failure is one message and exit code 2; a misspelt command gets the nearest name."""

import pytest

from watchfloor.cli.main import main
from watchfloor.settings.environment import SettingsError


def exit_of(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_a_wrong_setting_is_one_message_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WATCHFLOOR_PORT", "99999")
    assert exit_of(["database", "status"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "WATCHFLOOR_PORT is '99999'" in said.err
    assert "Traceback" not in said.err


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHFLOOR_PORT", "99999")
    with pytest.raises(SettingsError):
        main(["--debug", "database", "status"])


def test_a_misspelt_command_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["metrik", "aht"]) == 2
    assert "Did you mean 'metric'" in capsys.readouterr().err


def test_help_names_every_command_and_needs_no_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["--help"]) == 0
    assert "demo" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(["--version"]) == 0
    assert capsys.readouterr().out.startswith("watchfloor ")
