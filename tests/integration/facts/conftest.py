"""A store in a folder to throw away, and small tables to put into it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.store import FactStore

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path, "demo")


@pytest.fixture(scope="session")
def engine() -> DuckDBEngine:
    return DuckDBEngine(threads=2, memory_limit="512MB")


@pytest.fixture
def events() -> Callable[..., pa.Table]:
    """Change events of those ids, one an hour from `start` on."""

    def make(*ids: str, start: datetime = DAY, summary: str = "as first told") -> pa.Table:
        instants = [start + timedelta(hours=hour) for hour in range(len(ids))]
        return pa.table(
            {
                "event_id": pa.array(ids, pa.string()),
                "object_kind": ["queue"] * len(ids),
                "object_id": ["spam"] * len(ids),
                "kind": ["changed"] * len(ids),
                "at": pa.array(instants, pa.timestamp("us", "UTC")),
                "summary": [summary] * len(ids),
            }
        )

    return make


@pytest.fixture
def cases() -> Callable[..., pa.Table]:
    """Production cases of those ids, one a minute from `start` on."""

    def make(*ids: str, start: datetime = DAY, **columns: Any) -> pa.Table:
        instants = [start + timedelta(minutes=minute) for minute in range(len(ids))]
        table = {
            "case_id": pa.array(ids, pa.string()),
            "queue_id": ["spam"] * len(ids),
            "purpose": ["production"] * len(ids),
            "enqueued_at": pa.array(instants, pa.timestamp("us", "UTC")),
        }
        return pa.table({**table, **columns})

    return make


@pytest.fixture
def ids(engine: DuckDBEngine) -> Callable[..., list[str]]:
    """The ids of the change events of a snapshot, sorted."""

    def read(store: FactStore, as_of: datetime | None = None) -> list[str]:
        found = engine.query(
            "SELECT event_id FROM fact_change_event ORDER BY event_id", snapshot=store.snapshot(as_of)
        )
        return [str(one) for one in found["event_id"].to_pylist()]

    return read
