"""The units of a kind that a viewer may see a scorecard of: their slugs, names, and what they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language

from watchfloor.operations.people.models import Reviewer, Site, Team, Vendor
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer
from watchfloor.operations.routing.selectors import strategies
from watchfloor.operations.scorecards.vocabulary import KINDS

PERMISSION_OF = {kind: "scorecards.people" if kind == "reviewer" else "scorecards.view" for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: `where` picks its facts, `scope` is where targets may be set for it.

    `is_open` says that nobody in it works inside a data boundary the viewer stands outside of.
    """

    kind: str
    slug: str
    name: str
    where: Mapping[str, tuple[str, ...]]
    scope: Mapping[str, tuple[str, ...]]
    note: str = ""
    is_open: bool = True


def kinds_for(viewer: Viewer) -> list[str]:
    """Return the kinds whose scorecards the viewer may see at all."""
    return [
        kind
        for kind in KINDS
        if viewer.can(PERMISSION_OF[kind]) and (kind != "strategy" or viewer.can("queues.view"))
    ]


def units_of(kind: str, *, viewer: Viewer) -> list[Unit]:
    """Return the units within the viewer's reach, by slug: never by any figure.

    Raises:
        NotFoundError: there is no such kind.
        NotPermittedError: the viewer may see none of the kind.

    """
    if kind not in KINDS:
        raise NotFoundError(f"There is no scorecard of a {kind!r}.", remedy=f"One of {', '.join(KINDS)}.")
    viewer.require(PERMISSION_OF[kind])
    return _FINDERS[kind](viewer)


def unit_of(kind: str, slug: str, *, viewer: Viewer) -> Unit:
    """Return one unit.

    Raises:
        NotFoundError: there is none of that name within reach.

    """
    found = next((unit for unit in units_of(kind, viewer=viewer) if unit.slug == slug), None)
    if found is None:
        raise NotFoundError(f"There is no {kind} {slug!r}.", remedy="Check its name and your access.")
    return found


def unit_of_person(reviewer: Reviewer) -> Unit:
    """Return a reviewer as a unit, for the reviewer alone."""
    return _person(reviewer)


def _person(row: Reviewer) -> Unit:
    own = {"reviewer": (row.code,)}
    place = {"team": (row.team.slug,), "site": (row.team.site.slug,)}
    return Unit("reviewer", row.code, row.code, own, own | place, row.team.name)


def _reviewers(viewer: Viewer) -> list[Unit]:
    reach = viewer.scope(
        "scorecards.people", sites="team__site__slug", data_boundary="data_boundary__slug"
    ) & _led(viewer, "team")
    rows = Reviewer.objects.filter(reach, active=True).select_related("team__site").order_by("code")
    return [_person(row) for row in rows]


def _teams(viewer: Viewer) -> list[Unit]:
    reach = viewer.scope("scorecards.view", sites="site__slug")
    rows = Team.objects.filter(reach & _led(viewer, ""), active=True).select_related("site")
    sealed = Exists(Reviewer.objects.filter(team=OuterRef("pk")).filter(_beyond(viewer)))
    return [
        Unit(
            "team",
            row.slug,
            row.name,
            {"team": (row.slug,)},
            {"team": (row.slug,), "site": (row.site.slug,)},
            row.site.name,
            not row.is_sealed,
        )
        for row in rows.annotate(is_sealed=sealed).order_by("slug")
    ]


def _sites(viewer: Viewer) -> list[Unit]:
    return [
        Unit("site", slug, name, {"site": (slug,)}, {"site": (slug,)}, vendor or "", not sealed)
        for slug, name, vendor, _, sealed in _seen_sites(viewer)
    ]


def _vendors(viewer: Viewer) -> list[Unit]:
    held: dict[str, list[tuple[str, bool]]] = {}
    for slug, _, _, vendor, sealed in _seen_sites(viewer):
        if vendor:
            held.setdefault(vendor, []).append((slug, sealed))
    found = []
    for row in Vendor.objects.filter(slug__in=held).order_by("slug"):
        own = {"site": tuple(slug for slug, _ in held[row.slug])}
        found.append(
            Unit(
                "vendor",
                row.slug,
                row.name,
                own,
                own,
                ", ".join(own["site"]),
                not any(sealed for _, sealed in held[row.slug]),
            )
        )
    return found


def _seen_sites(viewer: Viewer) -> list[tuple[str, str, str | None, str | None, bool]]:
    sealed = Exists(Reviewer.objects.filter(team__site=OuterRef("pk")).filter(_beyond(viewer)))
    rows = Site.objects.filter(viewer.scope("scorecards.view", sites="slug"), active=True)
    return [
        (
            row.slug,
            row.name,
            row.vendor.name if row.vendor else None,
            row.vendor.slug if row.vendor else None,
            row.is_sealed,
        )
        for row in rows.select_related("vendor").annotate(is_sealed=sealed).order_by("slug")
    ]


def _queues(viewer: Viewer) -> list[Unit]:
    chinese = (get_language() or "en").startswith("zh")
    return [
        Unit(
            "queue",
            row.slug,
            (chinese and row.title_zh_hans) or row.title,
            {"queue": (row.slug,)},
            {"queue": (row.slug,)},
            row.group,
        )
        for row in queues(viewer=viewer, permission="scorecards.view").order_by("slug")
    ]


def _strategies(viewer: Viewer) -> list[Unit]:
    chinese = (get_language() or "en").startswith("zh")
    return [
        Unit(
            "strategy",
            row.slug,
            (chinese and row.name_zh_hans) or row.name,
            {"strategy": (row.slug,)},
            {"strategy": (row.slug,)},
        )
        for row in strategies(viewer=viewer).order_by("slug")
    ]


def _led(viewer: Viewer, lookup: str) -> Q:
    """Return the own team alone for somebody who leads one and sees people for no other reason."""
    giving = {grant.role for grant in viewer.grants if "scorecards.people" in grant.permissions}
    team = (
        Reviewer.objects.filter(user_id=viewer.user_id).values_list("team_id", flat=True).first()
        if giving == {"team_lead"} and viewer.user_id
        else None
    )
    return Q(**{f"{lookup}_id" if lookup else "pk": team}) if team else Q()


def _beyond(viewer: Viewer) -> Q:
    """Return the people inside a data boundary that the viewer stands outside of."""
    seen = {grant.data_boundary for grant in viewer.grants if "scorecards.view" in grant.permissions}
    inside = Q(data_boundary__isnull=False)
    return Q(pk__in=[]) if ALL_BOUNDARIES in seen else inside & ~Q(data_boundary__slug__in=seen)


_FINDERS = {
    "reviewer": _reviewers,
    "team": _teams,
    "site": _sites,
    "vendor": _vendors,
    "queue": _queues,
    "strategy": _strategies,
}
