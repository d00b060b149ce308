"""Cases and what happens to them. Rows move between tables; nothing hot is updated in place.

A case waits as a `Pending` row, is held as a `Lease`, and leaves a `Review`; when its reviews settle it, a
`Decision`. So the state of a case is the table it stands in. Foreign keys of the hot tables to rarely changed
rows carry no database constraint: every insert would lock the same queue row.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from watchfloor.facts.schemas import OUTCOMES, REVIEW_KINDS, RULES, STATES
from watchfloor.operations.review.waiting import Draft, Held, Lane, Waiting

SOURCES = (
    "voluntary",
    "article_16",
    "trusted_flagger",
    "other_notification",
    "order_to_act",
    "order_to_inform",
    "appeal",
)


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class Case(models.Model):
    """The unit of work: one content object in one queue. Written once."""

    id = models.UUIDField(primary_key=True)
    client = models.CharField(max_length=80, blank=True, default="")
    client_key = models.CharField(max_length=200, null=True, blank=True)
    object_id = models.CharField(max_length=200, blank=True, default="")
    queue = models.ForeignKey(
        "queues.Queue", on_delete=models.PROTECT, related_name="cases", db_constraint=False
    )
    queue_version = models.ForeignKey(
        "queues.QueueVersion", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    strategy_id = models.CharField(max_length=80, blank=True, default="")
    enqueued_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    priority = models.PositiveSmallIntegerField()
    severity_hint = models.CharField(max_length=10, blank=True, default="")
    risk_score = models.FloatField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True, default="")
    market = models.CharField(max_length=2, blank=True, default="")
    media_seconds = models.FloatField(null=True, blank=True)
    data_boundary = models.CharField(max_length=80, blank=True, default="")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    content = models.JSONField(default=dict, blank=True)
    source = models.CharField(
        max_length=24,
        blank=True,
        default="",
        db_default="",
        choices=_choices(SOURCES),
        help_text="Who noticed it.",
    )
    author_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    topics = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    wellness_class = models.CharField(
        max_length=12,
        blank=True,
        default="",
        db_default="",
        help_text="Blank is the queue's; a case can only raise it.",
    )
    purpose = models.CharField(
        max_length=12,
        blank=True,
        default="",
        db_default="",
        help_text="Blank is the queue's; hidden golden cases have `qa`.",
    )
    gold_id = models.CharField(max_length=80, blank=True, default="", db_default="")

    class Meta:
        ordering = ["-enqueued_at", "-id"]
        indexes = [
            models.Index(fields=["-enqueued_at", "-id"], name="review_case_enqueued"),
            models.Index(fields=["object_id"], condition=~Q(object_id=""), name="review_case_object"),
            models.Index(
                fields=["client", "author_id", "-enqueued_at"],
                condition=~Q(author_id=""),
                name="review_case_author",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["client", "client_key"], name="review_case_client_key"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Pending(Waiting):
    """A case that waits to be claimed: the hot table."""

    case = models.OneToOneField(
        Case, primary_key=True, on_delete=models.PROTECT, related_name="pending", db_constraint=False
    )
    # Sent to this person: nobody else is served it until the instant, or until they leave.
    reserved_for = models.BigIntegerField(null=True)
    reserved_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["priority", "deadline_at", "enqueued_at", "case"]
        verbose_name_plural = "pending"
        # A queue, a site and a language are a lane: served by class, by deadline alone, or as overflow.
        indexes = [
            models.Index(
                fields=["queue", "site", "language", "priority", "deadline_at", "enqueued_at", "case"],
                name="review_pending_head",
            ),
            models.Index(
                fields=["queue", "site", "language", "deadline_at", "enqueued_at", "case"],
                name="review_pending_deadline",
            ),
            models.Index(
                fields=["queue", "site", "language", "overflow_at", "case"],
                condition=~Q(site=""),
                name="review_pending_overflow",
            ),
            models.Index(
                fields=["reserved_for"],
                condition=Q(reserved_for__isnull=False),
                name="review_pending_reserved",
            ),
            models.Index(fields=["queue", "enqueued_at"], name="review_pending_enqueued"),
            # Over all lanes: where most claims are served.
            models.Index(
                fields=["priority", "deadline_at", "enqueued_at", "case"], name="review_pending_first"
            ),
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class Lease(Waiting):
    """A case in a reviewer's hands until an instant; the token fences late answers."""

    token = models.UUIDField(primary_key=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="lease", db_constraint=False)
    queue_version = models.ForeignKey(
        "queues.QueueVersion", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    reviewer = models.ForeignKey(
        "people.Reviewer", on_delete=models.PROTECT, related_name="leases", db_constraint=False
    )
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    dimensions = models.JSONField(help_text="Dimension columns of the facts, as they were at the claim.")
    template_version = models.ForeignKey(
        "queues.TemplateVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    shown = models.JSONField(
        default=dict, db_default={}, help_text="Versions shown and golden case, as the fact names them."
    )
    exposure_class = models.CharField(
        max_length=12, default="standard", db_default="standard", help_text="The higher of queue and case."
    )
    lease_seconds = models.PositiveIntegerField(default=600, db_default=600)
    is_prefetched = models.BooleanField(
        default=False, db_default=False, help_text="Taken ahead: its handle time starts when it is begun."
    )
    decides_alone = models.BooleanField(
        default=False, db_default=False, help_text="One answer decides the case, and nothing else follows."
    )
    is_first_day = models.BooleanField(
        default=False, db_default=False, help_text="The person had no production case before."
    )

    class Meta:
        ordering = ["expires_at", "token"]
        indexes = [models.Index(fields=["expires_at"], name="review_lease_expires")]

    def __str__(self) -> str:
        return f"lease of {self.case_id}"


class Review(models.Model):
    """What one reviewer recorded in one turn, whatever its outcome. Append-only."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=10, choices=_choices(REVIEW_KINDS))
    turn = models.PositiveSmallIntegerField(null=True, blank=True)
    reviewer = models.ForeignKey(
        "people.Reviewer", null=True, on_delete=models.PROTECT, related_name="reviews", db_constraint=False
    )
    queue = models.ForeignKey(
        "queues.Queue", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    queue_version = models.ForeignKey(
        "queues.QueueVersion", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    assigned_at = models.DateTimeField()
    first_render_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField()
    handle_ms = models.BigIntegerField()
    active_ms = models.BigIntegerField(null=True, blank=True)
    media_ms = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=_choices(OUTCOMES))
    reason = models.CharField(max_length=200, blank=True, default="")
    labels = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    action = models.CharField(max_length=40, blank=True, default="")
    answer = models.JSONField(default=dict, blank=True)
    blind = models.BooleanField(default=False)

    class Meta:
        ordering = ["-submitted_at", "-id"]
        indexes = [models.Index(fields=["-submitted_at", "-id"], name="review_review_submitted")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "turn"], condition=Q(outcome="submitted"), name="review_turn_once"
            ),
            models.UniqueConstraint(
                fields=["case", "reviewer"],
                condition=Q(outcome="submitted", turn__isnull=False),
                name="review_reviewer_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} review of {self.case_id}"


class Decision(models.Model):
    """The resolved outcome of a case under a named rule; a later version supersedes an earlier one."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    version = models.PositiveSmallIntegerField(default=0)
    queue = models.ForeignKey(
        "queues.Queue", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    deciding_review = models.ForeignKey(Review, null=True, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=24, choices=_choices(RULES))
    decided_at = models.DateTimeField()
    labels = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    action = models.CharField(max_length=40, blank=True, default="")
    violative = models.BooleanField(null=True)
    enforced = models.BooleanField(default=True)
    automated = models.BooleanField(default=False)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    callback_status = models.CharField(max_length=10, default="none")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-decided_at", "-id"]
        indexes = [models.Index(fields=["queue", "-decided_at"], name="review_decision_queue")]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="review_decision_version_once"),
        ]

    def __str__(self) -> str:
        return f"decision of {self.case_id}"


class QueueDelta(models.Model):
    """A change of a queue's counters, folded into its pulse once a second."""

    id = models.BigAutoField(primary_key=True)
    queue = models.ForeignKey(
        "queues.Queue", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    backlog = models.IntegerField(default=0)
    in_review = models.IntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.backlog:+d} waiting, {self.in_review:+d} in review"


class QueuePulse(models.Model):
    """The folded counters of a queue."""

    queue = models.OneToOneField(
        "queues.Queue", primary_key=True, on_delete=models.PROTECT, related_name="pulse"
    )
    backlog = models.BigIntegerField(default=0)
    in_review = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["queue"]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.backlog} waiting"


class ActivityInterval(models.Model):
    """What a reviewer is doing now, since when; when it ends it becomes a fact."""

    reviewer = models.OneToOneField(
        "people.Reviewer", primary_key=True, on_delete=models.CASCADE, related_name="activity"
    )
    state = models.CharField(max_length=10, choices=_choices(STATES))
    started_at = models.DateTimeField()
    dimensions = models.JSONField(default=dict, help_text="Site, team, employer and tenure band.")

    class Meta:
        ordering = ["reviewer"]

    def __str__(self) -> str:
        return f"{self.reviewer_id}: {self.state}"


from watchfloor.operations.review.counters import (  # noqa: E402 -- Django finds models here
    PulseMark,
    QueueHour,
    QueueMinute,
    QueueOverdue,
    QueuePlan,
)

__all__ = [
    "ActivityInterval",
    "Case",
    "Decision",
    "Draft",
    "Held",
    "Lane",
    "Lease",
    "Pending",
    "PulseMark",
    "QueueDelta",
    "QueueHour",
    "QueueMinute",
    "QueueOverdue",
    "QueuePlan",
    "QueuePulse",
    "Review",
]
