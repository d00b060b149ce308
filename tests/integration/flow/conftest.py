"""A store to export into, and a writer of review events on a connection of its own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from watchfloor.facts.store import FactStore
from watchfloor.operations.record.database import database_dsn

Write = Callable[..., None]


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    """Return an empty store."""
    return FactStore(tmp_path / "facts", "flow")


@pytest.fixture
def dsn(transactional_db: None) -> str:
    """Return the address of the test's database."""
    return database_dsn()


@pytest.fixture
def connection(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """Yield a connection that commits each statement."""
    with psycopg.connect(dsn, autocommit=True) as opened:
        yield opened


@pytest.fixture
def write() -> Write:
    """Return a function that writes one review event on a connection."""

    def write_review(on: psycopg.Connection[Any], review_id: str, **columns: Any) -> None:
        payload = {
            "review_id": review_id,
            "case_id": f"case of {review_id}",
            "kind": "first",
            "queue_id": "spam",
            "purpose": "production",
            "submitted_at": "2026-03-01T08:00:00.000Z",
            "outcome": "submitted",
            **columns,
        }
        on.execute(
            "INSERT INTO record_event (at, fact, key, payload) VALUES (now(), 'review', %s, %s)",
            [review_id, json.dumps(payload)],
        )

    return write_review
