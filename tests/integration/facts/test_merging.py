from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.facts.store import StoreError

DAY = datetime(2026, 3, 1, tzinfo=UTC)
MANY = [f"e{number}" for number in range(24 * 10)]


@pytest.fixture
def filled(store, events):
    """Ten days of one event an hour."""
    store.commit({"change_event": events(*MANY)}, published_at=DAY, source="test")
    return store


def _summaries(engine, store):
    found = engine.query("SELECT event_id, summary FROM fact_change_event", snapshot=store.snapshot())
    return dict(zip(found["event_id"].to_pylist(), found["summary"].to_pylist(), strict=True))


def test_a_row_of_a_known_key_is_replaced_and_a_new_one_added(filled, engine, events):
    version = filled.commit(
        {"change_event": events("e1", "new", summary="corrected")},
        mode="merge",
        published_at=DAY,
        source="late",
    )

    summaries = _summaries(engine, filled)
    assert version.rows_written == {"change_event": 2}
    assert version.tables["change_event"].row_count == len(MANY) + 1
    assert len(summaries) == len(MANY) + 1
    assert summaries["e1"] == summaries["new"] == "corrected"
    assert summaries["e2"] == "as first told"


def test_only_files_that_hold_a_key_are_rewritten(filled, events):
    before = set(filled.snapshot().files("change_event"))
    filled.commit(
        {"change_event": events("e1", summary="corrected")}, mode="merge", published_at=DAY, source="late"
    )
    after = set(filled.snapshot().files("change_event"))

    assert len(before - after) == 1
    assert len(after - before) == 1


def test_a_row_whose_day_changed_leaves_its_old_day(filled, engine, events):
    later = DAY + timedelta(days=40)
    filled.commit({"change_event": events("e1", start=later)}, mode="merge", published_at=DAY, source="late")

    found = engine.query(
        "SELECT \"at\" FROM fact_change_event WHERE event_id = 'e1'", snapshot=filled.snapshot()
    )
    assert found["at"].to_pylist() == [later]
    assert filled.snapshot().row_count("change_event") == len(MANY)


def test_the_last_row_given_of_a_key_wins(filled, engine, events):
    twice = pa.concat_tables([events("e1", summary="first"), events("e1", summary="second")])
    filled.commit({"change_event": twice}, mode="merge", published_at=DAY, source="late")

    assert _summaries(engine, filled)["e1"] == "second"


def test_a_key_of_several_columns_is_matched_whole(store, engine):
    def gold(versions, truth):
        return pa.table(
            {
                "gold_id": ["g"] * len(versions),
                "gold_version": versions,
                "truth": [truth] * len(versions),
                "recorded_at": pa.array([DAY] * len(versions), pa.timestamp("us", "UTC")),
            }
        )

    store.commit({"gold_case": gold([1, 2], "old")}, published_at=DAY, source="test")
    store.commit({"gold_case": gold([2, 3], "new")}, mode="merge", published_at=DAY, source="test")

    found = engine.query(
        "SELECT gold_version, truth FROM fact_gold_case ORDER BY gold_version", snapshot=store.snapshot()
    )
    assert found["truth"].to_pylist() == ["old", "new", "new"]


def test_merging_into_an_empty_operation_adds_the_rows(store, events, ids):
    store.commit({"change_event": events("a", "a", "b")}, mode="merge", published_at=DAY, source="test")

    assert ids(store) == ["a", "b"]


def test_one_commit_may_append_to_one_fact_and_merge_into_another(filled, engine, events, cases):
    filled.commit(
        {"change_event": events("e1", summary="corrected"), "case": cases("c", "c")},
        mode={"change_event": "merge"},
        published_at=DAY,
        source="export",
    )
    assert _summaries(engine, filled)["e1"] == "corrected"
    assert filled.snapshot().row_count("case") == 2  # appended as given: an append looks for no duplicates


def test_another_mode_is_refused(store, events):
    with pytest.raises(StoreError, match="neither append nor merge"):
        store.commit({"change_event": events("a")}, mode="upsert", published_at=DAY, source="test")


def test_merging_nothing_publishes_the_watermark_alone(filled, events, ids):
    nothing = events("a").slice(0, 0)
    version = filled.commit(
        {"change_event": nothing}, mode="merge", published_at=DAY, source="late", watermark={"low": 9}
    )
    assert version.number == 2
    assert len(ids(filled)) == len(MANY)
