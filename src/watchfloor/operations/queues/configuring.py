"""A queue's configuration: its settings as values, and the new version that puts them in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.queues.faults import version_faults
from watchfloor.operations.queues.models import Calendar, Queue, QueueVersion, TemplateVersion
from watchfloor.operations.queues.selectors import settings_of, version_changes
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer

_LISTS = ("label_subset", "required_skills", "topics", "sla_rules", "site_overflow")


class QueueError(WatchfloorError):
    """A queue cannot be written as asked; `faults` lists each reason."""

    def __init__(self, message: str, *, remedy: str = "", faults: tuple[str, ...] = ()) -> None:
        self.faults = faults
        super().__init__(message, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration of a queue. Durations are seconds; empty collections do not restrict."""

    policy_version: PolicyVersion | None = None
    label_subset: tuple[str, ...] = ()
    template_version: TemplateVersion | None = None
    sop_version: int | None = None
    sop_required: bool = False
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
    canary_slower_share: float = 0.1
    canary_disagreement_share: float = 0.05
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


def version_of(*, queue: Queue, settings: Settings) -> QueueVersion:
    """Return the settings as an unsaved version of the queue, to be checked or saved."""
    policy = settings.policy_version
    return QueueVersion(
        queue=queue,
        policy_slug=policy.policy.slug if policy else "",
        policy_number=policy.version if policy else None,
        **_columns(settings),
    )


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

    `effective_from` may lie in the past (a history that is loaded), not in the future: what is to come is a
    change request (`changes`).

    Raises:
        QueueError: the settings do not fit, or change nothing.

    """
    require_reach(by, queue, "queues.change")
    return write_version(
        queue=queue, settings=settings, author=by.name, now=now, note=note, effective_from=effective_from
    )


@transaction.atomic
def write_version(
    *,
    queue: Queue,
    settings: Settings,
    author: str,
    now: datetime,
    note: str = "",
    effective_from: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
) -> QueueVersion:
    """Return the queue's new version, for callers that have settled who may; `detail` goes to the change log.

    Raises:
        QueueError: the settings do not fit, or change nothing.

    """
    starts = effective_from or now
    if starts > now:
        raise QueueError(
            f"The version would take effect at {starts.isoformat()}, after now.",
            remedy="Propose a change that takes effect then.",
        )
    locked = Queue.objects.select_for_update().get(pk=queue.pk)
    before = locked.current_version
    newest = locked.versions.aggregate(number=Max("version"))["number"] or 0
    version = version_of(queue=locked, settings=settings)
    version.version, version.effective_from = newest + 1, starts
    version.author, version.note = author, note
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
    changed = {each.name: {"before": each.before, "after": each.after} for each in changes}
    audit(
        actor=author,
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
        author=author,
        summary=note or (f"{locked.title}: {names} changed." if names else f"{locked.title}: configured."),
        detail={**changed, **(detail or {})},
        place=place_of(locked),
    )
    return version


def require_reach(by: Viewer, queue: Queue, permission: str) -> None:
    """Refuse unless a grant with `permission` covers the queue.

    Raises:
        NotPermittedError: none does.

    """
    by.require(permission)
    if not reaches_queue(by, queue, permission):
        raise NotPermittedError(
            f"{by.name} may not change queue {queue.slug!r}: it lies outside their grants.",
            remedy="Ask an administrator for a grant that covers it.",
        )


def reaches_queue(by: Viewer, queue: Queue, permission: str) -> bool:
    """Return whether a grant with `permission` covers the queue."""
    place = {
        "queue_group": queue.group,
        "market": queue.markets,
        "site": list((queue.current_version.site_shares if queue.current_version else None) or {}),
        "data_boundary": queue.data_boundary.slug if queue.data_boundary else "",
    }
    return by.reaches(permission, place)


def _columns(settings: Settings) -> dict[str, Any]:
    columns: dict[str, Any] = {each.name: getattr(settings, each.name) for each in fields(settings)}
    for name in _LISTS:
        columns[name] = list(columns[name])
    for name in ("sla_seconds", "site_shares", "qa_plan"):
        columns[name] = dict(columns[name])
    return columns
