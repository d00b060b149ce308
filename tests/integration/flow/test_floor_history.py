"""The floor of a past instant equals a plain count over the rows."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.insights.floor_history import floor_rows_at

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def case(number: int, chance: random.Random) -> dict[str, Any]:
    enqueued_at = START + timedelta(seconds=chance.randrange(5 * 86_400))
    return {
        "case_id": f"c{number}",
        "queue_id": f"q{number % 3}",
        "purpose": "production",
        "surface": "video",
        "language": chance.choice(["en", "es", None]),
        "enqueued_at": enqueued_at,
        "deadline_at": enqueued_at + timedelta(hours=chance.choice([1, 6, 30])) if number % 7 else None,
    }


def decision(of: dict[str, Any], version: int, chance: random.Random) -> dict[str, Any]:
    decided_at = of["enqueued_at"] + timedelta(seconds=chance.randrange(60, 2 * 86_400))
    return {
        "decision_id": f"d{version} of {of['case_id']}",
        "case_id": of["case_id"],
        "decision_version": version,
        "queue_id": of["queue_id"],
        "purpose": "production",
        "rule": "last_turn",
        "decided_at": decided_at,
    }


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES[name].arrow_schema)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[FactStore, Any, Any, Any]:
    chance = random.Random(11)
    cases = [case(number, chance) for number in range(600)]
    decisions = [
        decision(one, version, chance) for one in cases for version in range(chance.choice([0, 1, 1, 2]))
    ]
    reviews = [
        {
            "review_id": f"r of {one['decision_id']}",
            "case_id": one["case_id"],
            "kind": "first",
            "reviewer_id": f"p{number % 9}",
            "site_id": f"s{number % 2}",
            "queue_id": one["queue_id"],
            "purpose": "production",
            "assigned_at": one["decided_at"] - timedelta(minutes=chance.randrange(1, 90)),
            "submitted_at": one["decided_at"],
            "outcome": "submitted",
        }
        for number, one in enumerate(decisions)
    ]
    store = FactStore(tmp_path_factory.mktemp("history"), "log")
    facts = {"case": cases, "decision": decisions, "review": reviews}
    store.commit(
        {name: table(name, rows) for name, rows in facts.items()}, published_at=START + 9 * DAY, source="test"
    )
    return store, cases, decisions, reviews


@pytest.mark.parametrize("hours", [7, 30, 55.5, 90, 200])
def test_every_number_of_the_floor_equals_a_plain_count(filled: Any, hours: float) -> None:
    store, cases, decisions, reviews = filled
    at = START + timedelta(hours=hours)

    rows = floor_rows_at(store=store, engine=DuckDBEngine(threads=1), at=at, now=START + 30 * DAY)

    first: dict[str, datetime] = {}
    for one in decisions:
        first[one["case_id"]] = min(first.get(one["case_id"], one["decided_at"]), one["decided_at"])
    for row in rows:
        mine = [one for one in cases if one["queue_id"] == row.queue_slug and one["enqueued_at"] <= at]
        still = [one for one in mine if first.get(one["case_id"], at + DAY) > at]
        held = [
            one
            for one in reviews
            if one["queue_id"] == row.queue_slug and one["assigned_at"] <= at < one["submitted_at"]
        ]
        due = [one for one in mine if one["deadline_at"] and at - DAY < one["deadline_at"] <= at]
        met = [one for one in due if first.get(one["case_id"], at + DAY) <= one["deadline_at"]]
        in_review = min(len(held), len(still))
        assert (row.backlog, row.in_review) == (len(still) - in_review, in_review)
        assert row.active_reviewers == len({one["reviewer_id"] for one in held})
        assert row.arrivals_1h == sum(one["enqueued_at"] > at - HOUR for one in mine)
        assert row.decided_1h == sum(
            at - HOUR < first[one["case_id"]] <= at for one in mine if one["case_id"] in first
        )
        assert row.oldest_enqueued_at == min((one["enqueued_at"] for one in still), default=None)
        assert row.oldest_deadline_at == min(
            (one["deadline_at"] for one in still if one["deadline_at"]), default=None
        )
        if due:
            assert row.sla_attainment is not None
            assert (row.sla_attainment.value, row.sla_attainment.n) == (len(met) / len(due), len(due))
        else:
            assert row.sla_attainment is None
    assert len(rows) == 3


def test_an_empty_operation_has_no_rows(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = FactStore(tmp_path_factory.mktemp("empty"), "nothing")

    assert floor_rows_at(store=store, engine=DuckDBEngine(threads=1), at=START, now=START) == []
