"""The administration of enforcement: grounds are written here; all else is read."""

from django.contrib import admin

from watchfloor.operations.enforcement.models import (
    Appeal,
    Delivery,
    DeliveryAttempt,
    Endpoint,
    Ground,
    Restriction,
    Statement,
)
from watchfloor.operations.record.admin import AuditedAdmin, ReadOnlyAdmin
from watchfloor.operations.review.admin import UncountedPaginator


@admin.register(Ground)
class GroundAdmin(AuditedAdmin):
    """What a label of a policy is a violation of: the law, or a clause of the terms."""

    list_display = ("policy", "label", "is_illegal", "reference")
    list_filter = ("policy", "is_illegal")
    search_fields = ("policy", "label", "reference")
    ordering = ("policy", "label")


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    """Where decisions are told."""

    list_display = ("slug", "url", "active", "boundary", "created_at")
    list_select_related = ("boundary",)
    ordering = ("slug",)


class LongAdmin(ReadOnlyAdmin):
    """Tables that grow with every decision: newest first, found by id."""

    paginator = UncountedPaginator


@admin.register(Delivery)
class DeliveryAdmin(LongAdmin):
    """Decisions on their way to endpoints."""

    list_display = ("decision", "endpoint", "kind", "state", "attempt", "next_at", "created_at")
    list_filter = ("state", "endpoint")
    list_select_related = ("endpoint", "decision")
    search_fields = ("=decision__id",)
    ordering = ("-created_at", "-id")


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(LongAdmin):
    """Each time that a delivery was sent."""

    list_display = ("delivery", "round", "attempt", "at", "status", "seconds", "error")
    list_select_related = ("delivery",)
    search_fields = ("=delivery__id",)
    ordering = ("-id",)


@admin.register(Restriction)
class RestrictionAdmin(LongAdmin):
    """What decisions restrict."""

    list_display = ("decision", "type", "scope", "starts_at", "ends_at", "lifted_at", "is_given")
    list_filter = ("type", "is_given")
    list_select_related = ("decision",)
    search_fields = ("=decision__id",)
    ordering = ("-id",)


@admin.register(Appeal)
class AppealAdmin(LongAdmin):
    """Complaints against decisions."""

    list_display = ("id", "kind", "complainant_role", "state", "outcome", "filed_at", "decided_at")
    list_filter = ("state", "kind", "outcome")
    search_fields = ("=id", "=case__id", "=client_key")
    ordering = ("-filed_at", "-id")


@admin.register(Statement)
class StatementAdmin(LongAdmin):
    """Statements of reasons."""

    list_display = ("puid", "state", "attempts", "built_at", "accepted_at")
    list_filter = ("state",)
    search_fields = ("=puid", "=decision__id")
    ordering = ("-built_at", "-id")
