"""Who may act for a reviewer over the API: a program with the permission, or the reviewer themselves.

Each call of the API asks here first, so what is asked each time is one prepared statement.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.statements import call
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.review.serving import stale

FOR_OTHERS, FOR_ONESELF = "cases.decide", "cases.work"
_REVIEWER = (
    "SELECT r.id, r.user_id, s.slug FROM people_reviewer r JOIN people_team t ON t.id = r.team_id"
    " JOIN people_site s ON s.id = t.site_id WHERE r.code = %s::varchar AND r.active"
)
_LEASE = (
    "SELECT l.queue_id, l.reviewer_id, r.user_id FROM review_lease l"
    " JOIN people_reviewer r ON r.id = l.reviewer_id WHERE l.token = %s::uuid"
)


@dataclass(frozen=True, slots=True)
class Claimant:
    """For whom a claim is made, and the queues it keeps to; None keeps to none."""

    reviewer_id: int
    queue_ids: list[int] | None


def claimant(*, viewer: Viewer, code: str, queues: list[str] | None = None) -> Claimant:
    """Return the reviewer that the caller may act for, and the queues that both ask and reach allow.

    Raises:
        NotPermittedError: the caller may claim for nobody, or within a market, which a claim cannot keep to.
        NotFoundError: there is no such reviewer within the caller's reach.

    """
    rows = call(_REVIEWER, (code,)) if "\0" not in code else []
    reviewer_id, user_id, site = rows[0] if rows else (None, None, "")
    if reviewer_id is not None and _is_self(viewer, user_id):
        return Claimant(reviewer_id, _named(Q(), queues) if queues else None)
    viewer.require(FOR_OTHERS)
    grants = [grant for grant in viewer.grants if FOR_OTHERS in grant.permissions]
    if all(grant.market for grant in grants):
        raise NotPermittedError(
            f"{viewer.name} may act within one market alone; a claim cannot be kept to a market.",
            remedy="Give the client a grant by queue group instead.",
        )
    if reviewer_id is None or not any(grant.site in {"", site} for grant in grants):
        raise NotFoundError(f"There is no reviewer {code!r}.", remedy="Check the code and your access.")
    if _everywhere(viewer):
        return Claimant(reviewer_id, _named(Q(), queues) if queues else None)
    return Claimant(reviewer_id, _named(reach(viewer=viewer, permission=FOR_OTHERS), queues))


def lease_in_reach(*, viewer: Viewer, token: UUID) -> int:
    """Return the id of the reviewer whose lease it is; the caller may act on it.

    Raises:
        NotPermittedError: the caller may act for nobody.
        StaleLeaseError: there is no such lease within the caller's reach.

    """
    if not viewer.can(FOR_ONESELF):
        viewer.require(FOR_OTHERS)
    rows = call(_LEASE, (token,))
    if not rows:
        raise stale(token)
    queue_id, reviewer_id, user_id = rows[0]
    if _is_self(viewer, user_id):
        return int(reviewer_id)
    if viewer.can(FOR_OTHERS):
        within = reach(viewer=viewer, permission=FOR_OTHERS)
        if _everywhere(viewer) or Queue.objects.filter(within, pk=queue_id).exists():
            return int(reviewer_id)
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


def _everywhere(viewer: Viewer) -> bool:
    return any(
        not grant.queue_group
        and not grant.site
        and not grant.market
        and grant.data_boundary == ALL_BOUNDARIES
        for grant in viewer.grants
        if FOR_OTHERS in grant.permissions
    )


def _is_self(viewer: Viewer, user_id: int | None) -> bool:
    return viewer.user_id is not None and user_id == viewer.user_id and viewer.can(FOR_ONESELF)


def _named(within: Q, queues: list[str] | None) -> list[int]:
    rows = Queue.objects.filter(within)
    if queues:
        rows = rows.filter(slug__in=queues)
    return list(rows.order_by("pk").values_list("pk", flat=True))
