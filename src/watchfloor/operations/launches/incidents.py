"""When an incident's exit criteria hold. Pure reads; incidents are written by `services`."""

from datetime import datetime

from django.utils.translation import gettext

from watchfloor.operations.launches.models import Incident
from watchfloor.operations.review.models import Lease, Pending


def overdue_cases(*, queue_id: int, now: datetime) -> int:
    """Return the open cases of a queue that are past their deadline, waiting or in review."""
    waiting = Pending.objects.filter(queue_id=queue_id, deadline_at__lt=now).count()
    return waiting + Lease.objects.filter(queue_id=queue_id, deadline_at__lt=now).count()


def unmet_criteria(*, incident: Incident, now: datetime) -> list[str]:
    """Return which exit criteria do not hold yet, one sentence each."""
    overdue = overdue_cases(queue_id=incident.queue_id, now=now)
    if overdue <= incident.overdue_at_most:
        return []
    return [
        gettext("%(count)s open cases are past their deadline; the incident ends at %(most)s.")
        % {"count": overdue, "most": incident.overdue_at_most}
    ]
