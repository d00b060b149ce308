"""Which dashboards a viewer may open: their own, and those that are shared, inside their data boundaries."""

from django.db.models import Q, QuerySet

from watchfloor.operations.dashboards.models import Dashboard
from watchfloor.operations.record.viewers import NotFoundError, Viewer


def dashboards(*, viewer: Viewer, deleted: bool = False) -> QuerySet[Dashboard]:
    """Return the dashboards within reach, by title; those that were deleted are their owner's alone."""
    reach = viewer.scope("metrics.view", data_boundary="data_boundary")
    own = Q(owner=viewer.name)
    if deleted:
        return Dashboard.objects.filter(reach, own, deleted_at__isnull=False).order_by("-deleted_at", "pk")
    return Dashboard.objects.filter(reach, own | Q(shared=True), deleted_at__isnull=True).order_by(
        "title", "pk"
    )


def dashboard_of(slug: str, *, viewer: Viewer) -> Dashboard:
    """Return one dashboard.

    Raises:
        NotFoundError: there is none of that name within reach.

    """
    found = dashboards(viewer=viewer).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no dashboard {slug!r}.")
    return found


def may_change(dashboard: Dashboard, *, viewer: Viewer) -> bool:
    """Return whether the viewer may compose it: it is theirs, and they may compose at all."""
    return dashboard.owner == viewer.name and viewer.can("dashboards.change")
