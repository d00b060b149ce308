"""Turns events as the operation wrote them into typed fact rows; the others are set aside with the reason.

The fast path parses a whole fact at once; only when that fails is the range halved until the bad rows stand
alone. Reading events and publishing rows is `facts.export`.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from watchfloor.facts.schemas import TABLES, Column, FactTable
from watchfloor.kernel import nearest

_ALONE = 256
_SMALLEST_BLOCK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that is no fact row: kept whole, with the reason, so that it is seen and can be repaired."""

    event_id: int
    xid: int
    at: str
    fact: str
    key: str
    payload: str
    reason: str

    def as_json(self) -> str:
        """Return the letter as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class EventRows:
    """The fact rows of a range of events.

    Attributes:
        tables: Fact name → its rows, one a key: the last event of a key wins.
        dead_letters: Events set aside, in the order they were written.
        superseded: Events that a later event of the same range replaced.

    """

    tables: dict[str, pa.Table]
    dead_letters: tuple[DeadLetter, ...]
    superseded: int


def rows_of_events(*, events: pa.Table) -> EventRows:
    """Return the typed rows of `events` (columns id, xid, at, fact, key, payload), by fact."""
    return rows_of_pieces(pieces=[typed_piece(events=events)])


@dataclass(frozen=True, slots=True)
class TypedPiece:
    """Some of a range's events, typed: rows by fact with the event's `_event_id`, and the events refused."""

    rows: dict[str, pa.Table]
    dead_letters: list[DeadLetter]


def typed_piece(*, events: pa.Table) -> TypedPiece:
    """Return the typed rows of some events of a range; pieces are typed independently of each other."""
    rows: dict[str, pa.Table] = {}
    letters: list[DeadLetter] = []
    names = pc.unique(events["fact"]).to_pylist()
    for name in sorted(names):
        written = events if len(names) == 1 else events.filter(pc.equal(events["fact"], name))
        fact = TABLES.get(name)
        if fact is None:
            letters += [_letter(event, _reason_unknown(name)) for event in written.to_pylist()]
            continue
        rows[name], refused = _typed(fact, written.combine_chunks())
        letters += refused
    return TypedPiece(rows, letters)


def rows_of_pieces(*, pieces: Sequence[TypedPiece]) -> EventRows:
    """Return the rows of a range from its pieces: one row a key, the last event of a key wins."""
    tables: dict[str, pa.Table] = {}
    superseded = 0
    for name in sorted({name for piece in pieces for name in piece.rows}):
        fact = TABLES[name]
        rows = pa.concat_tables([piece.rows[name] for piece in pieces if name in piece.rows])
        if rows.num_rows:
            standing = _last_of_each_key(fact, rows)
            superseded += rows.num_rows - standing.num_rows
            tables[name] = standing.select(fact.arrow_schema.names).cast(fact.arrow_schema)
    letters = [letter for piece in pieces for letter in piece.dead_letters]
    return EventRows(tables, tuple(sorted(letters, key=lambda letter: letter.event_id)), superseded)


def _letter(event: dict[str, object], reason: str) -> DeadLetter:
    at = event["at"]
    return DeadLetter(
        event_id=int(str(event["id"])),
        xid=int(str(event["xid"])),
        at=at.isoformat() if isinstance(at, datetime) else str(at),
        fact=str(event["fact"]),
        key=str(event["key"]),
        payload=str(event["payload"]),
        reason=reason,
    )


def _typed(fact: FactTable, events: pa.Table) -> tuple[pa.Table, list[DeadLetter]]:
    """Return the rows of one fact with the event's `_event_id`, and the events refused."""
    try:
        rows = _parsed(fact, events)
    except pa.ArrowInvalid as error:
        if events.num_rows > _ALONE:
            half = events.num_rows // 2
            first, refused_first = _typed(fact, events.slice(0, half))
            second, refused_second = _typed(fact, events.slice(half))
            return pa.concat_tables([first, second]), refused_first + refused_second
        if events.num_rows == 1:
            reason = reason_against(fact=fact, payload=events["payload"][0].as_py())
            return _nothing(fact), [_letter(events.to_pylist()[0], reason or str(error))]
        pieces = [_typed(fact, events.slice(place, 1)) for place in range(events.num_rows)]
        return pa.concat_tables([rows for rows, _ in pieces]), [
            letter for _, found in pieces for letter in found
        ]
    kept = _allowed(fact, rows)
    if kept is None:
        return rows, []
    refused = [
        _letter(
            event, reason_against(fact=fact, payload=str(event["payload"])) or "A required value is missing."
        )
        for event in events.filter(pc.invert(kept)).to_pylist()
    ]
    return rows.filter(kept), refused


def _nothing(fact: FactTable) -> pa.Table:
    return _open_schema(fact).append(pa.field("_event_id", pa.int64())).empty_table()


def _open_schema(fact: FactTable) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in fact.arrow_schema])


def _parsed(fact: FactTable, events: pa.Table) -> pa.Table:
    text = pa.large_string()
    joined = pc.binary_join_element_wise(
        events["payload"].cast(text), pa.scalar("\n", text), pa.scalar("", text)
    )
    lines = joined.combine_chunks()
    longest = pc.max(pc.binary_length(lines)).as_py() or 0
    offsets, characters = lines.buffers()[1:3]
    start, end = _ends(lines, offsets)
    rows = pj.read_json(
        pa.BufferReader(characters.slice(start, end - start)),
        read_options=pj.ReadOptions(use_threads=False, block_size=max(_SMALLEST_BLOCK_BYTES, 2 * longest)),
        parse_options=pj.ParseOptions(explicit_schema=_open_schema(fact), unexpected_field_behavior="error"),
    )
    if rows.num_rows != events.num_rows:
        raise pa.ArrowInvalid(f"{events.num_rows} events read as {rows.num_rows} rows")
    return rows.append_column("_event_id", events["id"])


def _ends(lines: pa.LargeStringArray, offsets: pa.Buffer) -> tuple[int, int]:
    places = pa.Array.from_buffers(pa.int64(), len(lines) + 1, [None, offsets], offset=lines.offset)
    return places[0].as_py(), places[len(lines)].as_py()


def _allowed(fact: FactTable, rows: pa.Table) -> pa.ChunkedArray | None:
    """Return which rows keep the required and closed columns, or None when all do."""
    kept: pa.ChunkedArray | None = None
    for column in fact.columns:
        values = rows[column.name]
        checks = []
        if column.required and values.null_count:
            checks.append(pc.is_valid(values))
        if column.one_of:
            known = pc.is_in(values, value_set=pa.array([*column.one_of, None], pa.string()))
            if not pc.all(known).as_py():
                checks.append(known)
        for check in checks:
            kept = check if kept is None else pc.and_(kept, check)
    return kept


def _last_of_each_key(fact: FactTable, rows: pa.Table) -> pa.Table:
    places = rows.select(list(fact.key)).append_column("_event_id", rows["_event_id"])
    last = places.group_by(list(fact.key)).aggregate([("_event_id", "max")])["_event_id_max"]
    if len(last) == rows.num_rows:
        return rows
    return rows.filter(pc.is_in(rows["_event_id"], value_set=last.combine_chunks()))


def reason_now(letter: DeadLetter) -> str | None:
    """Return why a letter is no row to the present version, or None when it would be one."""
    fact = TABLES.get(letter.fact)
    if fact is None:
        return _reason_unknown(letter.fact)
    return reason_against(fact=fact, payload=letter.payload)


def _reason_unknown(name: str) -> str:
    close = nearest(name, TABLES)
    if close:
        return f"There is no fact {name!r}; did the writer mean {close!r}?"
    return f"There is no fact {name!r}."


def reason_against(*, fact: FactTable, payload: str) -> str | None:
    """Return why `payload` is no row of `fact`, naming column and value, or None when it is one."""
    try:
        row = json.loads(payload)
    except ValueError as error:
        return f"The payload is not JSON: {error}."
    if not isinstance(row, dict):
        return f"The payload is {type(row).__name__}, a row of {fact.name} is an object."
    for name in row:
        if name not in fact.by_name:
            close = nearest(name, fact.by_name)
            if close:
                return f"{fact.name} has no column {name!r}; did the writer mean {close!r}?"
            return f"{fact.name} has no column {name!r}."
    for column in fact.columns:
        value = row.get(column.name)
        if value is None:
            if column.required:
                return f"{column.name} is missing; every row of {fact.name} needs it."
        elif not _FITS[column.type](value):
            return f"{column.name} holds {value!r}, which is no {column.type}."
        elif column.one_of and value not in column.one_of:
            return f"{column.name} holds {value!r}; allowed are {_listed(column)}."
    return None


def _listed(column: Column) -> str:
    return ", ".join(column.one_of)


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_FITS: dict[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63,
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "instant": _is_instant,
    "strings": lambda value: isinstance(value, list) and all(v is None or isinstance(v, str) for v in value),
}
