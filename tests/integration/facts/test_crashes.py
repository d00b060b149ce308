"""A writer is killed at every step of a commit, by SIGKILL, in a process of its own."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from deltalake import DeltaTable

from watchfloor.facts.lock import StoreBusyError
from watchfloor.facts.store import FactStore

DAY = datetime(2026, 3, 1, tzinfo=UTC)

WRITER = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import pyarrow as pa
from watchfloor.facts.store import FactStore

root, what, dies_at = sys.argv[1:]
day = datetime(2026, 3, 1, tzinfo=UTC)

def at_step(step):
    if step == dies_at:
        os.kill(os.getpid(), signal.SIGKILL)

store = FactStore(Path(root), "demo", at_step=at_step)
event = pa.table({"event_id": ["killed"],
                  "object_kind": ["queue"], "object_id": ["spam"], "kind": ["changed"],
                  "at": pa.array([day], pa.timestamp("us", "UTC"))})
exposure = pa.table({"exposure_id": ["killed"], "reviewer_id": ["r"], "severity": ["high"],
                     "started_at": pa.array([day], pa.timestamp("us", "UTC"))})
if what == "compact":
    store.compact(now=day)
else:
    store.commit({"change_event": event, "exposure": exposure}, mode=what, published_at=day, source="killed",
                 watermark={"low": 2})
"""

STEPS = (
    "wrote change_event",
    "wrote exposure",
    "opened change_event",
    "committed change_event",
    "opened exposure",
    "committed exposure",
    "before manifest",
)


def kill_at(store: FactStore, what: str, step: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(store.folder.parent), what, step], capture_output=True, check=False
    )
    assert done.returncode == -9, done.stderr.decode()


def commit(store: FactStore, rows, **more):
    return store.commit({"change_event": rows}, published_at=DAY, source="test", **more)


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_append_is_as_if_it_never_was(store, events, ids, step):
    commit(store, events("a"), watermark={"low": 1})
    kill_at(store, "append", step)

    assert ids(store) == ["a"]
    assert store.latest_watermark() == {"low": 1}
    commit(store, events("b"))
    assert ids(store) == ["a", "b"]
    assert store.snapshot().row_count("change_event") == 2
    assert store.snapshot().row_count("exposure") == 0
    # What Delta itself holds at the published version agrees with what the manifest says.
    version = store.snapshot().version.tables["change_event"]
    table = DeltaTable(str(store.folder / "change_event"), version=version.delta_version)
    assert sorted(table.to_pyarrow_table()["event_id"].to_pylist()) == ["a", "b"]


@pytest.mark.parametrize("step", ["committed change_event", "before manifest"])
def test_a_killed_merge_is_as_if_it_never_was(store, events, ids, step):
    commit(store, events("a", "killed"))
    kill_at(store, "merge", step)

    assert ids(store) == ["a", "killed"]
    commit(store, events("killed", "b"), mode="merge")
    assert ids(store) == ["a", "b", "killed"]


def test_a_killed_first_commit_leaves_an_empty_operation(store, events, ids):
    kill_at(store, "append", "committed change_event")

    assert store.snapshot().number == 0
    commit(store, events("a"))
    assert ids(store) == ["a"]


def test_a_killed_compaction_is_as_if_it_never_was(store, events, ids):
    commit(store, events("a"))
    commit(store, events("b"))
    kill_at(store, "compact", "committed change_event")

    assert ids(store) == ["a", "b"]
    commit(store, events("c"))
    assert store.compact(now=DAY) is not None
    assert ids(store) == ["a", "b", "c"]


def test_a_writer_killed_after_publishing_has_published_everything(store, events, ids):
    commit(store, events("a"))
    kill_at(store, "append", "published")

    assert ids(store) == ["a", "killed"]
    assert store.snapshot().row_count("exposure") == 1
    assert store.latest_watermark() == {"low": 2}


def test_old_versions_stay_readable_after_a_rollback(store, events, ids):
    first = commit(store, events("a"))
    kill_at(store, "merge", "before manifest")
    store.commit({"change_event": events("b")}, published_at=DAY.replace(day=2), source="test")

    assert ids(store, first.published_at) == ["a"]


def test_readers_are_not_held_up_by_a_writer_and_other_writers_are_told_who_it_is(
    store, events, ids, tmp_path
):
    commit(store, events("a"))
    hasty = FactStore(tmp_path, "demo", lock_timeout_seconds=0.05)
    seen = []

    def meanwhile(step: str) -> None:
        if step == "before manifest":
            seen.append(ids(hasty))
            with pytest.raises(
                StoreBusyError, match=r"Process \d+ has been writing to .*demo for more than 0.05 s"
            ):
                commit(hasty, events("x"))

    commit(FactStore(tmp_path, "demo", at_step=meanwhile), events("b"))

    assert seen == [["a"]]
    assert ids(store) == ["a", "b"]


def test_writers_in_many_processes_lose_nothing(store, ids):
    program = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import pyarrow as pa
from watchfloor.facts.store import FactStore
day = datetime(2026, 3, 1, tzinfo=UTC)
store = FactStore(Path(sys.argv[1]), "demo")
for turn in range(5):
    store.commit({"change_event": pa.table({"event_id": [f"{sys.argv[2]}-{turn}"], "object_kind": ["queue"],
        "object_id": ["spam"], "kind": ["changed"], "at": pa.array([day], pa.timestamp("us", "UTC"))})},
        published_at=day, source="test")
"""
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(store.folder.parent), str(name)])
        for name in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert ids(store) == sorted(f"{name}-{turn}" for name in range(3) for turn in range(5))
    assert [version.number for version in store.versions()] == list(range(1, 16))
