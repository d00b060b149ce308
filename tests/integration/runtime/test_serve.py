"""`watchfloor serve` as a person runs it: start, sign in once, survive a crash, stop, start again."""

import http.cookiejar
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
WATCHFLOOR = [sys.executable, "-m", "watchfloor.cli"]


def free_port() -> int:
    """Return a port that is free, and whose next one is free too."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            try:
                two.bind(("127.0.0.1", one.getsockname()[1] + 1))
            except OSError:
                continue
            return int(one.getsockname()[1])


class Served:
    """A running `watchfloor serve`."""

    def __init__(self, data: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.environ = {**os.environ, "WATCHFLOOR_DATA": str(data), "WATCHFLOOR_PORT": str(port)}
        self.environ.pop("DATABASE_URL", None)
        self.process = subprocess.Popen(
            [*WATCHFLOOR, "serve"],
            env=self.environ,
            cwd=data.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_link(self) -> str:
        """Return the sign-in link, once it is printed."""
        said = []
        assert self.process.stdout
        for line in self.process.stdout:
            said.append(line)
            if "/sign-in/" in line:
                return line.strip()
        raise AssertionError("".join(said))

    def stop(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=60)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Return what another command says beside the running operation."""
        return subprocess.run(
            [*WATCHFLOOR, *arguments], env=self.environ, capture_output=True, text=True, check=False
        )


@pytest.fixture
def serve(data: Path) -> Iterator[Callable[[], Served]]:
    """Starts `watchfloor serve` on a data directory; ended, however, at the test's end."""
    port = free_port()
    started: list[Served] = []

    def start() -> Served:
        started.append(Served(data, port))
        return started[-1]

    yield start
    for served in started:
        served.process.kill()
        served.process.wait()
        if served.process.stdout:
            served.process.stdout.close()


def status_of(address: str, opener: urllib.request.OpenerDirector | None = None) -> int:
    """Return the status that the address answers with after redirects."""
    opener = opener or urllib.request.build_opener()
    try:
        with opener.open(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def children_named(word: str) -> list[int]:
    """Return the processes with that word in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if word.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_an_operation_serves_signs_in_once_survives_and_starts_again(
    serve: Callable[[], Served], data: Path
) -> None:
    served = serve()
    link = served.read_link()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    assert status_of(f"{served.address}/healthz") == 200
    assert status_of(link, browser) == 200
    assert status_of(f"{served.address}/", browser) == 200
    # The link works once; whoever comes later is told so.
    assert status_of(link) == 410

    second = served.run("serve", "--port", "1")
    assert second.returncode == 2
    assert f"already runs on {data}" in second.stderr
    assert "Traceback" not in second.stderr

    whole = served.run("verify")
    assert whole.returncode == 0, whole.stderr
    assert "The audit trail is whole" in whole.stdout

    port = served.address.rpartition(":")[2]
    web = children_named(f"--port\0{port}\0")
    assert web
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if status_of(f"{served.address}/", browser) == 200:
                break
        except OSError:
            time.sleep(0.2)
    assert status_of(f"{served.address}/", browser) == 200

    assert served.stop() == 0
    again = serve()
    again.read_link()
    assert status_of(f"{served.address}/", browser) == 200, "the session holds over a restart"
    assert again.stop() == 0


def test_killing_the_supervisor_leaves_nothing_running(
    serve: Callable[[], Served], data: Path, await_nothing_in: Callable[..., None]
) -> None:
    served = serve()
    served.read_link()
    served.process.kill()
    served.process.wait()
    await_nothing_in(data.parent, seconds=30)
