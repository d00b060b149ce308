"""The administration of the record: all of it is only read. Also the two bases that other features use."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models, transaction
from django.forms import ModelForm
from django.forms.models import model_to_dict
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from watchfloor.operations.record.models import AuditEntry, AuditSeal, ChangeEvent, Event
from watchfloor.operations.record.services import audit


class ReadOnly:
    """Mixed into an admin or an inline: rows are shown, never added, changed or deleted."""

    def has_add_permission(self, *_: Any) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, *_: Any) -> bool:
        """Return False: the form shows the row without fields to fill."""
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        """Return False."""
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """Rows that the database itself keeps from changing, or that only services write."""

    list_per_page = 50
    show_full_result_count = False


class ReadOnlyInline(ReadOnly, TabularInline):  # type: ignore[misc]  # unfold ships no types
    """Rows of a parent, shown beside it."""

    extra = 0
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Return every column shown."""
        del request, obj
        return self.fields


class AuditedAdmin(ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """Rows that administrators write, each atomically with its audit entry, before and after."""

    list_per_page = 50
    hidden_in_audit: ClassVar[frozenset[str]] = frozenset({"password", "token_digest", "digest"})

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm[Any], change: bool) -> None:
        """Save the row with its audit entry."""
        with transaction.atomic():
            before = self._plain(type(obj)._default_manager.get(pk=obj.pk)) if change else None
            super().save_model(request, obj, form, change)
            self._audit(request, "change" if change else "create", obj, before, self._plain(obj))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete the row with its audit entry."""
        with transaction.atomic():
            self._audit(request, "delete", obj, self._plain(obj), None)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete the rows one by one, each with its audit entry."""
        with transaction.atomic():
            for obj in queryset.order_by("pk"):
                self.delete_model(request, obj)

    def _plain(self, obj: models.Model) -> dict[str, Any]:
        values = model_to_dict(obj)
        return {
            name: value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
            for name, value in values.items()
            if name not in self.hidden_in_audit
        }

    def _audit(
        self,
        request: HttpRequest,
        action: str,
        obj: models.Model,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> None:
        audit(
            actor=str(getattr(request.user, "email", request.user)),
            action=f"{action} in administration",
            object_kind=obj._meta.model_name or "",
            object_id=str(getattr(obj, "slug", None) or getattr(obj, "code", None) or obj.pk),
            before=before,
            after=after,
            now=datetime.now(UTC),
        )


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Fact rows on their way to the columnar record; what one person saw or when they rested is left out."""

    list_display = ("id", "at", "fact", "key")
    list_filter = ("fact",)
    search_fields = ("=key",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Event]:
        """Return the rows that are not private to a person."""
        rows: models.QuerySet[Event] = super().get_queryset(request)
        return rows.exclude(fact="exposure").exclude(fact="activity_interval", payload__state="wellness")


@admin.register(ChangeEvent)
class ChangeEventAdmin(ReadOnlyAdmin):
    """The change log."""

    list_display = ("at", "object_kind", "object_id", "object_version", "kind", "summary", "author")
    list_filter = ("object_kind", "kind")
    search_fields = ("object_id", "summary", "author")
    ordering = ("-at", "-id")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit trail."""

    list_display = ("id", "at", "actor", "action", "object_kind", "object_id")
    list_filter = ("object_kind", "action")
    search_fields = ("actor", "object_id")
    ordering = ("-id",)


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    """The chain of hashes over the audit trail."""

    list_display = ("position", "entry", "digest", "sealed_at")
    list_select_related = ("entry",)
    ordering = ("-position",)
