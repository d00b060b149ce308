"""DSA statements of reasons, and the ground that each label of a policy stands on."""

from django.db import models
from django.db.models import Q

from watchfloor.operations.enforcement.vocabulary import STATEMENT_STATES


class Ground(models.Model):
    """What a label of a policy is a violation of: the law, or the terms. Without a row it is the terms."""

    policy = models.SlugField()
    label = models.CharField(max_length=80)
    is_illegal = models.BooleanField(
        default=False, help_text="Illegal content; otherwise a breach of the terms."
    )
    reference = models.CharField(max_length=500, help_text="The law, or the clause of the terms.")
    explanation = models.CharField(
        max_length=2000,
        blank=True,
        default="",
        help_text="Why the content falls under it; blank is the label's text.",
    )
    url = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["policy", "label"]
        constraints = [models.UniqueConstraint(fields=["policy", "label"], name="enforcement_ground_once")]

    def __str__(self) -> str:
        return f"{self.policy} {self.label}"


class Statement(models.Model):
    """The statement of reasons of one decision, and how far it is on its way to the transparency database."""

    decision = models.OneToOneField("review.Decision", on_delete=models.PROTECT, related_name="statement")
    puid = models.CharField(max_length=500, unique=True)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=[(s, s.capitalize()) for s in STATEMENT_STATES])
    faults = models.JSONField(default=list, blank=True, help_text="What our own validation found.")
    errors = models.JSONField(default=list, blank=True, help_text="What the transparency database answered.")
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    uuid = models.CharField(max_length=80, blank=True, default="")
    permalink = models.CharField(max_length=500, blank=True, default="")
    built_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-built_at", "-id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="ready"), name="enforcement_statement_ready"),
            models.Index(fields=["state", "-built_at", "-id"], name="enforcement_statement_state"),
        ]

    def __str__(self) -> str:
        return self.puid
