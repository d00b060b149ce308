"""Events that were set aside are tried again: each becomes a row once, or stays with its reason."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from watchfloor.facts import replay
from watchfloor.facts.export import SETTLED, dead_letters, export_events, letters_folder
from watchfloor.facts.lock import StoreBusyError, writer_lock
from watchfloor.facts.replay import reason_unordered, replay_dead_letters
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
Write = Callable[..., None]
Connection = psycopg.Connection[Any]


def outcomes(store: FactStore) -> dict[str, str]:
    """Return the published reviews and their outcomes; each key once."""
    found: dict[str, str] = {}
    for path in store.snapshot().files("review"):
        for row in pq.ParquetFile(path).read(["review_id", "outcome"]).to_pylist():
            assert found.setdefault(row["review_id"], row["outcome"]) == row["outcome"]
            assert list(found).count(row["review_id"]) == 1
    return found


@pytest.fixture
def upgraded() -> Iterator[Callable[[], None]]:
    """Yield a function that lets the present version know the outcome `evaporated`."""
    (column,) = (each for each in TABLES["review"].columns if each.name == "outcome")
    known = column.one_of
    # The schemas are frozen; an upgrade is another version of them.
    yield lambda: object.__setattr__(column, "one_of", (*known, "evaporated"))
    object.__setattr__(column, "one_of", known)


def test_after_an_upgrade_a_letter_becomes_a_row_once_and_the_others_stay_with_their_reason(
    dsn: str, connection: Connection, store: FactStore, write: Write, upgraded: Callable[[], None]
) -> None:
    write(connection, "r1")
    write(connection, "r2", outcome="evaporated")
    write(connection, "r3", outcome="melted")
    export_events(dsn=dsn, store=store, now=NOW)
    first = replay_dead_letters(dsn=dsn, store=store, now=NOW)
    assert (first.version, first.rows, len(first.staying)) == (None, (), 2)

    upgraded()
    found = replay_dead_letters(dsn=dsn, store=store, now=NOW)

    assert found.version is not None
    assert len(found.rows) == 1
    assert outcomes(store) == {"r1": "submitted", "r2": "evaporated"}
    assert [letter.key for letter in found.staying] == ["r3"]
    assert [letter.key for letter in dead_letters(store=store)] == ["r3"]
    again = replay_dead_letters(dsn=dsn, store=store, now=NOW)
    assert (again.version, again.rows) == (None, ())
    assert export_events(dsn=dsn, store=store, now=NOW).events == 0, "the watermark stands"


def test_a_replay_killed_after_its_rows_were_published_writes_them_no_second_time(
    dsn: str,
    connection: Connection,
    store: FactStore,
    write: Write,
    upgraded: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(connection, "r1", outcome="evaporated")
    export_events(dsn=dsn, store=store, now=NOW)
    connection.execute("SELECT record_prune_events('9999999'::xid8)")
    upgraded()
    with monkeypatch.context() as patch:
        patch.setattr(replay, "_settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            replay_dead_letters(dsn=dsn, store=store, now=NOW)
    (letters_folder(store) / SETTLED).write_text('{"event_id": 1, "bec', "utf-8")

    found = replay_dead_letters(dsn=dsn, store=store, now=NOW)

    assert (found.version, len(found.rows)) == (None, 1)
    assert outcomes(store) == {"r1": "evaporated"}
    assert dead_letters(store=store) == ()


def test_a_later_row_of_the_key_is_not_replaced_by_an_earlier_letter(
    dsn: str, connection: Connection, store: FactStore, write: Write, upgraded: Callable[[], None]
) -> None:
    write(connection, "r1", outcome="evaporated")
    write(connection, "r1", outcome="skipped")
    export_events(dsn=dsn, store=store, now=NOW)
    upgraded()
    found = replay_dead_letters(dsn=dsn, store=store, now=NOW)
    assert (found.version, found.rows, len(found.superseded)) == (None, (), 1)
    assert outcomes(store) == {"r1": "skipped"}
    assert dead_letters(store=store) == ()


def test_a_letter_that_corrects_a_row_replaces_it_while_the_record_shows_the_order_and_stays_when_not(
    dsn: str, connection: Connection, store: FactStore, write: Write, upgraded: Callable[[], None]
) -> None:
    for key in ("r1", "r2"):
        write(connection, key)
        write(connection, key, outcome="evaporated")
    export_events(dsn=dsn, store=store, now=NOW)
    upgraded()
    first, second = (letter.event_id for letter in dead_letters(store=store))

    assert replay_dead_letters(dsn=dsn, store=store, now=NOW, event_ids=[first]).rows == (first,)
    connection.execute("SELECT record_prune_events('9999999'::xid8)")
    (staying,) = replay_dead_letters(dsn=dsn, store=store, now=NOW).staying

    assert (staying.event_id, staying.reason) == (second, reason_unordered())
    assert outcomes(store) == {"r1": "evaporated", "r2": "submitted"}


def test_a_replay_waits_for_no_exporter(dsn: str, store: FactStore) -> None:
    with writer_lock(store.folder / "_export.lock", timeout_seconds=0), pytest.raises(StoreBusyError):
        replay_dead_letters(dsn=dsn, store=store, now=NOW)


def test_what_is_settled_is_noted_beside_what_was_set_aside(
    dsn: str, connection: Connection, store: FactStore, write: Write, upgraded: Callable[[], None]
) -> None:
    write(connection, "r1", outcome="evaporated")
    export_events(dsn=dsn, store=store, now=NOW)
    upgraded()
    (event,) = replay_dead_letters(dsn=dsn, store=store, now=NOW).rows
    noted = json.loads((letters_folder(store) / SETTLED).read_text("utf-8"))
    assert (noted["event_id"], noted["became"]) == (event, "row")
    assert list(letters_folder(store).glob("from-*.jsonl")), "the letter itself is kept"
