"""The administration of cases: everything is read; the floor's services write."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from watchfloor.operations.queues.admin import ReachedQueues, WithinReach
from watchfloor.operations.record.admin import ReadOnlyAdmin, ReadOnlyInline
from watchfloor.operations.review.models import (
    ActivityInterval,
    Case,
    Decision,
    Lease,
    Pending,
    QueuePulse,
    Review,
)


class UncountedPaginator(Paginator[Any]):
    """Pages through the newest rows of a table with millions, without counting them."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows that can be paged to: at most ten thousand."""
        rows: Any = self.object_list
        return len(rows.values_list("pk")[:10_000])


class ReviewInline(ReadOnlyInline):
    """The turns on a case."""

    model = Review
    fields = ("kind", "turn", "reviewer", "outcome", "labels", "action", "handle_ms", "submitted_at")
    ordering = ("submitted_at", "id")

    def get_queryset(self, request: Any) -> Any:
        """Return the reviews with their reviewers."""
        return super().get_queryset(request).select_related("reviewer")


class DecisionInline(ReadOnlyInline):
    """The decisions of a case."""

    model = Decision
    fields = ("version", "rule", "labels", "action", "violative", "enforced", "decided_at")
    ordering = ("version",)


class HugeAdmin(ReadOnlyAdmin):
    """Tables that grow with every case: newest first, found by id."""

    paginator = UncountedPaginator


@admin.register(Case)
class CaseAdmin(WithinReach, HugeAdmin):
    """Units of work."""

    list_display = ("id", "queue", "enqueued_at", "deadline_at", "severity_hint", "language", "market")
    list_filter = (("queue", ReachedQueues), "severity_hint")
    list_select_related = ("queue",)
    search_fields = ("=id", "=object_id", "=client_key")
    ordering = ("-enqueued_at", "-id")
    inlines = (ReviewInline, DecisionInline)


@admin.register(Review)
class ReviewAdmin(WithinReach, HugeAdmin):
    """Turns on cases."""

    list_display = ("submitted_at", "queue", "reviewer", "kind", "outcome", "labels", "action", "handle_ms")
    list_filter = (("queue", ReachedQueues), "outcome", "kind")
    list_select_related = ("queue", "reviewer")
    search_fields = ("=id", "=case__id")
    ordering = ("-submitted_at", "-id")


@admin.register(Decision)
class DecisionAdmin(WithinReach, HugeAdmin):
    """Resolved outcomes."""

    list_display = ("decided_at", "queue", "rule", "labels", "action", "violative", "enforced", "version")
    list_filter = (("queue", ReachedQueues), "rule", "violative")
    list_select_related = ("queue",)
    search_fields = ("=id", "=case__id")
    ordering = ("-decided_at", "-id")


@admin.register(Pending)
class PendingAdmin(WithinReach, HugeAdmin):
    """Cases that wait, oldest first."""

    list_display = ("case", "queue", "language", "priority", "deadline_at", "enqueued_at", "turn")
    list_filter = (("queue", ReachedQueues), "priority")
    list_select_related = ("queue", "case")
    ordering = ("pk",)


@admin.register(Lease)
class LeaseAdmin(WithinReach, ReadOnlyAdmin):
    """Cases in reviewers' hands."""

    list_display = ("case", "queue", "reviewer", "turn", "claimed_at", "expires_at")
    list_filter = (("queue", ReachedQueues),)
    list_select_related = ("queue", "reviewer", "case")
    exclude = ("token",)
    search_fields = ("reviewer__code",)
    ordering = ("expires_at", "pk")


@admin.register(QueuePulse)
class QueuePulseAdmin(WithinReach, ReadOnlyAdmin):
    """The live counters of each queue."""

    list_display = ("queue", "backlog", "in_review", "updated_at")
    list_select_related = ("queue",)
    ordering = ("queue__slug",)


@admin.register(ActivityInterval)
class ActivityIntervalAdmin(ReadOnlyAdmin):
    """What reviewers are doing now; time that somebody takes for themself is left out."""

    list_display = ("reviewer", "state", "started_at")
    list_filter = ("state",)
    list_select_related = ("reviewer",)
    search_fields = ("reviewer__code",)
    ordering = ("reviewer__code",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ActivityInterval]:
        """Return the states that are not private to a person."""
        rows: QuerySet[ActivityInterval] = super().get_queryset(request)
        return rows.exclude(state="wellness")
