"""Who may judge what: the viewer's reach over a queue, and whether a person worked on a case before."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.quality.errors import NotIndependentError
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import Place
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.review.models import Case, Review


def require_queue(by: Viewer, permission: str, queue: Queue) -> Place:
    """Return where the queue's records belong, or refuse.

    Raises:
        NotPermittedError: no grant of the viewer covers the queue.

    """
    by.require(permission)
    if not Queue.objects.filter(reach(viewer=by, permission=permission), pk=queue.pk).exists():
        raise NotPermittedError(
            f"{by.name} may not work on queue {queue.slug!r}: it lies outside their grants.",
            remedy="Ask an administrator for a grant that covers it.",
        )
    return place_of(queue)


def case_within(*, by: Viewer, permission: str, case_id: UUID) -> Case:
    """Return a case of a queue and market within reach.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    within = of_queue(by, permission, market="market")
    found = Case.objects.filter(within, pk=case_id).select_related("queue__current_version", "queue_version")
    case = found.first()
    if case is None:
        raise NotFoundError(f"There is no case {case_id}.", remedy="Check the id and your access.")
    return case


def of_queue(by: Viewer, permission: str, *, market: str = "", site: str = "") -> Q:
    """Return the filter for rows of queues within reach, by the lookups that hold their market and site."""
    by.require(permission)
    reached = Q(pk__in=[])
    for grant in by.grants:
        if permission not in grant.permissions:
            continue
        one = reach(viewer=Viewer(name=by.name, grants=(grant,)), permission=permission, prefix="queue__")
        if market and grant.market:
            one &= Q(**{f"{market}__in": [grant.market, ""]})
        if site and grant.site:
            one &= Q(**{site: grant.site})
        reached |= one
    return reached


def reviewer_of(viewer: Viewer) -> Reviewer | None:
    """Return the reviewer that the signed-in person is, if any."""
    if viewer.user_id is None:
        return None
    return Reviewer.objects.filter(user_id=viewer.user_id).select_related("team__site").first()


def viewer_of(reviewer: Reviewer) -> Viewer:
    """Return the viewer behind a reviewer; one without an account has no grants."""
    return viewer_for(reviewer.user) if reviewer.user is not None else Viewer(name=reviewer.code)


def require_outsider(*, reviewer: Reviewer | None, case: Case, deed: str) -> None:
    """Refuse somebody who worked on the case, and somebody outside its data boundary.

    Raises:
        NotIndependentError: the person reviewed the case, or it lies behind a boundary that is not theirs.

    """
    if reviewer is None:
        return
    if Review.objects.filter(case=case, reviewer=reviewer).exists():
        raise NotIndependentError(
            f"{reviewer.code} worked on case {case.pk} and cannot {deed}.",
            remedy="Leave it to somebody else.",
        )
    held = reviewer.data_boundary.slug if reviewer.data_boundary else ""
    if case.data_boundary and case.data_boundary != held:
        raise NotIndependentError(
            f"Case {case.pk} lies in data boundary {case.data_boundary!r}, which is not {reviewer.code}'s.",
            remedy="Leave it to somebody inside the boundary.",
        )


def plain(labels: list[str] | tuple[str, ...], action: str) -> dict[str, Any]:
    """Return an answer as quality keeps it: labels in order, and the action."""
    return {"labels": sorted(labels), "action": action}
