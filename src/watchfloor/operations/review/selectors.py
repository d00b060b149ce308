"""Reads of cases within the viewer's scope: by the queue they are in, and their own market."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.models import Case, Decision, Held, Lease, Pending, Review


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What to keep of the cases; None keeps everything."""

    queue: str | None = None
    object_id: str | None = None
    language: str | None = None
    enqueued_from: datetime | None = None
    enqueued_to: datetime | None = None


ALL_CASES = CaseFilters()


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case, where it stands and what was recorded.

    It stands `waiting`, `in_review`, `on_hold`, `decided` or `escalated`.
    """

    case: Case
    state: str
    reviews: tuple[Review, ...]
    decisions: tuple[Decision, ...]


def _reach(viewer: Viewer, permission: str) -> Q:
    within = reach(viewer=viewer, permission=permission, prefix="queue__")
    markets = {grant.market for grant in viewer.grants if permission in grant.permissions}
    return within if "" in markets else within & Q(market__in=[*markets, ""])


def cases(
    *, viewer: Viewer, filters: CaseFilters = ALL_CASES, permission: str = "cases.view"
) -> QuerySet[Case]:
    """Return the cases within reach of `permission`, newest first, each told where it stands."""
    rows = Case.objects.filter(_reach(viewer, permission))
    if filters.queue:
        rows = rows.filter(queue__slug=filters.queue)
    if filters.object_id:
        rows = rows.filter(object_id=filters.object_id)
    if filters.language:
        rows = rows.filter(language=filters.language)
    if filters.enqueued_from:
        rows = rows.filter(enqueued_at__gte=filters.enqueued_from)
    if filters.enqueued_to:
        rows = rows.filter(enqueued_at__lt=filters.enqueued_to)
    return (
        rows.select_related("queue", "queue_version")
        .annotate(
            is_waiting=Exists(Pending.objects.filter(case=OuterRef("pk"))),
            is_held=Exists(Lease.objects.filter(case=OuterRef("pk"))),
            is_aside=Exists(Held.objects.filter(case=OuterRef("pk"))),
            is_decided=Exists(Decision.objects.filter(case=OuterRef("pk"))),
            is_sent_up=Exists(Case.objects.filter(parent=OuterRef("pk"))),
        )
        .order_by("-enqueued_at", "-id")
    )


def case_view(*, viewer: Viewer, case_id: UUID) -> CaseView:
    """Return a case with its reviews and decisions, oldest first.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    case = cases(viewer=viewer).filter(pk=case_id).first()
    if case is None:
        raise NotFoundError(f"There is no case {case_id}.", remedy="Check the id and your access.")
    standing: Any = case  # its annotations
    reviews = case.reviews.select_related("reviewer").order_by("submitted_at", "id")
    return CaseView(
        case=case,
        state=state_of(
            waiting=standing.is_waiting,
            held=standing.is_held,
            aside=standing.is_aside,
            decided=standing.is_decided,
            sent_up=standing.is_sent_up,
        ),
        reviews=tuple(reviews),
        decisions=tuple(case.decisions.order_by("version")),
    )


def state_of(*, waiting: bool, held: bool, decided: bool, aside: bool, sent_up: bool) -> str:
    """Return where a case stands; one that is in no table and was not sent up was closed."""
    if held:
        return "in_review"
    if aside:
        return "on_hold"
    if waiting:
        return "waiting"
    if decided:
        return "decided"
    return "escalated" if sent_up else "closed"
