"""The administration of queues. Their configuration changes by new versions, so versions are only read."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.queues.models import (
    STATES,
    Calendar,
    ChangeRequest,
    Queue,
    QueueVersion,
    Sop,
    SopAcknowledgement,
    Template,
    TemplateVersion,
)
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.queues.services import transition
from watchfloor.operations.record.admin import AuditedAdmin, ReadOnlyAdmin, ReadOnlyInline


class WithinReach:
    """Mixed into an admin: rows of the queues that the grants of whoever is signed in reach, no others."""

    reach_prefix: ClassVar[str] = "queue__"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows within reach; none for who may see no queue."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]  # of the admin it is mixed into
        viewer = viewer_for(request.user)
        if not viewer.can("queues.view"):
            return rows.none()
        return rows.filter(reach(viewer=viewer, permission="queues.view", prefix=self.reach_prefix))


class ReachedQueues(admin.RelatedFieldListFilter):
    """Offers the queues within reach alone: the names of the others are not for this viewer either."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """Return the queues to choose among."""
        del model_admin
        viewer = viewer_for(request.user)
        within = reach(viewer=viewer, permission="queues.view") if viewer.can("queues.view") else Q(pk__in=[])
        return field.get_choices(include_blank=False, limit_choices_to=within)


class VersionInline(ReadOnlyInline):
    """The versions of a queue's configuration."""

    model = QueueVersion
    fk_name = "queue"
    fields = (
        "version",
        "policy_slug",
        "policy_number",
        "sla_seconds",
        "effective_from",
        "effective_to",
        "note",
    )


def _to(state: str) -> Callable[[Any, HttpRequest, QuerySet[Any]], None]:
    @admin.action(description=_("Move to: %(state)s") % {"state": state.replace("_", " ")})
    def move(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for queue in queryset.order_by("slug"):
            try:
                transition(queue=queue, to=state, by=viewer_for(request.user), now=datetime.now(UTC))
            except WatchfloorError as error:
                model_admin.message_user(request, str(error), messages.ERROR)
            else:
                model_admin.message_user(request, f"{queue.title}: {state}", messages.SUCCESS)

    move.__name__ = f"move_to_{state}"
    return move


@admin.register(Queue)
class QueueAdmin(WithinReach, AuditedAdmin):
    """Streams of cases; the actions move queues along their states, past the guards."""

    reach_prefix = ""
    list_display = (
        "slug",
        "title",
        "group",
        "surface",
        "purpose",
        "mode",
        "state",
        "version",
        "data_boundary",
        "owner",
    )
    list_filter = ("state", "purpose", "group", "surface", "data_boundary")
    list_select_related = ("current_version", "data_boundary")
    search_fields = ("slug", "title", "title_zh_hans", "owner")
    ordering = ("group", "slug")
    readonly_fields = ("state", "current_version", "created_at")
    inlines = (VersionInline,)
    actions = tuple(_to(state) for state in STATES if state != "draft")

    @admin.display(description=_("Version"))
    def version(self, queue: Queue) -> int | None:
        """Return the number of the version in force."""
        return queue.current_version.version if queue.current_version else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: a queue comes into being with its first version."""
        del request
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: a queue is retired, never deleted."""
        del request, obj
        return False


@admin.register(QueueVersion)
class QueueVersionAdmin(WithinReach, ReadOnlyAdmin):
    """Configurations of queues, each in force for its period."""

    list_display = (
        "queue",
        "version",
        "policy_slug",
        "policy_number",
        "effective_from",
        "effective_to",
        "author",
    )
    list_filter = ("queue__group", "policy_slug")
    list_select_related = ("queue",)
    search_fields = ("queue__slug", "queue__title", "note")
    ordering = ("queue__slug", "-version")


class TemplateVersionInline(ReadOnlyInline):
    """The versions of a template."""

    model = TemplateVersion
    fields = ("version", "schema", "created_at")


@admin.register(Template)
class TemplateAdmin(AuditedAdmin):
    """Review pages."""

    list_display = ("slug", "name")
    search_fields = ("slug", "name")
    ordering = ("slug",)
    inlines = (TemplateVersionInline,)


@admin.register(ChangeRequest)
class ChangeRequestAdmin(WithinReach, ReadOnlyAdmin):
    """Changes of settings that wait, took effect or were refused; decided on their page."""

    list_display = ("id", "queue", "state", "proposed_by", "proposed_at", "approved_by", "effective_at")
    list_filter = ("state",)
    list_select_related = ("queue",)
    search_fields = ("queue__slug", "note", "proposed_by")
    ordering = ("-proposed_at", "-id")


@admin.register(Sop)
class SopAdmin(WithinReach, ReadOnlyAdmin):
    """Versions of procedures."""

    list_display = ("queue", "version", "title", "policy_slug", "policy_number", "author", "published_at")
    list_select_related = ("queue",)
    search_fields = ("queue__slug", "title")
    ordering = ("queue__slug", "-version")


@admin.register(SopAcknowledgement)
class SopAcknowledgementAdmin(WithinReach, ReadOnlyAdmin):
    """Who has read which version of a procedure."""

    reach_prefix = "sop__queue__"
    list_display = ("sop", "reviewer", "at")
    list_select_related = ("sop", "reviewer")
    search_fields = ("sop__queue__slug", "reviewer__code")
    ordering = ("-at", "-id")


@admin.register(Calendar)
class CalendarAdmin(ReadOnlyAdmin):
    """Business hours and holidays; written on their page."""

    list_display = ("slug", "name", "time_zone")
    search_fields = ("slug", "name")
    ordering = ("slug",)
