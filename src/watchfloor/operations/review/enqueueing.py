"""Cases come in: validated whole, written by one statement, each once by its client's key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from watchfloor.operations.policies.vocabulary import priority_of
from watchfloor.operations.queues.deadlines import Due, business_hours, due_by
from watchfloor.operations.queues.models import Queue, QueueVersion
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.statements import call, run
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.apportioning import home_site, overflow_at
from watchfloor.operations.review.cases import Enqueued, NewCase, case_faults, storable
from watchfloor.operations.review.errors import BatchRejectedError
from watchfloor.operations.review.models import Case

_NUMBERS = "SELECT nextval('review_apportioned') FROM generate_series(1, %s::int)"


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
    queues = {
        queue.slug: queue for queue in asked.select_related("current_version__calendar", "data_boundary")
    }
    wrong = [fault for index, case in enumerate(cases) for fault in case_faults(index, case, queues, now=now)]
    if wrong:
        raise BatchRejectedError(wrong, size=len(cases))
    ids = [fresh_id(now=case.enqueued_at or now) for case in cases]
    with transaction.atomic():
        sites = _home_sites(cases, queues)
        places = {slug: _Place.of(queue) for slug, queue in queues.items()}
        rows = [
            places[case.queue].row(case, id_=each, site=site, now=now)
            for case, each, site in zip(cases, ids, sites, strict=True)
        ]
        known = run("review", "enqueue", {"rows": json.dumps(rows), "client": client, "now": now})
        seen = accepted_before(client=client, keys=[row["client_key"] for row in known])
    before = {row["id"] for row in known}
    return [
        Enqueued(case_id=each, client_key=case.client_key, created=True)
        if each not in before
        else Enqueued(case_id=seen[str(case.client_key)], client_key=case.client_key, created=False)
        for each, case in zip(ids, cases, strict=True)
    ]


def accepted_before(*, client: str, keys: list[str]) -> dict[str, UUID]:
    """Return the case that each of the client's keys has made already."""
    if not keys:
        return {}
    known = Case.objects.filter(client=client, client_key__in=keys).order_by("id")
    return {str(key): case_id for key, case_id in known.values_list("client_key", "id")}


def _home_sites(cases: Sequence[NewCase], queues: Mapping[str, Queue]) -> list[str]:
    """Return the home site of each case, from running numbers that follow each other within a queue."""
    shares = {
        slug: queue.current_version.site_shares for slug, queue in queues.items() if queue.current_version
    }
    sharing = sorted(
        (index for index, case in enumerate(cases) if shares.get(case.queue)),
        key=lambda index: cases[index].queue,
    )
    sites = [""] * len(cases)
    if sharing:
        numbers = call(
            "SELECT nextval('review_apportioned') FROM generate_series(1, %s::int)", (len(sharing),)
        )
        for index, (number,) in zip(sharing, numbers, strict=True):
            sites[index] = home_site(shares=shares[cases[index].queue], number=number)
    return sites


@dataclass(slots=True)
class _Place:
    """A queue as a batch meets it: what is the same for its cases is worked out once."""

    queue: Queue
    version: QueueVersion
    boundary: str
    due: dict[tuple[str, str, str], Due]

    @classmethod
    def of(cls, queue: Queue) -> "_Place":
        version = queue.current_version
        assert version is not None  # noqa: S101 -- case_faults has refused queues without one
        return cls(queue, version, queue.data_boundary.slug if queue.data_boundary else "", {})

    def row(self, case: NewCase, *, id_: UUID, site: str, now: datetime) -> dict[str, Any]:
        version = self.version
        enqueued_at = case.enqueued_at or now
        deadline_at = self.deadline_at(case, enqueued_at)
        opens_at = (
            overflow_at(enqueued_at=enqueued_at, deadline_at=deadline_at, after=version.overflow_after)
            if site
            else None
        )
        return {
            "id": str(id_),
            "client_key": case.client_key,
            "object_id": case.object_id,
            "queue": self.queue.pk,
            "version": version.pk,
            "strategy_id": case.strategy_id,
            "enqueued_at": enqueued_at.isoformat(),
            "deadline_at": deadline_at.isoformat(),
            "priority": priority_of(case.severity_hint or "medium", lift=version.priority_lift),
            "severity_hint": case.severity_hint,
            "risk_score": case.risk_score,
            "language": case.language,
            "market": case.market,
            "media_seconds": case.media_seconds,
            "data_boundary": self.boundary,
            "parent": str(case.parent_case_id) if case.parent_case_id else None,
            "content": dict(case.content),
            "excluded": case.excluded_reviewers,
            "site": site,
            "overflow_at": opens_at.isoformat() if opens_at else None,
            "source": case.source,
            "author_id": case.author_id,
            "topics": case.topics,
            "wellness_class": case.wellness_class,
            "purpose": case.purpose,
            "gold_id": case.gold_id,
        }

    def deadline_at(self, case: NewCase, enqueued_at: datetime) -> datetime:
        version, key = self.version, (case.severity_hint, case.source, case.market)
        due = self.due.get(key)
        if due is None:
            due = self.due[key] = due_by(
                rules=version.sla_rules,
                seconds_by_severity=version.sla_seconds,
                has_calendar=version.calendar is not None,
                case={"severity": key[0], "source": key[1], "market": key[2]},
            )
        if due.clock == "elapsed" or version.calendar is None:
            return enqueued_at + timedelta(seconds=due.seconds)
        return business_hours(version.calendar).deadline(start=enqueued_at, open_seconds=due.seconds)
