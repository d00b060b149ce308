"""An appeal against a decision: filed once, settled once."""

from django.db import models
from django.db.models import Q

from watchfloor.operations.enforcement.vocabulary import (
    APPEAL_KINDS,
    APPEAL_OUTCOMES,
    APPEAL_STATES,
    APPEAL_SUBJECTS,
    COMPLAINANT_ROLES,
)


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class Appeal(models.Model):
    """A complaint against a decision, the case in which somebody else looks again, and what came of it."""

    id = models.UUIDField(primary_key=True)
    client = models.CharField(max_length=80, blank=True, default="")
    client_key = models.CharField(max_length=200, null=True, blank=True)
    case = models.ForeignKey("review.Case", on_delete=models.PROTECT, related_name="appeals")
    decision = models.ForeignKey("review.Decision", on_delete=models.PROTECT, related_name="appeals")
    kind = models.CharField(max_length=20, choices=_choices(APPEAL_KINDS))
    subject = models.CharField(max_length=20, choices=_choices(APPEAL_SUBJECTS))
    complainant_role = models.CharField(max_length=20, choices=_choices(COMPLAINANT_ROLES))
    note = models.TextField(blank=True, default="")
    filed_at = models.DateTimeField()
    appeal_case = models.OneToOneField(
        "review.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="settles"
    )
    state = models.CharField(max_length=10, choices=_choices(APPEAL_STATES), default="open")
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="", choices=_choices(APPEAL_OUTCOMES))
    ruling = models.ForeignKey(
        "review.Decision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The decision of the appeal's own case.",
    )
    correction = models.ForeignKey(
        "review.Decision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The decision that took the place of the appealed one.",
    )
    settlement_body = models.CharField(
        max_length=160, blank=True, default="", help_text="Out of court: the body that settles."
    )
    implemented = models.BooleanField(
        null=True, blank=True, help_text="Out of court: whether its outcome was put into effect."
    )

    class Meta:
        ordering = ["-filed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "client_key"], name="enforcement_appeal_client_key"),
            models.UniqueConstraint(
                fields=["decision", "kind", "complainant_role"],
                condition=Q(state="open"),
                name="enforcement_appeal_open_once",
            ),
            models.CheckConstraint(
                name="enforcement_appeal_settled",
                condition=Q(state="open", outcome="", decided_at__isnull=True)
                | (Q(state="decided", decided_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [models.Index(fields=["state", "-filed_at", "-id"], name="enforcement_appeal_state")]

    def __str__(self) -> str:
        return f"appeal against {self.decision_id}"
