"""Small facts are kept in memory: the answers stay those of the files, version by version."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.facts.engines import DuckDBEngine, small_facts
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period

START = datetime(2026, 3, 1, tzinfo=UTC)
COUNT = "SELECT count(*) AS n FROM fact_person_event"


def _events(day: int, number: int) -> pa.Table:
    rows = [
        {
            "event_id": f"e{day}-{i}",
            "reviewer_id": f"r{i}",
            "kind": "hired",
            "happened_at": START + timedelta(days=day, minutes=i),
        }
        for i in range(number)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["person_event"].arrow_schema)


@pytest.fixture
def store(tmp_path):
    found = FactStore(tmp_path, "small")
    for day in range(6):
        found.commit({"person_event": _events(day, 3)}, published_at=START, source="test")
    return found


def _n(engine, snapshot, **given):
    return engine.query(COUNT, snapshot=snapshot, **given).to_pylist()[0]["n"]


def test_every_version_keeps_its_own_rows(store):
    engine = DuckDBEngine()
    before = store.snapshot()
    assert _n(engine, before) == 18
    store.commit({"person_event": _events(7, 5)}, published_at=START, source="test")
    assert _n(engine, store.snapshot()) == 23
    assert _n(engine, before) == 18
    engine.close()
    assert _n(engine, before) == 18


def test_a_period_of_few_files_reads_those_alone(store):
    day = Period(START, START + timedelta(days=1))
    assert _n(DuckDBEngine(), store.snapshot(), period=day) == 3


def test_facts_let_go_are_read_again(store, monkeypatch):
    monkeypatch.setattr(small_facts, "MOST_ROWS_TOGETHER", 20)
    engine, snapshots = DuckDBEngine(threads=2), [store.snapshot()]
    for day in range(7, 12):
        store.commit({"person_event": _events(day, 4)}, published_at=START, source="test")
        snapshots.append(store.snapshot())
    asked = snapshots * 6
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda s: _n(engine, s), asked)) == [18 + 4 * i for i in range(6)] * 6
