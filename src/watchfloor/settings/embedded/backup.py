"""Copies the embedded database while it runs, and puts a copy in place."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from watchfloor.settings.embedded.binaries import find_programs
from watchfloor.settings.embedded.cluster import USER, choose_home, major_of, make_home
from watchfloor.settings.embedded.errors import DatabaseError
from watchfloor.settings.embedded.identity import hand_over, runner_of
from watchfloor.settings.embedded.places import Places, places_of
from watchfloor.settings.embedded.server import make_data_directory


class BackupError(DatabaseError):
    """A copy of the database cannot be taken, read or put in place."""


def take_copy(*, places: Places, target: Path) -> None:
    """Copy the running database to `target`, with every change acknowledged until the copy ends.

    Transaction ids and the server's identity stay, so that an export goes on where it stood.

    Raises:
        BackupError: the copy failed, or what was written is not what was read.

    """
    programs = find_programs(major=major_of(places.cluster))
    _run(
        programs.directory / "pg_basebackup",
        f"--pgdata={target}",
        f"--host={places.sockets}",
        "--port=5432",
        f"--username={USER}",
        "--no-password",
        "--checkpoint=fast",
        "--wal-method=stream",
        "--manifest-checksums=SHA256",
    )
    check_copy(target)


def check_copy(copy: Path) -> None:
    """Compare every file of a copy with the list that PostgreSQL made beside it.

    Done here, because the wheel's own `pg_verifybackup` crashes.

    Raises:
        BackupError: a file is missing or changed, or the list is damaged.

    """
    manifest = copy / "backup_manifest"
    try:
        listed = json.loads(manifest.read_text(encoding="utf-8"))["Files"]
    except (OSError, ValueError, KeyError) as error:
        raise BackupError(
            f"{manifest} is missing or damaged.", remedy="Take the backup again, or use an older one."
        ) from error
    for each in listed:
        path = copy / (each.get("Path") or bytes.fromhex(each["Encoded-Path"]).decode())
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found = ""
        if found != each["Checksum"]:
            raise BackupError(
                f"{path} is {'not what was copied' if found else 'missing'}.",
                remedy="Take the backup again, or use an older one.",
            )


def place_copy(*, data: Path, copy: Path) -> Places:
    """Return where the copy now stands as the database of a data directory that had none.

    Raises:
        BackupError: a database stands there already, or the copy is damaged.

    """
    check_copy(copy)
    make_data_directory(data)
    places = places_of(data)
    if places.cluster.exists():
        raise BackupError(
            f"A database stands in {places.home} already.",
            remedy="Set WATCHFLOOR_DATA to a new directory; nothing is overwritten.",
        )
    runner = runner_of(places.data, places.cluster)
    places = choose_home(places, runner=runner)
    make_home(places, runner=runner)
    draft = places.home / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(copy, draft, symlinks=True)
    draft.chmod(0o700)
    hand_over(draft, runner=runner)
    draft.rename(places.cluster)
    return places


def _run(program: Path, *arguments: str) -> None:
    if not program.is_file():
        raise BackupError(
            f"{program} is not there.", remedy="Install PostgreSQL's client programs of the server's version."
        )
    run = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        said = " / ".join(run.stderr.strip().splitlines()[-3:])
        raise BackupError(
            f"{program.name} ended with code {run.returncode}: {said}",
            remedy="Check that the server runs, the disk has room, and the files are whole.",
        )
