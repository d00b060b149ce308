"""Reads of what follows decisions, each within the viewer's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from watchfloor.operations.enforcement.models import (
    Appeal,
    Delivery,
    DeliveryAttempt,
    Endpoint,
    FeedEntry,
    Restriction,
    Statement,
)
from watchfloor.operations.enforcement.reaching import case_reach
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer

OPEN_STATES = ("dead", "failed", "pending")
_COUNTED_FOR = timedelta(hours=24)
_ATTEMPTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Decisions in the order in which they were made, and where to go on."""

    entries: tuple[FeedEntry, ...]
    next_after: int
    has_more: bool


def feed(*, viewer: Viewer, after: int, limit: int) -> FeedPage:
    """Return the decisions after a place in the feed, with what their messages tell of; five queries."""
    within = case_reach(viewer=viewer, permission="decisions.view", prefix="decision__case__")
    rows = (
        FeedEntry.objects.filter(within, position__gt=after)
        .select_related("decision__case__queue")
        .prefetch_related("decision__case__reviews", "decision__restrictions")
        .order_by("position")
    )
    found = list(rows[: limit + 1])
    shown = tuple(found[:limit])
    return FeedPage(
        entries=shown,
        next_after=shown[-1].position if shown else after,
        has_more=len(found) > limit,
    )


def endpoints(*, viewer: Viewer) -> QuerySet[Endpoint]:
    """Return the endpoints within the viewer's boundaries, by name."""
    viewer.require("callbacks.view")
    boundaries = {grant.data_boundary for grant in viewer.grants if "callbacks.view" in grant.permissions}
    within = Q() if ALL_BOUNDARIES in boundaries else Q(boundary=None) | Q(boundary__slug__in=boundaries)
    return Endpoint.objects.filter(within).select_related("boundary").order_by("slug")


def deliveries(
    *, viewer: Viewer, state: str = "", endpoint: str = "", decision_id: UUID | None = None
) -> QuerySet[Delivery]:
    """Return the deliveries within reach, newest first."""
    rows = Delivery.objects.filter(
        case_reach(viewer=viewer, permission="callbacks.view", prefix="decision__case__")
    )
    if state:
        rows = rows.filter(state=state)
    if endpoint:
        rows = rows.filter(endpoint__slug=endpoint)
    if decision_id:
        rows = rows.filter(decision=decision_id)
    return rows.select_related("endpoint", "decision__case__queue").order_by("-created_at", "-id")


def endpoint_counts(*, viewer: Viewer, now: datetime) -> dict[int, dict[str, int]]:
    """Return by endpoint how many deliveries are open by state, and how many were delivered within a day."""
    counted = Q(state__in=OPEN_STATES) | Q(state="delivered", created_at__gte=now - _COUNTED_FOR)
    rows = deliveries(viewer=viewer).filter(counted).order_by().values("endpoint", "state")
    counts: dict[int, dict[str, int]] = {}
    for row in rows.annotate(held=Count("pk")).order_by("endpoint", "state"):
        held = counts.setdefault(row["endpoint"], dict.fromkeys((*OPEN_STATES, "delivered"), 0))
        held[row["state"]] = row["held"]
    return counts


def delivery(*, viewer: Viewer, delivery_id: int) -> Delivery:
    """Return one delivery with what its message tells of.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    found = (
        deliveries(viewer=viewer)
        .prefetch_related("decision__case__reviews", "decision__restrictions")
        .filter(pk=delivery_id)
        .first()
    )
    if found is None:
        raise NotFoundError(f"There is no delivery {delivery_id}.", remedy="Check the id and your access.")
    return found


def attempts_of(delivery: Delivery) -> list[DeliveryAttempt]:
    """Return each time that a delivery, itself within reach, was sent; the newest first, the last hundred."""
    return list(delivery.attempts.order_by("-round", "-attempt", "-id")[:_ATTEMPTS_SHOWN])


def appeals(*, viewer: Viewer, state: str = "", kind: str = "", outcome: str = "") -> QuerySet[Appeal]:
    """Return the appeals within reach, newest first."""
    rows = Appeal.objects.filter(case_reach(viewer=viewer, permission="appeals.view", prefix="case__"))
    for name, value in (("state", state), ("kind", kind), ("outcome", outcome)):
        if value:
            rows = rows.filter(**{name: value})
    return rows.select_related(
        "case__queue", "decision", "ruling", "correction", "appeal_case__queue"
    ).order_by("-filed_at", "-id")


def appeal(*, viewer: Viewer, appeal_id: UUID) -> Appeal:
    """Return one appeal.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    found = appeals(viewer=viewer).filter(pk=appeal_id).first()
    if found is None:
        raise NotFoundError(f"There is no appeal {appeal_id}.", remedy="Check the id and your access.")
    return found


def appeal_counts(*, viewer: Viewer) -> dict[str, int]:
    """Return how many appeals are open, how many ended each way, and how many still owe a correction."""
    rows = appeals(viewer=viewer).order_by()
    counts = {
        row["outcome"] or "open": row["held"]
        for row in rows.values("outcome").annotate(held=Count("pk")).order_by("outcome")
    }
    owed = rows.filter(
        outcome__in=("reversed", "partially_reversed"), correction__isnull=True, ruling__isnull=False
    )
    return counts | {"owed": owed.count()}


def restrictions(*, viewer: Viewer, decision_ids: Sequence[UUID]) -> QuerySet[Restriction]:
    """Return the restrictions of decisions within reach, in the order in which they began."""
    within = case_reach(viewer=viewer, permission="cases.view", prefix="decision__case__")
    return Restriction.objects.filter(within, decision__in=decision_ids).order_by("starts_at", "id")


def restrictions_in_force(*, viewer: Viewer, case_id: UUID, now: datetime) -> list[Restriction]:
    """Return what restricts a case's object now, for those who may lift it; nothing for others."""
    if not viewer.can("decisions.correct"):
        return []
    within = case_reach(viewer=viewer, permission="decisions.correct", prefix="decision__case__")
    rows = Restriction.objects.filter(within, decision__case=case_id, lifted_at__isnull=True)
    return list(rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).order_by("starts_at", "id"))


def statements(*, viewer: Viewer, state: str = "") -> QuerySet[Statement]:
    """Return the statements of reasons within reach, newest first."""
    rows = Statement.objects.filter(
        case_reach(viewer=viewer, permission="statements.export", prefix="decision__case__")
    )
    if state:
        rows = rows.filter(state=state)
    return rows.select_related("decision__case__queue").order_by("-built_at", "-id")


def statement(*, viewer: Viewer, statement_id: int) -> Statement:
    """Return one statement.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    found = statements(viewer=viewer).filter(pk=statement_id).first()
    if found is None:
        raise NotFoundError(f"There is no statement {statement_id}.", remedy="Check the id and your access.")
    return found


def statement_counts(*, viewer: Viewer) -> dict[str, int]:
    """Return how many statements are in each state."""
    rows = statements(viewer=viewer).order_by().values("state").annotate(held=Count("pk"))
    return {row["state"]: row["held"] for row in rows.order_by("state")}
