"""The same facts and SQL on a real standalone cluster: one master, two workers, all on this machine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from watchfloor.facts.engines.base import QueryError, VersionGoneError
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period

pytestmark = pytest.mark.spark

DAY = datetime(2026, 3, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> FactStore:
    """Three days of reviews, their cases, decisions and the reviewers' states, in several commits."""
    store = FactStore(tmp_path_factory.mktemp("facts"), "demo")
    count = 600
    for part in range(2):
        numbers = range(part * count, part * count + count)
        at = pa.array([DAY + timedelta(minutes=7 * (n % 600), milliseconds=n) for n in numbers], INSTANT)
        queue = {"queue_id": [f"q{n % 5}" for n in numbers], "purpose": ["production"] * count}
        case_ids = [f"c{n}" for n in numbers]
        decided = pa.array([DAY + timedelta(minutes=7 * (n % 600) + n % 90) for n in numbers], INSTANT)
        store.commit(
            {
                "case": pa.table({"case_id": case_ids, "enqueued_at": at, **queue}),
                "review": pa.table(
                    {
                        "review_id": [f"r{n}" for n in numbers],
                        "case_id": case_ids,
                        "kind": ["first"] * count,
                        "submitted_at": at,
                        "handle_ms": [None if n % 17 == 0 else n * 13 % 9000 for n in numbers],
                        "outcome": ["submitted" if n % 9 else "skipped" for n in numbers],
                        "labels": [["spam", "ok"][: n % 3] for n in numbers],
                        **queue,
                    }
                ),
                "decision": pa.table(
                    {
                        "decision_id": [f"d{n}" for n in numbers],
                        "case_id": [f"c{n // 2 * 2}" for n in numbers],
                        "decision_version": [n % 2 for n in numbers],
                        "rule": ["last_turn"] * count,
                        "decided_at": decided,
                        "withdrawn_at": pa.array([DAY if n % 7 == 0 else None for n in numbers], INSTANT),
                        "site_id": [None if n % 11 == 0 else f"s{n % 3}" for n in numbers],
                        **queue,
                    }
                ),
                "activity_interval": pa.table(
                    {
                        "interval_id": [f"i{n}" for n in numbers],
                        "reviewer_id": [f"p{n % 20}" for n in numbers],
                        "state": ["handling" if n % 4 else "break" for n in numbers],
                        "started_at": at,
                        "ended_at": pa.array(
                            [
                                None if n % 50 == 0 else DAY + timedelta(minutes=7 * (n % 600) + n % 200)
                                for n in numbers
                            ],
                            INSTANT,
                        ),
                    }
                ),
            },
            published_at=DAY + timedelta(days=5 + part),
            source="test",
        )
    return store


QUESTIONS = (
    """SELECT queue_id, count(*) AS n, sum(handle_ms) AS total, count(handle_ms) AS timed
    FROM fact_review WHERE outcome = 'submitted' GROUP BY queue_id ORDER BY queue_id""",
    "SELECT kind, min(submitted_at) AS first_at, max(submitted_at) AS last_at FROM fact_review GROUP BY kind",
    "SELECT review_id, labels, handle_ms FROM fact_review ORDER BY review_id LIMIT 20",
    """SELECT r.queue_id, count(DISTINCT d.case_id) AS n
    FROM fact_review r JOIN fact_decision d ON d.case_id = r.case_id
    GROUP BY r.queue_id ORDER BY r.queue_id""",
    """SELECT c.case_id, d.decided_at, d.withdrawn_at, d.site_id FROM fact_case c
    LEFT JOIN fact_decision d ON d.case_id = c.case_id AND d.decision_version = 0 ORDER BY c.case_id""",
    "SELECT interval_id, state, started_at, ended_at FROM fact_activity_interval ORDER BY interval_id",
    "SELECT count(*) AS n FROM fact_appeal",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_engines_give_the_same_answer(spark, engine, filled, question):
    snapshot = filled.snapshot()

    ours, theirs = (one.query(question, snapshot=snapshot) for one in (engine, spark))

    assert theirs.column_names == ours.column_names
    assert theirs.to_pylist() == ours.to_pylist()


@pytest.mark.parametrize("name", TABLES)
def test_a_fact_without_a_row_is_an_empty_view_of_the_same_types(spark, tmp_path, name):
    empty = FactStore(tmp_path, "empty").snapshot()

    found = spark.query(f"SELECT * FROM fact_{name}", snapshot=empty)

    assert found.num_rows == 0
    assert found.column_names == TABLES[name].arrow_schema.names


def test_both_engines_read_the_version_asked_for(spark, engine, filled):
    earlier = filled.snapshot(DAY + timedelta(days=5))
    day = Period(DAY, DAY + timedelta(days=1))
    question = "SELECT count(*) AS n FROM fact_review"

    for one in (engine, spark):
        assert one.query(question, snapshot=earlier)["n"].to_pylist() == [600]
        pruned = one.query(question, snapshot=filled.snapshot(), period=day)["n"].to_pylist()[0]
        assert pruned < 1200


def test_parameters_are_bound_by_place_and_by_name(spark, filled):
    snapshot = filled.snapshot()
    until = DAY + timedelta(hours=1)

    by_place = spark.query(
        "SELECT count(*) AS n FROM fact_review WHERE queue_id = ? AND submitted_at < ?",
        snapshot=snapshot,
        parameters=["q1", until],
    )
    by_name = spark.query(
        "SELECT count(*) AS n FROM fact_review WHERE queue_id = :queue AND submitted_at < :until",
        snapshot=snapshot,
        parameters={"queue": "q1", "until": until},
    )

    assert by_place["n"].to_pylist() == by_name["n"].to_pylist() == [4]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1; SELECT 2", "not one SELECT"),
        ("DROP TABLE x", "not one SELECT"),
        ("SELECT nope FROM fact_case", "nope"),
        ("SELECT * FROM fact_reviews", "Did you mean fact_review"),
    ],
)
def test_what_is_not_one_readable_select_is_refused(spark, filled, sql, says):
    with pytest.raises(QueryError, match=says):
        spark.query(sql, snapshot=filled.snapshot())


def test_a_snapshot_whose_files_are_gone_says_so(spark, tmp_path, events):
    store = FactStore(tmp_path, "demo")
    store.commit({"change_event": events("a")}, published_at=DAY, source="test")
    for path in store.snapshot().files("change_event"):
        Path(path).unlink()

    with pytest.raises(VersionGoneError, match="Take a new snapshot"):
        spark.query("SELECT * FROM fact_change_event", snapshot=store.snapshot())
