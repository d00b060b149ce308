"""Spreads changed queues to the clients: one listening connection, one read a change, whatever the audience.

A client holds at most one waiting row a queue, so a slow one loses intermediate states, never memory.
"""

import asyncio
import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import psycopg
from asgiref.sync import sync_to_async

from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.review.floor import CHANNEL, floor_rows_of, row_as_json

_logger = logging.getLogger("watchfloor.live")
_GATHER_SECONDS = 0.05
_RETRY_SECONDS = 1.0

Row = dict[str, Any]


class Client:
    """One open connection: the queues it may see and the rows it has not taken yet."""

    def __init__(self, visible: frozenset[str]) -> None:
        self.visible = visible
        self._waiting: dict[str, Row] = {}
        self._something = asyncio.Event()

    def offer(self, rows: Iterable[Row]) -> None:
        """Keep the rows that this client may see; a newer row of a queue replaces the older."""
        for row in rows:
            if row["queue_slug"] in self.visible:
                self._waiting[row["queue_slug"]] = row
                self._something.set()

    async def take(self, *, timeout_seconds: float, gone: "asyncio.Future[None]") -> list[Row]:
        """Return the waiting rows as soon as there are some; none after the timeout or the client's end."""
        something: asyncio.Future[Any] = asyncio.ensure_future(self._something.wait())
        try:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait({something, gone}, timeout=timeout_seconds, return_when=first)
        finally:
            something.cancel()
        rows = list(self._waiting.values())
        self._waiting.clear()
        self._something.clear()
        return rows


class Hub:
    """Listens to the channel and offers each changed queue's row to every client."""

    def __init__(self) -> None:
        self.listening = False
        self._clients: set[Client] = set()
        self._changed: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._some_changed: asyncio.Event | None = None

    async def start(self) -> None:
        """Start listening, once an event loop."""
        if self._tasks and not self._tasks[0].done():
            return
        self._some_changed = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._spread())]

    async def stop(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self.listening = False

    def join(self, visible: frozenset[str]) -> Client:
        """Return a new client that sees `visible`."""
        client = Client(visible)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget the client."""
        self._clients.discard(client)

    async def resync(self, client: Client) -> None:
        """Offer every visible row, so that a client that was away misses nothing."""
        if client.visible:
            client.offer(await _read_rows(client.visible))

    async def _listen(self) -> None:
        while True:
            try:
                opened = await psycopg.AsyncConnection.connect(database_dsn(), autocommit=True)
                async with opened as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.listening = True
                    async for notice in connection.notifies():
                        self._note(notice.payload)
            except psycopg.Error as error:
                _logger.warning("The database cannot be listened to, trying again: %s", error)
            self.listening = False
            await asyncio.sleep(_RETRY_SECONDS)
            self._note(json.dumps(sorted(set().union(*(client.visible for client in self._clients)))))

    def _note(self, payload: str) -> None:
        self._changed.update(json.loads(payload))
        if self._changed and self._some_changed:
            self._some_changed.set()

    async def _spread(self) -> None:
        while True:
            if self._some_changed is None:
                return
            await self._some_changed.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._some_changed.clear()
            changed, self._changed = self._changed, set()
            seen = changed & frozenset().union(*(client.visible for client in self._clients))
            if not seen:
                continue
            try:
                rows = await _read_rows(frozenset(seen))
            except Exception:
                _logger.exception("The changed rows could not be read; the next change brings them")
                continue
            for client in list(self._clients):
                client.offer(rows)


async def _read_rows(slugs: frozenset[str]) -> list[Row]:
    return await sync_to_async(_read_rows_now, thread_sensitive=False)(slugs)


def _read_rows_now(slugs: frozenset[str]) -> list[Row]:
    from django.db import close_old_connections

    close_old_connections()
    try:
        return [row_as_json(row) for row in floor_rows_of(slugs=sorted(slugs), now=datetime.now(UTC))]
    finally:
        close_old_connections()
