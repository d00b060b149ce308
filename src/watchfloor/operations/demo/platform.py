"""The invented platform behind the demo: an endpoint on the loopback address that answers callbacks.

It checks each signature as anybody would, is busy now and then, and knows that some objects are gone: so
there are deliveries that arrived, some that arrive later, and a dead letter.
"""

import json
import logging
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings

from watchfloor.operations.enforcement.endpoints import put_endpoint
from watchfloor.operations.enforcement.models import Endpoint
from watchfloor.operations.enforcement.signing import HEADER, secrets_at
from watchfloor.operations.launches.receiver import is_signed
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.actors import AUTHOR
from watchfloor.operations.review.actors.seed_catalogue import PLATFORM

HOST = "127.0.0.1"
GONE = "gone-"
_BUSY_EACH = 12
_LARGEST = 1024 * 1024

_logger = logging.getLogger("watchfloor.actor")


def answer_to(
    *, headers: dict[str, str], body: bytes, secrets: tuple[str, ...]
) -> tuple[int, dict[str, Any]]:
    """Return the status and what the platform says to a callback; header names are in small letters.

    >>> answer_to(headers={}, body=b"{}", secrets=("whsec_x",))[0]
    401
    """
    if not is_signed(headers.get(HEADER.lower(), ""), body, secrets):
        return 401, {"error": "The signature does not hold."}
    message = json.loads(body)
    key = headers.get("idempotency-key", "")
    if str(message["case"]["object_id"]).startswith(GONE):
        return 410, {"error": "The object was deleted by its author.", "simulated": True}
    if headers.get("watchfloor-attempt") == "1" and zlib.crc32(key.encode()) % _BUSY_EACH == 0:
        return 503, {"error": "Busy, try again in a while.", "simulated": True}
    return 200, {"received": key, "simulated": True}


class Platform:
    """The platform's server while it listens, and the secrets that it knows."""

    def __init__(self) -> None:
        self.secrets: tuple[str, ...] = ()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}/decisions"

    def introduce(self, *, now: datetime) -> bool:
        """Return whether the endpoint leads here: it is told the address, and the secrets are asked for.

        Where the demo may not call its own address, or somebody leads the endpoint elsewhere, it stays so.
        """
        endpoint = Endpoint.objects.filter(slug=PLATFORM).first()
        if endpoint is None or HOST not in settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS:
            return False
        self.secrets = secrets_at(endpoint, now=now)
        if endpoint.url == self.url:
            return True
        if endpoint.url and not endpoint.url.startswith(f"http://{HOST}:"):
            return False
        put_endpoint(slug=PLATFORM, url=self.url, by=Viewer.system(AUTHOR), now=now, active=endpoint.active)
        return True


@contextmanager
def listening() -> Iterator[Platform]:
    """Listen on a free port of the loopback address while the block runs."""
    platform = Platform()

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", 0)), _LARGEST)
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = answer_to(headers=headers, body=body, secrets=platform.secrets)
            written = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as http.server names it
            _logger.debug(format, *args)

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    platform.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5.0)
