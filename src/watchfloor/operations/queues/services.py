"""Writes of queues: create, configure anew, move between states. Each leaves a change and an audit entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.queues.faults import state_faults, version_faults
from watchfloor.operations.queues.models import Calendar, Queue, QueueVersion, TemplateVersion
from watchfloor.operations.queues.selectors import settings_of, version_changes
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer

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


_LISTS = ("label_subset", "required_skills", "topics", "sla_rules", "site_overflow")


class QueueError(WatchfloorError):
    """A queue cannot be written as asked; `faults` lists each reason."""

    def __init__(self, message: str, *, remedy: str = "", faults: tuple[str, ...] = ()) -> None:
        self.faults = faults
        super().__init__(message, remedy=remedy)


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


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration of a queue. Durations are seconds; empty collections do not restrict."""

    policy_version: PolicyVersion | None = None
    label_subset: tuple[str, ...] = ()
    template_version: TemplateVersion | None = None
    sop_version: int | None = None
    sla_seconds: Mapping[str, int] = field(default_factory=lambda: {"default": 24 * 3600})
    required_skills: tuple[str, ...] = ()
    certification_required: bool = False
    site_shares: Mapping[str, float] = field(default_factory=dict)
    escalation_queue: Queue | None = None
    double_share: float = 0.0
    lease_seconds: int = 600
    priority_lift: int = 0
    wellness_class: str = "standard"
    topics: tuple[str, ...] = ()
    sla_rules: tuple[Mapping[str, Any], ...] = ()
    calendar: Calendar | None = None
    site_overflow: tuple[str, ...] = ()
    overflow_after: float = 0.5
    starvation_share: float = 0.1
    consensus_required: int = 0
    consensus_of: int = 0
    gold_share: float = 0.0
    audit_share: float = 0.0
    qa_plan: Mapping[str, Any] = field(default_factory=dict)
    training_queue: Queue | None = None
    canary_template_version: TemplateVersion | None = None
    canary_share: float = 0.0
    intake_share: float = 1.0
    callback_endpoint: str = ""

    @classmethod
    def of(cls, version: QueueVersion) -> "Settings":
        """Return the settings of a version, to be changed with `dataclasses.replace`."""
        values = {each.name: getattr(version, each.name) for each in fields(cls)}
        for name in _LISTS:
            values[name] = tuple(values[name])
        return cls(**values)


def place_of(queue: Queue) -> Place:
    """Return where changes of the queue belong."""
    return Place(
        queue_group=queue.group, data_boundary=queue.data_boundary.slug if queue.data_boundary else ""
    )


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
    _require(by, queue)
    queue.save()
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
def configure(
    *,
    queue: Queue,
    settings: Settings,
    by: Viewer,
    now: datetime,
    note: str = "",
    effective_from: datetime | None = None,
) -> QueueVersion:
    """Return the queue's new version, in force at once; the one before ends where it starts.

    `effective_from` may lie in the past (a history that is loaded), not in the future.

    Raises:
        QueueError: the settings do not fit, or change nothing.

    """
    _require(by, queue)
    starts = effective_from or now
    if starts > now:
        raise QueueError(
            f"The version would take effect at {starts.isoformat()}, after now.",
            remedy="Configure the queue when the change is due.",
        )
    locked = Queue.objects.select_for_update().get(pk=queue.pk)
    before = locked.current_version
    newest = locked.versions.aggregate(number=Max("version"))["number"] or 0
    policy = settings.policy_version
    version = QueueVersion(
        queue=locked,
        version=newest + 1,
        policy_slug=policy.policy.slug if policy else "",
        policy_number=policy.version if policy else None,
        effective_from=starts,
        author=by.name,
        note=note,
        **_columns(settings),
    )
    if faults := version_faults(version):
        raise QueueError(
            f"Queue {locked.slug!r} cannot be configured so: {' '.join(faults)}",
            remedy="Correct the settings named.",
            faults=tuple(faults),
        )
    changes = version_changes(before, version) if before else ()
    if before and not changes:
        raise QueueError(
            f"The settings equal version {before.version} of {locked.slug!r}.", remedy="Change something."
        )
    version.save()
    if before:
        QueueVersion.objects.filter(pk=before.pk).update(effective_to=starts)
    locked.current_version = version
    locked.save(update_fields=["current_version"])
    queue.current_version = version
    detail = {each.name: {"before": each.before, "after": each.after} for each in changes}
    audit(
        actor=by.name,
        action="configure",
        object_kind="queue",
        object_id=locked.slug,
        before=settings_of(before) if before else None,
        after=settings_of(version) | {"version": version.version},
        now=now,
        place=place_of(locked),
    )
    names = ", ".join(each.name for each in changes)
    record_change(
        object_kind="queue",
        object_id=locked.slug,
        object_version=version.version,
        kind="changed" if before else "created",
        at=starts,
        author=by.name,
        summary=note or (f"{locked.title}: {names} changed." if names else f"{locked.title}: configured."),
        detail=detail,
        place=place_of(locked),
    )
    return version


@transaction.atomic
def transition(*, queue: Queue, to: str, by: Viewer, now: datetime, reason: str = "") -> Queue:
    """Return the queue in its new state.

    Raises:
        QueueError: no such step leads there, or a guard of the new state is not met.

    """
    _require(by, queue)
    locked = Queue.objects.select_for_update().get(pk=queue.pk)
    before = locked.state
    if to not in TRANSITIONS[before]:
        raise QueueError(
            f"Queue {locked.slug!r} is {before}; it cannot become {to}.",
            remedy=f"From {before} it may become {', '.join(TRANSITIONS[before]) or 'nothing else'}.",
        )
    if faults := state_faults(locked, to):
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


def _columns(settings: Settings) -> dict[str, Any]:
    columns: dict[str, Any] = {each.name: getattr(settings, each.name) for each in fields(settings)}
    for name in _LISTS:
        columns[name] = list(columns[name])
    for name in ("sla_seconds", "site_shares", "qa_plan"):
        columns[name] = dict(columns[name])
    return columns


def _require(by: Viewer, queue: Queue) -> None:
    by.require("queues.change")
    place = {
        "queue_group": queue.group,
        "market": queue.markets,
        "site": list((queue.current_version.site_shares if queue.current_version else None) or {}),
        "data_boundary": queue.data_boundary.slug if queue.data_boundary else "",
    }
    if not by.reaches("queues.change", place):
        raise NotPermittedError(
            f"{by.name} may not change queue {queue.slug!r}: it lies outside their grants.",
            remedy="Ask an administrator for a grant that covers it.",
        )
