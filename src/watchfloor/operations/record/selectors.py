"""Reads of the record, each within the viewer's scope."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from watchfloor.kernel import Period
from watchfloor.operations.record.models import AuditEntry, ChangeEvent
from watchfloor.operations.record.viewers import Viewer


@dataclass(frozen=True, slots=True)
class ChangeFilters:
    """What to keep of the change log; None keeps everything."""

    object_kind: str | None = None
    object_id: str | None = None
    author: str | None = None
    period: Period | None = None
    search: str | None = None
    before: datetime | None = None


NO_FILTERS = ChangeFilters()


def _reach(viewer: Viewer, permission: str) -> Q:
    """Rows of the viewer's places, and those of the whole operation."""
    reach = Q(pk__in=[])
    viewer.require(permission)
    for grant in viewer.grants:
        if permission not in grant.permissions:
            continue
        one = Q(pk__isnull=False)
        for column, value in (
            ("queue_group", grant.queue_group),
            ("site", grant.site),
            ("market", grant.market),
        ):
            if value:
                one &= Q(**{column: ""}) | Q(**{column: value})
        if grant.data_boundary != "*":
            one &= Q(data_boundary__in=["", grant.data_boundary])
        reach |= one
    return reach


def changes(*, viewer: Viewer, filters: ChangeFilters = NO_FILTERS) -> QuerySet[ChangeEvent]:
    """Return the changes the viewer may see, newest first."""
    rows = ChangeEvent.objects.filter(_reach(viewer, "changes.view"))
    if filters.object_kind:
        rows = rows.filter(object_kind=filters.object_kind)
    if filters.object_id:
        rows = rows.filter(object_id=filters.object_id)
    if filters.author:
        rows = rows.filter(author=filters.author)
    if filters.period:
        rows = rows.filter(at__gte=filters.period.start, at__lt=filters.period.end)
    if filters.before:
        rows = rows.filter(at__lt=filters.before)
    if filters.search:
        rows = rows.filter(
            Q(summary__icontains=filters.search)
            | Q(object_id__icontains=filters.search)
            | Q(detail__summary_zh_hans__icontains=filters.search)
        )
    return rows.order_by("-at", "-id")


def change_kinds(*, viewer: Viewer) -> list[str]:
    """Return the kinds of object that the viewer's change log holds, in order."""
    kinds = changes(viewer=viewer).order_by("object_kind").values_list("object_kind", flat=True).distinct()
    return list(kinds)


def audit_entries(*, viewer: Viewer, object_kind: str = "", object_id: str = "") -> QuerySet[AuditEntry]:
    """Return the audit trail the viewer may see, newest first."""
    rows = AuditEntry.objects.filter(_reach(viewer, "audit.view"))
    if object_kind:
        rows = rows.filter(object_kind=object_kind)
    if object_id:
        rows = rows.filter(object_id=object_id)
    return rows.order_by("-id")
