"""Sends statements of reasons to the configured transparency database, a hundred a call; keeps the answers.

A call is all or nothing. When some of its statements are refused, those are marked and the others are sent
again. After a call without an answer nobody knows whether it was stored: it is sent again, and a statement
that the database has already, with the same content, counts as accepted. One sender at a time.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import F, Q

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.backoff import wait_seconds
from watchfloor.operations.enforcement.models import Statement
from watchfloor.operations.enforcement.outward import Answer, UnreachableError, checked_target, post
from watchfloor.operations.enforcement.statement_terms import MOST_IN_A_CALL

_LOCK = 0x57464C54  # "WFLT"
_INDEXED = re.compile(r"statement_([0-9]{1,3})(?:\.(.+))?\Z")
_CREATED, _UNPROCESSABLE = 201, 422
_LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
_LONGEST_SECONDS = 60.0


class StatementsRefusedError(WatchfloorError):
    """Statements cannot be sent: no database is configured, its token is refused, or another sender runs."""


@dataclass(frozen=True, slots=True)
class SendReport:
    """What a run came to; `trouble` says why it ended before everything was sent."""

    accepted: int = 0
    rejected: int = 0
    calls: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """The transparency database: its address up to the version, and the platform's token."""

    url: str
    token: str

    def call(self, path: str, body: object) -> Answer:
        """Return the answer to one call."""
        target = checked_target(f"{self.url}/{path}", private_hosts=[str(urlsplit(self.url).hostname)])
        return post(
            target=target,
            body=json.dumps(body, ensure_ascii=False).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Accept": "application/json",
                "Content-Type": "application/json",
            },
            longest_seconds=_LONGEST_SECONDS,
            largest_answer_bytes=_LARGEST_ANSWER_BYTES,
        )

    def has(self, puid: str) -> bool:
        """Return whether a statement with that identifier is stored: 302, which is not followed."""
        target = checked_target(
            f"{self.url}/statement/existing-puid/{puid}", private_hosts=[str(urlsplit(self.url).hostname)]
        )
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return post(target=target, body=b"", headers=headers, method="GET").status == 302


def send_statements(
    *, database: Database, now: datetime, rng: random.Random, most: int = 10_000
) -> SendReport:
    """Return what came of sending the statements that are ready, until none is or something is in the way.

    Raises:
        StatementsRefusedError: there is no address, the token is refused, or another sender is at work.

    """
    if not database.url:
        raise StatementsRefusedError(
            "No transparency database is configured.",
            remedy="Set WATCHFLOOR_STATEMENTS_URL and WATCHFLOOR_STATEMENTS_TOKEN.",
        )
    report = SendReport()
    with _only_sender():
        while report.accepted + report.rejected < most and not report.trouble:
            batch = _next_batch(now)
            if not batch:
                break
            report = _send_batch(database, batch, report, now, rng)
    return report


@contextmanager
def _only_sender() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise StatementsRefusedError("Another sender is at work.", remedy="It sends what is ready; wait.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _next_batch(now: datetime) -> list[Statement]:
    due = Statement.objects.filter(Q(next_at__isnull=True) | Q(next_at__lte=now), state="ready")
    return list(due.order_by("pk")[:MOST_IN_A_CALL])


def _send_batch(
    database: Database, batch: Sequence[Statement], report: SendReport, now: datetime, rng: random.Random
) -> SendReport:
    report = replace(report, calls=report.calls + 1)
    Statement.objects.filter(pk__in=[each.pk for each in batch]).update(attempts=F("attempts") + 1)
    try:
        answer = database.call("statements", {"statements": [each.payload for each in batch]})
    except UnreachableError as failure:
        return _later(batch, report, str(failure), now, rng)
    if answer.status == _CREATED:
        _accept_all(batch, _stored(answer), now)
        return replace(report, accepted=report.accepted + len(batch))
    if answer.status != _UNPROCESSABLE:
        return _trouble(batch, report, answer, now, rng)
    errors = _errors_by_index(answer, len(batch))
    if not errors:  # refused without saying which: each for itself
        errors = {index: {} for index in range(len(batch))}
    for index, error in sorted(errors.items()):
        report = _refused_one(database, batch[index], error, report, now, rng)
        if report.trouble:
            break
    return report


def _refused_one(
    database: Database,
    statement: Statement,
    error: Mapping[str, Any],
    report: SendReport,
    now: datetime,
    rng: random.Random,
) -> SendReport:
    """Settle a statement that a batch was refused for: the same is stored already, or it is wrong."""
    existing = _existing(error)
    has_other = existing is not None
    if existing is None and (not error or "puid" in error):
        report = replace(report, calls=report.calls + 1)
        try:
            answer = database.call("statement", statement.payload)
        except UnreachableError as failure:
            return _later([statement], report, str(failure), now, rng)
        if answer.status == _CREATED:
            _accept_all([statement], [_body(answer)], now)
            return replace(report, accepted=report.accepted + 1)
        if answer.status != _UNPROCESSABLE:
            return _trouble([statement], report, answer, now, rng)
        body = _body(answer)
        existing = _existing(body)
        said = body.get("errors")
        error = said if isinstance(said, Mapping) else {"message": str(body.get("message", ""))[:500]}
        has_other = existing is not None or ("puid" in error and database.has(statement.puid))
    if existing is not None and is_same(statement.payload, existing):
        _accept_all([statement], [existing], now)
        return replace(report, accepted=report.accepted + 1)
    statement.state, statement.next_at = "rejected", None
    statement.errors = _told(error, has_other=has_other)
    statement.save(update_fields=["state", "errors", "next_at"])
    return replace(report, rejected=report.rejected + 1)


def is_same(sent: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Return whether the stored statement says what was sent; lists in any order, blanks as absent.

    >>> is_same({"puid": "a", "content_type": ["x", "y"]}, {"puid": "a", "content_type": ["y", "x"], "id": 1})
    True
    """
    return all(_plain(stored.get(name)) == _plain(value) for name, value in sent.items())


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(str, value))
    if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]00:00:00", value):
        return value[:10]
    return value or None


def _existing(error: Mapping[str, Any]) -> Mapping[str, Any] | None:
    existing = error.get("existing")
    return existing if isinstance(existing, Mapping) else None


def _errors_by_index(answer: Answer, size: int) -> dict[int, dict[str, Any]]:
    said = _body(answer).get("errors")
    found: dict[int, dict[str, Any]] = {}
    for key, value in said.items() if isinstance(said, Mapping) else ():
        named = _INDEXED.match(str(key))
        if named is None or int(named[1]) >= size:
            continue
        own = found.setdefault(int(named[1]), {})
        if named[2]:
            own[named[2]] = value
        else:
            own.update(value if isinstance(value, Mapping) else {"message": value})
    return found


def _told(error: Mapping[str, Any], *, has_other: bool) -> list[dict[str, str]]:
    told = [
        {"field": str(name)[:80], "message": json.dumps(value, ensure_ascii=False)[:500]}
        for name, value in error.items()
        if name != "existing"
    ]
    if has_other:
        told.append({"field": "puid", "message": "The database holds another statement under it."})
    return told


def _stored(answer: Answer) -> Sequence[Mapping[str, Any]]:
    body = _body(answer)
    rows = body.get("statements", body.get("data", []))
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        body = json.loads(answer.body or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, Mapping) else {"statements": body}


def _accept_all(batch: Sequence[Statement], stored: Sequence[Mapping[str, Any]], now: datetime) -> None:
    by_puid = {str(row.get("puid")): row for row in stored}
    for statement in batch:
        row = by_puid.get(statement.puid, {})
        statement.state, statement.accepted_at, statement.next_at = "accepted", now, None
        statement.uuid = str(row.get("uuid") or "")[:80]
        statement.permalink = str(row.get("permalink") or "")[:500]
        statement.errors = []
    names = ["state", "accepted_at", "next_at", "uuid", "permalink", "errors"]
    Statement.objects.bulk_update(batch, names, batch_size=MOST_IN_A_CALL)


def _trouble(
    batch: Sequence[Statement], report: SendReport, answer: Answer, now: datetime, rng: random.Random
) -> SendReport:
    if answer.status in (401, 403):
        raise StatementsRefusedError(
            f"The transparency database refuses the token ({answer.status}).",
            remedy="Correct WATCHFLOOR_STATEMENTS_TOKEN; nothing was stored.",
        )
    return _later(batch, report, f"The transparency database answered {answer.status}.", now, rng)


def _later(
    batch: Sequence[Statement], report: SendReport, trouble: str, now: datetime, rng: random.Random
) -> SendReport:
    for statement in batch:
        attempt = min(statement.attempts + 1, 12)
        statement.next_at = now + timedelta(seconds=wait_seconds(attempt=attempt, rng=rng))
        statement.errors = [{"field": "", "message": trouble}]
    Statement.objects.bulk_update(batch, ["next_at", "errors"], batch_size=MOST_IN_A_CALL)
    return replace(report, trouble=trouble)
