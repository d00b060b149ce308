"""Deals with what an earlier server left: a process that still shuts down, or a pid file without one."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from watchfloor.settings.embedded.errors import ServerFailed
from watchfloor.settings.embedded.places import Places

PATIENCE_SECONDS = 10.0


def clear_leftovers(places: Places, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Return when no server uses the cluster and no stale pid file stands in the way.

    A server whose owner was killed shuts down by itself; it is waited for, then asked, then told. A pid file
    whose number belongs to no process, or to a stranger (numbers start again after a restart), is removed:
    PostgreSQL itself would refuse for a stranger of the same user.

    Raises:
        ServerFailed: the earlier server does not end.

    """
    for number in (None, signal.SIGINT, signal.SIGQUIT):
        pid = live_server(places.cluster)
        if pid is None:
            break
        if number is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        await_end(places.cluster, seconds=patience_seconds)
    pid = live_server(places.cluster)
    if pid is not None:
        raise ServerFailed(
            f"The earlier server, process {pid}, still uses {places.cluster} "
            f"after {3 * patience_seconds:.0f} s.",
            remedy=f"End process {pid}, then start again.",
        )
    for leftover in (
        places.cluster / "postmaster.pid",
        places.socket,
        places.socket.with_name(places.socket.name + ".lock"),
    ):
        leftover.unlink(missing_ok=True)


def await_end(cluster: Path, *, seconds: float) -> None:
    """Return when no server uses the cluster, or the seconds are over."""
    until = time.monotonic() + seconds
    while live_server(cluster) is not None and time.monotonic() < until:
        time.sleep(0.05)


def live_server(cluster: Path) -> int | None:
    """Return the process id of the server that uses the cluster, or None."""
    try:
        pid = int((cluster / "postmaster.pid").read_text(encoding="ascii", errors="replace").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if serves(pid, cluster) else None


def serves(pid: int, cluster: Path) -> bool:
    """Return whether that process is a server of that cluster: one stands in the directory it serves."""
    process = Path("/proc") / str(pid)
    if process.parent.is_dir() and (process.parent / "self").exists():
        try:
            same = (process / "cwd").readlink() == cluster.resolve()
            ended = (
                (process / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
            )
        except OSError:
            return False
        return same and ended != "Z"
    listed = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return str(cluster) in listed.stdout
