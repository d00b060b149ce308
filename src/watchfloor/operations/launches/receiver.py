"""An endpoint inside the process, for a callback that is tested: it checks the signature as anybody would."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from watchfloor.operations.enforcement.signing import HEADER


class Receiver:
    """What came in: one callback, with whether its signature was right."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.secrets = secrets
        self.url = ""
        self.received: list[dict[str, Any]] = []

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Return the status that a callback is answered with: 204, or 401 where it is not ours."""
        signed = is_signed(headers.get(HEADER.lower(), ""), body, self.secrets)
        self.received.append(
            {
                "signature_holds": signed,
                "is_test": headers.get("watchfloor-test") == "1",
                "idempotency_key": headers.get("idempotency-key", ""),
                "message": json.loads(body),
            }
        )
        return 204 if signed else 401


def is_signed(header: str, body: bytes, secrets: tuple[str, ...]) -> bool:
    """Return whether the header signs the body with one of the secrets.

    >>> is_signed("t=1,v1=abc", b"{}", ("whsec_x",))
    False
    """
    parts = [part.partition("=") for part in header.split(",")]
    at = next((value for name, _, value in parts if name == "t"), "")
    given = [value for name, _, value in parts if name == "v1"]
    for secret in secrets:
        wanted = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        if any(hmac.compare_digest(wanted, one) for one in given):
            return True
    return False


@contextmanager
def receiving(secrets: tuple[str, ...]) -> Iterator[Receiver]:
    """Listen on a port of the loopback address while the block runs."""
    receiver = Receiver(secrets)

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as http.server names it
            """Say nothing: the result of the check says it all."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
