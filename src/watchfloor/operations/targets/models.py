"""Targets in versions, and the plans in which they are negotiated before they hold.

A target is bitemporal: `effective_from` to `effective_to` is when it holds, `recorded_at` to `closed_at` is
when it was known so. A plan is what people talk about: one line a unit, comments, an approver.
"""

from django.db import models
from django.db.models import F, Q

KINDS = [("floor", "Floor"), ("ceiling", "Ceiling"), ("band", "Band"), ("stretch", "Stretch")]
PERIODS = [
    ("day", "Day"),
    ("week", "Week"),
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("rolling_7d", "Rolling 7 days"),
    ("rolling_28d", "Rolling 28 days"),
]
PLAN_STATES = [
    ("draft", "Draft"),
    ("proposed", "Proposed"),
    ("approved", "Approved"),
    ("published", "Published"),
    ("withdrawn", "Withdrawn"),
]
CONFIDENCE_RULES = [("interval", "By its interval"), ("point", "By its value")]


class Target(models.Model):
    """One version of one target. Nothing is overwritten: a changed target is a later version."""

    target_id = models.UUIDField()
    version = models.PositiveIntegerField()
    metric_id = models.CharField(max_length=48)
    metric_version = models.PositiveIntegerField()
    scope = models.JSONField(default=dict, help_text="Dimension to values; {} is the whole operation.")
    scope_key = models.TextField(help_text="The scope in canonical order.")
    period = models.CharField(max_length=12, choices=PERIODS)
    direction = models.CharField(max_length=20)
    kind = models.CharField(max_length=8, choices=KINDS)
    value = models.FloatField(help_text="In the metric's unit; the lower edge of a band.")
    upper = models.FloatField(null=True, blank=True, help_text="The upper edge of a band.")
    ramp = models.JSONField(default=list, blank=True, help_text="[[instant, value], …] on the way to it.")
    method = models.CharField(max_length=40)
    inputs = models.JSONField(default=dict, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    confidence_rule = models.CharField(max_length=10, choices=CONFIDENCE_RULES, default="interval")
    min_n = models.PositiveIntegerField(default=30)
    material_units = models.FloatField(default=0.0, help_text="Misses of fewer units are not material.")
    owner = models.CharField(max_length=254)
    approver = models.CharField(max_length=254, blank=True)
    reason = models.TextField(blank=True)
    contractual = models.BooleanField(default=False)
    effective_from = models.DateTimeField()
    effective_to = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    withdrawn = models.BooleanField(default=False)
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    plan = models.ForeignKey("Plan", null=True, blank=True, on_delete=models.PROTECT, related_name="targets")

    class Meta:
        ordering = ["metric_id", "scope_key", "kind", "effective_from", "version"]
        constraints = [
            models.UniqueConstraint(fields=["target_id", "version"], name="targets_version"),
            models.CheckConstraint(
                name="targets_period",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=F("effective_from")),
            ),
            models.CheckConstraint(
                name="targets_band",
                condition=Q(kind="band", upper__gt=F("value")) | (~Q(kind="band") & Q(upper__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["metric_id", "effective_from"], name="targets_metric_from"),
            models.Index(
                fields=["metric_id"], condition=Q(closed_at__isnull=True), name="targets_metric_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.kind} {self.value:g} ({self.scope_key or 'everything'})"


class Plan(models.Model):
    """Targets of one metric over a tree of units, on their way from a draft to publication."""

    title = models.CharField(max_length=160)
    metric_id = models.CharField(max_length=48)
    metric_version = models.PositiveIntegerField()
    period = models.CharField(max_length=12, choices=PERIODS, default="month")
    kind = models.CharField(max_length=8, choices=KINDS)
    scope = models.JSONField(default=dict, help_text="What the parent covers.")
    by = models.JSONField(default=list, help_text="Dimensions that split the parent into its units.")
    parent_value = models.FloatField(null=True, blank=True)
    method = models.CharField(max_length=40, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    history_start = models.DateTimeField()
    history_end = models.DateTimeField()
    effective_from = models.DateTimeField()
    effective_to = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=PLAN_STATES, default="draft")
    contractual = models.BooleanField(default=False)
    owner = models.CharField(max_length=254)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, help_text="Counts every change of a line.")
    proposed_by = models.CharField(max_length=254, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=254, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title


class PlanLine(models.Model):
    """One unit of a plan: where it stands, what it weighs, and what it is to reach."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="lines")
    scope = models.JSONField(default=dict)
    scope_key = models.TextField()
    weight = models.FloatField(help_text="Planned share of the parent's denominator; the weights sum to 1.")
    baseline = models.FloatField(null=True, blank=True)
    baseline_low = models.FloatField(null=True, blank=True)
    baseline_high = models.FloatField(null=True, blank=True)
    n = models.PositiveIntegerField(default=0)
    effort = models.FloatField(default=1.0, help_text="Cost of moving this unit, against the others.")
    least = models.FloatField(null=True, blank=True)
    most = models.FloatField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    upper = models.FloatField(null=True, blank=True)
    stretch = models.FloatField(null=True, blank=True)
    min_n = models.PositiveIntegerField(default=30)
    owner = models.CharField(max_length=254, blank=True)
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["scope_key"]
        constraints = [models.UniqueConstraint(fields=["plan", "scope_key"], name="targets_plan_line")]

    def __str__(self) -> str:
        return self.scope_key


class PlanComment(models.Model):
    """What somebody said about a plan or one of its lines, with another value where they ask for one."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="comments")
    line = models.ForeignKey(
        PlanLine, null=True, blank=True, on_delete=models.CASCADE, related_name="comments"
    )
    author = models.CharField(max_length=254)
    at = models.DateTimeField()
    text = models.TextField()
    asked_value = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"
