"""Live updates reach whom they concern: signed in, in reach, from the pages' origin, changed queues only."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from watchfloor.operations import live
from watchfloor.operations.live_hub import Client as LiveClient
from watchfloor.operations.live_hub import Hub
from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.review.actors.seed import seed_demo
from watchfloor.operations.review.pulse import Pulse
from watchfloor.operations.review.services import NewCase, enqueue_batch

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
SLUG = "comment-harassment-en"


class Browser:
    """One connection of an EventSource to the ASGI application."""

    def __init__(self, cookie: str, *, origin: str = "", host: str = "127.0.0.1:8001") -> None:
        self.headers = [(b"cookie", cookie.encode()), (b"host", host.encode())]
        if origin:
            self.headers.append((b"origin", origin.encode()))
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.left = asyncio.Event()
        self.text = ""

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.sent.put(message)

    async def start(self) -> dict[str, Any]:
        scope = {"type": "http", "method": "GET", "path": "/floor", "headers": self.headers}
        self.task = asyncio.create_task(live.application(scope, self.receive, self.send))
        return await asyncio.wait_for(self.sent.get(), 10)

    async def event(self, name: str) -> Any:
        """Return the data of the next event of that name."""
        while True:
            head, found, tail = self.text.partition("\n\n")
            if not found:
                self.text += (await asyncio.wait_for(self.sent.get(), 10))["body"].decode()
                continue
            self.text = tail
            lines = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
            if lines.get("event") == name:
                return json.loads(lines["data"])

    async def leave(self) -> None:
        self.left.set()
        await asyncio.wait_for(self.task, 10)


def cookie_of(email: str, *, role: str, queue_group: str = "") -> str:
    user = User.objects.create_user(email)
    Grant.objects.create(user=user, role=role, queue_group=queue_group)
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def within_a_loop(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        live._hub = Hub()
        try:
            await scenario()
        finally:
            await live._hub.stop()

    asyncio.run(whole())


def enqueue_and_beat(pulse: Pulse) -> None:
    from django.db import connection

    enqueue_batch(cases=[NewCase(queue=SLUG, language="en")], now=NOW)
    pulse.beat(now=NOW)
    connection.close()


def test_a_viewer_gets_every_row_at_first_and_then_the_changed_ones() -> None:
    seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    pulse = Pulse()
    pulse.beat(now=NOW)
    cookie = cookie_of("lead@demo.invalid", role="team_lead", queue_group="community-text")

    async def scenario() -> None:
        browser = Browser(cookie, origin=f"http://127.0.0.1:{settings.ENVIRONMENT.port}")
        start = await browser.start()
        assert start["status"] == 200
        assert (b"access-control-allow-credentials", b"true") in start["headers"]
        hello = await browser.event("hello")
        first = await browser.event("floor")
        slugs = {row["queue_slug"] for row in first["rows"]}
        assert len(slugs) == hello["queues"]
        assert {row["group"] for row in first["rows"]} == {"community-text"}
        while not live._hub.listening:
            await asyncio.sleep(0.01)

        await sync_to_async(enqueue_and_beat, thread_sensitive=False)(pulse)

        changed = await browser.event("floor")
        assert [(row["queue_slug"], row["backlog"]) for row in changed["rows"]] == [(SLUG, 1)]
        await browser.leave()

    within_a_loop(scenario)


def test_what_a_viewer_may_not_see_is_not_sent() -> None:
    seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    pulse = Pulse()
    pulse.beat(now=NOW)
    cookie = cookie_of("other@demo.invalid", role="team_lead", queue_group="live-safety")

    async def scenario() -> None:
        browser = Browser(cookie)
        await browser.start()
        await browser.event("floor")
        while not live._hub.listening:
            await asyncio.sleep(0.01)
        await sync_to_async(enqueue_and_beat, thread_sensitive=False)(pulse)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(browser.event("floor"), 1)
        await browser.leave()

    within_a_loop(scenario)


@pytest.mark.parametrize(
    ("signed_in", "origin", "says"),
    [
        (False, "", b"Sign in first."),
        (True, "http://evil.example", b"This origin may not read the live updates; see WATCHFLOOR_ORIGIN."),
        (True, "http://127.0.0.1:9", b"This origin may not read the live updates; see WATCHFLOOR_ORIGIN."),
    ],
)
def test_strangers_are_refused(signed_in: bool, origin: str, says: bytes) -> None:
    cookie = cookie_of("lead@demo.invalid", role="team_lead") if signed_in else ""

    async def scenario() -> None:
        browser = Browser(cookie, origin=origin)
        assert (await browser.start())["status"] == 403
        assert (await browser.sent.get())["body"] == says
        await browser.leave()

    within_a_loop(scenario)


def test_a_slow_client_keeps_one_row_a_queue() -> None:
    client = LiveClient(frozenset({"a", "b"}))
    for backlog in range(1000):
        client.offer([{"queue_slug": "a", "backlog": backlog}, {"queue_slug": "c", "backlog": 1}])

    async def scenario() -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        assert await client.take(timeout_seconds=1, gone=gone) == [{"queue_slug": "a", "backlog": 999}]

    asyncio.run(scenario())
