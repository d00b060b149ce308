"""Writes dashboards. Every change is a version; a stale one is refused, and each can be had back."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.dashboards.models import Dashboard, DashboardVersion
from watchfloor.operations.dashboards.selectors import may_change
from watchfloor.operations.dashboards.tiles import Tile, added, checked, read_tiles
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, NotPermittedError, Viewer

Change = Callable[[tuple[Tile, ...]], tuple[Tile, ...]]
_RESERVED = ("pin", "new")


class DashboardError(WatchfloorError):
    """A dashboard cannot be as it was asked for."""


class StaleError(DashboardError):
    """Somebody, or another window, changed the dashboard in between."""

    status = 409


@transaction.atomic
def create(*, title: str, by: Viewer, now: datetime, tiles: Sequence[Tile] = (), note: str = "") -> Dashboard:
    """Return a new dashboard of the viewer's own; nobody else sees it until it is shared.

    Raises:
        NotPermittedError: the viewer may not compose.
        DashboardError: it has no title, or one that is too long.

    """
    by.require("dashboards.change")
    title = _title(title)
    made = Dashboard.objects.create(
        slug=_free_slug(title),
        title=title,
        note=note[:400],
        owner=by.name,
        data_boundary=_boundary_of(by),
        tiles=[checked(tile).plain() for tile in tiles],
        created_at=now,
        updated_at=now,
    )
    _keep(made, act="create", by=by, now=now, before=None)
    return made


def pin(*, dashboard: Dashboard, tile: Tile, by: Viewer, now: datetime) -> Dashboard:
    """Return the dashboard with one more tile at its end."""
    return compose(dashboard=dashboard, change=lambda tiles: added(tiles, tile), act="add", by=by, now=now)


@transaction.atomic
def compose(
    *, dashboard: Dashboard, change: Change, act: str, by: Viewer, now: datetime, version: int | None = None
) -> Dashboard:
    """Return the dashboard with its tiles changed.

    Args:
        dashboard: Whose tiles change.
        change: From the tiles as they are to the tiles as they shall be.
        act: What is done, for the trail: `add`, `move`, `resize`, `edit`, `duplicate`, `remove`.
        by: Who changes it.
        now: When.
        version: The version that was looked at; None takes whichever there is.

    Raises:
        NotPermittedError: it is somebody else's.
        StaleError: it was changed since that version.
        TileError: the tiles cannot be so.

    """
    held = _locked(dashboard, by=by, version=version)
    before = _state(held)
    held.tiles = [tile.plain() for tile in change(read_tiles(held.tiles))]
    return _saved(held, act=act, by=by, now=now, before=before)


@transaction.atomic
def describe(
    *, dashboard: Dashboard, by: Viewer, now: datetime, title: str, note: str, shared: bool, period: str = ""
) -> Dashboard:
    """Return the dashboard with another title, note, period, or shared otherwise."""
    held = _locked(dashboard, by=by, version=None)
    before, was_shared = _state(held), held.shared
    held.title, held.note, held.shared, held.period = _title(title), note[:400], shared, period[:60]
    saved = _saved(held, act="describe", by=by, now=now, before=before)
    if shared != was_shared:
        _tell(saved, kind="shared" if shared else "withdrawn", by=by, now=now)
    return saved


@transaction.atomic
def undo(*, dashboard: Dashboard, by: Viewer, now: datetime, version: int | None = None) -> Dashboard:
    """Return the dashboard as it was before its last change; undoing that again brings the change back.

    Raises:
        DashboardError: there is nothing before it.

    """
    held = _locked(dashboard, by=by, version=version)
    return _restored(held, to=held.version - 1, act="undo", by=by, now=now)


@transaction.atomic
def restore(*, dashboard: Dashboard, to: int, by: Viewer, now: datetime) -> Dashboard:
    """Return the dashboard as it was in an earlier version, as a new one."""
    return _restored(_locked(dashboard, by=by, version=None), to=to, act="restore", by=by, now=now)


@transaction.atomic
def delete(*, dashboard: Dashboard, by: Viewer, now: datetime) -> Dashboard:
    """Return the dashboard, deleted; its owner can bring it back."""
    held = _locked(dashboard, by=by, version=None)
    held.deleted_at = now
    if held.shared:
        _tell(held, kind="withdrawn", by=by, now=now)
    return _saved(held, act="delete", by=by, now=now, before=_state(held))


@transaction.atomic
def bring_back(*, dashboard: Dashboard, by: Viewer, now: datetime) -> Dashboard:
    """Return a deleted dashboard as it was."""
    held = _locked(dashboard, by=by, version=None)
    held.deleted_at = None
    if held.shared:
        _tell(held, kind="shared", by=by, now=now)
    return _saved(held, act="bring_back", by=by, now=now, before=_state(held))


def _locked(dashboard: Dashboard, *, by: Viewer, version: int | None) -> Dashboard:
    held = Dashboard.objects.select_for_update().filter(pk=dashboard.pk).first()
    if held is None:
        raise NotFoundError(f"There is no dashboard {dashboard.slug!r}.")
    if not may_change(held, viewer=by):
        raise NotPermittedError(
            f"{held.slug!r} is {held.owner}'s: only they compose it.",
            remedy="Make a copy of it; the copy is yours.",
        )
    if version is not None and version != held.version:
        raise StaleError(
            f"The dashboard was changed since: it is at version {held.version}, not {version}.",
            remedy="Reload the page; nothing of yours was applied.",
        )
    return held


def _restored(held: Dashboard, *, to: int, act: str, by: Viewer, now: datetime) -> Dashboard:
    earlier = DashboardVersion.objects.filter(dashboard=held, version=to).first()
    if earlier is None:
        raise DashboardError(
            f"The dashboard has no version {to}.", remedy=f"It has versions 1 to {held.version}."
        )
    before = _state(held)
    held.tiles, held.title, held.note, held.period = (
        earlier.tiles,
        earlier.title,
        earlier.note,
        earlier.period,
    )
    return _saved(held, act=act, by=by, now=now, before=before)


def _saved(held: Dashboard, *, act: str, by: Viewer, now: datetime, before: dict[str, object]) -> Dashboard:
    held.version += 1
    held.updated_at = now
    held.save()
    _keep(held, act=act, by=by, now=now, before=before)
    return held


def _keep(held: Dashboard, *, act: str, by: Viewer, now: datetime, before: dict[str, object] | None) -> None:
    DashboardVersion.objects.create(
        dashboard=held,
        version=held.version,
        title=held.title,
        note=held.note,
        shared=held.shared,
        period=held.period,
        tiles=held.tiles,
        author=by.name,
        at=now,
        act=act,
    )
    audit(
        actor=by.name,
        action=f"dashboard.{act}",
        object_kind="dashboard",
        object_id=held.slug,
        before=before,
        after=_state(held),
        now=now,
        place=Place(data_boundary=held.data_boundary),
    )


def _tell(held: Dashboard, *, kind: str, by: Viewer, now: datetime) -> None:
    """Write what others meet: a dashboard appears, or goes. What only its owner sees is no change."""
    record_change(
        object_kind="dashboard",
        object_id=held.slug,
        object_version=held.version,
        kind=kind,
        at=now,
        author=by.name,
        summary=f"Dashboard {held.title} {kind}",
        place=Place(data_boundary=held.data_boundary),
    )


def _state(held: Dashboard) -> dict[str, object]:
    return {
        "title": held.title,
        "shared": held.shared,
        "period": held.period,
        "version": held.version,
        "tiles": [tile["id"] for tile in held.tiles],
        "deleted": held.deleted_at is not None,
    }


def _title(written: str) -> str:
    title = " ".join(written.split())
    if not title or len(title) > 120:
        raise DashboardError(
            f"A title of {len(title)} characters does not fit.",
            remedy="Give it 1 to 120 characters.",
        )
    return title


def _free_slug(title: str) -> str:
    base = slugify(title)[:60] or "dashboard"
    taken = set(Dashboard.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | set(
        _RESERVED
    )
    return next(
        slug
        for number in range(1, 100_000)
        if (slug := base if number == 1 else f"{base}-{number}") not in taken
    )


def _boundary_of(by: Viewer) -> str:
    """Return the boundary that the words of somebody inside one belong to; blank for who sees across."""
    held = {grant.data_boundary for grant in by.grants if "metrics.view" in grant.permissions} - {""}
    return "" if ALL_BOUNDARIES in held or len(held) != 1 else held.pop()
