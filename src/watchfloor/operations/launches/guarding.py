"""What launches say against a step between a queue's states; queues ask it in every transition.

A step up asks the gates of the state above. A step down asks nothing, save that recovering is an incident
with a reason. A queue that was paused goes on without the gates as long as its configuration is the one that
it was paused with: a pause must cost nothing, or nobody dares to press it.
"""

from django.utils.translation import gettext

from watchfloor.operations.launches.gate import configuration_digest
from watchfloor.operations.launches.gates import blocking, said
from watchfloor.operations.launches.incidents import unmet_criteria
from watchfloor.operations.launches.models import Incident, Launch
from watchfloor.operations.launches.vocabulary import GUARDS, LADDER, NEEDS_APPROVAL
from watchfloor.operations.queues.configuring import reaches_queue
from watchfloor.operations.queues.guards import Step
from watchfloor.operations.queues.models import Queue, QueueVersion
from watchfloor.operations.queues.selectors import settings_of
from watchfloor.operations.record.models import ChangeEvent


def faults(step: Step) -> list[str]:
    """Return what stands against the step, one sentence each."""
    if step.to == "recovering":
        return _without_incident(step.queue)
    if step.to == "live" and step.before in ("recovering", "paused") and (broken := _still_broken(step)):
        return broken
    if step.before == "recovering":
        return []
    if step.to not in GUARDS or _is_down(step):
        return []
    if step.before == "paused" and goes_on(step.queue, step.to):
        return []
    wrong = []
    if step.to in NEEDS_APPROVAL and not reaches_queue(step.by, step.queue, "queues.approve"):
        wrong.append(
            gettext("%(name)s may not open queues: that takes queues.approve.") % {"name": step.by.name}
        )
    launch = Launch.objects.filter(queue=step.queue).first()
    held_up = blocking(queue=step.queue, launch=launch, to=step.to, now=step.now)
    return wrong + [said(gate) for gate in held_up]


def goes_on(queue: Queue, to: str) -> bool:
    """Return whether a paused queue only goes on: no higher than it was, and configured as it was."""
    pause = (
        ChangeEvent.objects.filter(object_kind="queue", object_id=queue.slug, detail__state__after="paused")
        .order_by("-at", "-id")
        .first()
    )
    if pause is None or pause.object_version is None or queue.current_version is None:
        return False
    before = pause.detail["state"]["before"]
    reached = {"canary": ("canary",), "live": ("canary", "live"), "recovering": ("canary", "live")}
    if to not in reached.get(before, ()):
        return False
    if pause.object_version == queue.current_version.version:
        return True
    then = queue.versions.filter(version=pause.object_version).first()
    return then is not None and _same(queue, then, queue.current_version)


def _same(queue: Queue, then: QueueVersion, now: QueueVersion) -> bool:
    digests = {configuration_digest(queue, settings_of(each), 4) for each in (then, now)}
    return len(digests) == 1


def _is_down(step: Step) -> bool:
    return step.before in LADDER and LADDER.index(step.to) < LADDER.index(step.before)


def _without_incident(queue: Queue) -> list[str]:
    if Incident.objects.filter(queue=queue, closed_at__isnull=True).exists():
        return []
    return [gettext("Open an incident that says why: a queue recovers from something.")]


def _still_broken(step: Step) -> list[str]:
    incident = Incident.objects.filter(queue=step.queue, closed_at__isnull=True).first()
    if incident is None:
        return []
    return [*unmet_criteria(incident=incident, now=step.now), gettext("Close the incident first.")]
