"""What the environment makes of Django's settings, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

READ = """
import json
from watchfloor.settings import django as s
print(json.dumps([s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_NAME,
                  list(s.SOCIALACCOUNT_PROVIDERS), s.DATABASES["default"]["HOST"]]))
"""


def read(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WATCHFLOOR_")}
    environ.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-c", READ],
        env={**environ, "WATCHFLOOR_DATA": str(tmp_path / "var"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_importing_the_settings_writes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_an_https_origin_closes_cookies_and_is_trusted(tmp_path: Path) -> None:
    said = read(tmp_path, WATCHFLOOR_ORIGIN="https://floor.example")
    assert '"floor.example"' in said.stdout
    assert '["https://floor.example"], true' in said.stdout


def test_two_operations_on_one_host_have_cookies_of_their_own(tmp_path: Path) -> None:
    one = read(tmp_path / "one").stdout.split('"watchfloor_session_')[1][:8]
    two = read(tmp_path / "two").stdout.split('"watchfloor_session_')[1][:8]
    assert one != two


def test_a_provider_is_offered_when_it_is_set(tmp_path: Path) -> None:
    said = read(
        tmp_path,
        WATCHFLOOR_OIDC_ISSUER="https://id.example",
        WATCHFLOOR_OIDC_CLIENT_ID="floor",
        WATCHFLOOR_OIDC_CLIENT_SECRET="s3cret",
    )
    assert '["openid_connect"]' in said.stdout


def test_a_database_of_ones_own_takes_the_embedded_ones_place(tmp_path: Path) -> None:
    said = read(tmp_path, DATABASE_URL="postgresql://floor@db.example/floor")
    assert '"db.example"' in said.stdout


def test_a_misspelt_variable_stops_django_too(tmp_path: Path) -> None:
    said = read(tmp_path, WATCHFLOOR_PROT="1")
    assert said.returncode != 0
    assert "Did you mean WATCHFLOOR_PORT" in said.stderr
