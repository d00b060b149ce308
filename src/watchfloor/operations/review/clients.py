"""Who may act for a reviewer over the API: a program with the permission, or the reviewer themselves."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.review.models import Lease
from watchfloor.operations.review.serving import stale

FOR_OTHERS, FOR_ONESELF = "cases.decide", "cases.work"


@dataclass(frozen=True, slots=True)
class Claimant:
    """For whom a claim is made, and the queues it keeps to; None keeps to none."""

    reviewer: Reviewer
    queue_ids: list[int] | None


def claimant(*, viewer: Viewer, code: str, queues: list[str] | None = None) -> Claimant:
    """Return the reviewer that the caller may act for, and the queues that both ask and reach allow.

    Raises:
        NotPermittedError: the caller may claim for nobody, or within a market, which a claim cannot keep to.
        NotFoundError: there is no such reviewer within the caller's reach.

    """
    reviewer = Reviewer.objects.filter(code=code, active=True).select_related("team__site").first()
    if reviewer is not None and _is_self(viewer, reviewer):
        return Claimant(reviewer, _named(Q(), queues) if queues else None)
    viewer.require(FOR_OTHERS)
    grants = [grant for grant in viewer.grants if FOR_OTHERS in grant.permissions]
    if all(grant.market for grant in grants):
        raise NotPermittedError(
            f"{viewer.name} may act within one market alone; a claim cannot be kept to a market.",
            remedy="Give the client a grant by queue group instead.",
        )
    site = reviewer.team.site.slug if reviewer else ""
    if reviewer is None or not any(grant.site in {"", site} for grant in grants):
        raise NotFoundError(f"There is no reviewer {code!r}.", remedy="Check the code and your access.")
    everywhere = any(
        not grant.queue_group and not grant.site and grant.data_boundary == ALL_BOUNDARIES for grant in grants
    )
    if everywhere:
        return Claimant(reviewer, _named(Q(), queues) if queues else None)
    return Claimant(reviewer, _named(reach(viewer=viewer, permission=FOR_OTHERS), queues))


def lease_in_reach(*, viewer: Viewer, token: UUID) -> Lease:
    """Return the lease that the caller may act on.

    Raises:
        NotPermittedError: the caller may act for nobody.
        StaleLeaseError: there is no such lease within the caller's reach.

    """
    if not viewer.can(FOR_ONESELF):
        viewer.require(FOR_OTHERS)
    lease = Lease.objects.select_related("reviewer__team__site").filter(token=token).first()
    if lease is None:
        raise stale(token)
    if _is_self(viewer, lease.reviewer):
        return lease
    if viewer.can(FOR_OTHERS):
        within = reach(viewer=viewer, permission=FOR_OTHERS)
        if Queue.objects.filter(within, pk=lease.queue_id).exists():
            return lease
    raise stale(token)


def queue_in_reach(*, viewer: Viewer, slug: str) -> int:
    """Return the id of a queue that a caller may send a case up to; whoever reviews may name any.

    Raises:
        NotFoundError: there is no such queue within reach.

    """
    within = reach(viewer=viewer, permission=FOR_OTHERS) if viewer.can(FOR_OTHERS) else Q()
    queue_id = Queue.objects.filter(within, slug=slug).values_list("pk", flat=True).first()
    if queue_id is None:
        raise NotFoundError(f"There is no queue {slug!r}.", remedy="See GET /api/v1/queues.")
    return queue_id


def _is_self(viewer: Viewer, reviewer: Reviewer) -> bool:
    return viewer.user_id is not None and reviewer.user_id == viewer.user_id and viewer.can(FOR_ONESELF)


def _named(within: Q, queues: list[str] | None) -> list[int]:
    rows = Queue.objects.filter(within)
    if queues:
        rows = rows.filter(slug__in=queues)
    return list(rows.order_by("pk").values_list("pk", flat=True))
