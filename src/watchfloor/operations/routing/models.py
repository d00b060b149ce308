"""Strategies that send cases, and rule sets in versions. Of rule sets one is in force at a time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

STRATEGY_STATES = [("draft", "Draft"), ("canary", "Canary"), ("on", "On"), ("ended", "Ended")]
ACCEPTING = ("canary", "on")
RULE_SET_STATES = [("draft", "Draft"), ("active", "Active"), ("retired", "Retired")]


class Strategy(models.Model):
    """A rule, model or sampling programme that sends content to human review, and what was expected of it."""

    slug = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=160)
    name_zh_hans = models.CharField(max_length=160, blank=True)
    owner = models.CharField(max_length=254, blank=True)
    source = models.CharField(max_length=24, blank=True, default="voluntary")
    state = models.CharField(max_length=10, choices=STRATEGY_STATES, default="draft")
    queue_groups = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="Empty means every group."
    )
    data_boundary = models.ForeignKey(
        "people.DataBoundary", null=True, blank=True, on_delete=models.PROTECT, related_name="strategies"
    )
    policy = models.SlugField(blank=True, default="")
    throttle_per_hour = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most cases taken in a clock hour; blank takes all."
    )
    canary_share = models.FloatField(
        default=1.0, help_text="Share of its cases taken while it is in canary; 0 to 1."
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    expected_cases_per_day = models.FloatField(null=True, blank=True)
    expected_violative_share = models.FloatField(null=True, blank=True)
    expected_handle_seconds = models.FloatField(null=True, blank=True)
    cost_per_hour = models.FloatField(
        null=True, blank=True, help_text="Cost of an hour of review, in the operation's currency."
    )
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    requested_by = models.CharField(max_length=254, blank=True, default="")
    approved_by = models.CharField(max_length=254, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    approval_note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ["slug"]
        verbose_name_plural = "strategies"

    def __str__(self) -> str:
        return self.name


class StrategyHour(models.Model):
    """How many cases of a strategy were taken and refused in a clock hour."""

    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="hours")
    starts_at = models.DateTimeField()
    taken = models.BigIntegerField(default=0, db_default=0)
    refused = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["strategy", "-starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["strategy", "starts_at"], name="routing_strategyhour_once")
        ]

    def __str__(self) -> str:
        return f"{self.strategy_id} at {self.starts_at:%Y-%m-%d %H:%M}: {self.taken} taken"


class RuleSet(models.Model):
    """A version of the routing rules; the first rule that matches chooses the queue."""

    version = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=RULE_SET_STATES, default="draft")
    default_queue = models.ForeignKey(
        "queues.Queue", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.CharField(max_length=254, blank=True)
    approved_by = models.CharField(max_length=254, blank=True)
    note = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    active_from = models.DateTimeField(null=True, blank=True)
    active_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="active"), name="routing_ruleset_one_active"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class Rule(models.Model):
    """One rule: conditions that must all hold, and the queue that then takes the case."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="rules")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=160)
    conditions = models.JSONField(default=list, help_text="Field, operator and value each.")
    queue = models.ForeignKey("queues.Queue", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["rule_set", "position"]
        constraints = [models.UniqueConstraint(fields=["rule_set", "position"], name="routing_rule_once")]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """Which rule chose a case's queue, and what the sender knew of the case that the case does not keep.

    Kept beside the case, not in it: most cases name their queue and have no such row. It holds no content.
    """

    case_id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of the rule set; blank when the sender named the queue."
    )
    position = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of the rule; blank for the default queue."
    )
    surface = models.CharField(max_length=40, blank=True, default="")
    labels = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    class Meta:
        ordering = ["case_id"]

    def __str__(self) -> str:
        return f"{self.case_id}: v{self.version}, rule {self.position}"


class Report(models.Model):
    """What somebody reported about an item. Several reports of an item in a queue share one open case."""

    report_id = models.UUIDField(unique=True)
    client = models.CharField(max_length=80)
    client_key = models.CharField(max_length=200)
    shape = models.CharField(max_length=16)
    item_id = models.CharField(max_length=200)
    queue = models.SlugField(max_length=80)
    case_id = models.UUIDField()
    reporter = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    comment = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["client", "client_key"], name="routing_report_once")]
        indexes = [
            models.Index(fields=["case_id"], name="routing_report_case"),
            models.Index(fields=["client", "item_id", "queue", "-received_at"], name="routing_report_item"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk} of {self.item_id}"
