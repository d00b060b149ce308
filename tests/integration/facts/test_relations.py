from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.facts.relations import RELATIONS, known_until
from watchfloor.facts.schemas import TABLES
from watchfloor.kernel import Period

DAY = datetime(2026, 3, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")


def _decisions(rows):
    """Rows of (id, case, version, decided after hours, withdrawn, site)."""
    return pa.table(
        {
            "decision_id": [row[0] for row in rows],
            "case_id": [row[1] for row in rows],
            "decision_version": [row[2] for row in rows],
            "queue_id": ["spam"] * len(rows),
            "purpose": ["production"] * len(rows),
            "rule": ["last_turn"] * len(rows),
            "decided_at": pa.array([DAY + timedelta(hours=row[3]) for row in rows], INSTANT),
            "withdrawn_at": pa.array([DAY + timedelta(days=99) if row[4] else None for row in rows], INSTANT),
            "site_id": [row[5] for row in rows],
        }
    )


def _intervals(rows, *, planned=False):
    """Rows of (id, start, end) in minutes after the day's start; no end while it lasts."""
    return pa.table(
        {
            "shift_id" if planned else "interval_id": [row[0] for row in rows],
            "reviewer_id": ["ana"] * len(rows),
            "scheduled_state" if planned else "state": ["handling"] * len(rows),
            "started_at": pa.array([DAY + timedelta(minutes=row[1]) for row in rows], INSTANT),
            "ended_at": pa.array(
                [None if row[2] is None else DAY + timedelta(minutes=row[2]) for row in rows], INSTANT
            ),
        }
    )


@pytest.fixture
def outcome(store, engine, cases):
    decisions = [
        ("d1", "twice", 0, 1, False, "manila"),
        ("d2", "twice", 1, 5, False, "dublin"),
        ("d3", "withdrawn", 0, 2, True, "manila"),
        ("d4", "redecided", 0, 3, True, "manila"),
        ("d5", "redecided", 1, 50, False, None),
    ]
    store.commit(
        {"case": cases("open", "twice", "withdrawn", "redecided"), "decision": _decisions(decisions)},
        published_at=DAY,
        source="test",
    )

    def read(period=None):
        found = engine.query("SELECT * FROM fact_case_outcome", snapshot=store.snapshot(), period=period)
        return {row["case_id"]: row for row in found.to_pylist()}

    return read


def test_a_case_stands_beside_its_first_and_its_first_standing_decision(outcome):
    rows = outcome()

    assert (
        rows["twice"]["first_decided_at"]
        == rows["twice"]["first_standing_decided_at"]
        == DAY + timedelta(hours=1)
    )
    assert rows["twice"]["last_decided_at"] == DAY + timedelta(hours=5)
    assert rows["twice"]["decision_count"] == 2
    assert rows["twice"]["site_id"] == "manila"
    assert rows["redecided"]["first_decided_at"] == DAY + timedelta(hours=3)
    assert rows["redecided"]["first_standing_decided_at"] == DAY + timedelta(hours=50)
    assert rows["redecided"]["site_id"] is None  # of the standing decision, not of the withdrawn one
    assert not rows["redecided"]["withdrawn"]


def test_an_open_case_is_not_a_withdrawn_one(outcome):
    rows = outcome()

    assert rows["open"]["first_decided_at"] is None
    assert rows["open"]["decision_count"] == 0
    assert rows["open"]["withdrawn"] is False
    assert rows["withdrawn"]["first_decided_at"] == DAY + timedelta(hours=2)
    assert rows["withdrawn"]["first_standing_decided_at"] is None
    assert rows["withdrawn"]["withdrawn"] is True


def test_a_period_keeps_decisions_that_came_after_it(outcome):
    rows = outcome(Period(DAY, DAY + timedelta(hours=1)))

    assert rows["redecided"]["first_standing_decided_at"] == DAY + timedelta(hours=50)


def test_an_interval_is_cut_at_the_edges_of_hours(store, engine):
    rows = [("a", 10, 20), ("b", 50, 190), ("c", 60, 120), ("empty", 30, 30), ("backwards", 40, 35)]
    store.commit({"activity_interval": _intervals(rows)}, published_at=DAY + timedelta(days=9), source="test")

    found = engine.query(
        "SELECT interval_id, hour_at, seconds FROM fact_activity_hour ORDER BY interval_id, hour_at",
        snapshot=store.snapshot(),
    ).to_pylist()

    # b: 00:50–03:10 is 10 + 60 + 60 + 10 minutes; c ends where the hour does, so it has no part in the next.
    assert [(row["interval_id"], row["hour_at"].hour, row["seconds"]) for row in found] == [
        ("a", 0, 600.0),
        ("b", 0, 600.0),
        ("b", 1, 3600.0),
        ("b", 2, 3600.0),
        ("b", 3, 600.0),
        ("c", 1, 3600.0),
    ]


def test_an_interval_that_lasts_ends_where_the_versions_knowledge_does(store, engine):
    rows = [("lasts", 0, None), ("ended", 60, 90)]
    store.commit({"activity_interval": _intervals(rows)}, published_at=DAY + timedelta(days=9), source="test")
    snapshot = store.snapshot()

    found = engine.query(
        "SELECT sum(seconds) AS seconds FROM fact_activity_hour WHERE interval_id = 'lasts'",
        snapshot=snapshot,
    )

    assert known_until(snapshot, "activity_interval") == DAY + timedelta(minutes=90)
    assert found["seconds"].to_pylist() == [5400.0]


def test_a_period_keeps_intervals_that_began_before_it(store, engine):
    rows = [("yesterday", -120, 30), ("long ago", -9000, -8000), ("lasts", -5000, None), ("now", 5, 10)]
    store.commit({"activity_interval": _intervals(rows)}, published_at=DAY + timedelta(days=9), source="test")

    found = engine.query(
        "SELECT DISTINCT interval_id FROM fact_activity_hour WHERE hour_at = ?",
        snapshot=store.snapshot(),
        period=Period(DAY, DAY + timedelta(hours=1)),
        parameters=[DAY],
    )

    assert sorted(found["interval_id"].to_pylist()) == ["lasts", "now", "yesterday"]


def test_planned_shifts_are_cut_the_same_way(store, engine):
    store.commit({"shift_plan": _intervals([("s", 30, 90)], planned=True)}, published_at=DAY, source="test")
    found = engine.query(
        "SELECT sum(seconds) AS s, count(*) AS n FROM fact_shift_hour", snapshot=store.snapshot()
    )

    assert found.to_pylist() == [{"s": 3600.0, "n": 2}]


@pytest.mark.parametrize("name", RELATIONS)
def test_every_column_that_a_relation_names_is_there(store, engine, name):
    relation = RELATIONS[name]
    found = engine.query(f"SELECT * FROM fact_{name}", snapshot=store.snapshot())

    expected = dict.fromkeys(TABLES[relation.inputs[0].table].by_name)
    dropped = {"started_at", "ended_at"} if "hour" in name else set()
    assert set(found.column_names) == (set(expected) - dropped) | {
        column for column, _, _ in relation.columns
    }
