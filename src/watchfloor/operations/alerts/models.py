"""Rules that watch cells, the alerts they raise, what is done about those, and the channels that tell.

A rule changes in place, each change with its audit row; an alert keeps the cell as it stood when it fired.
"""

from django.db import models
from django.db.models import Q

from watchfloor.operations.alerts.vocabulary import (
    ALERT_STATES,
    CHANNEL_KINDS,
    COMPARISONS,
    DEDUPLICATIONS,
    EFFECTS,
    KINDS,
    ROUTES,
    RULE_STATES,
    SEVERITIES,
)
from watchfloor.operations.record.models import Scoped


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class Channel(models.Model):
    """Where alerts are told: addresses of people, or a webhook whose address is kept sealed."""

    slug = models.SlugField(unique=True, max_length=50)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=_choices(CHANNEL_KINDS))
    recipients = models.JSONField(default=list, blank=True, help_text="Empty is the alert's owner.")
    sealed_url = models.TextField(blank=True)
    sealed_secret = models.TextField(blank=True)
    host = models.CharField(max_length=200, blank=True, help_text="What of the address may be shown.")
    data_boundary = models.CharField(max_length=80, blank=True, default="")
    active = models.BooleanField(default=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_answer = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title


class GroupRoute(models.Model):
    """Who owns the alerts of a group of queues, and where they are told."""

    queue_group = models.CharField(max_length=80, unique=True)
    owner = models.CharField(max_length=254)
    channels = models.ManyToManyField(Channel, blank=True, related_name="routes")

    class Meta:
        ordering = ["queue_group"]

    def __str__(self) -> str:
        return f"{self.queue_group} → {self.owner}"


class AlertRule(Scoped):
    """What is watched, when it is out of order, for how long, and who is told."""

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=_choices(KINDS), default="level")
    metric_id = models.CharField(max_length=48, blank=True, help_text="Blank for a rule on freshness.")
    scope = models.JSONField(default=dict, blank=True)
    by = models.JSONField(default=list, blank=True, help_text="Each unit of this split is watched by itself.")
    window_seconds = models.PositiveIntegerField(default=3_600)
    every_seconds = models.PositiveIntegerField(default=60)
    comparison = models.CharField(max_length=5, choices=_choices(COMPARISONS), default="above")
    level = models.FloatField(null=True, blank=True, help_text="None is the target in force.")
    needed = models.PositiveSmallIntegerField(default=2, help_text="k of the last `looked` evaluations.")
    looked = models.PositiveSmallIntegerField(default=3)
    min_n = models.PositiveIntegerField(default=30)
    growth_share = models.FloatField(null=True, blank=True)
    absolute_change = models.FloatField(null=True, blank=True, help_text="A day, in the metric's unit.")
    prior_min = models.FloatField(null=True, blank=True, help_text="A day before, in the metric's unit.")
    burn_pairs = models.JSONField(default=list, blank=True, help_text="[[rate, hours], …]; any one fires.")
    severity = models.CharField(max_length=8, choices=_choices(SEVERITIES), default="medium")
    owner = models.CharField(max_length=254, help_text="A person's address or a role.")
    route = models.CharField(max_length=5, choices=_choices(ROUTES), default="rule")
    channels = models.ManyToManyField(Channel, blank=True, related_name="rules")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    deduplicate = models.CharField(max_length=4, choices=_choices(DEDUPLICATIONS), default="unit")
    cool_down_seconds = models.PositiveIntegerField(default=3_600)
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=7, choices=_choices(RULE_STATES), default="active")
    revision = models.PositiveIntegerField(default=1)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    memory = models.JSONField(default=dict, blank=True, help_text="Unit → its last evaluations, 1 is over.")
    evaluated_at = models.DateTimeField(null=True, blank=True)
    units = models.PositiveIntegerField(default=0, help_text="Cells of the last evaluation.")
    expected_false = models.FloatField(default=0.0)
    trouble = models.CharField(max_length=400, blank=True, help_text="Why it could not be evaluated.")

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                name="alerts_k_of_m", condition=Q(needed__gte=1) & Q(needed__lte=models.F("looked"))
            )
        ]

    def __str__(self) -> str:
        return self.title


class Alert(Scoped):
    """A cell that was out of order long enough; `cell` and `explanation` are as they stood then."""

    rule = models.ForeignKey(AlertRule, on_delete=models.PROTECT, related_name="alerts")
    queue = models.ForeignKey(
        "queues.Queue", null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    dedup_key = models.CharField(max_length=400)
    unit = models.CharField(max_length=300, blank=True)
    scope = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=_choices(ALERT_STATES), default="open")
    severity = models.CharField(max_length=8, choices=_choices(SEVERITIES))
    rank = models.PositiveSmallIntegerField(help_text="Of the severity; 0 is the gravest.")
    materiality = models.FloatField(default=0.0, help_text="Units between the value and what was allowed.")
    owner = models.CharField(max_length=254)
    metric_id = models.CharField(max_length=48, blank=True)
    cell = models.JSONField(default=dict)
    explanation = models.JSONField(default=dict, blank=True)
    explained_at = models.DateTimeField(null=True, blank=True)
    fired_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    times_over = models.PositiveIntegerField(default=1)
    times_clear = models.PositiveIntegerField(default=0)
    reopened = models.PositiveIntegerField(default=0)
    acknowledged_by = models.CharField(max_length=254, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    plan = models.TextField(blank=True, help_text="What the owner will do.")
    due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=254, blank=True, help_text="Blank: by itself.")
    closing_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["rank", "-materiality", "-fired_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dedup_key"],
                condition=Q(state__in=("open", "acknowledged")),
                name="alerts_one_standing",
            )
        ]
        indexes = [
            models.Index(fields=["state", "rank", "-materiality"], name="alerts_by_gravity"),
            models.Index(fields=["rule", "-fired_at"], name="alerts_of_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.unit} {self.state}"


class AlertAction(models.Model):
    """What somebody does about an alert, what it is to bring, and whether it did."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="actions")
    what = models.TextField()
    owner = models.CharField(max_length=254)
    due_at = models.DateTimeField()
    expected = models.FloatField(help_text="The value that the cell is to reach, in the metric's unit.")
    check_at = models.DateTimeField()
    baseline = models.FloatField(null=True, blank=True)
    effect = models.CharField(max_length=12, choices=_choices(EFFECTS), default="waiting")
    found = models.JSONField(default=dict, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    written_by = models.CharField(max_length=254)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["check_at", "pk"]
        indexes = [
            models.Index(fields=["check_at"], condition=Q(checked_at__isnull=True), name="alerts_to_check")
        ]

    def __str__(self) -> str:
        return self.what[:60]


class Notice(models.Model):
    """One message about an alert for one channel: waiting, sent, merged into a digest, or given up."""

    alert = models.ForeignKey(Alert, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=_choices(("fired", "resolved")))
    state = models.CharField(
        max_length=8, choices=_choices(("pending", "sent", "merged", "dead")), default="pending"
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "channel", "kind"], condition=Q(state="pending"), name="alerts_one_waiting"
            )
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="pending"), name="alerts_to_send")]

    def __str__(self) -> str:
        return f"{self.kind} {self.alert_id} → {self.channel_id}"


class LaunchWaiver(models.Model):
    """Why a queue goes live without a rule on its deadline or its quality."""

    queue = models.ForeignKey("queues.Queue", on_delete=models.CASCADE, related_name="alert_waivers")
    about = models.CharField(max_length=8, choices=_choices(("deadline", "quality")))
    reason = models.TextField()
    author = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        ordering = ["queue", "about"]
        constraints = [models.UniqueConstraint(fields=["queue", "about"], name="alerts_waived_once")]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.about}"
