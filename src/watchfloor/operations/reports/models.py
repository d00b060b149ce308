"""Reports with what they stand on, and the log of their freezing.

A report is drafted, drawn from one version of the facts, frozen under its hash, and published. Once
frozen, nothing changes: what turns out to be wrong is restated in a report of its own.
"""

import uuid

from django.db import models
from django.db.models import F, Q

KINDS = [("transparency", "Transparency report"), ("review", "Business review")]
STATES = [("draft", "Draft"), ("frozen", "Frozen"), ("published", "Published")]
LOGGED = [("drawn", "Drawn"), ("frozen", "Frozen"), ("published", "Published"), ("restated", "Restated")]


class Report(models.Model):
    """One report of one period. `counted` is what was drawn, `inputs` what was typed in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=12, choices=KINDS)
    title = models.CharField(max_length=160)
    operation = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day of the period.")
    spec = models.JSONField(default=dict, blank=True, help_text="What was asked for: grain, kinds of units.")
    inputs = models.JSONField(default=dict, blank=True)
    counted = models.JSONField(null=True, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True, help_text="The facts as they were known then.")
    facts_version = models.PositiveBigIntegerField(null=True, blank=True)
    definitions = models.JSONField(default=dict, blank=True, help_text="Metric to version.")
    digest = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=STATES, default="draft")
    made_by = models.CharField(max_length=254)
    made_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=254, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    restates = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="restated_by"
    )

    class Meta:
        ordering = ["-made_at", "id"]
        constraints = [
            models.CheckConstraint(name="reports_report_period", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="reports_report_frozen",
                condition=Q(state="draft") | (Q(frozen_at__isnull=False) & ~Q(digest="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FreezeEntry(models.Model):
    """A line of the freeze log: who fixed which bytes when. Lines are only added."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="log")
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    act = models.CharField(max_length=10, choices=LOGGED)
    digest = models.CharField(max_length=64)
    facts_version = models.PositiveBigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "freeze entries"

    def __str__(self) -> str:
        return f"{self.report_id} {self.act}"
