"""Writes of queues: create, and move between states. Each leaves a change and an audit entry.

Their configuration is written by `configuring`, whose names stand here too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.queues.configuring import (
    QueueError,
    Settings,
    configure,
    place_of,
    require_reach,
)
from watchfloor.operations.queues.faults import state_faults
from watchfloor.operations.queues.guards import Step, guard_faults
from watchfloor.operations.queues.models import LogicalQueue, Queue
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import Viewer

__all__ = [
    "TRANSITIONS",
    "NewQueue",
    "QueueError",
    "Settings",
    "configure",
    "create_queue",
    "place_of",
    "transition",
]

TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "draft": ("configured", "retired"),
    "configured": ("policy_bound", "draft", "retired"),
    "policy_bound": ("template_aligned", "configured", "retired"),
    "template_aligned": ("training_ready", "policy_bound", "retired"),
    "training_ready": ("calibrated", "template_aligned", "retired"),
    "calibrated": ("canary", "training_ready", "retired"),
    "canary": ("live", "paused", "calibrated"),
    "live": ("paused", "recovering"),
    "paused": ("canary", "live", "recovering", "retired"),
    "recovering": ("live", "paused"),
    "retired": (),
}

# Pages beside the queues' own, at the same depth of the address.
_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,50}\Z")
RESERVED_SLUGS = frozenset({"logical", "changes", "templates", "sops", "calendars", "new"})


@dataclass(frozen=True, slots=True)
class NewQueue:
    """What a queue is for; its configuration comes with its versions."""

    slug: str
    title: str
    group: str
    surface: str
    purpose: str = "production"
    mode: str = "label"
    title_zh_hans: str = ""
    languages: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    data_boundary: DataBoundary | None = None
    owner: str = ""


@transaction.atomic
def create_queue(*, new: NewQueue, by: Viewer, now: datetime, settings: Settings | None = None) -> Queue:
    """Return a new queue in draft, with a first version when settings are given.

    Raises:
        QueueError: the settings do not fit.

    """
    queue = Queue(
        slug=new.slug,
        title=new.title,
        title_zh_hans=new.title_zh_hans,
        group=new.group,
        tags=list(new.tags),
        surface=new.surface,
        purpose=new.purpose,
        mode=new.mode,
        languages=list(new.languages),
        markets=list(new.markets),
        data_boundary=new.data_boundary,
        owner=new.owner,
        created_at=now,
    )
    require_reach(by, queue, "queues.change")
    if not _SLUG.match(new.slug):
        raise QueueError(
            f"The slug {new.slug[:80]!r} cannot stand in an address.",
            remedy="Use 1 to 50 letters, digits, hyphens and underscores.",
        )
    if new.slug in RESERVED_SLUGS or LogicalQueue.objects.filter(slug=new.slug).exists():
        raise QueueError(
            f"The slug {new.slug!r} is taken by a page or a logical queue.", remedy="Choose another slug."
        )
    try:
        with transaction.atomic():
            queue.save()
    except IntegrityError as error:
        raise QueueError(f"There is a queue {new.slug!r} already.", remedy="Choose another slug.") from error
    audit(
        actor=by.name,
        action="create",
        object_kind="queue",
        object_id=queue.slug,
        after={"title": new.title, "group": new.group, "purpose": new.purpose, "mode": new.mode},
        now=now,
        place=place_of(queue),
    )
    if settings is not None:
        configure(queue=queue, settings=settings, by=by, now=now)
    return queue


@transaction.atomic
def transition(*, queue: Queue, to: str, by: Viewer, now: datetime, reason: str = "") -> Queue:
    """Return the queue in its new state.

    Raises:
        QueueError: no such step leads there, or a guard of the new state is not met.

    """
    require_reach(by, queue, "queues.change")
    locked = Queue.objects.select_for_update().get(pk=queue.pk)
    before = locked.state
    if to not in TRANSITIONS[before]:
        raise QueueError(
            f"Queue {locked.slug!r} is {before}; it cannot become {to}.",
            remedy=f"From {before} it may become {', '.join(TRANSITIONS[before]) or 'nothing else'}.",
        )
    asked = Step(queue=locked, before=before, to=to, by=by, now=now)
    if faults := state_faults(locked, to) or guard_faults(asked):
        raise QueueError(
            f"Queue {locked.slug!r} cannot become {to}: {' '.join(faults)}",
            remedy="Configure what is missing first.",
            faults=tuple(faults),
        )
    locked.state = queue.state = to
    locked.save(update_fields=["state"])
    audit(
        actor=by.name,
        action="transition",
        object_kind="queue",
        object_id=locked.slug,
        before={"state": before},
        after={"state": to, "reason": reason},
        now=now,
        place=place_of(locked),
    )
    record_change(
        object_kind="queue",
        object_id=locked.slug,
        object_version=locked.current_version.version if locked.current_version else None,
        kind="retired" if to == "retired" else "recovered" if before == "recovering" else "changed",
        at=now,
        author=by.name,
        summary=f"{locked.title}: {before} → {to}.",
        detail={"state": {"before": before, "after": to}, "reason": reason},
        place=place_of(locked),
    )
    return queue
