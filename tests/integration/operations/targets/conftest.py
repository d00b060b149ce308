"""Facts of four hundred units, each a queue and a language with its own share on time, over four weeks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.cells import warehouse
from watchfloor.operations.people.models import DataBoundary, Grant, User
from watchfloor.operations.queues.models import Queue

CASES, DAYS = 20, 28


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def units(request: pytest.FixtureRequest) -> tuple[int, int]:
    """How many queues and languages there are; a test may ask for another number."""
    return getattr(request, "param", (4, 3))


@pytest.fixture
def facts(
    db: None, tmp_path: Path, settings: Any, now: datetime, units: tuple[int, int]
) -> Iterator[FactStore]:
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    queues, languages = units
    sealed = DataBoundary.objects.create(slug="sealed", name="Sealed")
    for at in range(queues):
        Queue.objects.create(
            slug=f"queue-{at:02d}",
            title=f"Queue {at}",
            created_at=now,
            surface="text",
            purpose="production",
            state="live",
            data_boundary=sealed if at == 0 else None,
        )
    cases, decisions = [], []
    for unit in range(queues * languages):
        queue, language = divmod(unit, languages)
        for number in range(CASES):
            at = now - timedelta(days=1 + number * DAYS / (CASES + 1), minutes=unit)
            shared = {
                "case_id": f"{unit}-{number}",
                "queue_id": f"queue-{queue:02d}",
                "language": f"l{language:02d}",
                "purpose": "production",
                "enqueued_at": at,
                "deadline_at": at + timedelta(hours=2),
            }
            late = number < 1 + unit % 4
            done = {"decided_at": at + timedelta(hours=3 if late else 1), "decision_version": 0}
            cases.append(shared)
            decisions.append({**shared, **done, "decision_id": f"d{unit}-{number}", "rule": "last_turn"})
    tables = {"case": _table("case", cases), "decision": _table("decision", decisions)}
    store = FactStore(tmp_path, settings.WATCHFLOOR_OPERATION)
    store.commit(tables, published_at=now, source="test")
    yield store
    warehouse.store_of.cache_clear()


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name].arrow_schema
    return pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in rows], schema=schema)


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Return a client signed in as somebody with a role, by name."""

    def signed_in(name: str = "ana", role: str = "strategist", **scope: Any) -> Client:
        user = User.objects.create_user(email=f"{name}@example.org", password="a long pass phrase")
        Grant.objects.create(user=user, role=role, **{"data_boundary": "*", **scope})
        client = Client()
        client.force_login(user)
        return client

    return signed_in
