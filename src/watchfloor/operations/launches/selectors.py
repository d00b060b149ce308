"""Reads of launches within the viewer's scope: a launch lies where its queue lies."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from watchfloor.operations.launches.gate import Gate
from watchfloor.operations.launches.gates import evaluate
from watchfloor.operations.launches.models import Incident, Launch, LaunchCheck
from watchfloor.operations.launches.vocabulary import GUARDS, LADDER
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import queue as queue_within
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.viewers import Viewer


@dataclass(frozen=True, slots=True)
class LaunchView:
    """A launch as it stands: its gates, the state above, and which gates hold it up there."""

    queue: Queue
    launch: Launch | None
    gates: tuple[Gate, ...]
    next_state: str
    held_up: tuple[Gate, ...]
    checks: tuple[LaunchCheck, ...]
    incident: Incident | None

    @property
    def passed(self) -> int:
        """How many gates pass."""
        return sum(1 for gate in self.gates if gate.status == "pass")


def launches(*, viewer: Viewer, is_open: bool | None = None) -> QuerySet[Launch]:
    """Return the launches within reach, newest first; open ones are not live or retired yet."""
    rows = Launch.objects.filter(reach(viewer=viewer, permission="queues.view", prefix="queue__"))
    if is_open is not None:
        done = {"queue__state__in": ("live", "recovering", "retired")}
        rows = rows.exclude(**done) if is_open else rows.filter(**done)
    return rows.select_related("queue__data_boundary", "source").order_by("-opened_at", "-id")


def launch_view(*, viewer: Viewer, slug: str, now: datetime) -> LaunchView:
    """Return how the launch of a queue stands; a queue without one has gates all the same.

    Raises:
        NotFoundError: there is no such queue within reach.

    """
    queue_within(viewer=viewer, slug=slug)
    queue = Queue.objects.select_related(
        "current_version__policy_version__policy",
        "current_version__template_version__template",
        "current_version__training_queue__current_version",
        "data_boundary",
    ).get(slug=slug)
    launch = Launch.objects.filter(queue=queue).select_related("source").first()
    gates = tuple(evaluate(queue=queue, launch=launch, now=now))
    above = next_state(queue.state)
    asked = GUARDS.get(above, ())
    return LaunchView(
        queue=queue,
        launch=launch,
        gates=gates,
        next_state=above,
        held_up=tuple(gate for gate in gates if gate.number in asked and gate.blocks),
        checks=tuple(launch.checks.order_by("-at", "-id")[:100]) if launch else (),
        incident=Incident.objects.filter(queue=queue, closed_at__isnull=True).first(),
    )


def next_state(state: str) -> str:
    """Return the state above on the way to live; blank where there is none.

    >>> next_state("draft"), next_state("live"), next_state("paused")
    ('configured', '', '')
    """
    if state not in LADDER[:-1]:
        return ""
    return LADDER[LADDER.index(state) + 1]
