"""Tries events that were set aside again, as the present version reads them: each becomes a row, or stays.

At most once: a row whose key the facts hold already is replaced only when the record still shows that nothing
later was written under the key. A letter is settled after its row is published; a replay that is killed
between the two finds the same row published and settles the letter without writing it again.
"""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchfloor.facts.event_rows import DeadLetter, typed_piece
from watchfloor.facts.export import SETTLED, dead_letters, extent_of, letters_folder, only_exporter
from watchfloor.facts.schemas import TABLES, FactTable
from watchfloor.facts.store import FactStore

_READ_ORDER = files("watchfloor.facts").joinpath("sql/replay_order.sql").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did.

    Attributes:
        version: Number of the published version; None when no letter became a row.
        rows: Ids of the events that are rows now.
        superseded: Ids of the events in whose place a later one of their key stands.
        staying: The letters that stay, each with the reason that holds now.

    """

    version: int | None
    rows: tuple[int, ...]
    superseded: tuple[int, ...]
    staying: tuple[DeadLetter, ...]


def replay_dead_letters(
    *, dsn: str, store: FactStore, now: datetime, event_ids: Collection[int] | None = None
) -> Replayed:
    """Return what became of the letters, of all or of those named, each tried once.

    Raises:
        StoreBusyError: an exporter of the operation is at work.
        StaleWatermarkError: an exporter went on meanwhile, without the lock; nothing was published.

    """
    with only_exporter(store):
        wanted = dead_letters(store=store)
        if event_ids is not None:
            wanted = tuple(letter for letter in wanted if letter.event_id in event_ids)
        if not wanted:
            return Replayed(None, (), (), ())
        watermark = store.latest_watermark()
        piece = typed_piece(events=_events(wanted))
        by_id = {letter.event_id: letter for letter in wanted}
        staying, became = list(piece.dead_letters), dict[int, str]()
        tables: dict[str, pa.Table] = {}
        for name, rows in piece.rows.items():
            found = _sorted_out(TABLES[name], rows, store=store, dsn=dsn, letters=by_id)
            became |= found.became
            staying += found.staying
            if found.new.num_rows:
                tables[name] = found.new
        version = None
        if tables:
            published = store.commit(
                tables,
                mode="merge",
                published_at=now,
                source="replay",
                expected_watermark=watermark,
                detail={"events": sorted(became)},
            )
            version = published.number
        _settle(store, became, now)
    return Replayed(
        version,
        rows=tuple(sorted(event for event, what in became.items() if what == "row")),
        superseded=tuple(sorted(event for event, what in became.items() if what == "superseded")),
        staying=tuple(sorted(staying, key=lambda letter: letter.event_id)),
    )


def reason_unordered() -> str:
    """Return why a letter stays that the present version reads."""
    return "The facts hold another row of this key, and which of the two is later is no longer known."


def _events(letters: Collection[DeadLetter]) -> pa.Table:
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("xid", pa.int64()),
            ("at", pa.string()),
            ("fact", pa.string()),
            ("key", pa.string()),
            ("payload", pa.string()),
        ]
    )
    rows = [
        {
            "id": each.event_id,
            "xid": each.xid,
            "at": each.at,
            "fact": each.fact,
            "key": each.key,
            "payload": each.payload,
        }
        for each in letters
    ]
    return pa.Table.from_pylist(rows, schema=schema)


@dataclass(frozen=True, slots=True)
class _Found:
    """The letters of one fact: rows to publish, what became of whom, and who stays."""

    new: pa.Table
    became: dict[int, str]
    staying: list[DeadLetter]


def _sorted_out(
    fact: FactTable, rows: pa.Table, *, store: FactStore, dsn: str, letters: Mapping[int, DeadLetter]
) -> _Found:
    events = rows["_event_id"].to_pylist()
    typed = rows.select(fact.arrow_schema.names).cast(fact.arrow_schema)
    stored = _stored(store, fact, typed)
    chosen: dict[tuple[object, ...], int] = {}
    became: dict[int, str] = {}
    staying: list[DeadLetter] = []
    for event, row in sorted(zip(events, typed.to_pylist(), strict=True), key=lambda pair: pair[0]):
        key = tuple(row[name] for name in fact.key)
        there = stored.get(key)
        if there == row:
            became[event] = "row"
            continue
        order = "last" if there is None else _order(dsn, letters[event])
        if order == "unknown":
            staying.append(replace(letters[event], reason=reason_unordered()))
        elif order == "earlier":
            became[event] = "superseded"
        else:
            if key in chosen:
                became[chosen[key]] = "superseded"
            became[event], chosen[key] = "row", event
    new = typed.filter(pc.is_in(rows["_event_id"], value_set=pa.array(chosen.values(), pa.int64())))
    return _Found(new, became, staying)


def _stored(store: FactStore, fact: FactTable, rows: pa.Table) -> dict[tuple[object, ...], object]:
    """Return the published rows that have the keys of `rows`, by key."""
    key, names = list(fact.key), fact.arrow_schema.names
    found: dict[tuple[object, ...], object] = {}
    if not rows.num_rows:
        return found
    for path in store.snapshot().files(fact.name, extent_of(rows[fact.instant])):
        stored = pq.ParquetFile(path).read(columns=names).select(names).cast(fact.arrow_schema)
        same = stored.select(key).append_column("_place", pa.array(range(stored.num_rows), pa.int64()))
        places = same.join(rows.select(key), key, join_type="left semi")["_place"]
        for row in stored.take(places.combine_chunks()).to_pylist():
            found[tuple(row[name] for name in key)] = row
    return found


def _order(dsn: str, letter: DeadLetter) -> str:
    """Return whether an event is the `last` of its key, an `earlier` one, or `unknown`: events are pruned."""
    with adbc.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(_READ_ORDER, (letter.fact, letter.key, letter.event_id))
        is_known, has_later = cursor.fetchone()
    return "earlier" if has_later else "last" if is_known else "unknown"


def _settle(store: FactStore, became: Mapping[int, str], now: datetime) -> None:
    """Note what became of letters, after their rows were published."""
    if not became:
        return
    path = letters_folder(store) / SETTLED
    lines = [
        json.dumps({"event_id": event, "became": what, "at": now.isoformat()}) + "\n"
        for event, what in sorted(became.items())
    ]
    with path.open("a+b") as file:
        # A writer that was killed may have left half a line; what follows begins on one of its own.
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                lines.insert(0, "\n")
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
