"""A small random operation, read twice by every metric test: through the engine and as plain rows."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

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


PLAN_DAY = datetime(2026, 5, 4, tzinfo=UTC)
PLAN_NOW = PLAN_DAY + timedelta(days=3)
PLAN_HOUR = timedelta(hours=1)
WHO = {"site_id": "dublin", "team_id": "d1", "employer_kind": "vendor"}


def at(hours: float) -> datetime:
    return PLAN_DAY + timedelta(hours=hours)


def planned_rows() -> dict[str, list[dict]]:
    person = {"reviewer_id": "r1", **WHO, "tenure_band": "0-30"}
    plan = [("available", 8, 12), ("wellness", 12, 12.5), ("available", 12.5, 16)]
    real = [("handling", 8.5, 11), ("wellness", 11, 12), ("break", 12, 12.5), ("available", 12.5, 15.75)]
    case = {"queue_id": "spam", "purpose": "production", "language": "en"}
    cases, decisions, forecasts = [], [], []
    for hour in range(24):
        for number in range(10 if hour % 2 else 4):
            name = f"c{hour:02d}{number}"
            begun = at(hour) + timedelta(minutes=number)
            cases.append({"case_id": name, "enqueued_at": begun, "deadline_at": begun + PLAN_HOUR, **case})
            if number < 8:
                decided = begun + timedelta(minutes=5 * (number + 1))
                row = {"decision_id": name, "case_id": name, "decision_version": 0, "rule": "last_turn"}
                decisions.append(
                    {**row, **case, "enqueued_at": begun, "decided_at": decided, "violative": True}
                )
        forecast = {"queue_id": "spam", "interval_start_at": at(hour), "interval_seconds": 3600}
        for made, volume in ((-24, 6.0), (-48, 99.0)):
            bounds = {"volume_p10": volume - 2, "volume_p90": volume + 3, "aht_seconds": 60.0}
            forecasts.append({**forecast, "vintage_at": at(made), "volume": volume, **bounds})
    events = [
        ("r1", "hired", -100, None),
        ("r2", "hired", -100, None),
        ("r3", "hired", 1, None),
        ("r1", "started_training", -90, "spam"),
        ("r1", "certified", -80, "spam"),
        ("r2", "started_training", -90, "spam"),
        ("r2", "certified", -50, "spam"),
        ("r2", "certification_expired", 2, "spam"),
        ("r3", "started_training", 3, "spam"),
        ("r2", "left", 20, None),
    ]
    span = {"started_at": PLAN_DAY, "ended_at": at(48)}
    site = {"site_id": "dublin", "employer_kind": "vendor"}
    owed, model = {"wellness_minutes": 160.0}, {"model_version": 1, "effective_from": at(-99)}
    seen = {"severity": "critical", "visible_seconds": 120.0, "items": 6, "blurred": True}

    def timed(parts: list[tuple[str, float, float]]) -> list[tuple[str, str, dict]]:
        spans = [{**person, "started_at": at(a), "ended_at": at(b)} for _, a, b in parts]
        return [(str(i), part[0], spans[i]) for i, part in enumerate(parts)]

    return {
        "case": cases,
        "decision": decisions,
        "forecast": forecasts,
        "shift_plan": [
            {"shift_id": i, "queue_id": "spam", "scheduled_state": s, **t} for i, s, t in timed(plan)
        ],
        "activity_interval": [{"interval_id": i, "state": s, **t} for i, s, t in timed(real)],
        "person_event": [
            {"event_id": f"e{i}", "reviewer_id": w, "kind": kind, "happened_at": at(h), "queue_id": q, **WHO}
            for i, (w, kind, h, q) in enumerate(events)
        ],
        "cost": [{"cost_id": "k", "queue_id": "spam", "site_id": "dublin", "loaded_cost": 960.0, **span}],
        "contract_hours": [{"contract_hours_id": "h", **site, "contracted_hours": 20.0, **span}],
        "entitlement": [{"entitlement_id": "w", "reviewer_id": "r1", **WHO, **owed, **span}],
        "exposure": [
            {"exposure_id": "x", "reviewer_id": "r1", "site_id": "dublin", **seen, **span}
        ],
        "standard_time": [
            {"standard_id": "s", "queue_id": "spam", "standard_seconds": 90.0, **model}
        ],
    }  # fmt: skip


@pytest.fixture(scope="session")
def make_planned_store(make_rows):
    """Write the day into a folder; return its store, the day, and the instant of the questions."""
    _, arrow = make_rows

    def made(folder: Path) -> tuple[FactStore, datetime, datetime]:
        store = FactStore(folder, "plans")
        tables = {name: arrow(name, found) for name, found in planned_rows().items()}
        store.commit(tables, published_at=PLAN_NOW, source="test")
        return store, PLAN_DAY, PLAN_NOW

    return made
