"""The administration of sites, teams, reviewers and what they may do."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from watchfloor.operations.people import admin_accounts
from watchfloor.operations.people.models import (
    Certification,
    DataBoundary,
    Reviewer,
    Site,
    Skill,
    Team,
    Vendor,
)
from watchfloor.operations.record.admin import AuditedAdmin, ReadOnlyInline

__all__ = ["admin_accounts"]


@admin.register(Vendor)
class VendorAdmin(AuditedAdmin):
    """Companies that provide reviewers."""

    list_display = ("slug", "name")
    search_fields = ("slug", "name")
    ordering = ("slug",)


@admin.register(DataBoundary)
class DataBoundaryAdmin(AuditedAdmin):
    """Boundaries that cases do not leave."""

    list_display = ("slug", "name", "minimum_count", "aggregates_leave")
    search_fields = ("slug", "name")
    ordering = ("slug",)


@admin.register(Skill)
class SkillAdmin(AuditedAdmin):
    """What queues may ask of a reviewer."""

    list_display = ("slug", "name")
    search_fields = ("slug", "name")
    ordering = ("slug",)


@admin.register(Site)
class SiteAdmin(AuditedAdmin):
    """Places where reviewers work."""

    list_display = ("slug", "name", "employer_kind", "vendor", "country", "time_zone", "teams_held", "active")
    list_filter = ("employer_kind", "active", "vendor")
    list_select_related = ("vendor",)
    search_fields = ("slug", "name")
    ordering = ("slug",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        """Return the sites with their number of teams."""
        rows: QuerySet[Site] = super().get_queryset(request)
        return rows.annotate(teams_counted=Count("teams"))

    @admin.display(description=_("Teams"), ordering="teams_counted")
    def teams_held(self, site: Site) -> int:
        """Return how many teams the site has."""
        return int(getattr(site, "teams_counted", 0))


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    """Teams of a site."""

    list_display = ("slug", "name", "site", "reviewers_held", "active")
    list_filter = ("site", "active")
    list_select_related = ("site",)
    search_fields = ("slug", "name")
    ordering = ("site__slug", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Return the teams with their number of reviewers."""
        rows: QuerySet[Team] = super().get_queryset(request)
        return rows.annotate(reviewers_counted=Count("reviewers"))

    @admin.display(description=_("Reviewers"), ordering="reviewers_counted")
    def reviewers_held(self, team: Team) -> int:
        """Return how many reviewers the team has."""
        return int(getattr(team, "reviewers_counted", 0))


class CertificationInline(ReadOnlyInline):
    """What a reviewer is certified for."""

    model = Certification
    fields = ("policy", "policy_version", "granted_at", "expires_at")


@admin.register(Reviewer)
class ReviewerAdmin(AuditedAdmin):
    """People who review."""

    list_display = ("code", "team", "site", "languages", "skills", "data_boundary", "hired_on", "active")
    list_filter = ("active", "team__site", "data_boundary")
    list_select_related = ("team__site", "data_boundary")
    search_fields = ("code",)
    autocomplete_fields = ("team", "user")
    ordering = ("code",)
    inlines = (CertificationInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Reviewer | None = None) -> bool:
        """Return False: people are switched off. A deletion would list what is kept of them in private."""
        del request, obj
        return False

    @admin.display(description=_("Site"), ordering="team__site__slug")
    def site(self, reviewer: Reviewer) -> str:
        """Return the name of the reviewer's site."""
        return reviewer.team.site.name


@admin.register(Certification)
class CertificationAdmin(AuditedAdmin):
    """Licences for a version of a policy."""

    list_display = ("reviewer", "policy", "policy_version", "granted_at", "expires_at")
    list_filter = ("policy", "policy_version")
    list_select_related = ("reviewer",)
    search_fields = ("reviewer__code", "policy")
    autocomplete_fields = ("reviewer",)
    ordering = ("policy", "-policy_version", "reviewer__code")
