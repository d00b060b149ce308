"""What every test may use: an embedded PostgreSQL, and a data directory to throw away.

Nothing needs to be set by hand. The server is started by the first test that needs it. Each worker of
pytest-xdist has one of its own, because a transaction in one database keeps the events of every other one
on the server unsettled. It dies with its process. With DATABASE_URL set, that PostgreSQL is used instead.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from watchfloor.operations.shell.translations import compile_translations
from watchfloor.settings.embedded.server import Server

TEMPORARY = pytest.StashKey[Path]()
SERVER = pytest.StashKey[Server]()


def pytest_configure(config: pytest.Config) -> None:
    """Point the settings at a throw-away data directory, and compile the Chinese that was changed."""
    compile_translations()
    # Not pytest's own temporary directory: that is closed to the server's user, and its paths are long.
    temporary = Path(tempfile.mkdtemp(prefix="wf-"))
    temporary.chmod(0o711)
    config.stash[TEMPORARY] = temporary
    django_settings.WATCHFLOOR_DATA = temporary / "data"
    django_settings.WATCHFLOOR_FACTS_ROOT = temporary / "data" / "facts"
    django_settings.STATIC_ROOT = temporary / "static"
    django_settings.EMAIL_FILE_PATH = temporary / "mail"
    django_settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    django_settings.WHITENOISE_AUTOREFRESH = True
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove what the run wrote."""
    if SERVER in config.stash:
        config.stash[SERVER].stop()
    if TEMPORARY in config.stash:
        shutil.rmtree(config.stash[TEMPORARY], ignore_errors=True)


def start_server(config: pytest.Config) -> str:
    """Return the directory of the socket of this run's server, started now unless it runs or is given."""
    if os.environ.get("DATABASE_URL"):
        return ""
    if SERVER not in config.stash:
        config.stash[SERVER] = Server(config.stash[TEMPORARY] / "pg", forgetful=True).start()
    return str(config.stash[SERVER].places.sockets)


@pytest.fixture(scope="session")
def postgresql_sockets(request: pytest.FixtureRequest) -> str:
    """Directory of the running server's socket; empty when DATABASE_URL names a server."""
    return start_server(request.config)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgresql_sockets: str,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Point Django at this run's server before pytest-django makes its databases."""
    from django.db import connections

    # Tests that commit empty the tables after themselves, the append-only ones too.
    options = connections["default"].settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c watchfloor.emptying=on".strip()
    if postgresql_sockets:
        django_settings.DATABASES["default"]["HOST"] = postgresql_sockets
        connections["default"].settings_dict["HOST"] = postgresql_sockets


@pytest.fixture(scope="session")
def django_db_keepdb(postgresql_sockets: str) -> bool:
    """Whether the databases outlive the run; in a server of the run's own they go with it."""
    return bool(postgresql_sockets)


@pytest.fixture(scope="session")
def short_directory() -> Iterator[Path]:
    """A directory with a short path that other users may pass through, for databases that a test starts."""
    directory = Path(tempfile.mkdtemp(prefix="wf-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
