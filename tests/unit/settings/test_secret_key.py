"""The signing key is made once, closed to others, and never made by merely importing the settings."""

import stat
from pathlib import Path

from watchfloor.settings.environment import read_environment
from watchfloor.settings.secret import keep_secret_key, key_path, secret_key


def test_the_kept_key_is_closed_and_stays(tmp_path: Path) -> None:
    data = tmp_path / "var"
    environment = read_environment({"WATCHFLOOR_DATA": str(data)})
    kept = keep_secret_key(data)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    first = secret_key(environment)
    keep_secret_key(data)
    assert secret_key(environment) == first
    assert len(first) >= 60
    assert [entry.name for entry in data.iterdir()] == ["secret_key"]


def test_reading_the_key_makes_no_file(tmp_path: Path) -> None:
    environment = read_environment({"WATCHFLOOR_DATA": str(tmp_path / "var")})
    assert secret_key(environment) != secret_key(environment)
    assert not key_path(environment.data).exists()


def test_a_key_that_is_set_holds(tmp_path: Path) -> None:
    environment = read_environment({"WATCHFLOOR_DATA": str(tmp_path), "WATCHFLOOR_SECRET_KEY": "k" * 40})
    assert secret_key(environment) == "k" * 40
