"""The demo's people, policies and queues, some waiting cases, a small store of facts, viewers signed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.cells import warehouse
from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.review.actors.seed import seed_demo
from watchfloor.operations.review.services import NewCase, enqueue_batch


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def demo(db: None, now: datetime) -> list[Queue]:
    seed_demo(now=now, progress=lambda _: None, seed=7, days=2)
    queues = list(Queue.objects.filter(purpose="production", data_boundary=None).order_by("slug"))
    cases = [
        NewCase(queue=queue.slug, language=queue.languages[0], market=queue.markets[0], enqueued_at=at)
        for queue in queues[:3]
        for at in (now - timedelta(hours=30), now - timedelta(minutes=1))
    ]
    enqueue_batch(cases=cases, now=now, client="test")
    return queues


def rows(name: str, values: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name].arrow_schema
    return pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in values], schema=schema)


@pytest.fixture
def facts(tmp_path: Path, settings: Any, now: datetime) -> FactStore:
    """Forty cases of one queue, each reviewed and decided within the hour; every second one is late."""
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    store = FactStore(tmp_path, settings.WATCHFLOOR_OPERATION)
    shared = {"queue_id": "video-violence", "purpose": "production", "language": "en", "surface": "video"}
    cases, reviews, decisions = [], [], []
    for number in range(40):
        at = now - timedelta(hours=number % 20 + 1)
        case = {"case_id": f"c{number:02d}", "enqueued_at": at, "deadline_at": at + timedelta(minutes=20)}
        done = at + timedelta(minutes=10 if number % 2 else 30)
        person = {"reviewer_id": f"r{number % 5}", "site_id": ("dublin", "manila")[number % 2]}
        cases.append({**shared, **case})
        reviews.append(
            {**shared, **person, "review_id": f"v{number}", "case_id": case["case_id"], "kind": "first"}
            | {"turn": 0, "submitted_at": done, "handle_ms": 60_000 + number * 1_000, "outcome": "submitted"}
        )
        decisions.append(
            {**shared, **person, **case, "decision_id": f"d{number}", "decision_version": 0}
            | {"rule": "last_turn", "decided_at": done, "violative": False}
        )
    tables = {
        "case": rows("case", cases),
        "review": rows("review", reviews),
        "decision": rows("decision", decisions),
    }
    store.commit(tables, published_at=now, source="test")
    yield store
    warehouse.store_of.cache_clear()


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Return a client signed in as somebody with one role, and whatever narrows it."""

    def as_role(role: str = "administrator", **scope: Any) -> Client:
        user = User.objects.create_user(email=f"{role}-{User.objects.count()}@example.org", password=None)
        Grant.objects.create(user=user, role=role, **({"data_boundary": "*"} | scope))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_role
