"""The supervisor keeps children alive, pauses between starts, and leaves none behind."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from watchfloor.cli.ports import PortTakenError, refuse_taken_port
from watchfloor.cli.supervisor import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Child, Supervisor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

SLEEP = ("/bin/sleep", "60")


def ends(pid: int, *, seconds: float = 10.0) -> bool:
    """Return whether the process ends within the seconds; one that nobody has buried counts as ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def supervisor_of(*children: Child, directory: Path) -> tuple[Supervisor, list[str]]:
    told: list[str] = []
    return Supervisor(children, server=None, logs=directory / "logs", tell=told.append), told


def test_a_child_that_ends_is_started_again_after_its_pause(tmp_path: Path) -> None:
    child = Child(name="brief", command=("/bin/sh", "-c", "echo gone; exit 3"))
    supervisor, told = supervisor_of(child, directory=tmp_path)
    supervisor.start(first={"brief"})
    assert child.process
    child.process.process.wait()
    now = time.monotonic()
    supervisor.look(now=now)
    assert child.process is None
    assert "brief ended with code 3" in told[0]
    assert "brief.log" in told[0]
    supervisor.look(now=now + FIRST_PAUSE_SECONDS / 2)
    assert child.process is None
    supervisor.look(now=now + FIRST_PAUSE_SECONDS)
    assert child.process is not None
    supervisor.stop()
    assert (tmp_path / "logs" / "brief.log").read_text().startswith("gone\n")


def test_pauses_double_up_to_a_limit_and_begin_anew_after_a_good_run() -> None:
    child = Child(name="x", command=SLEEP)
    pauses = []
    for _ in range(9):
        child.started_at = 100.0
        child.note_end(now=101.0)
        pauses.append(child.starts_at - 101.0)
    # 0.5, 1, 2, 4, 8, 16, then the limit of 30
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, LONGEST_PAUSE_SECONDS]
    child.started_at = 100.0
    child.note_end(now=200.0)
    assert child.starts_at - 200.0 == FIRST_PAUSE_SECONDS


def test_the_rest_waits_until_it_may_start(tmp_path: Path) -> None:
    one, two = Child(name="one", command=SLEEP), Child(name="two", command=SLEEP)
    supervisor, _ = supervisor_of(one, two, directory=tmp_path)
    supervisor.start(first={"one"})
    supervisor.look(now=time.monotonic())
    assert two.process is None
    supervisor.start_rest()
    supervisor.look(now=time.monotonic())
    assert two.process is not None
    supervisor.stop()
    assert one.process is None
    assert two.process is None


def test_stopping_ends_a_child_that_ignores_the_request_and_its_own_children(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 61 & echo $!; while :; do sleep 0.1; done"
    child = Child(name="deaf", command=("/bin/sh", "-c", script))
    supervisor, _ = supervisor_of(child, directory=tmp_path)
    supervisor.start(first={"deaf"})
    log = tmp_path / "logs" / "deaf.log"
    while not log.read_text().strip():
        time.sleep(0.01)
    grandchild = int(log.read_text())
    assert child.process
    child.process.stop((signal.SIGTERM, 0.2))
    assert ends(grandchild)


def test_killing_the_supervisor_ends_its_children(
    tmp_path: Path, owner: Callable[..., subprocess.Popen[str]]
) -> None:
    process = owner(
        """
        import sys, time
        from pathlib import Path
        from watchfloor.cli.supervisor import Child, Supervisor
        child = Child(name="one", command=("/bin/sleep", "60"))
        Supervisor([child], server=None, logs=Path(sys.argv[1]), tell=print).start(first={"one"})
        print(child.process.pid, flush=True)
        time.sleep(60)
        """,
        tmp_path,
    )
    assert process.stdout
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    assert ends(child)


def test_a_taken_port_is_named_with_the_option_that_changes_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"Port {port} on 127.0.0.1 is in use.*--port {port + 10}"):
            refuse_taken_port(host="127.0.0.1", port=port, option="--port")


def test_a_free_port_is_left_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    refuse_taken_port(host="127.0.0.1", port=port, option="--port")
    refuse_taken_port(host="127.0.0.1", port=port, option="--port")
