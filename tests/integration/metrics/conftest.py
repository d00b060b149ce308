"""A small random operation, read twice by every metric test: through the engine and as plain rows."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period

START = datetime(2026, 3, 20, tzinfo=UTC)
END = START + timedelta(days=12)
NOW = END + timedelta(hours=1)
QUEUES = {
    "spam": ("production", "comment"),
    "hate": ("production", "video"),
    "live": ("production", "live"),
    "drill": ("training", "comment"),
}
SITES = {"dublin": "in_house", "manila": "vendor", "lisbon": "vendor"}
BANDS = ("0-30", "31-90", "366+")


@dataclass(frozen=True)
class Operation:
    """The store and the rows that were committed to it, by fact."""

    store: FactStore
    rows: dict[str, list[dict]] = field(repr=False)
    period: Period
    now: datetime


def instant(rng: random.Random, start: datetime, end: datetime) -> datetime:
    return start + timedelta(milliseconds=rng.randrange(int((end - start).total_seconds() * 1000)))


def arrow(fact: str, rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES[fact].arrow_schema)


def random_rows(seed: int, *, cases: int = 1500) -> dict[str, list[dict]]:
    rng = random.Random(seed)
    people = []
    for number in range(24):
        site = rng.choice(list(SITES))
        people.append(
            {
                "reviewer_id": f"r{number:02d}",
                "site_id": site,
                "team_id": f"{site}-{number % 2}",
                "employer_kind": SITES[site],
                "tenure_band": rng.choice(BANDS),
                "pace": rng.uniform(20, 90),
            }
        )
    rows: dict[str, list[dict]] = {"case": [], "review": [], "decision": [], "activity_interval": []}
    for number in range(cases):
        _one_case(rng, number, people, rows)
    for person in people:
        _activity(rng, person, rows["activity_interval"])
    return rows


def _person(person: dict) -> dict:
    return {key: value for key, value in person.items() if key != "pace"}


def _one_case(rng: random.Random, number: int, people: list[dict], rows: dict[str, list[dict]]) -> None:
    queue = rng.choice(list(QUEUES))
    purpose, surface = QUEUES[queue]
    enqueued = instant(rng, START, END)
    deadline = enqueued + timedelta(hours=rng.choice([2, 8, 24])) if rng.random() < 0.9 else None
    placed = {
        "queue_id": queue,
        "queue_version": 1,
        "purpose": purpose,
        "surface": surface,
        "strategy_id": rng.choice(["model", "report", None]),
        "language": rng.choice(["en", "pt", "zh"]),
        "market": rng.choice(["IE", "BR"]),
        "data_boundary": None,
    }
    case_id = f"c{number:05d}"
    rows["case"].append(
        {
            "case_id": case_id,
            "object_id": f"o{number // 2}",
            "enqueued_at": enqueued,
            "deadline_at": deadline,
            **placed,
        }
    )
    if rng.random() < 0.12:
        return
    assigned = enqueued + timedelta(seconds=rng.expovariate(1 / 20_000))
    for turn in range(rng.choice([1, 1, 1, 2])):
        person = rng.choice(people)
        handle = max(1.0, rng.gauss(person["pace"], 12))
        submitted = assigned + timedelta(seconds=round(handle * rng.uniform(1.0, 1.3), 3))
        if submitted >= END:
            return
        rows["review"].append(
            {
                "review_id": f"{case_id}-{turn}",
                "case_id": case_id,
                "kind": rng.choice(["first", "first", "second", "audit"]),
                "turn": turn,
                **_person(person),
                **placed,
                "assigned_at": assigned if rng.random() < 0.95 else None,
                "submitted_at": submitted,
                "handle_ms": int(handle * 1000) if rng.random() < 0.97 else None,
                "active_ms": int(handle * 700) if rng.random() < 0.9 else None,
                "outcome": rng.choice(["submitted"] * 12 + ["skipped", "timeout", "returned", "escalated"]),
                "policy_version": rng.choice([1, 2]),
            }
        )
        assigned = submitted
    decided = assigned + timedelta(seconds=rng.randrange(1, 60))
    for version in range(rng.choice([1] * 8 + [2, 3])):
        if decided >= END:
            return
        rows["decision"].append(
            {
                "decision_id": f"{case_id}-d{version}",
                "case_id": case_id,
                "decision_version": version,
                **_person(person),
                **placed,
                "rule": "last_turn",
                "enqueued_at": enqueued,
                "deadline_at": deadline,
                "decided_at": decided,
                "violative": rng.choice([True, False, False, None]),
                "withdrawn_at": decided + timedelta(hours=1) if rng.random() < 0.08 else None,
                "automated": rng.choice([True, False, False]),
            }
        )
        decided += timedelta(hours=rng.uniform(1, 240))


def _activity(rng: random.Random, person: dict, rows: list[dict]) -> None:
    at = START + timedelta(seconds=rng.randrange(20_000))
    number = 0
    while at < END:
        ended = at + timedelta(seconds=rng.randrange(60, 30_000))
        rows.append(
            {
                "interval_id": f"{person['reviewer_id']}-{number}",
                **_person(person),
                "state": rng.choice(["handling", "handling", "available", "break", "offline"]),
                "started_at": at,
                "ended_at": ended if ended < END else None,
            }
        )
        at, number = ended, number + 1


@pytest.fixture(scope="session")
def operation(tmp_path_factory: pytest.TempPathFactory) -> Operation:
    rows = random_rows(20260320)
    store = FactStore(tmp_path_factory.mktemp("facts"), "random")
    store.commit({name: arrow(name, found) for name, found in rows.items()}, published_at=END, source="test")
    return Operation(store, rows, Period(START, END), NOW)


@pytest.fixture(scope="session")
def make_rows():
    """The generator, and Arrow tables from its rows."""
    return random_rows, arrow


@pytest.fixture(scope="session")
def engine() -> DuckDBEngine:
    return DuckDBEngine(threads=1)
