"""Cases come in: validated whole, written by one statement, each once by its client's key."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from watchfloor.operations.policies.vocabulary import priority_of
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.cases import Enqueued, NewCase, case_faults, storable
from watchfloor.operations.review.errors import BatchRejectedError
from watchfloor.operations.review.models import Case

DEFAULT_SLA_SECONDS = 24 * 3600


def enqueue(*, case: NewCase, now: datetime, client: str = "", by: Viewer | None = None) -> Enqueued:
    """Return the case enqueued, or the one its client key already made.

    Raises:
        BatchRejectedError: the case is wrong; it says how.

    """
    return enqueue_batch(cases=[case], now=now, client=client, by=by)[0]


def enqueue_batch(
    *, cases: Sequence[NewCase], now: datetime, client: str = "", by: Viewer | None = None
) -> list[Enqueued]:
    """Return what became of each case, in order. All or nothing: one wrong case rejects the batch.

    A batch sent again changes nothing and returns the same cases. With `by`, only queues within that
    viewer's reach exist; without, the caller is the operation itself.

    Raises:
        BatchRejectedError: at least one case is wrong; `items` lists every fault.

    """
    if not cases:
        return []
    within = Q() if by is None else reach(viewer=by, permission="cases.enqueue")
    asked = Queue.objects.filter(within, slug__in={case.queue for case in cases if storable(case.queue)})
    queues = {queue.slug: queue for queue in asked.select_related("current_version", "data_boundary")}
    wrong = [fault for index, case in enumerate(cases) for fault in case_faults(index, case, queues, now=now)]
    if wrong:
        raise BatchRejectedError(wrong, size=len(cases))
    rows = [_row(case, queues[case.queue], now) for case in cases]
    with transaction.atomic():
        written = run("review", "enqueue", {"rows": json.dumps(rows), "client": client, "now": now})
        made = {row["id"] for row in written if row["created"]}
        seen = accepted_before(
            client=client, keys=[row["client_key"] for row in written if not row["created"]]
        )
    return [
        Enqueued(case_id=UUID(row["id"]), client_key=case.client_key, created=True)
        if UUID(row["id"]) in made
        else Enqueued(case_id=seen[str(case.client_key)], client_key=case.client_key, created=False)
        for row, case in zip(rows, cases, strict=True)
    ]


def accepted_before(*, client: str, keys: list[str]) -> dict[str, UUID]:
    """Return the case that each of the client's keys has made already."""
    if not keys:
        return {}
    known = Case.objects.filter(client=client, client_key__in=keys).order_by("id")
    return {str(key): case_id for key, case_id in known.values_list("client_key", "id")}


def _row(case: NewCase, queue: Queue, now: datetime) -> dict[str, Any]:
    version = queue.current_version
    assert version is not None  # noqa: S101 -- case_faults has refused queues without one
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
        "priority": priority_of(case.severity_hint or "medium", lift=version.priority_lift),
        "severity_hint": case.severity_hint,
        "risk_score": case.risk_score,
        "language": case.language,
        "market": case.market,
        "media_seconds": case.media_seconds,
        "data_boundary": queue.data_boundary.slug if queue.data_boundary else "",
        "parent": str(case.parent_case_id) if case.parent_case_id else None,
        "content": dict(case.content),
        "excluded": list(case.excluded_reviewers),
        "source": case.source,
        "author_id": case.author_id,
        "topics": list(case.topics),
        "wellness_class": case.wellness_class,
        "purpose": case.purpose,
        "gold_id": case.gold_id,
        "dimensions": {
            "queue_id": queue.slug,
            "queue_version": version.version,
            "purpose": case.purpose or queue.purpose,
            "surface": queue.surface,
        },
    }
