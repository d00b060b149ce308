"""The demo's queues, facts in which every second case of one is late, and people who watch them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.alerts.models import AlertRule
from watchfloor.operations.alerts.rule_checks import NewRule
from watchfloor.operations.alerts.rules import save_rule
from watchfloor.operations.cells import warehouse
from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.actors.seed import seed_demo

LEAD = Viewer.system("lead@example.org")


@pytest.fixture
def lead() -> Viewer:
    return LEAD


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(minute=30, second=0, microsecond=0) - timedelta(hours=1)


@pytest.fixture
def demo(db: None, now: datetime) -> list[Queue]:
    seed_demo(now=now, progress=lambda _: None, seed=7, days=2)
    return list(Queue.objects.filter(purpose="production", data_boundary=None).order_by("slug"))


def _table(name: str, values: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name].arrow_schema
    return pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in values], schema=schema)


@pytest.fixture
def decide(tmp_path: Path, settings: Any) -> Callable[..., None]:
    """Return a function that writes decided cases: so many an hour of a queue, a share of them late."""
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    store = FactStore(tmp_path, settings.WATCHFLOOR_OPERATION)
    made = [0]

    def write(
        *, queue: str, since: datetime, hours: int, an_hour: int, late: float, purpose: str = "production"
    ) -> None:
        shared = {"queue_id": queue, "purpose": purpose, "language": "en", "surface": "video"}
        cases, decisions = [], []
        for number in range(hours * an_hour):
            made[0] += 1
            at = since + timedelta(hours=number // an_hour, seconds=5)
            is_late = (number % an_hour) < late * an_hour
            case = {"case_id": f"c{made[0]}", "enqueued_at": at, "deadline_at": at + timedelta(minutes=20)}
            done = at + timedelta(minutes=40 if is_late else 5)
            site = "manila" if is_late else "dublin"
            cases.append({**shared, **case, "market": "PH" if is_late else "IE"})
            decisions.append(
                {**shared, **case, "decision_id": f"d{made[0]}", "decision_version": 0, "site_id": site}
                | {"rule": "last_turn", "decided_at": done, "violative": False}
            )
        tables = {"case": _table("case", cases), "decision": _table("decision", decisions)}
        store.commit(tables, published_at=since + timedelta(hours=hours), source="test")

    return write


@pytest.fixture
def late_rule(demo: list[Queue], now: datetime) -> AlertRule:
    """A rule: at least nine of ten cases due in six hours are decided in time, in two of three looks."""
    new = NewRule(
        slug="late",
        title="Late cases",
        metric_id="sla_attainment",
        by=("queue",),
        comparison="below",
        level=0.9,
        window_seconds=6 * 3_600,
        needed=2,
        looked=3,
        min_n=20,
        severity="high",
        owner="lead@example.org",
    )
    return save_rule(new=new, channels=[], by=LEAD, now=now)


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
