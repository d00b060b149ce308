"""Makes the database's directory and says how its server is set."""

import secrets
import shutil
import signal
import stat
import subprocess
from pathlib import Path

from watchfloor.settings.embedded.binaries import BUILTIN_LOCALE_MAJOR, Programs
from watchfloor.settings.embedded.errors import PlaceUnfit, ServerFailed
from watchfloor.settings.embedded.identity import Runner, hand_over
from watchfloor.settings.embedded.places import LOCATION_FILE, SYSTEM_DIRECTORY, Places, closed_parent
from watchfloor.settings.embedded.processes import Bound

USER = "watchfloor"

SERVING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # What was acknowledged is on the disk.
    "synchronous_commit": "on",
    # A backup is taken while the server runs, over a connection of the kind that feeds a copy.
    "wal_level": "replica",
    "max_wal_senders": "4",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # The hot tables turn over every second.
    "autovacuum_naptime": "10s",
    "autovacuum_vacuum_scale_factor": "0.05",
    # A transaction left open pins the oldest snapshot, and every claim pays for it.
    "idle_in_transaction_session_timeout": "60s",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
# For tests, whose data nobody misses.
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "checkpoint_timeout": "1d",
    "max_connections": "60",
}
# Newer servers end a transaction that runs for longer than the longest export needs.
TRANSACTION_TIMEOUT_MAJOR = 17


def server_options(*, programs: Programs, places: Places, forgetful: bool) -> dict[str, str]:
    """Return the server's settings."""
    options = {**SERVING, "unix_socket_directories": str(places.sockets)}
    if programs.major >= TRANSACTION_TIMEOUT_MAJOR:
        options["transaction_timeout"] = "30min"
    return {**options, **(FORGETFUL if forgetful else {})}


def choose_home(places: Places, *, runner: Runner) -> Places:
    """Return where the database is to stand: in the data directory, or for root, where its server can go.

    The choice is noted in the data directory, so that every process finds it.

    Raises:
        PlaceUnfit: the server's user can enter neither place.

    """
    if not runner.drops or places.home.exists():
        return places
    if closed_parent(places.data, uid=runner.uid, gid=runner.gid) is None:
        return places
    if closed_parent(SYSTEM_DIRECTORY, uid=runner.uid, gid=runner.gid) is not None:
        raise PlaceUnfit(
            f"We are root, which PostgreSQL refuses, and user {runner.uid} may enter neither {places.data} "
            f"nor {SYSTEM_DIRECTORY}.",
            remedy="Set WATCHFLOOR_DATA to a directory below one that all may enter, or set DATABASE_URL.",
        )
    SYSTEM_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = SYSTEM_DIRECTORY / secrets.token_hex(8)
    (places.data / LOCATION_FILE).write_text(f"{home}\n", encoding="utf-8")
    return Places(data=places.data, home=home)


def make_home(places: Places, *, runner: Runner) -> None:
    """Make the directories of the database and of its socket. Nothing outside them changes.

    Raises:
        PlaceUnfit: the socket's directory belongs to somebody else, or is a link.

    """
    places.home.mkdir(exist_ok=True)
    # Root's server enters as another user; nobody else can list what stands there.
    places.home.chmod(0o711 if runner.drops else 0o700)
    try:
        places.sockets.mkdir(mode=0o700)
        hand_over(places.sockets, runner=runner)
    except FileExistsError:
        found = places.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != runner.uid or found.st_mode & 0o077:
            raise PlaceUnfit(
                f"{places.sockets} is not a private directory of user {runner.uid}.",
                remedy="Remove it, or set WATCHFLOOR_DATA to a shorter path.",
            ) from None


def make_cluster(places: Places, *, programs: Programs, runner: Runner) -> None:
    """Make the database's files with initdb, all or nothing.

    Raises:
        ServerFailed: initdb failed; the message holds its last lines.

    """
    draft = places.home / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    maker = runner.maker
    hand_over(draft, runner=maker)
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if programs.major >= BUILTIN_LOCALE_MAJOR
        else ["--no-locale"]
    )
    command: list[str | Path] = [
        programs.directory / "initdb",
        f"--pgdata={draft}",
        f"--username={USER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-instructions",
        *locale,
    ]
    said = places.home / "initdb.log"
    with said.open("wb") as output:
        making = Bound(command, directory=draft, output=output, runner=maker, death_signal=signal.SIGKILL)
        try:
            code = making.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            code = making.stop((signal.SIGTERM, 5.0))
    if code != 0:
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-6:]
        raise ServerFailed(
            f"initdb ended with code {code}: {' '.join(lines)}",
            remedy=f"See {said}, free space on the disk and the directory's permissions.",
        )
    hand_over(draft, runner=runner)
    draft.rename(places.cluster)


def major_of(cluster: Path) -> int | None:
    """Return the major version of the files that stand there, or None when there are none."""
    try:
        return int((cluster / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
    except (FileNotFoundError, NotADirectoryError):
        return None
