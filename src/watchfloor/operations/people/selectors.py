"""Reads of people within the viewer's scope: a site grant sees its site, a boundary grant its boundary."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from watchfloor.operations.people.models import (
    Certification,
    DataBoundary,
    Reviewer,
    Site,
    Skill,
    Team,
    User,
)
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer


@dataclass(frozen=True, slots=True)
class ReviewerFilters:
    """What to keep of the reviewers; None keeps everything."""

    site: str | None = None
    team: str | None = None
    employer_kind: str | None = None
    language: str | None = None
    skill: str | None = None
    search: str | None = None
    active: bool | None = True


ACTIVE_REVIEWERS = ReviewerFilters()


def sites(*, viewer: Viewer) -> QuerySet[Site]:
    """Return the sites with `team_count` and `reviewer_count` (active ones), by slug."""
    reach = viewer.scope("people.view", sites="slug")
    return (
        Site.objects.filter(reach)
        .select_related("vendor")
        .annotate(
            team_count=Count("teams", filter=Q(teams__active=True), distinct=True),
            reviewer_count=Count("teams__reviewers", filter=Q(teams__reviewers__active=True), distinct=True),
        )
        .order_by("slug")
    )


def teams(*, viewer: Viewer, site: str | None = None) -> QuerySet[Team]:
    """Return the teams with `reviewer_count` (active ones), by site and slug."""
    rows = Team.objects.filter(viewer.scope("people.view", sites="site__slug"))
    if site:
        rows = rows.filter(site__slug=site)
    return (
        rows.select_related("site")
        .annotate(reviewer_count=Count("reviewers", filter=Q(reviewers__active=True)))
        .order_by("site__slug", "slug")
    )


def reviewers(*, viewer: Viewer, filters: ReviewerFilters = ACTIVE_REVIEWERS) -> QuerySet[Reviewer]:
    """Return the reviewers with `certification_count`, by code."""
    rows = Reviewer.objects.filter(
        viewer.scope("people.view", sites="team__site__slug", data_boundary="data_boundary__slug")
    )
    if filters.site:
        rows = rows.filter(team__site__slug=filters.site)
    if filters.team:
        rows = rows.filter(team__slug=filters.team)
    if filters.employer_kind:
        rows = rows.filter(team__site__employer_kind=filters.employer_kind)
    if filters.language:
        rows = rows.filter(languages__contains=[filters.language])
    if filters.skill:
        rows = rows.filter(skills__contains=[filters.skill])
    if filters.search:
        rows = rows.filter(code__icontains=filters.search)
    if filters.active is not None:
        rows = rows.filter(active=filters.active)
    return (
        rows.select_related("team__site", "data_boundary")
        .annotate(certification_count=Count("certifications"))
        .order_by("code")
    )


def reviewer(*, viewer: Viewer, code: str) -> Reviewer:
    """Return one reviewer.

    Raises:
        NotFoundError: there is none of that code within reach.

    """
    found = reviewers(viewer=viewer, filters=ReviewerFilters(active=None)).filter(code=code).first()
    if found is None:
        raise NotFoundError(f"There is no reviewer {code!r}.", remedy="Check the code and your access.")
    return found


def certifications(*, viewer: Viewer, code: str, at: datetime) -> list[Certification]:
    """Return what a reviewer is certified for at an instant, by policy, newest version first."""
    holder = reviewer(viewer=viewer, code=code)
    held = holder.certifications.filter(granted_at__lte=at).exclude(expires_at__lte=at)
    return list(held.order_by("policy", "-policy_version", "id"))


def languages(*, viewer: Viewer) -> list[str]:
    """Return the languages that active reviewers within reach speak, in order."""
    rows = reviewers(viewer=viewer).order_by().values_list("languages", flat=True)
    return sorted({language for held in rows for language in held})


def skills(*, viewer: Viewer) -> QuerySet[Skill]:
    """Return the skills that queues may ask for, by slug."""
    viewer.require("people.view")
    return Skill.objects.order_by("slug")


def data_boundaries(*, viewer: Viewer) -> QuerySet[DataBoundary]:
    """Return the data boundaries within reach, by slug."""
    viewer.require("people.view")
    reached = {grant.data_boundary for grant in viewer.grants if "people.view" in grant.permissions}
    rows = DataBoundary.objects.order_by("slug")
    return rows if ALL_BOUNDARIES in reached else rows.filter(slug__in=reached)


def users(*, viewer: Viewer) -> QuerySet[User]:
    """Return the accounts with their grants, by email; for those who may change access."""
    viewer.require("access.change")
    return User.objects.prefetch_related("grants__site").order_by("email")
