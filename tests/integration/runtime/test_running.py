"""The demo as a person runs it: start, sign in once, watch it live, survive a crash, stop, start again."""

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
from psycopg import sql

from watchfloor.settings.embedded.server import Server

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
    """A running `watchfloor demo` or `watchfloor serve`."""

    def __init__(self, data: Path, port: int, *command: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.environ = {**os.environ, "WATCHFLOOR_DATA": str(data), "WATCHFLOOR_PORT": str(port)}
        self.environ.pop("DATABASE_URL", None)
        self.process = subprocess.Popen(
            [*WATCHFLOOR, *command],
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
def start(data: Path) -> Iterator[Callable[..., Served]]:
    """Starts the operation on a data directory; ended, however, at the test's end."""
    port = free_port()
    started: list[Served] = []

    def begin(*command: str) -> Served:
        started.append(Served(data, port, *command))
        return started[-1]

    yield begin
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


def count_of(data: Path, table: str) -> int:
    """Return the rows of a table of the running operation."""
    with Server(data).connect() as connection:
        found = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        ).fetchone()
    assert found
    return int(found[0])


def await_more(data: Path, table: str, than: int, *, seconds: float = 120.0) -> int:
    """Return the rows of a table once there are more than so many: the operation lives."""
    until = time.monotonic() + seconds
    while (found := count_of(data, table)) <= than:
        assert time.monotonic() < until, f"{table} still has {found} rows after {seconds:.0f} s"
        time.sleep(0.5)
    return found


@pytest.mark.timeout(600)
def test_the_demo_lives_signs_in_once_survives_a_crash_continues_and_leaks_nothing(
    start: Callable[..., Served], data: Path, await_nothing_in: Callable[..., None]
) -> None:
    served = start("demo", "--days", "1")
    link = served.read_link()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    assert status_of(f"{served.address}/healthz") == 200
    assert status_of(link, browser) == 200
    assert status_of(link) == 410, "the link works once"

    reviews = await_more(data, "review_review", than=0)

    second = served.run("serve", "--port", "1")
    assert second.returncode == 2
    assert f"already runs on {data}" in second.stderr
    assert "Traceback" not in second.stderr

    whole = served.run("verify")
    assert whole.returncode == 0, whole.stderr
    assert "The audit trail is whole" in whole.stdout

    port = served.address.rpartition(":")[2]
    for pid in children_named(f"--port\0{port}\0"):
        os.kill(pid, signal.SIGKILL)
    await_page(f"{served.address}/", browser)
    cases = count_of(data, "review_case")
    assert served.stop() == 0

    again = start("demo", "--days", "1")
    again.read_link()
    assert status_of(f"{served.address}/", browser) == 200, "the session holds over a restart"
    assert count_of(data, "review_case") >= cases
    await_more(data, "review_review", than=reviews)

    again.process.kill()
    again.process.wait()
    # Nobody told the children: each ends because its parent did.
    await_nothing_in(data.parent, seconds=60)


def await_page(address: str, browser: urllib.request.OpenerDirector, *, seconds: float = 60.0) -> None:
    """Return when the page answers 200."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if status_of(address, browser) == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{address} does not answer after {seconds:.0f} s")
