"""Sampling designs, the draws made from them, the audits of drawn units, and disputes about audits.

A draw keeps everything that its weights need: the seed, the plan as it was, and the size and sample of each
stratum. The inclusion probability of a unit is written when it is drawn and never reconstructed.
"""

from django.db import models
from django.db.models import Q

from watchfloor.operations.quality.vocabulary import (
    AUDIT_STATES,
    CAUSES,
    DESIGN_KINDS,
    DISPUTE_STATES,
    ERROR_SEVERITIES,
    LEVELS,
    RULINGS,
    UNIT_KINDS,
    VERDICTS,
    choices,
)


class AuditDesign(models.Model):
    """How units are drawn for audit, period after period."""

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=choices(DESIGN_KINDS), default="simple")
    unit_kind = models.CharField(max_length=8, choices=choices(UNIT_KINDS), default="review")
    queues = models.ManyToManyField("queues.Queue", related_name="audit_designs")
    seed = models.BigIntegerField()
    plan = models.JSONField(
        help_text="Share or count a frame; strata, allocation and floor where stratified."
    )
    frame_hours = models.PositiveSmallIntegerField(default=24, help_text="Length of one frame, hours.")
    blind = models.BooleanField(
        default=True, help_text="Whether the auditor answers before seeing the answer."
    )
    starts_at = models.DateTimeField(help_text="Start of the first frame.")
    ends_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(name="quality_design_frame", condition=Q(frame_hours__gte=1)),
        ]

    def __str__(self) -> str:
        return self.title


class AuditDraw(models.Model):
    """One drawing from one frame: what was there, what was taken, with which seed."""

    design = models.ForeignKey(AuditDesign, on_delete=models.PROTECT, related_name="draws")
    frame_start = models.DateTimeField()
    frame_end = models.DateTimeField()
    seed = models.CharField(max_length=80, help_text="Seed of this drawing, from the design's and the frame.")
    method = models.CharField(max_length=40)
    plan = models.JSONField()
    strata = models.JSONField(help_text="Stratum, population, size and inclusion probability.")
    population = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["design", "-frame_start"]
        constraints = [
            models.UniqueConstraint(fields=["design", "frame_start"], name="quality_draw_once"),
        ]

    def __str__(self) -> str:
        return f"{self.design_id} from {self.frame_start:%Y-%m-%d %H:%M}"


class Audit(models.Model):
    """One drawn unit: its weight, who audits it, and what was found."""

    id = models.UUIDField(primary_key=True)
    design = models.ForeignKey(AuditDesign, on_delete=models.PROTECT, related_name="audits")
    draw = models.ForeignKey(AuditDraw, on_delete=models.PROTECT, related_name="audits")
    unit_kind = models.CharField(max_length=8, choices=choices(UNIT_KINDS))
    unit_id = models.UUIDField(help_text="The audited review or decision.")
    unit_at = models.DateTimeField()
    case = models.ForeignKey("review.Case", on_delete=models.PROTECT, related_name="audits")
    review = models.ForeignKey(
        "review.Review",
        null=True,
        on_delete=models.PROTECT,
        related_name="audits",
        help_text="The audited review, or the one that settled the audited decision.",
    )
    queue = models.ForeignKey("queues.Queue", on_delete=models.PROTECT, related_name="audits")
    reviewer = models.ForeignKey(
        "people.Reviewer", null=True, on_delete=models.PROTECT, related_name="audits_of_work"
    )
    dimensions = models.JSONField(help_text="Dimension columns of the fact, as they were at the drawing.")
    stratum = models.CharField(max_length=300, blank=True)
    pi = models.FloatField(help_text="Inclusion probability, in (0, 1].")
    state = models.CharField(max_length=9, choices=choices(AUDIT_STATES), default="waiting")
    auditor = models.ForeignKey(
        "people.Reviewer", null=True, blank=True, on_delete=models.PROTECT, related_name="audits_made"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    audit_review = models.OneToOneField(
        "review.Review", null=True, blank=True, on_delete=models.PROTECT, related_name="audit_made"
    )
    verdict = models.CharField(max_length=9, blank=True, choices=choices(VERDICTS))
    severity = models.CharField(max_length=8, blank=True, choices=choices(ERROR_SEVERITIES))
    cause = models.CharField(max_length=16, blank=True, choices=choices(CAUSES))
    note = models.TextField(blank=True)
    audited_at = models.DateTimeField(null=True, blank=True)
    dispute_state = models.CharField(max_length=8, choices=choices(DISPUTE_STATES), default="none")
    adjudicated_answer = models.JSONField(null=True, blank=True)
    correction_decision_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["unit_at", "id"]
        indexes = [
            models.Index(fields=["queue", "state", "unit_at"], name="quality_audit_queue"),
            models.Index(fields=["reviewer", "-audited_at"], name="quality_audit_reviewer"),
            models.Index(fields=["unit_id"], name="quality_audit_unit"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["draw", "unit_id"], name="quality_audit_unit_once"),
            models.CheckConstraint(name="quality_audit_pi", condition=Q(pi__gt=0, pi__lte=1)),
        ]

    def __str__(self) -> str:
        return f"audit of {self.unit_kind} {self.unit_id}"


class Dispute(models.Model):
    """A reviewer's objection to an audit: whose turn it is, until when, and how it ended."""

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="dispute")
    level = models.CharField(max_length=12, choices=choices(LEVELS), default="qa")
    due_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField()
    opened_by = models.CharField(max_length=254)
    opened_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, blank=True, choices=choices(DISPUTE_STATES[2:]))
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(closed_at__isnull=True), name="quality_dispute_due")
        ]

    def __str__(self) -> str:
        return f"dispute of {self.audit_id}"


class DisputeStep(models.Model):
    """One act in a dispute, in order; append-only by use."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="steps")
    level = models.CharField(max_length=12, choices=choices(LEVELS))
    ruling = models.CharField(max_length=10, choices=choices(RULINGS))
    by = models.CharField(max_length=254)
    note = models.TextField(blank=True)
    answer = models.JSONField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["dispute", "at", "id"]

    def __str__(self) -> str:
        return f"{self.ruling} by {self.level}"
