from datetime import UTC, datetime, timedelta
from decimal import Decimal

import deltalake
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from watchfloor.facts.sources import (
    ClosedValueError,
    ColumnTypeError,
    FactQuery,
    MissingValueError,
    UnknownColumnError,
    UnknownFactError,
)
from watchfloor.facts.store import FactStore, StaleWatermarkError, StoreError, list_operations
from watchfloor.kernel import Period

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_was_committed_is_read_back_with_every_column_of_the_fact(store, engine, events):
    store.commit({"change_event": events("a", "b")}, published_at=DAY, source="test")

    found = engine.query("SELECT * FROM fact_change_event ORDER BY event_id", snapshot=store.snapshot())

    assert found["event_id"].to_pylist() == ["a", "b"]
    assert found["at"].to_pylist() == [DAY, DAY + timedelta(hours=1)]
    assert found["object_version"].to_pylist() == [None, None]
    assert found.schema.field("object_version").type == pa.int64()


def test_the_version_says_what_every_table_holds(store, events, cases):
    version = store.commit(
        {"change_event": events("a", "b"), "case": cases("c")},
        published_at=DAY,
        source="test",
        detail={"file": "x.csv"},
    )

    assert version.number == 1
    assert version.rows_written == {"change_event": 2, "case": 1}
    assert store.versions() == (version,)
    snapshot = store.snapshot()
    assert snapshot.row_count("change_event") == 2
    assert snapshot.row_count("review") == 0
    assert snapshot.extent("change_event") == Period(DAY, DAY + timedelta(hours=1, milliseconds=1))
    assert snapshot.extent("review") is None


def test_files_hold_only_encodings_that_every_engine_reads(store, events, cases):
    many = cases(*(f"c{number}" for number in range(20_000)))
    scores = pa.array([number / 7 for number in range(many.num_rows)], pa.float64())
    names = [f"e{number}" for number in range(20_000)]
    instants = pa.array(
        [DAY + timedelta(seconds=number) for number in range(20_000)], pa.timestamp("us", "UTC")
    )
    changes = events(*names).drop_columns("at").append_column("at", instants)
    store.commit(
        {"case": many.append_column("risk_score", scores), "change_event": changes},
        published_at=DAY,
        source="test",
    )

    found = {
        encoding
        for name in ("case", "change_event")
        for path in store.snapshot().files(name)
        for group in [pq.ParquetFile(path).metadata.row_group(0)]
        for place in range(group.num_columns)
        for encoding in group.column(place).encodings
    }

    plain = {"PLAIN", "RLE", "BIT_PACKED", "PLAIN_DICTIONARY", "RLE_DICTIONARY"}
    assert found <= plain | {"DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY"}
    assert "DELTA_BINARY_PACKED" in found
    table = deltalake.DeltaTable(store.folder / "change_event").to_pyarrow_table(columns=["event_id", "at"])
    assert sorted(table["event_id"].to_pylist()) == sorted(names)
    assert store.snapshot().extent("change_event") == Period(
        pc.min(table["at"]).as_py(), pc.max(table["at"]).as_py() + timedelta(milliseconds=1)
    )


def test_an_operation_without_a_commit_is_empty_and_not_listed(store, tmp_path):
    assert store.snapshot().number == 0
    assert store.snapshot().files("case") == []
    assert store.versions() == ()
    assert store.latest_watermark() is None
    assert list_operations(tmp_path) == []
    assert list_operations(tmp_path / "nowhere") == []


def test_operations_are_listed_by_name(tmp_path, events):
    for name in ("zeta", "alpha"):
        FactStore(tmp_path, name).commit({"change_event": events("a")}, published_at=DAY, source="test")

    assert list_operations(tmp_path) == ["alpha", "zeta"]


@pytest.mark.parametrize("name", ["", "_versions", ".hidden", "../up", "a/b", "näme"])
def test_a_name_that_is_no_folder_is_refused(tmp_path, name):
    with pytest.raises(StoreError, match="not a folder name"):
        FactStore(tmp_path, name)


def test_instants_are_cut_to_the_millisecond(store, engine, cases):
    odd = pa.array([DAY + timedelta(microseconds=123_999)], pa.timestamp("us", "UTC"))
    store.commit({"case": cases("c", deadline_at=odd)}, published_at=DAY, source="test")

    found = engine.query("SELECT deadline_at FROM fact_case", snapshot=store.snapshot())

    assert found["deadline_at"].to_pylist() == [DAY + timedelta(milliseconds=123)]


def test_instants_of_another_zone_keep_their_moment(store, engine, cases):
    manila = pa.array([DAY], pa.timestamp("ms", "Asia/Manila"))
    store.commit({"case": cases("c", deadline_at=manila)}, published_at=DAY, source="test")

    found = engine.query("SELECT deadline_at FROM fact_case", snapshot=store.snapshot())

    assert found["deadline_at"].to_pylist() == [DAY]


def test_numbers_and_lists_of_every_width_are_taken(store, engine, cases):
    store.commit(
        {
            "case": cases(
                "c",
                priority=pa.array([3], pa.int8()),
                risk_score=pa.array([Decimal("0.25")]),
                media_seconds=pa.array([7], pa.int32()),
                language=pa.array(["en"]).dictionary_encode(),
            )
        },
        published_at=DAY,
        source="test",
    )
    found = engine.query(
        "SELECT priority, risk_score, media_seconds, language FROM fact_case", snapshot=store.snapshot()
    )
    assert found.to_pylist() == [{"priority": 3, "risk_score": 0.25, "media_seconds": 7.0, "language": "en"}]


def test_batches_and_readers_are_streamed(store, events):
    table = events(*"abcdef")
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2))
    store.commit({"change_event": reader}, published_at=DAY, source="test")
    store.commit({"change_event": iter(events("x").to_batches())}, published_at=DAY, source="test")
    store.commit({"change_event": iter([])}, published_at=DAY, source="test")

    assert store.snapshot().row_count("change_event") == 7


def test_rows_may_come_from_a_query_of_the_callers_connection(store, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("id,queue,when\n1,spam,2026-03-01 08:00:00+08\n2,hate,2026-03-02 08:00:00+08\n")
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW log AS SELECT * FROM read_csv('{log}')")
    store.commit(
        {
            "case": FactQuery(
                "SELECT id::VARCHAR AS case_id, queue AS queue_id, 'production' AS purpose, "
                '"when"::TIMESTAMPTZ AS enqueued_at FROM log',
                connection,
            )
        },
        published_at=DAY,
        source="import:log",
    )
    assert store.snapshot().extent("case") == Period(DAY, DAY + timedelta(days=1, milliseconds=1))


def test_an_unknown_fact_is_named_with_the_nearest(store, cases):
    with pytest.raises(UnknownFactError, match=r"'caze'.*Did you mean 'case'"):
        store.commit({"caze": cases("c")}, published_at=DAY, source="test")


def test_an_unknown_column_is_named_with_the_nearest(store, cases):
    with pytest.raises(UnknownColumnError, match=r"no column 'langage'.*Did you mean 'language'"):
        store.commit({"case": cases("c", langage=["en"])}, published_at=DAY, source="test")


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("queue_version", ["three"], "case.queue_version holds VARCHAR; it must be a whole number"),
        ("queue_version", [1.5], "case.queue_version holds DOUBLE; it must be a whole number"),
        ("language", [1], "case.language holds BIGINT; it must be text"),
        ("deadline_at", pa.array([DAY.replace(tzinfo=None)]), "must be an instant with a time zone"),
        ("deadline_at", ["2026-03-01"], "must be an instant with a time zone"),
    ],
)
def test_a_column_of_another_type_is_refused(store, cases, column, values, says):
    with pytest.raises(ColumnTypeError, match=says):
        store.commit({"case": cases("c", **{column: values})}, published_at=DAY, source="test")


def test_a_number_too_great_is_refused(store, cases):
    huge = pa.array([2**64 - 1], pa.uint64())
    with pytest.raises(ColumnTypeError, match="case"):
        store.commit({"case": cases("c", priority=huge)}, published_at=DAY, source="test")


def test_a_required_column_must_be_there(store, cases):
    with pytest.raises(MissingValueError, match=r"case\.purpose is required and was not given"):
        store.commit({"case": cases("c").drop(["purpose"])}, published_at=DAY, source="test")


def test_a_required_value_must_not_be_null_and_the_row_is_named(store, cases):
    rows = cases("c1", "c2", queue_id=["spam", None])
    with pytest.raises(MissingValueError, match=r"case\.queue_id is required and null in the row 'c2'"):
        store.commit({"case": rows}, published_at=DAY, source="test")


def test_a_value_outside_a_closed_list_is_named_with_its_row(store, cases):
    rows = cases("c1", "c2", purpose=["production", "it's {odd}"])
    with pytest.raises(
        ClosedValueError, match=r"purpose=\"it's {odd}\" in the row 'c2' is not one of production"
    ):
        store.commit({"case": rows}, published_at=DAY, source="test")


def test_a_refused_commit_publishes_nothing_and_leaves_no_file(store, events, cases, tmp_path):
    with pytest.raises(ClosedValueError):
        store.commit(
            {"change_event": events("a"), "case": cases("c", purpose=["play"])},
            published_at=DAY,
            source="test",
        )
    assert store.versions() == ()
    assert list((tmp_path / "demo" / "case").rglob("*.parquet")) == []


def test_a_commit_without_a_watermark_keeps_the_last_one(store, events):
    store.commit({"change_event": events("a")}, published_at=DAY, source="export", watermark={"low": 7})
    store.commit({"change_event": events("b")}, published_at=DAY, source="import")

    assert store.latest_watermark() == {"low": 7}


def test_of_two_exporters_that_read_one_watermark_one_goes_on(store, events, ids):
    store.commit(
        {"change_event": events("a")},
        published_at=DAY,
        source="export",
        watermark={"low": 1},
        expected_watermark=None,
    )
    with pytest.raises(StaleWatermarkError, match="another exporter"):
        store.commit(
            {"change_event": events("a")},
            published_at=DAY,
            source="export",
            watermark={"low": 1},
            expected_watermark=None,
        )
    assert ids(store) == ["a"]


def test_a_watermark_alone_can_be_published(store):
    store.commit({}, published_at=DAY, source="export", watermark={"low": 3})

    assert store.latest_watermark() == {"low": 3}


def test_a_month_store_writes_one_file_a_month_and_remembers_its_grain(tmp_path, events):
    monthly = FactStore(tmp_path, "old", partition="month")
    monthly.commit({"change_event": events(*map(str, range(72)))}, published_at=DAY, source="test")

    assert len(monthly.snapshot().files("change_event")) == 1
    assert FactStore(tmp_path, "old").partition == "month"
    with pytest.raises(StoreError, match="partitioned by month, not by day"):
        FactStore(tmp_path, "old", partition="day").commit({}, published_at=DAY, source="test")


def test_files_are_pruned_by_period(store, events):
    hours = [str(hour) for hour in range(72)]
    store.commit({"change_event": events(*hours)}, published_at=DAY, source="test")
    snapshot = store.snapshot()
    second = Period(DAY + timedelta(days=1), DAY + timedelta(days=2))

    assert len(snapshot.files("change_event")) == 3
    (path,) = snapshot.files("change_event", second)
    assert "2026-03-02" in path
    before = Period(DAY - timedelta(days=9), DAY)
    assert snapshot.files("change_event", before) == []
    last_instant = Period(DAY + timedelta(hours=71), DAY + timedelta(hours=72))
    assert len(snapshot.files("change_event", last_instant)) == 1
