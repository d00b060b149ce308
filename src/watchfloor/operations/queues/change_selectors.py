"""Reads of change requests, within the viewer's reach of their queues."""

from django.db.models import QuerySet

from watchfloor.operations.queues.models import ChangeRequest, Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.viewers import NotFoundError, Viewer

OPEN_STATES = ("proposed", "approved")


def change_requests(*, viewer: Viewer, state: str = "") -> QuerySet[ChangeRequest]:
    """Return the change requests, newest first; `open` keeps those that wait."""
    rows = ChangeRequest.objects.filter(reach(viewer=viewer, permission="queues.view", prefix="queue__"))
    if state:
        rows = rows.filter(state__in=OPEN_STATES if state == "open" else (state,))
    return rows.select_related("queue__data_boundary", "applied_version").order_by("-proposed_at", "-id")


def change_request(*, viewer: Viewer, request_id: int) -> ChangeRequest:
    """Return one change request.

    Raises:
        NotFoundError: there is none of that number within reach.

    """
    found = change_requests(viewer=viewer).filter(pk=request_id).first()
    if found is None:
        raise NotFoundError(f"There is no change request {request_id}.", remedy="See the list of changes.")
    return found


def open_changes(*, viewer: Viewer, queue: Queue) -> list[ChangeRequest]:
    """Return the queue's changes that wait for approval or for their instant, oldest first."""
    rows = change_requests(viewer=viewer, state="open").filter(queue=queue)
    return list(rows.order_by("proposed_at", "id"))
