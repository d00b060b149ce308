"""Launches begin: a queue from nothing or cloned, and the queues beside it that it needs to be ready."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.queues.changes import change_settings
from watchfloor.operations.queues.configuring import Settings, place_of, require_reach
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import NewQueue, create_queue
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import Viewer

BESIDE = {"training": ("training", "Training"), "monitor": ("pilot", "Pilot")}
"""Purposes of the queues beside a launch, each with the ends of its slug and title."""


class LaunchError(WatchfloorError):
    """A launch cannot go on as asked."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a launch begins with. Without a source the queue is built from nothing."""

    new: NewQueue
    owner: str = ""
    note: str = ""
    source: Queue | None = None


@transaction.atomic
def open_launch(*, opening: Opening, by: Viewer, now: datetime) -> Launch:
    """Return the launch of a new queue, in draft; with a source it starts with the source's settings.

    Raises:
        QueueError: the slug is taken, or the settings do not fit.
        NotPermittedError: the queue would lie outside the viewer's grants.

    """
    source = opening.source
    settings = None
    if source is not None:
        require_reach(by, source, "queues.view")
        if source.current_version is None:
            raise LaunchError(
                f"Queue {source.slug!r} has no configuration to clone.", remedy="Choose another source."
            )
        settings = replace(
            Settings.of(source.current_version),
            sop_version=None,
            sop_required=False,
            intake_share=1.0,
            canary_template_version=None,
            canary_share=0.0,
        )
        if source.data_boundary_id != (opening.new.data_boundary.pk if opening.new.data_boundary else None):
            settings = replace(settings, escalation_queue=None, training_queue=None, callback_endpoint="")
    queue = create_queue(new=opening.new, by=by, now=now, settings=settings)
    return launch_of(queue=queue, by=by, now=now, owner=opening.owner, note=opening.note, source=source)


@transaction.atomic
def launch_of(
    *,
    queue: Queue,
    by: Viewer,
    now: datetime,
    owner: str = "",
    note: str = "",
    source: Queue | None = None,
) -> Launch:
    """Return the launch of a queue that exists, opened now unless it is open already."""
    require_reach(by, queue, "queues.change")
    Queue.objects.select_for_update(of=("self",)).get(pk=queue.pk)
    found = Launch.objects.filter(queue=queue).first()
    if found is not None:
        return found
    launch = Launch.objects.create(
        queue=queue,
        source=source,
        owner=owner or queue.owner or by.name,
        opened_by=by.name,
        opened_at=now,
        note=note,
    )
    written = {"owner": launch.owner, "source": source.slug if source else None, "note": note}
    audit(
        actor=by.name,
        action="open",
        object_kind="launch",
        object_id=queue.slug,
        after=written,
        now=now,
        place=place_of(queue),
    )
    record_change(
        object_kind="launch",
        object_id=queue.slug,
        object_version=None,
        kind="created",
        at=now,
        author=by.name,
        summary=note or f"{queue.title}: its launch is opened.",
        detail=written,
        place=place_of(queue),
    )
    return launch


@transaction.atomic
def make_beside(*, launch: Launch, purpose: str, by: Viewer, now: datetime) -> Launch:
    """Return the launch of a new queue beside this one: its training queue, or the pilot that feeds its gold.

    It starts with the same policy, template, languages and boundary. The training queue is named in the
    settings of both; the pilot takes cases before the launch, so that experts find golden cases among them.

    Raises:
        LaunchError: the purpose is none of these, there is one already, or nothing is bound yet.

    """
    if purpose not in BESIDE:
        raise LaunchError(f"Purpose {purpose!r} stands beside no launch.", remedy=f"Use {', '.join(BESIDE)}.")
    queue = (
        Queue.objects.select_for_update(of=("self",))
        .select_related("current_version")
        .get(pk=launch.queue_id)
    )
    version = queue.current_version
    if version is None or version.policy_version is None or version.template_version is None:
        raise LaunchError(
            f"Queue {queue.slug!r} binds no policy or no template yet.", remedy="Do those steps first."
        )
    if purpose == "training" and version.training_queue_id is not None:
        raise LaunchError(f"Queue {queue.slug!r} has a training queue.", remedy="Use it, or name another.")
    if purpose == "monitor" and version.training_queue_id is None:
        raise LaunchError(f"Queue {queue.slug!r} has no training queue.", remedy="Make that first.")
    slug_end, title_end = BESIDE[purpose]
    settings = replace(
        Settings.of(version),
        certification_required=False,
        escalation_queue=None,
        training_queue=version.training_queue if purpose == "monitor" else None,
        sop_version=None,
        sop_required=False,
        gold_share=0.0,
        audit_share=0.0,
        qa_plan={},
        double_share=0.0,
        consensus_required=0,
        consensus_of=0,
        intake_share=1.0,
        callback_endpoint="",
    )
    beside = create_queue(
        new=NewQueue(
            slug=f"{queue.slug[: 80 - len(slug_end) - 1]}-{slug_end}",
            title=f"{queue.title}: {title_end.lower()}"[:160],
            group=queue.group,
            surface=queue.surface,
            purpose=purpose,
            languages=tuple(queue.languages),
            markets=tuple(queue.markets),
            data_boundary=queue.data_boundary,
            owner=launch.owner,
        ),
        by=by,
        now=now,
        settings=settings,
    )
    made = launch_of(queue=beside, by=by, now=now, owner=launch.owner, note=f"Beside {queue.slug}.")
    if purpose == "training":
        queue.refresh_from_db()
        change_settings(
            queue=queue,
            changes={"training_queue": beside.slug},
            by=by,
            now=now,
            note=f"{queue.title}: trains in {beside.slug}.",
        )
    return made
