import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchfloor.facts import delta
from watchfloor.facts.engines.base import VersionGoneError
from watchfloor.facts.manifest import NoSuchVersionError
from watchfloor.facts.store import FactStore
from watchfloor.facts.upkeep import RetentionError

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def grown(store, events):
    """Six versions a day apart, each with one event of the same day."""
    for number in range(6):
        store.commit(
            {"change_event": events(f"e{number}")}, published_at=DAY + timedelta(days=number), source="test"
        )
    return store


def _age(store: FactStore, *, by: timedelta) -> None:
    for path in store.folder.rglob("*.parquet"):
        moment = datetime.now(UTC) - by
        os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_compaction_joins_the_files_of_a_partition(grown, ids):
    assert len(grown.snapshot().files("change_event")) == 6

    version = grown.compact(now=DAY + timedelta(days=6))

    assert version.detail == {"files_joined": {"change_event": 6}}
    assert len(grown.snapshot().files("change_event")) == 1
    assert ids(grown) == [f"e{number}" for number in range(6)]
    assert grown.snapshot().row_count("change_event") == 6


def test_compaction_keeps_the_watermark_and_old_versions(store, events, ids):
    store.commit({"change_event": events("a")}, published_at=DAY, source="test", watermark={"low": 4})
    store.commit({"change_event": events("b")}, published_at=DAY + timedelta(days=1), source="test")
    store.compact(now=DAY + timedelta(days=2))

    assert store.latest_watermark() == {"low": 4}
    assert ids(store, DAY) == ["a"]


def test_there_is_nothing_to_compact_twice(grown):
    assert grown.compact(now=DAY) is not None
    assert grown.compact(now=DAY) is None


def test_an_empty_operation_has_nothing_to_compact(store):
    assert store.compact(now=DAY) is None


def test_a_merge_during_a_compaction_wins(grown, events, ids, engine):
    def merge(step: str) -> None:
        if step == "wrote change_event":
            grown.commit(
                {"change_event": events("e1", summary="corrected")},
                mode="merge",
                published_at=DAY,
                source="late",
            )

    compactor = FactStore(grown.folder.parent, "demo", at_step=merge)

    assert compactor.compact(now=DAY) is None
    found = engine.query(
        "SELECT summary FROM fact_change_event WHERE event_id = 'e1'", snapshot=grown.snapshot()
    )
    assert found["summary"].to_pylist() == ["corrected"]


def test_a_vacuum_keeps_what_can_still_be_asked_for(grown, ids):
    grown.compact(now=DAY + timedelta(days=6))
    _age(grown, by=timedelta(days=3))

    removed = grown.vacuum(keep=timedelta(days=3), now=datetime.now(UTC))

    assert removed.versions == 6
    assert removed.data_files == 6
    assert removed.bytes > 0
    assert removed.log_files > 0
    assert ids(grown) == [f"e{number}" for number in range(6)]


def test_a_vacuum_leaves_every_instant_within_the_time_kept(grown, ids):
    now = DAY + timedelta(days=5, hours=1)
    before = {hours: ids(grown, now - timedelta(hours=hours)) for hours in range(49)}

    removed = grown.vacuum(keep=timedelta(days=2), now=now)

    assert removed.versions == 3
    assert {hours: ids(grown, now - timedelta(hours=hours)) for hours in range(49)} == before
    with pytest.raises(NoSuchVersionError, match="the first version kept was published at 2026-03-04"):
        grown.snapshot(DAY)


def test_versions_kept_are_readable_without_the_log_before_them(grown, events, ids):
    grown.vacuum(keep=timedelta(days=1), now=DAY + timedelta(days=5))
    fresh = FactStore(grown.folder.parent, "demo")
    delta._listings.clear()

    assert [len(ids(fresh, version.published_at)) for version in fresh.versions()] == [5, 6]
    fresh.commit({"change_event": events("new")}, published_at=DAY + timedelta(days=6), source="test")
    assert len(ids(fresh)) == 7


def test_a_file_that_a_writer_has_not_committed_yet_is_left_alone(grown, events, ids):
    def vacuum(step: str) -> None:
        if step == "wrote change_event":
            grown.vacuum(keep=timedelta(0), now=datetime.now(UTC))

    writer = FactStore(grown.folder.parent, "demo", at_step=vacuum)
    writer.commit({"change_event": events("late")}, published_at=DAY + timedelta(days=9), source="test")

    assert "late" in ids(grown)


def test_a_snapshot_whose_files_were_vacuumed_says_so(grown, engine, events):
    held = grown.snapshot()
    grown.compact(now=DAY + timedelta(days=6))
    _age(grown, by=timedelta(days=3))
    grown.vacuum(keep=timedelta(0), now=datetime.now(UTC))

    with pytest.raises(VersionGoneError, match="Take a new snapshot"):
        engine.query("SELECT summary FROM fact_change_event", snapshot=held)


def test_a_negative_time_to_keep_is_refused(grown):
    with pytest.raises(RetentionError, match="negative"):
        grown.vacuum(keep=timedelta(days=-1), now=DAY)


def test_files_of_a_crashed_writer_go_at_a_vacuum(grown, tmp_path):
    orphan = Path(grown.snapshot().files("change_event")[0]).with_name("orphan.parquet")
    orphan.write_bytes(b"half a file")
    _age(grown, by=timedelta(days=2))

    grown.vacuum(keep=timedelta(days=365), now=datetime.now(UTC))

    assert not orphan.exists()
