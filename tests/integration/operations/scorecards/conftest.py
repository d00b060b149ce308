"""Ten weeks of audits of six reviewers at two sites, hours worked and contracted, in a store of their own."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.cells import warehouse

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = ("d1", "d2", "d3", "m1", "m2", "m3")
WRONG_OF_20 = {"d1": 1, "d2": 1, "d3": 2, "m1": 1, "m2": 2, "m3": 9}


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def people(floor: Any) -> dict[str, Any]:
    """Six reviewers, three a team, by code."""
    floor.queue("spam-en")
    teams = {"d": floor.team_a, "m": floor.team_b}
    return {
        code: floor.reviewer(code, team=teams[code[0]], first_production_on=date(2025, 2, 1))
        for code in PEOPLE
    }


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES[name].arrow_schema)


def audits() -> list[dict[str, Any]]:
    """Twenty audits of everybody a week; m3 is wrong nine times of twenty, twice critically."""
    rows = []
    for week in range(10):
        for code in PEOPLE:
            for number in range(20):
                at = NOW - timedelta(weeks=week, days=1 + number % 6, hours=number % 5)
                wrong = number < WRONG_OF_20[code]
                rows.append(
                    {
                        "audit_id": f"{code}-{week}-{number}", "unit_kind": "review", "reviewer_id": code,
                        "unit_id": f"u{code}-{week}-{number}", "unit_at": at, "audited_at": at,
                        "site_id": "dublin" if code[0] == "d" else "manila",
                        "team_id": "dublin-a" if code[0] == "d" else "manila-b",
                        "employer_kind": "in_house" if code[0] == "d" else "vendor",
                        "tenure_band": "366+", "queue_id": "spam-en", "purpose": "production",
                        "surface": "comment", "language": "en", "design_id": "all", "stratum": "", "pi": 0.1,
                        "verdict": "incorrect" if wrong else "correct",
                        "severity": "critical" if wrong and code == "m3" and number < 4 else "",
                        "dispute_state": "none",
                    }
                )  # fmt: skip
    return rows


def hours() -> list[dict[str, Any]]:
    """Eight productive hours of each of the vendor's three people on every day of February."""
    rows = []
    for day in range(1, 29):
        for code in ("m1", "m2", "m3"):
            start = datetime(2026, 2, day, 1, tzinfo=UTC)
            rows.append(
                {
                    "interval_id": f"{code}-{day}", "reviewer_id": code, "site_id": "manila",
                    "team_id": "manila-b", "employer_kind": "vendor", "tenure_band": "366+",
                    "state": "handling", "started_at": start, "ended_at": start + timedelta(hours=8),
                }
            )  # fmt: skip
    return rows


@pytest.fixture
def facts(tmp_path: Path, settings: Any, people: dict[str, Any]) -> Iterator[FactStore]:
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    store = FactStore(tmp_path, settings.WATCHFLOOR_OPERATION)
    contracted = {
        "contract_hours_id": "ch1", "vendor": "acme", "site_id": "manila", "employer_kind": "vendor",
        "started_at": datetime(2026, 2, 1, tzinfo=UTC), "ended_at": datetime(2026, 3, 1, tzinfo=UTC),
        "contracted_hours": 700.0,
    }  # fmt: skip
    known = {"audit": audits(), "activity_interval": hours(), "contract_hours": [contracted]}
    tables = {name: table(name, _fitting(name, rows)) for name, rows in known.items()}
    store.commit(tables, published_at=NOW, source="test")
    yield store
    warehouse.store_of.cache_clear()


def _fitting(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    columns = TABLES[name].by_name
    return [{key: value for key, value in row.items() if key in columns} for row in rows]


@pytest.fixture
def write_fact(facts: FactStore) -> Callable[[str, list[dict[str, Any]]], None]:
    """Commit more rows of one fact."""

    def write(name: str, rows: list[dict[str, Any]]) -> None:
        facts.commit({name: table(name, rows)}, published_at=NOW, source="test")

    return write
