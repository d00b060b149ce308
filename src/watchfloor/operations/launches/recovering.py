"""Incidents of an open queue: opened with a reason, closed when their exit criteria hold."""

from datetime import datetime

from django.db import transaction

from watchfloor.operations.launches.incidents import unmet_criteria
from watchfloor.operations.launches.models import Incident
from watchfloor.operations.launches.opening import LaunchError
from watchfloor.operations.queues.configuring import place_of, require_reach
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import transition
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import Viewer


@transaction.atomic
def open_incident(
    *, queue: Queue, reason: str, by: Viewer, now: datetime, overdue_at_most: int = 0, criteria: str = ""
) -> Incident:
    """Return the incident, its queue recovering from now on.

    Raises:
        LaunchError: no reason is given, or an incident is open.
        QueueError: the queue is neither live nor paused.

    """
    require_reach(by, queue, "queues.change")
    if not reason.strip():
        raise LaunchError("An incident needs its reason.", remedy="Say what broke.")
    locked = Queue.objects.select_for_update(of=("self",)).get(pk=queue.pk)
    if Incident.objects.filter(queue=locked, closed_at__isnull=True).exists():
        raise LaunchError(f"Queue {queue.slug!r} has an open incident.", remedy="Work on that one.")
    incident = Incident.objects.create(
        queue=locked,
        reason=reason.strip()[:400],
        overdue_at_most=overdue_at_most,
        criteria=criteria.strip()[:400],
        opened_by=by.name,
        opened_at=now,
    )
    _incident_audit(incident, "open", by, now)
    transition(queue=queue, to="recovering", by=by, now=now, reason=incident.reason)
    return incident


@transaction.atomic
def close_incident(*, incident: Incident, finding: str, by: Viewer, now: datetime) -> Incident:
    """Return the incident closed, its queue live again.

    Raises:
        LaunchError: an exit criterion does not hold, nothing was found, or it is closed.

    """
    locked = Incident.objects.select_for_update(of=("self",)).select_related("queue").get(pk=incident.pk)
    require_reach(by, locked.queue, "queues.change")
    if locked.closed_at is not None:
        raise LaunchError("The incident is closed already.", remedy="Look at it again.")
    if not finding.strip():
        raise LaunchError("An incident closes with what was seen.", remedy="Say how it ended.")
    if wrong := unmet_criteria(incident=locked, now=now):
        raise LaunchError(wrong[0], remedy="Work the backlog down first.")
    locked.closed_by, locked.closed_at, locked.finding = by.name, now, finding.strip()[:400]
    locked.save(update_fields=["closed_by", "closed_at", "finding"])
    _incident_audit(locked, "close", by, now)
    if locked.queue.state in ("recovering", "paused"):
        transition(queue=locked.queue, to="live", by=by, now=now, reason=locked.finding)
    return locked


def _incident_audit(incident: Incident, action: str, by: Viewer, now: datetime) -> None:
    queue = incident.queue
    told = incident.reason if action == "open" else incident.finding
    written = {"incident": incident.pk, "reason": incident.reason, "finding": incident.finding}
    audit(
        actor=by.name,
        action=f"{action} incident",
        object_kind="queue",
        object_id=queue.slug,
        after={**written, "overdue_at_most": incident.overdue_at_most, "criteria": incident.criteria},
        now=now,
        place=place_of(queue),
    )
    record_change(
        object_kind="incident",
        object_id=queue.slug,
        object_version=None,
        kind="created" if action == "open" else "recovered",
        at=now,
        author=by.name,
        summary=f"{queue.title}: {told}"[:400],
        detail=written,
        place=place_of(queue),
    )
