"""Launches: a queue on its way to open, the results of its checks, and incidents of an open one.

A `LaunchCheck` is written once: a later result is a later row. The gates themselves are computed, never
stored, save the summary in `gates` that the list of launches shows with its instant.
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

_SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]
CHECK_STATES = (("pass", "Passed"), ("fail", "Failed"))


class Launch(models.Model):
    """A queue's way to live: who owns it, what was promised, and what is asked of its gates."""

    queue = models.OneToOneField("queues.Queue", on_delete=models.PROTECT, related_name="launch")
    source = models.ForeignKey(
        "queues.Queue",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The queue it was cloned from.",
    )
    owner = models.CharField(max_length=254)
    opened_by = models.CharField(max_length=254)
    opened_at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)
    gold_per_label = models.PositiveSmallIntegerField(
        default=5, help_text="Golden cases that each label needs."
    )
    boundary_per_label = models.PositiveSmallIntegerField(
        default=1, help_text="How many of them are hard ones."
    )
    certified_per_language = models.PositiveSmallIntegerField(
        default=2, help_text="Certified reviewers that each language needs."
    )
    accuracy_floor = models.FloatField(
        null=True, blank=True, validators=_SHARE, help_text="What the pilot's accuracy must surely reach."
    )
    agreement_floor = models.FloatField(
        null=True, blank=True, validators=_SHARE, help_text="What the pilot's AC1 must surely reach."
    )
    on_time_target = models.FloatField(
        null=True, blank=True, validators=_SHARE, help_text="Share of cases to be decided in time."
    )
    gap_limit = models.FloatField(
        default=0.10, validators=_SHARE, help_text="Most chance of too few people that may be signed off."
    )
    canary_share = models.FloatField(
        default=0.05, validators=_SHARE, help_text="Share of the cases that the canary takes."
    )
    gates = models.JSONField(default=dict, blank=True, help_text="Statuses by number, as last looked at.")
    looked_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name_plural = "launches"

    def __str__(self) -> str:
        return f"launch of {self.queue_id}"


class LaunchCheck(models.Model):
    """What a test or a signature came to: once, with its evidence, for one configuration. Append-only."""

    launch = models.ForeignKey(Launch, on_delete=models.PROTECT, related_name="checks")
    gate = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=4, choices=CHECK_STATES)
    reason = models.CharField(max_length=400, blank=True)
    evidence = models.JSONField(default=dict)
    queue_version = models.PositiveIntegerField()
    configuration = models.CharField(
        max_length=64, help_text="Digest of the settings that the result holds for."
    )
    by = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["launch", "gate", "-at", "-id"], name="launches_check_latest")]
        constraints = [
            models.CheckConstraint(name="launches_check_gate", condition=Q(gate__gte=1, gate__lte=15)),
        ]

    def __str__(self) -> str:
        return f"gate {self.gate} of {self.launch_id}: {self.status}"


class Incident(models.Model):
    """Something that broke an open queue, from the instant it recovers until its exit criteria hold."""

    queue = models.ForeignKey("queues.Queue", on_delete=models.PROTECT, related_name="incidents")
    reason = models.CharField(max_length=400)
    overdue_at_most = models.PositiveIntegerField(
        default=0, help_text="Open cases past their deadline at which the queue counts as recovered."
    )
    criteria = models.CharField(max_length=400, blank=True, help_text="What else a person must see.")
    opened_by = models.CharField(max_length=254)
    opened_at = models.DateTimeField()
    closed_by = models.CharField(max_length=254, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=400, blank=True, help_text="What was seen when it was closed.")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["queue"], condition=Q(closed_at__isnull=True), name="launches_incident_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"incident of {self.queue_id}"
