"""The administration of policies. Drafts are written here; a published version is only read."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.policies.models import Label, Policy, PolicyVersion
from watchfloor.operations.policies.services import publish
from watchfloor.operations.record.admin import AuditedAdmin, ReadOnlyInline


def _is_draft(row: PolicyVersion | None) -> bool:
    return row is None or row.state == "draft"


class VersionInline(ReadOnlyInline):
    """The versions of a policy."""

    model = PolicyVersion
    fields = ("version", "state", "effective_from", "effective_to", "summary", "author")


@admin.register(Policy)
class PolicyAdmin(AuditedAdmin):
    """Bodies of rules about content."""

    list_display = ("slug", "name", "name_zh_hans", "owner", "versions_held")
    search_fields = ("slug", "name", "name_zh_hans")
    ordering = ("slug",)
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        """Return the policies with their number of versions."""
        rows: QuerySet[Policy] = super().get_queryset(request)
        return rows.annotate(versions_counted=Count("versions"))

    @admin.display(description=_("Versions"))
    def versions_held(self, policy: Policy) -> int:
        """Return how many versions the policy has."""
        return int(getattr(policy, "versions_counted", 0))


class LabelInline(StackedInline):  # type: ignore[misc]  # unfold ships no types
    """The labels of a version; they change only while it is a draft."""

    model = Label
    extra = 0
    raw_id_fields = ("parent", "successor")
    fields = (
        ("code", "name", "name_zh_hans"),
        "text",
        ("violative", "severity", "action"),
        ("dsa_category", "dsa_keyword"),
        ("parent", "successor", "deprecated"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        """Return the labels with what they refer to."""
        rows: QuerySet[Label] = super().get_queryset(request)
        return rows.select_related("parent", "successor")

    def has_add_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Return whether the version is a draft."""
        return _is_draft(obj) and bool(super().has_add_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Return whether the version is a draft."""
        return _is_draft(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Return whether the version is a draft."""
        return _is_draft(obj) and bool(super().has_delete_permission(request, obj))


@admin.register(PolicyVersion)
class PolicyVersionAdmin(AuditedAdmin):
    """Versions of policies; the action publishes a draft after its checks."""

    list_display = ("policy", "version", "state", "effective_from", "effective_to", "summary", "author")
    list_filter = ("state", "policy")
    list_select_related = ("policy",)
    search_fields = ("policy__slug", "policy__name", "summary")
    ordering = ("policy__slug", "-version")
    readonly_fields = ("state", "effective_from", "effective_to", "published_at", "author")
    inlines = (LabelInline,)
    actions = ("publish_drafts",)

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Return whether the version is a draft."""
        return _is_draft(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Return False: a number that was given once stays given."""
        del request, obj
        return False

    @admin.action(description=_("Publish the drafts chosen"))
    def publish_drafts(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Publish each draft, or say what it lacks."""
        for version in queryset.select_related("policy").order_by("policy__slug", "version"):
            try:
                publish(version=version, by=viewer_for(request.user), now=datetime.now(UTC))
            except WatchfloorError as error:
                self.message_user(request, f"{version.policy}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{version.policy} v{version.version}", messages.SUCCESS)
