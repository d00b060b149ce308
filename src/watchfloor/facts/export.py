"""Carries the operation's events into the facts exactly once, in ranges of settled transactions.

An event bears the id of the transaction that wrote it. A range reads every event from the watermark up to the
oldest transaction still running: below that edge nothing can appear any more, however late a writer commits.
The rows of a range and the new watermark are published in one version of the store, so a killed exporter has
published both or neither and its successor repeats the range. Correcting events replace the row of their key.

Not here: typing the payloads (`facts.event_rows`), the store's own atomicity (`facts.store`), when to run
(`operations.insights.tasks`).
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchfloor.facts.event_rows import DeadLetter, TypedPiece, rows_of_pieces, typed_piece
from watchfloor.facts.lock import writer_lock
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore, Mode
from watchfloor.kernel import Period, WatchfloorError

_SQL = files("watchfloor.facts").joinpath("sql")
_READ_EDGE = _SQL.joinpath("export_edge.sql").read_text("utf-8")
_READ_RANGE = _SQL.joinpath("export_range.sql").read_text("utf-8")
_READ_SERVER = _SQL.joinpath("export_server.sql").read_text("utf-8")
_DEAD_LETTERS = "_dead_letters"
# Letters that a replay settled, one a line; what was set aside stays as it was written.
SETTLED = "settled.jsonl"

_PIECE_BYTES = 4 << 20
_TYPING_THREADS = 2

EVENTS_A_RANGE = 200_000


class ExportError(WatchfloorError):
    """The events cannot be exported without losing or doubling some."""


class OtherServerError(ExportError):
    """The facts were exported from another PostgreSQL server than the one connected."""


class ServerWentBackError(ExportError):
    """The server stands before the watermark: it was restored to an earlier state."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What one range brought.

    Attributes:
        version: Number of the published version; None when there was nothing to publish.
        first_xid: First transaction id of the range.
        next_xid: Where the next range starts.
        events: Events read = rows + superseded + dead letters.
        rows: Rows published, by fact.
        superseded: Events replaced by a later one of the same key in the same range.
        dead_letters: Events set aside because they are no fact row.
        full: Whether the range was cut at its limit, so that more is waiting.

    """

    version: int | None
    first_xid: int
    next_xid: int
    events: int
    rows: dict[str, int]
    superseded: int
    dead_letters: int
    full: bool


def _pass(step: str) -> None:
    del step


def export_events(
    *,
    dsn: str,
    store: FactStore,
    now: datetime,
    max_rows: int = EVENTS_A_RANGE,
    on_step: Callable[[str], None] = _pass,
) -> ExportResult:
    """Return what one range of settled events brought: its rows and watermark are one version of `store`.

    Args:
        dsn: The operation's PostgreSQL, as a URL.
        store: The operation's facts. One exporter at a time: a file lock of its own sees to it.
        now: Instant of publication.
        max_rows: Events after which the range ends, at the end of the transaction that reaches it.
        on_step: Called with the name of each step when it is done; tests kill the process here.

    Raises:
        OtherServerError: the watermark was set by a server with another system identifier.
        StoreBusyError: another exporter of the operation is at work; it will do the work.
        StaleWatermarkError: another exporter went on meanwhile, without the lock; nothing was published.
        ServerWentBackError: the server has not reached the watermark's transaction yet.

    Notes:
        Two events of one key are ordered by event id. Overlapping transactions that correct one key and fall
        on both sides of a full range's end are ordered by transaction instead; a range that is not full,
        which is the normal case, cannot divide them.

    """
    with only_exporter(store):
        read = _read_after(store.latest_watermark(), dsn=dsn, max_rows=max_rows)
        on_step("read")
        return _publish(read, store=store, now=now, on_step=on_step)


def export_all_events(
    *, dsn: str, store: FactStore, clock: Callable[[], datetime], max_rows: int = EVENTS_A_RANGE
) -> Iterator[ExportResult]:
    """Yield the result of range after range until no more than a partial one is left.

    While a full range is published, the next one is read and typed. It is published only upon the watermark
    of the range before it: when that one fails, or another exporter goes on, what was read ahead is dropped.

    Raises:
        ExportError, StoreBusyError, StaleWatermarkError: as `export_events`; ranges yielded before stand.

    """
    with only_exporter(store), ThreadPoolExecutor(1) as ahead:
        read = _read_after(store.latest_watermark(), dsn=dsn, max_rows=max_rows)
        while read.full:
            following = ahead.submit(_read_after, read.next_watermark, dsn=dsn, max_rows=max_rows)
            yield _publish(read, store=store, now=clock())
            read = following.result()
        yield _publish(read, store=store, now=clock())


@dataclass(frozen=True, slots=True)
class _Read:
    """A range as it was read: typed pieces, how many events, and the watermarks before and after it."""

    pieces: list[TypedPiece]
    events: int
    first_xid: int
    full: bool
    watermark: dict[str, Any] | None
    next_watermark: dict[str, Any]


def only_exporter(store: FactStore) -> AbstractContextManager[None]:
    """Return the lock that one exporter of an operation holds; another is turned away at once."""
    return writer_lock(store.folder / "_export.lock", timeout_seconds=0)


def _read_after(watermark: dict[str, Any] | None, *, dsn: str, max_rows: int) -> _Read:
    """Return the range of settled events that begins at `watermark`."""
    with adbc.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(_READ_SERVER)
        system_identifier, server_next_xid = cursor.fetchone()
        first_xid = _first_xid(watermark or {}, str(system_identifier), int(server_next_xid))
        pieces, events, last_xid = _read_range(cursor, first_xid, max_rows)
    return _Read(
        pieces=pieces,
        events=events,
        first_xid=first_xid,
        full=events >= max_rows,
        watermark=watermark,
        next_watermark={"system_identifier": str(system_identifier), "next_xid": last_xid + 1},
    )


def _read_range(cursor: adbc.Cursor, first_xid: int, max_rows: int) -> tuple[list[TypedPiece], int, int]:
    """Return (pieces, events, last transaction), typed piece by piece while the server sends the next."""
    cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_PIECE_BYTES)})
    cursor.execute(_READ_EDGE, (str(first_xid), max_rows))
    (end_xid,) = cursor.fetchone()
    # A statement with parameters would come whole, as one piece; as text it is streamed (COPY).
    cursor.execute(_READ_RANGE.format(first_xid=int(first_xid), end_xid=int(end_xid)))
    events, last_xid = 0, first_xid
    with ThreadPoolExecutor(_TYPING_THREADS) as pool:
        typing = []
        for batch in cursor.fetch_record_batch():
            if batch.num_rows:
                events += batch.num_rows
                last_xid = max(last_xid, pc.max(batch["xid"]).as_py())
                typing.append(pool.submit(typed_piece, events=pa.Table.from_batches([batch])))
        return [piece.result() for piece in typing], events, last_xid


def _publish(
    read: _Read, *, store: FactStore, now: datetime, on_step: Callable[[str], None] = _pass
) -> ExportResult:
    """Return the result of a range, published if the watermark that it was read after still stands."""
    if not read.events:
        return ExportResult(None, read.first_xid, read.first_xid, 0, {}, 0, 0, full=False)
    typed = rows_of_pieces(pieces=read.pieces)
    on_step("typed")
    _set_aside(store, read.first_xid, typed.dead_letters)
    on_step("dead letters written")
    mode = _modes(store, typed.tables)
    on_step("keys looked up")
    version = store.commit(
        typed.tables,
        mode=mode,
        published_at=now,
        source="export",
        watermark=read.next_watermark,
        expected_watermark=read.watermark,
        detail={
            "first_xid": read.first_xid,
            "events": read.events,
            "superseded": typed.superseded,
            "dead_letters": len(typed.dead_letters),
        },
    )
    on_step("published")
    return ExportResult(
        version=version.number,
        first_xid=read.first_xid,
        next_xid=read.next_watermark["next_xid"],
        events=read.events,
        rows={name: table.num_rows for name, table in typed.tables.items()},
        superseded=typed.superseded,
        dead_letters=len(typed.dead_letters),
        full=read.full,
    )


def _first_xid(watermark: dict[str, object], system_identifier: str, server_next_xid: int) -> int:
    if not watermark:
        return 0
    known, next_xid = str(watermark["system_identifier"]), int(str(watermark["next_xid"]))
    if known != system_identifier:
        raise OtherServerError(
            f"These facts come from PostgreSQL system {known}; the server connected is {system_identifier}.",
            remedy="Connect the server that wrote them, or give the new one an operation of its own "
            "(WATCHFLOOR_OPERATION).",
        )
    if server_next_xid < next_xid:
        raise ServerWentBackError(
            f"The server's next transaction is {server_next_xid}, the facts are exported up to {next_xid}: "
            "the server was restored to an earlier state.",
            remedy="Restore its latest state, or give it an operation of its own (WATCHFLOOR_OPERATION).",
        )
    return next_xid


def _modes(store: FactStore, tables: dict[str, pa.Table]) -> dict[str, Mode]:
    """Return `merge` for the facts of which some key is published already, `append` for the others.

    A key's instant never changes, so only the files of the range's own days are looked into.
    """
    snapshot = store.snapshot()
    modes: dict[str, Mode] = {}
    for name, rows in tables.items():
        key = list(TABLES[name].key)
        modes[name] = "append"
        for path in snapshot.files(name, extent_of(rows[TABLES[name].instant])):
            stored = pq.ParquetFile(path).read(columns=key).cast(rows.select(key).schema)
            if rows.select(key).join(stored, key, join_type="left semi").num_rows:
                modes[name] = "merge"
                break
    return modes


def extent_of(instants: pa.ChunkedArray) -> Period:
    """Return the period from the first instant to just after the last."""
    ends = pc.min_max(instants).as_py()
    microsecond = ends["max"].resolution
    return Period(ends["min"], ends["max"] + microsecond)


def letters_folder(store: FactStore) -> Path:
    """Return where the events that were set aside are kept."""
    return store.folder / _DEAD_LETTERS


def _set_aside(store: FactStore, first_xid: int, letters: tuple[DeadLetter, ...]) -> None:
    """Write the letters under the range's first transaction, so that a repeated range overwrites itself."""
    path = letters_folder(store) / f"from-{first_xid:020d}.jsonl"
    if not letters:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text("".join(letter.as_json() + "\n" for letter in letters), "utf-8")
    unfinished.replace(path)


def dead_letters(*, store: FactStore) -> tuple[DeadLetter, ...]:
    """Return the events set aside by published ranges and not settled since, as they were written."""
    next_xid = int((store.latest_watermark() or {"next_xid": 0})["next_xid"])
    folder = letters_folder(store)
    found = []
    for path in sorted(folder.glob("from-*.jsonl")) if folder.is_dir() else ():
        if int(path.stem.removeprefix("from-")) < next_xid:
            found += [DeadLetter(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    settled = settled_letters(store=store)
    return tuple(letter for letter in found if letter.event_id not in settled)


def settled_letters(*, store: FactStore) -> dict[int, str]:
    """Return what became of the letters that were settled: the event's id → `row` or `superseded`."""
    path = letters_folder(store) / SETTLED
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.is_file() else []
    # A killed writer leaves half a line: its letters are tried again, and found published.
    whole = [json.loads(line) for line in lines if line.endswith("}\n")]
    return {int(each["event_id"]): str(each["became"]) for each in whole}
