"""A callback's receiver that fails, hangs and breaks off by chance, and notes what it was told."""

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks.reliability.history import Receipt


@dataclass
class Notes:
    """What was received; `is_well` ends the failures, so that what is due can come through."""

    rng: random.Random
    url: str = ""
    receipts: list[Receipt] = field(default_factory=list)
    is_well: bool = False
    failed: int = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    notes: Notes

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: senders are killed on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Note the message, then answer well, late, wrongly, or not at all."""
        notes: Notes = self.server.notes  # type: ignore[attr-defined]  # our own server
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chance = 1.0 if notes.is_well else notes.rng.random()
        status = 0 if chance < 0.05 else 500 if chance < 0.15 else 429 if chance < 0.2 else 204
        if 0.2 <= chance < 0.25:
            time.sleep(notes.rng.uniform(0.5, 3.0))
        digest = hashlib.sha256(body).hexdigest()
        notes.receipts.append(Receipt(self.headers.get("Idempotency-Key", ""), digest, status))
        notes.failed += status != 204
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def receiving(rng: random.Random) -> Iterator[Notes]:
    """Yield the notes of a receiver that runs while this lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.notes = Notes(rng, url=f"http://127.0.0.1:{server.server_port}/told")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server.notes
    server.shutdown()
    server.server_close()
