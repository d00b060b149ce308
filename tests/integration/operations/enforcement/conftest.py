"""An endpoint's server on this machine that answers as told, and short ways to decide cases."""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest

from watchfloor.operations.review.models import Decision
from watchfloor.operations.review.services import Answer, claim, submit


@dataclass
class Told:
    """What a server was told, and how it answers: the statuses one after the other, then the last again."""

    url: str
    statuses: list[int] = field(default_factory=lambda: [204])
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs_seconds: float = 0.0
    trickles: bool = False

    def next_status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    told: Told

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the client gives up on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        told: Told = self.server.told
        length = int(self.headers.get("Content-Length", "0"))
        told.requests.append((dict(self.headers), self.rfile.read(length)))
        time.sleep(told.hangs_seconds)
        self.send_response(told.next_status())
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(told.body) or (100_000 if told.trickles else 0)))
        self.end_headers()
        while told.trickles:
            self.wfile.write(b".")
            time.sleep(0.02)
        self.wfile.write(told.body)

    do_GET = do_POST  # noqa: N815 -- the base class calls it so

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def serve(settings: Any) -> Iterator[Callable[..., Told]]:
    """Start a server that answers as told; callbacks may reach it."""
    settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS = ("127.0.0.1", "localhost")
    servers = []

    def start(**how: Any) -> Told:
        server = _Server(("127.0.0.1", 0), _Handler)
        server.told = Told(url=f"http://127.0.0.1:{server.server_port}/hook", **how)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return server.told

    yield start
    for server in servers:
        server.told.trickles = False
        server.shutdown()
        server.server_close()


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def rng() -> random.Random:
    return random.Random(7)


@pytest.fixture
def decide() -> Callable[..., Decision]:
    """Enqueue a case, let a new reviewer answer it, and return its decision."""
    reviewers = iter(range(10_000))

    def one(floor: Any, queue: Any, *, labels: tuple[str, ...] = ("scam",), **values: Any) -> Decision:
        fields = values.pop("fields", {})
        at = values.pop("at", floor.now)
        person = values.pop("person", {})
        (case_id,) = floor.enqueue(queue, **values)
        reviewer = floor.reviewer(f"decider-{next(reviewers)}", **person)
        taken = claim(reviewer=reviewer, now=at, queues=[queue.pk])
        assert taken is not None
        assert taken.case_id == case_id
        answer = Answer(labels=labels, fields=fields)
        done = submit(lease_token=taken.token, answer=answer, now=at + timedelta(minutes=1))
        assert isinstance(done.decision_id, UUID)
        return Decision.objects.get(pk=done.decision_id)

    return one
