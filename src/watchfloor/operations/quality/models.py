"""Golden cases, the cases that carry a reference, and training. Audits and disputes: `audit_models`.

A golden case is a row a version: two people answered it apart from each other, and a new version of the
policy asks for a new version of the gold. Truth stands here alone, never in the case that is shown.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from watchfloor.operations.quality.vocabulary import (
    EXERCISE_KINDS,
    GOLD_STATES,
    OPEN_GOLD_STATES,
    TRAINING_KINDS,
    TRAINING_STATES,
    choices,
)


class GoldCase(models.Model):
    """One version of a golden case: a case, its adjudicated truth, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gold_id = models.CharField(max_length=80, help_text="The golden case over all its versions.")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=choices(GOLD_STATES), default="nominated")
    case = models.ForeignKey("review.Case", on_delete=models.PROTECT, related_name="gold")
    queue = models.ForeignKey("queues.Queue", on_delete=models.PROTECT, related_name="gold")
    policy_version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="gold"
    )
    truth = models.JSONField(
        default=dict, blank=True, help_text="Labels and action on which two people agree."
    )
    rationale = models.TextField(blank=True)
    difficulty = models.FloatField(null=True, blank=True, help_text="0 easy to 1 hard.")
    nominated_by = models.CharField(max_length=254)
    nominated_at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True, help_text="When two adjudications agreed.")
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-nominated_at", "-id"]
        indexes = [
            models.Index(fields=["queue", "state", "-nominated_at"], name="quality_gold_queue"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["gold_id", "version"], name="quality_gold_version_once"),
            models.UniqueConstraint(
                fields=["gold_id"], condition=Q(state="standing"), name="quality_gold_standing_once"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=(*OPEN_GOLD_STATES, "standing")),
                name="quality_gold_case_once",
            ),
            models.CheckConstraint(
                name="quality_gold_difficulty",
                condition=Q(difficulty__isnull=True) | Q(difficulty__gte=0, difficulty__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gold_id} v{self.version}"


class Adjudication(models.Model):
    """One person's own answer to a nominated case; nobody sees another's before giving theirs."""

    gold = models.ForeignKey(GoldCase, on_delete=models.CASCADE, related_name="adjudications")
    adjudicator = models.CharField(max_length=254)
    labels = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    action = models.CharField(max_length=40, blank=True)
    rationale = models.TextField()
    difficulty = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["gold", "at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["gold", "adjudicator"], name="quality_adjudicator_once"),
            models.CheckConstraint(
                name="quality_adjudication_difficulty", condition=Q(difficulty__gte=0, difficulty__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.adjudicator} on {self.gold_id}"


class Exercise(models.Model):
    """A case whose right answer is known: hidden gold in production, or a case of training."""

    case = models.OneToOneField(
        "review.Case", primary_key=True, on_delete=models.PROTECT, related_name="exercise"
    )
    kind = models.CharField(max_length=8, choices=choices(EXERCISE_KINDS))
    gold = models.ForeignKey(
        GoldCase, null=True, blank=True, on_delete=models.PROTECT, related_name="exercises"
    )
    source = models.ForeignKey("review.Case", on_delete=models.PROTECT, related_name="replays")
    reference = models.JSONField(help_text="Labels and action of the right answer.")
    rationale = models.TextField(blank=True)
    difficulty = models.FloatField(null=True, blank=True)
    reviewer = models.ForeignKey(
        "people.Reviewer", null=True, blank=True, on_delete=models.PROTECT, related_name="exercises"
    )
    enqueued_at = models.DateTimeField()

    class Meta:
        ordering = ["-enqueued_at", "-case"]
        indexes = [models.Index(fields=["source", "kind"], name="quality_exercise_source")]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"


class GoldMix(models.Model):
    """How far a queue's mixing has counted, and the part of a golden case it still owes."""

    queue = models.OneToOneField(
        "queues.Queue", primary_key=True, on_delete=models.CASCADE, related_name="gold_mix"
    )
    counted_to = models.DateTimeField()
    owed = models.FloatField(default=0.0)

    class Meta:
        ordering = ["queue"]
        verbose_name_plural = "gold mixes"

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.owed:.2f} owed"


class Training(models.Model):
    """A reviewer's way to a certification on one version of a policy, judged by a sequential test."""

    reviewer = models.ForeignKey("people.Reviewer", on_delete=models.PROTECT, related_name="trainings")
    queue = models.ForeignKey("queues.Queue", on_delete=models.PROTECT, related_name="trainings")
    policy_version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="trainings"
    )
    kind = models.CharField(max_length=16, choices=choices(TRAINING_KINDS), default="first")
    state = models.CharField(max_length=12, choices=choices(TRAINING_STATES), default="training")
    failing_accuracy = models.FloatField(default=0.90, help_text="θ₀: somebody this good must not pass.")
    passing_accuracy = models.FloatField(default=0.95, help_text="θ₁: somebody this good must pass.")
    false_pass = models.FloatField(default=0.05, help_text="α: chance that θ₀ passes.")
    false_fail = models.FloatField(default=0.10, help_text="β: chance that θ₁ fails.")
    log_likelihood = models.FloatField(default=0.0)
    correct = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=254, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["queue", "reviewer", "-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reviewer", "queue"], condition=Q(state="training"), name="quality_training_once"
            ),
        ]

    def __str__(self) -> str:
        return f"training of {self.reviewer_id} in {self.queue_id}"


class TrainingAnswer(models.Model):
    """One judged answer of a training, and where the test stood after it."""

    review = models.OneToOneField(
        "review.Review", primary_key=True, on_delete=models.PROTECT, related_name="judged"
    )
    training = models.ForeignKey(Training, on_delete=models.CASCADE, related_name="answers")
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="answers")
    correct = models.BooleanField()
    log_likelihood = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["training", "at", "review"]

    def __str__(self) -> str:
        return f"{'right' if self.correct else 'wrong'} in {self.training_id}"


from watchfloor.operations.quality.audit_models import (  # noqa: E402 -- Django finds models here
    Audit,
    AuditDesign,
    AuditDraw,
    Dispute,
    DisputeStep,
)

__all__ = [
    "Adjudication",
    "Audit",
    "AuditDesign",
    "AuditDraw",
    "Dispute",
    "DisputeStep",
    "Exercise",
    "GoldCase",
    "GoldMix",
    "Training",
    "TrainingAnswer",
]
