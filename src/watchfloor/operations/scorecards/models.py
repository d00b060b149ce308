"""Scorecard definitions in versions, and what people say of a unit's figures: comments and disputes."""

from django.db import models

from watchfloor.operations.scorecards.contract_models import ContractLine, InvoiceCheck, VendorContract
from watchfloor.operations.scorecards.vocabulary import DISPUTE_STATES, KINDS, PERIODS, choices

__all__ = ["ContractLine", "FigureDispute", "InvoiceCheck", "Scorecard", "UnitComment", "VendorContract"]


class Scorecard(models.Model):
    """One version of what units of a kind are looked at by. Nothing is overwritten."""

    kind = models.CharField(max_length=8, choices=choices(KINDS))
    version = models.PositiveIntegerField()
    measures = models.JSONField(help_text="[[metric id, weight], …]; weight 0 shows without counting.")
    gate_metric = models.CharField(max_length=48, blank=True)
    gate_limit = models.FloatField(
        null=True, blank=True, help_text="Upper limit; null takes the ceiling in force."
    )
    min_n = models.PositiveIntegerField(default=30)
    period = models.CharField(max_length=5, choices=choices(PERIODS), default="28d")
    reason = models.TextField()
    author = models.CharField(max_length=254)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="scorecards_version")]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"


class UnitComment(models.Model):
    """What somebody said about a unit, or one of its figures."""

    kind = models.CharField(max_length=8, choices=choices(KINDS))
    slug = models.CharField(max_length=80)
    metric = models.CharField(max_length=48, blank=True)
    author = models.CharField(max_length=254)
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["kind", "slug"], name="scorecards_comment_unit")]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"


class FigureDispute(models.Model):
    """A figure that its unit holds to be wrong: why, until when somebody answers, and the answer."""

    kind = models.CharField(max_length=8, choices=choices(KINDS))
    slug = models.CharField(max_length=80)
    metric = models.CharField(max_length=48)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    value = models.FloatField(null=True)
    reason = models.TextField()
    state = models.CharField(max_length=9, choices=choices(DISPUTE_STATES), default="open")
    opened_by = models.CharField(max_length=254)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=254, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "slug", "metric", "period_start", "period_end"],
                condition=models.Q(state="open"),
                name="scorecards_dispute_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.slug}: {self.state}"
