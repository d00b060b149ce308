"""The key that signs sessions and links: made once, kept in the data, readable by its owner alone."""

import os
import secrets
from pathlib import Path

from watchfloor.settings.environment import Environment, SettingsError

KEY_FILE = "secret_key"


def secret_key(environment: Environment) -> str:
    """Return the key: as set, as kept, or a passing one for a process that needs none that lasts.

    Writes nothing, so that settings can be imported anywhere. Whoever serves calls `keep_secret_key` before.

    Raises:
        SettingsError: the kept key cannot be read by this user.

    """
    if environment.secret_key:
        return environment.secret_key
    try:
        kept = key_path(environment.data).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        kept = ""
    except PermissionError as error:
        raise SettingsError(
            f"{key_path(environment.data)} may not be read by user {os.geteuid()}.",
            remedy="Run as the user that owns the data directory, or set WATCHFLOOR_SECRET_KEY.",
        ) from error
    return kept or secrets.token_urlsafe(48)


def keep_secret_key(data: Path) -> Path:
    """Return the file of the key, made now if there is none. Two makers at once agree on one key."""
    kept = key_path(data)
    if kept.exists():
        return kept
    data.mkdir(parents=True, exist_ok=True)
    draft = data / f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, kept)
    except FileExistsError:
        pass  # another process was first; its key holds
    finally:
        draft.unlink()
    return kept


def key_path(data: Path) -> Path:
    """Return where the key of that data directory is kept."""
    return data / KEY_FILE
