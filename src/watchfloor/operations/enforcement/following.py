"""Follows decisions: from each settled decision event, exactly once, what has to come of it.

A decision enters the feed, its restrictions are written, the ones before it are lifted, the endpoints that
are to be told get a delivery, and an appeal that it settles is settled. All in one transaction with the mark
that says how far events were read, so that a crash repeats nothing and leaves nothing out. One follower at a
time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from watchfloor.operations.enforcement.appeal_settling import settle_appeals
from watchfloor.operations.enforcement.callback_status import tell_status
from watchfloor.operations.enforcement.models import Appeal, Delivery, Endpoint, FollowMark, Restriction
from watchfloor.operations.enforcement.restrictions import restrictions_of
from watchfloor.operations.queues.logical import belongs
from watchfloor.operations.queues.models import LogicalQueue
from watchfloor.operations.record.statements import run

EVENTS_A_RANGE = 2000
_MARK_EVERY = 64  # transactions; an idle mark is not moved for each of them
_LOCK = 0x57464C46  # "WFLF"


@dataclass(frozen=True, slots=True)
class Followed:
    """What one range brought; `full` when more is waiting."""

    entries: int = 0
    deliveries: int = 0
    restrictions: int = 0
    appeals: int = 0
    full: bool = False


def follow(*, now: datetime, limit: int = EVENTS_A_RANGE) -> Followed:
    """Return what one range of settled decision events brought; nothing while another follower is at work."""
    with transaction.atomic():
        if not _is_only_follower():
            return Followed()
        FollowMark.objects.get_or_create(id=1)
        mark = FollowMark.objects.get(id=1)
        span: dict[str, Any] = {"next_xid": str(mark.next_xid), "limit": limit}
        end_xid = run("enforcement", "follow_edge", span)[0]["end_xid"]
        rows = run("enforcement", "follow", {"next_xid": span["next_xid"], "end_xid": str(end_xid)})
        if rows or end_xid - mark.next_xid >= _MARK_EVERY:
            FollowMark.objects.filter(id=1).update(next_xid=end_xid)
        if not rows:
            return Followed()
        made = [row for row in rows if row["kind"] == "made"]
        second_looks = set(
            Appeal.objects.filter(appeal_case__in=[row["case_id"] for row in made]).values_list(
                "appeal_case_id", flat=True
            )
        )
        restricting = [row for row in made if row["case_id"] not in second_looks]
        restrictions = [one for row in restricting for one in restrictions_of(row)]
        Restriction.objects.bulk_create(restrictions, ignore_conflicts=True, batch_size=1000)
        _lift(rows)
        deliveries = _deliveries([row for row in rows if row["enforced"]], now)
        appeals = settle_appeals(rows=made, now=now)
    return Followed(
        entries=len(rows),
        deliveries=deliveries,
        restrictions=len(restrictions),
        appeals=appeals,
        full=len(rows) >= limit,
    )


def follow_all(*, now: datetime) -> int:
    """Return how many decisions were followed, range after range until nothing settled is left."""
    entries = 0
    while True:
        followed = follow(now=now)
        entries += followed.entries
        if not followed.full:
            return entries


def _is_only_follower() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _lift(rows: Sequence[dict[str, Any]]) -> None:
    """End the restrictions of decisions superseded or withdrawn, at the instant that it was so."""
    for row in rows:
        if row["kind"] == "withdrawn":
            ended, at = row["decision_id"], row["withdrawn_at"]
        elif row["supersedes_id"]:
            ended, at = row["supersedes_id"], row["decided_at"]
        else:
            continue
        Restriction.objects.filter(decision_id=ended, lifted_at__isnull=True).update(lifted_at=at)


def _deliveries(rows: Sequence[dict[str, Any]], now: datetime) -> int:
    logical = _telling_logical_queues()
    named = {row["decision_id"]: endpoint_slugs(row, logical) for row in rows}
    slugs = {slug for each in named.values() for slug in each}
    if not slugs:
        return 0
    endpoints = _endpoints(slugs, now)
    written = [
        _delivery(row, endpoints[slug], now) for row in rows for slug in sorted(named[row["decision_id"]])
    ]
    Delivery.objects.bulk_create(written, ignore_conflicts=True, batch_size=1000)
    facts: dict[UUID, dict[str, Any]] = {each.decision_id: each.fact for each in written}
    tell_status(facts=facts, now=now)
    return len(written)


def endpoint_slugs(row: dict[str, Any], logical: Sequence[LogicalQueue]) -> set[str]:
    """Return the names of the endpoints to tell: the queue's, and those of the logical queues it is in."""
    slugs = {row["callback_endpoint"]} if row["callback_endpoint"] else set()
    case = {name: row[column] for name, column in _CONDITION_COLUMNS}
    for each in logical:
        boundary = each.data_boundary.slug if each.data_boundary else ""
        if boundary == row["data_boundary"] and belongs(each.conditions, case):
            slugs.add(each.callback_endpoint)
    return slugs


_CONDITION_COLUMNS = (
    ("queue", "queue"),
    ("group", "group"),
    ("surface", "surface"),
    ("language", "language"),
    ("market", "market"),
    ("strategy", "strategy_id"),
    ("severity", "severity_hint"),
)


def _telling_logical_queues() -> list[LogicalQueue]:
    live = LogicalQueue.objects.filter(state="live").exclude(callback_endpoint="")
    return list(live.select_related("data_boundary").order_by("slug"))


def _endpoints(slugs: set[str], now: datetime) -> dict[str, Endpoint]:
    """Return the endpoints by name; one that nobody has set up is made, and its deliveries wait for that."""
    known = Endpoint.objects.select_related("boundary")
    missing = slugs - set(known.filter(slug__in=slugs).values_list("slug", flat=True))
    if missing:
        Endpoint.objects.bulk_create(
            [Endpoint(slug=slug, created_at=now) for slug in sorted(missing)], ignore_conflicts=True
        )
    return {endpoint.slug: endpoint for endpoint in known.filter(slug__in=slugs)}


def _delivery(row: dict[str, Any], endpoint: Endpoint, now: datetime) -> Delivery:
    delivery = Delivery(
        decision_id=row["decision_id"],
        endpoint=endpoint,
        kind=row["kind"],
        next_at=now,
        created_at=now,
        fact=row["fact"],
    )
    boundary = endpoint.boundary.slug if endpoint.boundary else ""
    if row["data_boundary"] and row["data_boundary"] != boundary:
        delivery.state = "dead"
        delivery.response = {
            "error": f"The case lies in data boundary {row['data_boundary']!r}, the endpoint does not."
        }
    return delivery
