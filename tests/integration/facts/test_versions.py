from datetime import UTC, datetime, timedelta

import pytest
from deltalake import DeltaTable

from watchfloor.facts import delta
from watchfloor.facts.manifest import ManifestError, NoSuchVersionError
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def test_every_version_can_be_asked_for_as_it_was_known(store, events, ids):
    for hour, name in enumerate("abc"):
        store.commit({"change_event": events(name)}, published_at=DAY + timedelta(hours=hour), source="test")

    assert ids(store, DAY) == ["a"]
    assert ids(store, DAY + timedelta(minutes=59)) == ["a"]
    assert ids(store, DAY + timedelta(hours=1)) == ["a", "b"]
    assert ids(store) == ["a", "b", "c"]


def test_an_instant_before_the_first_version_names_the_first(store, events):
    store.commit({"change_event": events("a")}, published_at=DAY, source="test")

    with pytest.raises(NoSuchVersionError, match="published at 2026-03-01T00:00:00"):
        store.snapshot(DAY - timedelta(seconds=1))


def test_a_clock_that_runs_back_is_held_at_the_last_publication(store, events, ids):
    store.commit({"change_event": events("a")}, published_at=DAY, source="test")
    version = store.commit(
        {"change_event": events("b")}, published_at=DAY - timedelta(hours=1), source="test"
    )

    assert version.published_at == DAY
    assert version.clock_at == DAY - timedelta(hours=1)
    assert ids(store, DAY) == ["a", "b"]


def test_a_snapshot_held_by_a_reader_does_not_change(store, engine, events):
    store.commit({"change_event": events("a")}, published_at=DAY, source="test")
    held = store.snapshot()
    store.commit({"change_event": events("b")}, published_at=DAY, source="test")
    store.commit(
        {"change_event": events("a", summary="corrected")}, mode="merge", published_at=DAY, source="t"
    )
    store.compact(now=DAY)

    found = engine.query("SELECT event_id, summary FROM fact_change_event", snapshot=held)

    assert found.to_pylist() == [{"event_id": "a", "summary": "as first told"}]


def test_every_table_is_a_delta_table_that_other_tools_read(store, events):
    store.commit({"change_event": events("a", "b")}, published_at=DAY, source="test")

    table = DeltaTable(str(store.folder / "change_event")).to_pyarrow_table()

    assert sorted(table["event_id"].to_pylist()) == ["a", "b"]
    assert {str(day) for day in table["partition_date"].to_pylist()} == {"2026-03-01"}


def test_a_store_made_anew_in_the_same_folder_shows_nothing_of_the_old(tmp_path, events, ids):
    import shutil

    for name in ("a", "b"):
        store = FactStore(tmp_path, "demo")
        store.commit({"change_event": events(name)}, published_at=DAY, source="test")
        assert ids(store) == [name]
        shutil.rmtree(store.folder)


def test_a_version_is_never_published_twice(store, events):
    version = store.commit({"change_event": events("a")}, published_at=DAY, source="test")

    with pytest.raises(ManifestError, match="published by somebody else"):
        store.manifests.publish(version)


def test_the_latest_version_is_found_without_its_hint(store, events):
    for name in "abc":
        store.commit({"change_event": events(name)}, published_at=DAY, source="test")
    hint = store.manifests.folder / "latest"
    for text in (None, "1", "nonsense", "999"):
        hint.unlink() if text is None else hint.write_text(text)
        assert store.snapshot().number == 3


def test_a_manifest_that_cannot_be_read_is_named(store, events):
    store.commit({"change_event": events("a")}, published_at=DAY, source="test")
    store.manifests.path(1).write_text("{}")

    with pytest.raises(ManifestError, match=r"000000001.json cannot be read"):
        store.snapshot()


def test_a_reader_follows_a_writer_of_another_process_through_any_commit(store, events, cases):
    store.commit({"change_event": events("a", "b")}, published_at=DAY, source="test")
    first = dict(delta._listings)
    store.commit({"change_event": events("c")}, published_at=DAY, source="test")
    later = events("a", start=DAY + timedelta(days=9))
    store.commit({"change_event": later}, mode="merge", published_at=DAY, source="test")
    store.compact(now=DAY)
    table = TABLES["change_event"]
    version = store.snapshot().version.tables["change_event"]
    folder = store.folder / "change_event"

    delta._listings.clear()
    whole = delta.list_files(table, folder, version)
    delta._listings.clear()
    delta._listings.update(first)
    followed = delta.list_files(table, folder, version)

    assert followed == whole
    assert followed != next(iter(first.values()))


def test_a_reader_whose_log_was_trimmed_lists_anew(store, events, ids):
    store.commit({"change_event": events("a")}, published_at=DAY, source="test")
    first = dict(delta._listings)
    for day in range(1, 4):
        store.commit(
            {"change_event": events(f"b{day}")}, published_at=DAY + timedelta(days=day), source="test"
        )
    store.vacuum(keep=timedelta(0), now=DAY + timedelta(days=4))
    delta._listings.clear()
    delta._listings.update(first)

    assert ids(store) == ["a", "b1", "b2", "b3"]
