from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.engines.base import QueryError, SlowQueryError
from watchfloor.facts.schemas import TABLES
from watchfloor.kernel import Period

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", TABLES)
def test_a_fact_without_a_row_is_an_empty_view_of_the_same_types(store, engine, name):
    found = engine.query(f"SELECT * FROM fact_{name}", snapshot=store.snapshot())

    assert found.num_rows == 0
    assert {field.name: field.type for field in found.schema} == {
        field.name: field.type for field in TABLES[name].arrow_schema
    }


def test_parameters_are_bound_by_place_and_by_name(store, engine, events):
    store.commit({"change_event": events("a", "it's; b")}, published_at=DAY, source="test")
    snapshot = store.snapshot()

    by_place = engine.query(
        "SELECT event_id FROM fact_change_event WHERE event_id = ?", snapshot=snapshot, parameters=["it's; b"]
    )
    by_name = engine.query(
        'SELECT event_id FROM fact_change_event WHERE "at" < $until',
        snapshot=snapshot,
        parameters={"until": DAY + timedelta(minutes=1)},
    )

    assert by_place["event_id"].to_pylist() == ["it's; b"]
    assert by_name["event_id"].to_pylist() == ["a"]


def test_a_period_leaves_out_files_and_filters_nothing(store, engine, events):
    store.commit({"change_event": events(*map(str, range(48)))}, published_at=DAY, source="test")
    first_hour = Period(DAY, DAY + timedelta(hours=1))

    found = engine.query(
        "SELECT count(*) AS n FROM fact_change_event", snapshot=store.snapshot(), period=first_hour
    )

    assert found["n"].to_pylist() == [24]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", "Permission Error"),
        ("SELECT 1; SELECT 2", "SELECT, SELECT, not one SELECT"),
        ("DROP TABLE x", "DROP, not one SELECT"),
        ("COPY (SELECT 1) TO '/tmp/x.csv'", "COPY, not one SELECT"),
        ("SET threads = 1", "SET, not one SELECT"),
        ("", "nothing, not one SELECT"),
        ("SELECT nope FROM fact_case", "nope"),
        ("SELEC 1", "refused"),
    ],
)
def test_what_is_not_one_readable_select_is_refused(store, engine, sql, says):
    with pytest.raises(QueryError, match=says):
        engine.query(sql, snapshot=store.snapshot())


def test_a_name_that_is_no_fact_is_met_with_the_nearest(store, engine):
    with pytest.raises(QueryError, match=r"fact_reviews.*Did you mean fact_review"):
        engine.query("SELECT * FROM fact_reviews", snapshot=store.snapshot())


def test_a_query_that_takes_too_long_is_stopped(store):
    slow = DuckDBEngine(threads=1, timeout_seconds=0.05)
    with pytest.raises(SlowQueryError, match=r"longer than 0.05 s"):
        slow.query("SELECT count(*) FROM range(100000000000) AS r(i)", snapshot=store.snapshot())
    assert slow.query("SELECT 1 AS one", snapshot=store.snapshot())["one"].to_pylist() == [1]
    slow.close()


def test_threads_share_an_engine_and_each_reads_its_own_version(store, engine, events):
    for hour, name in enumerate("abcd"):
        store.commit({"change_event": events(name)}, published_at=DAY + timedelta(hours=hour), source="test")

    def count(turn: int) -> bool:
        hour = turn % 4
        found = engine.query(
            "SELECT count(*) AS n FROM fact_change_event",
            snapshot=store.snapshot(DAY + timedelta(hours=hour)),
        )
        return bool(found["n"].to_pylist() == [hour + 1])

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(count, range(80)))


def test_a_column_added_to_the_schema_is_null_in_older_files(store, engine, events, monkeypatch):
    from dataclasses import replace
    from types import MappingProxyType

    from watchfloor.facts import schemas, snapshot
    from watchfloor.facts.engines import views

    store.commit({"change_event": events("a")}, published_at=DAY, source="test")
    grown = replace(
        TABLES["change_event"],
        columns=(*TABLES["change_event"].columns, schemas.Column("ticket", "string", "The ticket.")),
    )
    tables = MappingProxyType({**TABLES, "change_event": grown})
    for module in (snapshot, views):
        monkeypatch.setattr(module, "TABLES", tables)
    rows = events("b").append_column("ticket", [["T-1"]])
    store.commit({"change_event": rows}, published_at=DAY, source="test")

    found = engine.query("SELECT ticket FROM fact_change_event ORDER BY event_id", snapshot=store.snapshot())
    assert found["ticket"].to_pylist() == [None, "T-1"]
