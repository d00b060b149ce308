"""Cases come in: validated whole, written by one statement, each once by its client's key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from watchfloor.operations.policies.vocabulary import SEVERITIES, priority_of
from watchfloor.operations.queues.models import ACCEPTING_STATES, Queue
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.statements import run
from watchfloor.operations.review.errors import BatchRejectedError, ItemError
from watchfloor.operations.review.models import Case

DEFAULT_SLA_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case on its way in. `client_key` makes it idempotent; None enqueues it anew each time."""

    queue: str
    client_key: str | None = None
    object_id: str = ""
    strategy_id: str = ""
    severity_hint: str = ""
    risk_score: float | None = None
    language: str = ""
    market: str = ""
    media_seconds: float | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    enqueued_at: datetime | None = None
    parent_case_id: UUID | None = None
    excluded_reviewers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of one case: its id, and whether this call made it."""

    case_id: UUID
    client_key: str | None
    created: bool


def enqueue(*, case: NewCase, now: datetime, client: str = "") -> Enqueued:
    """Return the case enqueued, or the one its client key already made.

    Raises:
        BatchRejectedError: the case is wrong; it says how.

    """
    return enqueue_batch(cases=[case], now=now, client=client)[0]


def enqueue_batch(*, cases: Sequence[NewCase], now: datetime, client: str = "") -> list[Enqueued]:
    """Return what became of each case, in order. All or nothing: one wrong case rejects the batch.

    A batch sent again changes nothing and returns the same cases.

    Raises:
        BatchRejectedError: at least one case is wrong; `items` lists every fault.

    """
    if not cases:
        return []
    slugs = {case.queue for case in cases}
    queues = {
        queue.slug: queue
        for queue in Queue.objects.filter(slug__in=slugs).select_related("current_version", "data_boundary")
    }
    if wrong := [fault for index, case in enumerate(cases) for fault in _faults(index, case, queues)]:
        raise BatchRejectedError(wrong, size=len(cases))
    rows = [_row(case, queues[case.queue], now) for case in cases]
    with transaction.atomic():
        written = run("review", "enqueue", {"rows": json.dumps(rows), "client": client, "now": now})
        made = {row["id"] for row in written if row["created"]}
        seen = _already(client, [row["client_key"] for row in written if not row["created"]])
    return [
        Enqueued(case_id=UUID(row["id"]), client_key=case.client_key, created=True)
        if UUID(row["id"]) in made
        else Enqueued(case_id=seen[str(case.client_key)], client_key=case.client_key, created=False)
        for row, case in zip(rows, cases, strict=True)
    ]


def _already(client: str, keys: list[str]) -> dict[str, UUID]:
    if not keys:
        return {}
    known = Case.objects.filter(client=client, client_key__in=keys).order_by("id")
    return {str(key): case_id for key, case_id in known.values_list("client_key", "id")}


def _faults(index: int, case: NewCase, queues: Mapping[str, Queue]) -> list[ItemError]:
    queue = queues.get(case.queue)
    if queue is None:
        return [ItemError(index, "queue", f"There is no queue {case.queue!r}.", "See GET /api/v1/queues.")]
    wrong = []
    if queue.state not in ACCEPTING_STATES or queue.current_version is None:
        wrong.append(
            ItemError(
                index,
                "queue",
                f"Queue {queue.slug!r} is {queue.state} and accepts no cases.",
                f"Bring it to one of {', '.join(ACCEPTING_STATES)}.",
            )
        )
    if case.severity_hint and case.severity_hint not in SEVERITIES:
        wrong.append(
            ItemError(
                index,
                "severity_hint",
                f"Severity {case.severity_hint!r} is unknown.",
                f"Use one of {', '.join(SEVERITIES)}.",
            )
        )
    if case.language and queue.languages and case.language not in queue.languages:
        wrong.append(
            ItemError(
                index,
                "language",
                f"Queue {queue.slug!r} does not serve language {case.language!r}.",
                f"It serves {', '.join(queue.languages)}.",
            )
        )
    if case.risk_score is not None and not 0 <= case.risk_score <= 1:
        wrong.append(
            ItemError(index, "risk_score", f"Risk score {case.risk_score} is outside 0 to 1.", "Scale it.")
        )
    if case.media_seconds is not None and not 0 <= case.media_seconds < 10**7:
        wrong.append(
            ItemError(
                index, "media_seconds", f"Media of {case.media_seconds} s is impossible.", "Use seconds."
            )
        )
    for name, limit in (
        ("client_key", 200),
        ("object_id", 200),
        ("strategy_id", 80),
        ("language", 10),
        ("market", 2),
    ):
        text = getattr(case, name) or ""
        if len(text) > limit:
            wrong.append(ItemError(index, name, f"{name} has {len(text)} characters; the limit is {limit}."))
        elif "\x00" in text:
            wrong.append(ItemError(index, name, f"{name} holds a null character.", "Remove it."))
    return wrong


def _row(case: NewCase, queue: Queue, now: datetime) -> dict[str, Any]:
    version = queue.current_version
    assert version is not None  # noqa: S101 -- _faults has refused queues without one
    enqueued_at = case.enqueued_at or now
    sla = version.sla_seconds
    seconds = sla.get(case.severity_hint) or sla.get("default") or DEFAULT_SLA_SECONDS
    return {
        "id": str(fresh_id(now=enqueued_at)),
        "client_key": case.client_key,
        "object_id": case.object_id,
        "queue": queue.pk,
        "version": version.pk,
        "strategy_id": case.strategy_id,
        "enqueued_at": enqueued_at.isoformat(),
        "deadline_at": (enqueued_at + timedelta(seconds=seconds)).isoformat(),
        "priority": priority_of(case.severity_hint or "medium"),
        "severity_hint": case.severity_hint,
        "risk_score": case.risk_score,
        "language": case.language,
        "market": case.market,
        "media_seconds": case.media_seconds,
        "data_boundary": queue.data_boundary.slug if queue.data_boundary else "",
        "parent": str(case.parent_case_id) if case.parent_case_id else None,
        "content": dict(case.content),
        "excluded": list(case.excluded_reviewers),
        "dimensions": {
            "queue_id": queue.slug,
            "queue_version": version.version,
            "purpose": queue.purpose,
            "surface": queue.surface,
        },
    }
