"""Writes to the record. Every other feature calls these inside its own transaction."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from watchfloor.facts.schemas import TABLES
from watchfloor.kernel import WatchfloorError
from watchfloor.operations.record.models import AuditEntry, ChangeEvent, Event


class UnknownFactError(WatchfloorError):
    """An event names a fact or a column that the schemas do not have."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change or an audit entry belongs; blank means the whole operation."""

    queue_group: str = ""
    site: str = ""
    market: str = ""
    data_boundary: str = ""

    def columns(self) -> dict[str, str]:
        """Return the place as model columns."""
        return {
            "queue_group": self.queue_group,
            "site": self.site,
            "market": self.market,
            "data_boundary": self.data_boundary,
        }


EVERYWHERE = Place()


def instant_text(at: datetime) -> str:
    """Return the instant as facts write it: ISO 8601, UTC, milliseconds.

    >>> instant_text(datetime(2026, 3, 1, 8, tzinfo=UTC))
    '2026-03-01T08:00:00.000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_event(*, fact: str, key: str, payload: Mapping[str, Any], at: datetime | None = None) -> None:
    """Write one fact row to the outbox, in the caller's transaction.

    `payload` holds the fact's columns (`facts.schemas`); datetimes become text. `at` defaults to the
    fact's own instant in the payload.

    Raises:
        UnknownFactError: the fact, or one of the columns, is not in the schemas.

    """
    write_events(fact=fact, rows=[(key, payload)], at=at)


def write_events(
    *, fact: str, rows: Iterable[tuple[str, Mapping[str, Any]]], at: datetime | None = None
) -> None:
    """Write many rows of one fact, in one statement a thousand rows."""
    if fact not in TABLES:
        raise UnknownFactError(f"There is no fact {fact!r}.", remedy=f"Use one of {', '.join(TABLES)}.")
    table = TABLES[fact]
    events = []
    for key, payload in rows:
        if unknown := sorted(set(payload) - set(table.by_name)):
            raise UnknownFactError(
                f"Fact {fact!r} has no column {', '.join(unknown)}.",
                remedy="See watchfloor.facts.schemas for its columns.",
            )
        moment = at or payload[table.instant]
        written = {
            name: instant_text(value) if isinstance(value, datetime) else value
            for name, value in payload.items()
        }
        if not isinstance(moment, datetime):
            moment = datetime.fromisoformat(moment)
        events.append(Event(fact=fact, key=key, payload=written, at=moment))
    Event.objects.bulk_create(events, batch_size=1000)


def record_change(
    *,
    object_kind: str,
    object_id: str,
    object_version: int | None,
    kind: str,
    at: datetime,
    author: str,
    summary: str,
    detail: Mapping[str, Any] | None = None,
    place: Place = EVERYWHERE,
    change_id: UUID | None = None,
) -> ChangeEvent:
    """Write a change and its fact row; return the change."""
    change = ChangeEvent.objects.create(
        id=change_id or uuid4(),
        object_kind=object_kind,
        object_id=object_id,
        object_version=object_version,
        kind=kind,
        at=at,
        author=author,
        summary=summary,
        detail=dict(detail or {}),
        **place.columns(),
    )
    write_event(
        fact="change_event",
        key=str(change.id),
        payload={
            "event_id": str(change.id),
            "object_kind": object_kind,
            "object_id": object_id,
            "object_version": object_version,
            "kind": kind,
            "at": at,
            "author": author,
            "summary": summary,
            "detail_json": json.dumps(change.detail, sort_keys=True, ensure_ascii=False),
        },
    )
    return change


def audit(
    *,
    actor: str,
    action: str,
    object_kind: str,
    object_id: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    now: datetime,
    place: Place = EVERYWHERE,
) -> AuditEntry:
    """Write who did what, in the caller's transaction; return the entry."""
    return AuditEntry.objects.create(
        at=now,
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        **place.columns(),
    )
