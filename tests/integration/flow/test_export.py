"""Events reach the facts exactly once, whoever commits when and whatever is killed."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from watchfloor.facts.export import (
    ExportResult,
    OtherServerError,
    ServerWentBackError,
    _read_after,
    dead_letters,
    export_all_events,
    export_events,
)
from watchfloor.facts.lock import StoreBusyError, writer_lock
from watchfloor.facts.store import FactStore, StaleWatermarkError

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
Write = Callable[..., None]
Connection = psycopg.Connection[Any]


def exported(store: FactStore, column: str = "review_id") -> list[Any]:
    """Return one column of every published review, sorted."""
    files = store.snapshot().files("review")
    return sorted(
        value for path in files for value in pq.ParquetFile(path).read([column])[column].to_pylist()
    )


def test_what_was_written_is_exported_once_and_the_second_run_adds_nothing(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    for number in range(5):
        write(connection, f"r{number}")

    first = export_events(dsn=dsn, store=store, now=NOW)
    second = export_events(dsn=dsn, store=store, now=NOW)

    assert (first.events, first.rows, first.full) == (5, {"review": 5}, False)
    assert (second.events, second.version) == (0, None)
    assert exported(store) == ["r0", "r1", "r2", "r3", "r4"]


def test_a_transaction_that_commits_late_holds_back_what_came_after_it_and_is_not_passed_over(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    with psycopg.connect(dsn) as late:
        write(late, "written first, committed last")
        write(connection, "written last, committed first")

        assert export_events(dsn=dsn, store=store, now=NOW).events == 0
        late.commit()

    assert export_events(dsn=dsn, store=store, now=NOW).events == 2
    assert len(exported(store)) == 2


def test_a_range_ends_between_transactions(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    for batch in range(4):
        with connection.transaction():
            for number in range(5):
                write(connection, f"r{batch}-{number}")

    results = list(export_all_events(dsn=dsn, store=store, clock=lambda: NOW, max_rows=7))

    assert [(result.events, result.full) for result in results] == [(10, True), (10, True), (0, False)]
    assert len(exported(store)) == 20


def test_ranges_read_ahead_are_published_in_order_and_a_correction_meets_the_range_before_it(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    for number in range(12):
        write(connection, f"r{number % 5}", handle_ms=number)

    results = list(export_all_events(dsn=dsn, store=store, clock=lambda: NOW, max_rows=1))

    assert [result.events for result in results] == [1] * 12 + [0]
    assert [result.next_xid for result in results[:-1]] == [result.first_xid for result in results[1:]]
    assert exported(store, "handle_ms") == [7, 8, 9, 10, 11]


def test_what_was_read_ahead_is_dropped_when_the_range_before_it_cannot_be_published(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    for number in range(4):
        write(connection, f"r{number}", **({"outcome": "evaporated"} if number == 2 else {}))
    ranges = export_all_events(dsn=dsn, store=store, clock=lambda: NOW, max_rows=1)
    next(ranges)  # the second range is read by now, or will be

    with_watermark(store, moved_by="another writer")
    with pytest.raises(StaleWatermarkError):
        next(ranges)

    assert exported(store) == ["r0"]
    assert dead_letters(store=store) == ()
    assert [result.events for result in export_all_events(dsn=dsn, store=store, clock=lambda: NOW)] == [3]
    assert exported(store) == ["r0", "r1", "r3"]


def test_an_export_that_is_left_in_the_middle_is_taken_up_by_the_next(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    for number in range(4):
        write(connection, f"r{number}")
    ranges = export_all_events(dsn=dsn, store=store, clock=lambda: NOW, max_rows=1)
    next(ranges)
    with pytest.raises(StoreBusyError):
        export_events(dsn=dsn, store=store, now=NOW)
    ranges.close()

    assert export_events(dsn=dsn, store=store, now=NOW).events == 3
    assert exported(store) == ["r0", "r1", "r2", "r3"]


def test_a_range_is_typed_piece_by_piece_and_never_held_whole_as_text(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    write(connection, "r0", answer_json="x" * 2_000)
    connection.execute(
        "INSERT INTO record_event (at, fact, key, payload) "
        "SELECT at, fact, i::text, payload || jsonb_build_object('review_id', i::text) "
        "FROM record_event, generate_series(1, 8000) AS i"
    )

    read = _read_after(None, dsn=dsn, max_rows=100_000)

    sizes = [piece.rows["review"].num_rows for piece in read.pieces]
    assert (read.events, sum(sizes)) == (8_001, 8_001)
    assert max(sizes) < 4_000
    assert export_events(dsn=dsn, store=store, now=NOW).rows == {"review": 8_001}


def test_a_correction_replaces_the_row_of_its_key(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    write(connection, "r1", handle_ms=100)
    write(connection, "r2", handle_ms=200)
    export_events(dsn=dsn, store=store, now=NOW)
    write(connection, "r1", handle_ms=150)

    export_events(dsn=dsn, store=store, now=NOW)

    assert exported(store) == ["r1", "r2"]
    assert exported(store, "handle_ms") == [150, 200]


def test_a_poison_event_is_set_aside_with_its_reason_and_blocks_nothing(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    write(connection, "r1")
    write(connection, "r2", outcome="evaporated")
    write(connection, "r3")

    result = export_events(dsn=dsn, store=store, now=NOW)

    assert result.dead_letters == 1
    assert exported(store) == ["r1", "r3"]
    (letter,) = dead_letters(store=store)
    assert letter.key == "r2"
    assert letter.reason.startswith("outcome holds 'evaporated'; allowed are submitted")
    assert json.loads(letter.payload)["review_id"] == "r2"


def test_a_range_of_poison_alone_still_moves_on(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    write(connection, "r1", outcome="evaporated")

    assert export_events(dsn=dsn, store=store, now=NOW).rows == {}
    assert export_events(dsn=dsn, store=store, now=NOW).events == 0
    assert len(dead_letters(store=store)) == 1


def with_watermark(store: FactStore, **changed: Any) -> None:
    store.commit(
        {},
        published_at=NOW,
        source="test",
        watermark={**(store.latest_watermark() or {}), **changed},
    )


def test_another_server_is_refused(dsn: str, connection: Connection, store: FactStore, write: Write) -> None:
    write(connection, "r1")
    export_events(dsn=dsn, store=store, now=NOW)
    with_watermark(store, system_identifier="7000000000000000001")

    with pytest.raises(OtherServerError, match="come from PostgreSQL system 7000000000000000001"):
        export_events(dsn=dsn, store=store, now=NOW)


def test_a_server_that_was_restored_to_an_earlier_state_is_refused(
    dsn: str, connection: Connection, store: FactStore, write: Write
) -> None:
    write(connection, "r1")
    export_events(dsn=dsn, store=store, now=NOW)
    with_watermark(store, next_xid=2**40)

    with pytest.raises(ServerWentBackError, match="exported up to 1099511627776"):
        export_events(dsn=dsn, store=store, now=NOW)


def test_a_second_exporter_is_turned_away(dsn: str, store: FactStore) -> None:
    with writer_lock(store.folder / "_export.lock", timeout_seconds=0), pytest.raises(StoreBusyError):
        export_events(dsn=dsn, store=store, now=NOW)


class Writer(Thread):
    """Commits events in transactions of every kind: short, long, rolled back, one inside another's time."""

    def __init__(
        self, dsn: str, number: int, write: Write, until: float, written: set[str], lock: Lock
    ) -> None:
        super().__init__(daemon=True)
        self.dsn, self.number, self.write, self.until = dsn, number, write, until
        self.written, self.lock = written, lock
        self.chance = random.Random(number)

    def run(self) -> None:
        count = 0
        with psycopg.connect(self.dsn) as connection:
            while time.monotonic() < self.until:
                ids = [f"w{self.number}-{count + place}" for place in range(self.chance.randint(1, 6))]
                count += len(ids)
                for review_id in ids:
                    self.write(connection, review_id)
                    if self.chance.random() < 0.3:
                        time.sleep(self.chance.uniform(0, 0.03))
                if self.chance.random() < 0.03:
                    time.sleep(0.5)
                if self.chance.random() < 0.15:
                    connection.rollback()
                    continue
                connection.commit()
                with self.lock:
                    self.written.update(ids)


def test_sixteen_writers_that_commit_out_of_order_lose_and_double_nothing(
    dsn: str, store: FactStore, write: Write
) -> None:
    written: set[str] = set()
    lock = Lock()
    until = time.monotonic() + 6
    writers = [Writer(dsn, number, write, until, written, lock) for number in range(16)]
    results: list[ExportResult] = []
    finished = Event()

    def export_continuously() -> None:
        while not finished.is_set():
            results.append(export_events(dsn=dsn, store=store, now=NOW, max_rows=40))

    exporter = Thread(target=export_continuously)
    for thread in (*writers, exporter):
        thread.start()
    for thread in writers:
        thread.join()
    finished.set()
    exporter.join()
    results += export_all_events(dsn=dsn, store=store, clock=lambda: NOW, max_rows=40)

    found = exported(store)
    assert len(written) > 1000
    assert sum(result.version is not None for result in results) > 10
    assert (len(written - set(found)), len(found) - len(set(found)), len(set(found) - written)) == (0, 0, 0)


def test_an_exporter_killed_at_every_step_loses_and_doubles_nothing(
    dsn: str, connection: Connection, store: FactStore, tmp_path: Path
) -> None:
    script = Path(__file__).with_name("exporter_to_kill.py")

    ran = subprocess.run(
        [sys.executable, script, dsn, tmp_path / "facts"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    for step in ("read", "typed", "dead letters written", "committed review", "before manifest", "published"):
        assert step in told["steps"]
    killed = FactStore(tmp_path / "facts", "killed")
    rounds = told["rounds"]
    wanted = sorted(["corrected", *(f"r{number}{twin}" for number in range(rounds) for twin in "ab")])
    assert exported(killed) == wanted
    assert max(exported(killed, "handle_ms")) == rounds - 1
    letters = [letter.key for letter in dead_letters(store=killed)]
    assert sorted(letters) == sorted(f"poison{number}" for number in range(rounds))
