"""Claim and submit over HTTP with the package's client, against an address that does nothing.

One process of the web server with two threads, as `watchfloor serve` runs it; four clients, each with a
connection of its own. The ratio is of requests a second; nothing is owed but to say it.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import floor_at_work as floor
from benchmarks.operation import scratch_operation

CLIENTS, ROUNDS = 4, 3


def main(*, small: bool = False) -> dict[str, float]:
    """Print and return requests a second, and the ratio."""
    cases, seconds = (20_000, 4.0) if small else (100_000, 10.0)
    with scratch_operation() as data:
        people = floor.build_queues()
        floor.fill(cases=cases)
        token = issue()
        port = free_port()
        server = start_server(data, port)
        try:
            await_server(port, token)
            parts = [
                (port, token, [f"b-{n:04d}" for n in range(c, len(people), CLIENTS)]) for c in range(CLIENTS)
            ]
            pairs = [
                (
                    floor.rate_of_processes(data, turns, parts, seconds),
                    floor.rate_of_processes(data, nothings, parts, seconds),
                )
                for _ in range(ROUNDS)
            ]
        finally:
            server.terminate()
            server.wait(30)
    work, nothing = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(2 * one / other for one, other in pairs)
    print(
        f"over HTTP: {work:,.0f} turns/s (two requests each), nothing {nothing:,.0f} requests/s,"
        f" ratio of requests {ratio:.2f}"
    )
    return {"turns_http": work, "nothing_http": nothing, "ratio_nothing": ratio}


def turns(given: tuple[int, str, list[str]], seconds: float, begin: Any, done: Any) -> None:
    """Claim and submit without pause; add the number of turns to `done`."""
    from watchfloor.client import Client

    port, token, people = given
    with Client(f"http://127.0.0.1:{port}", token) as client:
        client.claims(people[0])
        begin.wait()
        count, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            (case,) = client.claim(people[count % len(people)])
            client.submit(case["token"])
            count += 1
    with done.get_lock():
        done.value += count


def nothings(given: tuple[int, str, list[str]], seconds: float, begin: Any, done: Any) -> None:
    """Ask for nothing without pause; add the number of requests to `done`."""
    from watchfloor.client import Client

    port, token, _ = given
    with Client(f"http://127.0.0.1:{port}", token) as client:
        client._call("POST", "/nothing", {})
        begin.wait()
        count, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            client._call("POST", "/nothing", {})
            count += 1
    with done.get_lock():
        done.value += count


def issue() -> str:
    """Return the token of a client that may claim everywhere."""
    from watchfloor.operations.people.access import Reach, issue_token
    from watchfloor.operations.record.viewers import ALL_BOUNDARIES, Viewer

    _, token = issue_token(
        slug="bench",
        name="Bench",
        roles=["engineer"],
        by=Viewer.system("bench"),
        now=datetime.now(UTC),
        reach=Reach(data_boundary=ALL_BOUNDARIES),
    )
    return token


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start_server(data: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start the web server of the operation, with the address that does nothing."""
    command = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    command += ["--log-level", "error", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "2"]
    environ = {**os.environ, "WATCHFLOOR_DATA": str(data), "WATCHFLOOR_DATABASE_POOL": "2"}
    environ["WATCHFLOOR_API_REQUESTS_PER_MINUTE"] = "0"  # the limit is not what is measured
    return subprocess.Popen(
        [*command, "benchmarks.http_app:application"], env=environ, cwd=Path(__file__).parents[1]
    )


def await_server(port: int, token: str) -> None:
    """Wait until the server answers."""
    from watchfloor.client import Client, UnreachableError

    for _ in range(120):
        try:
            Client(f"http://127.0.0.1:{port}", token)._call("POST", "/nothing", {})
        except UnreachableError:
            time.sleep(0.5)
        else:
            return
    raise TimeoutError("The web server did not answer within a minute.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    main(small=parser.parse_args().small)
