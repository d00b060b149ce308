"""Definitions that people propose, what became of them, and what that did to numbers already read."""

from django.db import models
from django.db.models import Q

STATES = [
    ("draft", "Draft"),
    ("proposed", "Proposed"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]


class Proposal(models.Model):
    """One version of one metric's definition, as text, on its way to being approved."""

    metric_id = models.CharField(max_length=48)
    version = models.PositiveIntegerField()
    text = models.TextField(help_text="The definition, YAML.")
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=STATES, default="draft")
    author = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=254, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["metric_id", "version"], condition=Q(state="approved"), name="catalogue_approved_once"
            ),
            models.UniqueConstraint(
                fields=["metric_id"],
                condition=Q(state__in=("draft", "proposed")),
                name="catalogue_one_open_proposal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}@{self.version} ({self.state})"


class Retirement(models.Model):
    """A metric that is no longer to be used, and what takes its place."""

    metric_id = models.CharField(max_length=48, unique=True)
    replacement = models.CharField(max_length=48, blank=True)
    reason = models.TextField()
    author = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        ordering = ["metric_id"]

    def __str__(self) -> str:
        return self.metric_id


class Restatement(models.Model):
    """Numbers that read otherwise since a version was approved: the same period by both versions."""

    metric_id = models.CharField(max_length=48)
    old_version = models.PositiveIntegerField()
    new_version = models.PositiveIntegerField()
    at = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    old_value = models.FloatField(null=True, blank=True)
    new_value = models.FloatField(null=True, blank=True)
    facts_version = models.PositiveIntegerField()
    author = models.CharField(max_length=254)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.metric_id}: {self.old_version} → {self.new_version}"
