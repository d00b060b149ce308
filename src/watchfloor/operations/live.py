"""The live floor as server-sent events: one small ASGI process beside the pages.

Address: `GET /floor` with the page's session cookie (EventSource with `withCredentials: true`).
Events:
  `hello`  data {"at", "operation", "queues"}: sent once a connection; how many queues the viewer sees.
  `floor`  data {"at", "rows": [...]}: rows (fields of `review.floor.FloorRow`, instants as ISO 8601,
           `sla_attainment` as {value, low, high, n, …} or null) of the changed queues only. After `hello`,
           so after each reconnect, one `floor` event carries every visible row: what was missed is made good.
  `bye`    data {"reason"}: the session ended; the page should reload.
A comment line is sent every fifteen seconds, so that a dead connection is noticed.

One connection to PostgreSQL listens for all clients (`live_hub`); who sees which queue, selectors say.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings.django")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 -- Django must be set up before its models are imported
from django.http import parse_cookie  # noqa: E402 -- as above

from watchfloor.operations.live_hub import Client, Hub  # noqa: E402 -- as above
from watchfloor.operations.live_viewers import read_audience  # noqa: E402 -- as above

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEARTBEAT_SECONDS = 15.0
RECHECK_SECONDS = 60.0
SLOW_CLIENT_SECONDS = 10.0
RECONNECT_MS = 2_000

_hub = Hub()


class SlowClientError(Exception):
    """A browser did not take a message in time; it is dropped and will reconnect."""


async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Answer the ASGI server: lifespan, `/floor`, `/health`."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _http(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await _hub.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await _hub.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _http(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    cross_origin = allowed_origin(headers.get("origin", ""), host=headers.get("host", ""))
    path = scope["path"].rstrip("/")
    if path.endswith("/health"):
        await _plain(send, 200 if _hub.listening else 503, "listening" if _hub.listening else "starting")
    elif not path.endswith("/floor"):
        await _plain(send, 404, "The live updates are at /floor.")
    elif scope["method"] != "GET":
        await _plain(send, 405, "Only GET is answered here.")
    elif headers.get("origin") and not cross_origin:
        await _plain(send, 403, "This origin may not read the live updates; see WATCHFLOOR_ORIGIN.")
    else:
        await _stream(headers, cross_origin, receive, send)


def allowed_origin(origin: str, *, host: str) -> list[tuple[bytes, bytes]]:
    """Return the headers that let the pages' origin read, none for any other origin.

    The pages are at WATCHFLOOR_ORIGIN, or on the same host name at WATCHFLOOR_PORT.
    """
    at = urlsplit(origin)
    pages_port = settings.ENVIRONMENT.port
    own = urlsplit(f"//{host}").hostname
    if origin not in settings.CSRF_TRUSTED_ORIGINS and (
        not at.hostname or at.hostname != own or at.port != pages_port
    ):
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


async def _plain(
    send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), *(headers or [])],
        }
    )
    await send({"type": "http.response.body", "body": text.encode()})


async def _stream(
    headers: dict[str, str], cross_origin: list[tuple[bytes, bytes]], receive: Receive, send: Send
) -> None:
    session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    audience = await read_audience(session_key)
    if audience is None:
        await _plain(send, 403, "Sign in first.", cross_origin)
        return
    await _hub.start()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
                *cross_origin,
            ],
        }
    )
    gone = asyncio.ensure_future(_gone(receive))
    client = _hub.join(audience.queue_slugs)
    try:
        await _speak(client, session_key, gone, send)
    except SlowClientError:
        pass
    finally:
        _hub.leave(client)
        gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _speak(client: Client, session_key: str, gone: "asyncio.Future[None]", send: Send) -> None:
    now = datetime.now(UTC)
    hello = {"at": now.isoformat(), "operation": settings.WATCHFLOOR_OPERATION, "queues": len(client.visible)}
    await _write(send, f"retry: {RECONNECT_MS}\n" + event_text("hello", hello, at=now))
    await _hub.resync(client)
    loop = asyncio.get_running_loop()
    recheck_at = loop.time() + RECHECK_SECONDS
    while not gone.done():
        rows = await client.take(timeout_seconds=HEARTBEAT_SECONDS, gone=gone)
        now = datetime.now(UTC)
        if rows:
            await _write(send, event_text("floor", {"at": now.isoformat(), "rows": rows}, at=now))
        else:
            await _write(send, ": still here\n\n")
        if loop.time() >= recheck_at:
            recheck_at = loop.time() + RECHECK_SECONDS
            audience = await read_audience(session_key)
            if audience is None:
                await _write(send, event_text("bye", {"reason": "signed out"}, at=now))
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            client.visible = audience.queue_slugs


def event_text(name: str, data: object, *, at: datetime) -> str:
    """Return one server-sent event; its id is the instant in milliseconds."""
    text = json.dumps(data, ensure_ascii=False)
    return f"id: {int(at.timestamp() * 1000)}\nevent: {name}\ndata: {text}\n\n"


async def _write(send: Send, text: str) -> None:
    body = {"type": "http.response.body", "body": text.encode(), "more_body": True}
    try:
        await asyncio.wait_for(send(body), SLOW_CLIENT_SECONDS)
    except TimeoutError as error:
        raise SlowClientError from error
