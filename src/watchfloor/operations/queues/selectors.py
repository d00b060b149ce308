"""Reads of queues within the viewer's scope: by group, market, boundary, and the sites that work there."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from watchfloor.operations.queues.models import Queue, QueueVersion, TemplateVersion
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What to keep of the queues; None keeps everything."""

    group: str | None = None
    surface: str | None = None
    purpose: str | None = None
    state: str | None = None
    language: str | None = None
    site: str | None = None
    search: str | None = None


ALL_QUEUES = QueueFilters()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One setting before and after."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version and how it differs from the one before it."""

    version: QueueVersion
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class QueueDetail:
    """A queue, its current configuration, and every version newest first."""

    queue: Queue
    versions: tuple[VersionView, ...]


def reach(*, viewer: Viewer, permission: str, prefix: str = "") -> Q:
    """Return the filter for queues within reach of `permission`; `prefix` leads to the queue (`queue__`).

    A site sees the queues whose shares name it, and those open to every site. A market sees the queues of
    that market, and those of every market. What lies inside a data boundary needs a grant that names it.
    """
    viewer.require(permission)
    reached = Q(pk__in=[])
    for grant in viewer.grants:
        if permission not in grant.permissions:
            continue
        one = Q(pk__isnull=False)
        if grant.queue_group:
            one &= Q(**{f"{prefix}group": grant.queue_group})
        if grant.market:
            one &= Q(**{f"{prefix}markets__contains": [grant.market]}) | Q(**{f"{prefix}markets": []})
        if grant.site:
            shares = f"{prefix}current_version__site_shares"
            one &= Q(**{f"{shares}__has_key": grant.site}) | Q(**{shares: {}})
        if grant.data_boundary != ALL_BOUNDARIES:
            inside = Q(**{f"{prefix}data_boundary__isnull": True})
            if grant.data_boundary:
                inside |= Q(**{f"{prefix}data_boundary__slug": grant.data_boundary})
            one &= inside
        reached |= one
    return reached


def queues(
    *, viewer: Viewer, filters: QueueFilters = ALL_QUEUES, permission: str = "queues.view"
) -> QuerySet[Queue]:
    """Return the queues with their current version and `version_count`, by group and slug."""
    rows = Queue.objects.filter(reach(viewer=viewer, permission=permission))
    for name in ("group", "surface", "purpose", "state"):
        if value := getattr(filters, name):
            rows = rows.filter(**{name: value})
    if filters.language:
        rows = rows.filter(Q(languages__contains=[filters.language]) | Q(languages=[]))
    if filters.site:
        shares = "current_version__site_shares"
        rows = rows.filter(Q(**{f"{shares}__has_key": filters.site}) | Q(**{shares: {}}))
    if filters.search:
        rows = rows.filter(
            Q(slug__icontains=filters.search)
            | Q(title__icontains=filters.search)
            | Q(title_zh_hans__icontains=filters.search)
        )
    return (
        rows.select_related(
            "current_version__policy_version__policy",
            "current_version__template_version__template",
            "data_boundary",
        )
        .annotate(version_count=Count("versions"))
        .order_by("group", "slug")
    )


def queue(*, viewer: Viewer, slug: str, permission: str = "queues.view") -> Queue:
    """Return one queue.

    Raises:
        NotFoundError: there is none of that slug within reach.

    """
    found = queues(viewer=viewer, permission=permission).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no queue {slug!r}.", remedy="Check the slug and your access.")
    return found


def queue_detail(*, viewer: Viewer, slug: str) -> QueueDetail:
    """Return a queue with all its versions and what each changed.

    Raises:
        NotFoundError: there is none of that slug within reach.

    """
    found = queue(viewer=viewer, slug=slug)
    rows = list(
        found.versions.select_related(
            "policy_version__policy",
            "template_version__template",
            "canary_template_version__template",
            "escalation_queue",
            "training_queue",
            "calendar",
        ).order_by("-version")
    )
    views = []
    for index, version in enumerate(rows):
        before = rows[index + 1] if index + 1 < len(rows) else None
        views.append(VersionView(version, version_changes(before, version) if before else ()))
    return QueueDetail(found, tuple(views))


def settings_of(version: QueueVersion) -> dict[str, object]:
    """Return a version's settings as plain values, in the order in which people read them."""
    return {
        "policy": f"{version.policy_slug} v{version.policy_number}" if version.policy_slug else "",
        "label_subset": sorted(version.label_subset),
        "template": _template_name(version.template_version),
        "sop_version": version.sop_version,
        "sop_required": version.sop_required,
        "sla_seconds": dict(version.sla_seconds),
        "required_skills": sorted(version.required_skills),
        "certification_required": version.certification_required,
        "site_shares": dict(version.site_shares),
        "escalation_queue": version.escalation_queue.slug if version.escalation_queue else "",
        "double_share": version.double_share,
        "lease_seconds": version.lease_seconds,
        "priority_lift": version.priority_lift,
        "wellness_class": version.wellness_class,
        "topics": sorted(version.topics),
        "sla_rules": list(version.sla_rules),
        "calendar": version.calendar.slug if version.calendar else "",
        "site_overflow": list(version.site_overflow),
        "overflow_after": version.overflow_after,
        "starvation_share": version.starvation_share,
        "consensus_required": version.consensus_required,
        "consensus_of": version.consensus_of,
        "gold_share": version.gold_share,
        "audit_share": version.audit_share,
        "qa_plan": dict(version.qa_plan),
        "training_queue": version.training_queue.slug if version.training_queue else "",
        "canary_template": _template_name(version.canary_template_version),
        "canary_share": version.canary_share,
        "canary_slower_share": version.canary_slower_share,
        "canary_disagreement_share": version.canary_disagreement_share,
        "intake_share": version.intake_share,
        "callback_endpoint": version.callback_endpoint,
    }


def _template_name(template: TemplateVersion | None) -> str:
    return f"{template.template.slug} v{template.version}" if template else ""


def version_changes(before: QueueVersion, after: QueueVersion) -> tuple[FieldChange, ...]:
    """Return the settings that differ, in reading order."""
    then, now = settings_of(before), settings_of(after)
    return tuple(FieldChange(name, then[name], now[name]) for name in now if then[name] != now[name])
