"""The administration of quality: all of it is only read; services write it."""

from django.contrib import admin

from watchfloor.operations.quality.models import (
    Adjudication,
    Audit,
    AuditDesign,
    AuditDraw,
    Dispute,
    DisputeStep,
    Exercise,
    GoldCase,
    Training,
    TrainingAnswer,
)
from watchfloor.operations.queues.admin import ReachedQueues, WithinReach
from watchfloor.operations.record.admin import ReadOnlyAdmin, ReadOnlyInline


class AdjudicationInline(ReadOnlyInline):
    """What each person answered."""

    model = Adjudication
    fields = ("adjudicator", "labels", "action", "difficulty", "rationale", "at")


@admin.register(GoldCase)
class GoldCaseAdmin(WithinReach, ReadOnlyAdmin):
    """Golden cases by version."""

    list_display = ("gold_id", "version", "state", "queue", "policy_version", "difficulty", "expires_at")
    list_filter = ("state", ("queue", ReachedQueues))
    list_select_related = ("queue", "policy_version")
    search_fields = ("gold_id", "=case__id")
    ordering = ("-nominated_at", "-id")
    inlines = (AdjudicationInline,)


@admin.register(Exercise)
class ExerciseAdmin(ReadOnlyAdmin):
    """Cases whose right answer is known."""

    list_display = ("case", "kind", "gold", "reviewer", "difficulty", "enqueued_at")
    list_filter = ("kind",)
    list_select_related = ("gold", "reviewer")
    search_fields = ("=case__id", "gold__gold_id")
    ordering = ("-enqueued_at", "-case")


class TrainingAnswerInline(ReadOnlyInline):
    """The answers of a training."""

    model = TrainingAnswer
    fields = ("review", "correct", "log_likelihood", "at")


@admin.register(Training)
class TrainingAdmin(WithinReach, ReadOnlyAdmin):
    """Who trains for which version of a policy."""

    list_display = ("reviewer", "queue", "policy_version", "kind", "state", "correct", "wrong", "started_at")
    list_filter = ("state", "kind", ("queue", ReachedQueues))
    list_select_related = ("reviewer", "queue", "policy_version")
    search_fields = ("reviewer__code",)
    ordering = ("queue__slug", "reviewer__code", "-started_at")
    inlines = (TrainingAnswerInline,)


class DrawInline(ReadOnlyInline):
    """The draws of a design."""

    model = AuditDraw
    fields = ("frame_start", "frame_end", "seed", "population", "size", "drawn_at")


@admin.register(AuditDesign)
class AuditDesignAdmin(ReadOnlyAdmin):
    """Sampling designs."""

    list_display = ("slug", "title", "kind", "unit_kind", "seed", "frame_hours", "starts_at", "ends_at")
    list_filter = ("kind", "unit_kind")
    search_fields = ("slug", "title")
    ordering = ("slug",)
    inlines = (DrawInline,)


@admin.register(Audit)
class AuditAdmin(WithinReach, ReadOnlyAdmin):
    """Drawn units and what was found."""

    list_display = (
        "id",
        "unit_kind",
        "queue",
        "stratum",
        "pi",
        "state",
        "verdict",
        "severity",
        "cause",
        "dispute_state",
    )
    list_filter = ("state", "verdict", "cause", "dispute_state", ("queue", ReachedQueues))
    list_select_related = ("queue",)
    search_fields = ("=id", "=unit_id", "=case__id")
    ordering = ("-unit_at", "-id")


class StepInline(ReadOnlyInline):
    """What happened in a dispute."""

    model = DisputeStep
    fields = ("level", "ruling", "by", "note", "at")


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Objections to audits."""

    list_display = ("id", "audit", "level", "due_at", "outcome", "opened_by", "opened_at", "closed_at")
    list_filter = ("level", "outcome")
    list_select_related = ("audit",)
    ordering = ("-opened_at",)
    inlines = (StepInline,)
