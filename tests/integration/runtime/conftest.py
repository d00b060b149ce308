"""A fresh data directory for each test, and what is left running in it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

Started = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory that does not exist yet, with a short path, that is not in use afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="wf-"))
    directory.chmod(0o755)
    yield directory / "var"
    await_no_process_in(directory)
    shutil.rmtree(directory, ignore_errors=True)


def await_no_process_in(directory: Path, *, seconds: float = 15.0) -> None:
    """Fail when, after a while, a process still stands in the directory: it was leaked."""
    until = time.monotonic() + seconds
    while (left := processes_in(directory)) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"leaked processes {left} in {directory}"


def processes_in(directory: Path) -> list[int]:
    """Return the processes whose working directory is in the directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                place = (entry / "cwd").readlink()
                ended = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except OSError:
                continue
            if place.is_relative_to(directory) and not ended:
                found.append(int(entry.name))
    return found


@pytest.fixture
def processes() -> Callable[[Path], list[int]]:
    """Lists the processes whose working directory is in a directory."""
    return processes_in


@pytest.fixture
def await_nothing_in() -> Callable[..., None]:
    """Waits until no process stands in a directory, and fails when one stays."""
    return await_no_process_in


def interpreter_for(uid: int | None) -> str:
    """Return a Python of this version that this user may run, or skip the test when there is none."""
    if uid is None or open_to_all(Path(sys.executable)):
        return sys.executable
    system = Path("/usr/bin") / f"python3.{sys.version_info.minor}"
    if not system.is_file():
        pytest.skip(f"{sys.executable} stands where user {uid} may not enter, and there is no {system}")
    if not open_to_all(Path(psycopg.__file__)):
        pytest.skip(f"the packages stand where user {uid} may not enter")
    return str(system)


def open_to_all(path: Path) -> bool:
    """Return whether any user may reach and read the file."""
    real = path.resolve()
    return all(parent.stat().st_mode & 0o001 for parent in real.parents) and bool(real.stat().st_mode & 0o004)


@pytest.fixture
def owner() -> Iterator[Started]:
    """Starts a Python process that owns a server; ended, however, at the test's end."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object, uid: int | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [interpreter_for(uid), "-c", textwrap.dedent(script), *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            user=uid,
            group=uid,
            extra_groups=[] if uid else None,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
