"""What follows a decision, each row made once from the decision's event (`enforcement.following`).

`FeedEntry` puts decisions in an order that a reader can follow; `Restriction` says what was restricted, where
and how long; `Delivery` tells an endpoint, attempt by attempt.
`Appeal` and `Statement` have modules of their own.
"""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from watchfloor.operations.enforcement.vocabulary import (
    DELIVERY_STATES,
    FEED_KINDS,
    MESSAGE_KINDS,
    RESTRICTION_SCOPES,
    RESTRICTION_TYPES,
)

LONGEST_ADDRESS = 500


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class FollowMark(models.Model):
    """How far decision events were followed: the next transaction; and how far the feed was stated."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    next_xid = models.BigIntegerField(default=0)
    stated_position = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="enforcement_followmark_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"followed up to {self.next_xid}"


class FeedEntry(models.Model):
    """A decision made or withdrawn, at its place in the feed. Places are given out in the order of commit."""

    position = models.BigAutoField(primary_key=True)
    decision = models.ForeignKey(
        "review.Decision", on_delete=models.PROTECT, related_name="feed_entries", db_index=False
    )
    kind = models.CharField(max_length=10, choices=_choices(FEED_KINDS))

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "feed entries"
        constraints = [
            models.UniqueConstraint(fields=["decision", "kind"], name="enforcement_feedentry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.decision_id} {self.kind}"


class Endpoint(models.Model):
    """Where decisions are told. A queue names it by slug; one that nobody has set up yet has no address.

    Its secret follows from the operation's key, its id and `secret_version`, and is stored nowhere.
    """

    slug = models.SlugField(unique=True)
    url = models.CharField(max_length=LONGEST_ADDRESS, blank=True, default="")
    active = models.BooleanField(default=True)
    boundary = models.ForeignKey(
        "people.DataBoundary",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The data boundary it lies in; only such an endpoint is told the decisions from inside.",
    )
    secret_version = models.PositiveIntegerField(default=1)
    rotated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_sending(self) -> bool:
        """Whether its deliveries are attempted; otherwise they wait."""
        return self.active and bool(self.url)


class Delivery(models.Model):
    """One decision on its way to one endpoint. `fact` is the decision's fact row, for its callback status."""

    decision = models.ForeignKey(
        "review.Decision", on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=10, choices=_choices(MESSAGE_KINDS), default="made")
    restriction = models.ForeignKey(
        "enforcement.Restriction",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The one that was lifted by hand; of other messages empty.",
    )
    state = models.CharField(max_length=10, choices=_choices(DELIVERY_STATES), default="pending")
    attempt = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveIntegerField(default=0, db_default=0, help_text="How often it was replayed.")
    next_at = models.DateTimeField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    response = models.JSONField(default=dict, blank=True, help_text="The last attempt: status, body, error.")
    fact = models.JSONField(default=dict, blank=True)
    message = models.JSONField(
        null=True, blank=True, help_text="As first sent: every later attempt says the same. Empty before."
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "endpoint", "kind", "restriction"],
                name="enforcement_delivery_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_at", "id"],
                condition=Q(state__in=("pending", "failed")),
                name="enforcement_delivery_due",
            ),
            models.Index(fields=["state", "-created_at", "-id"], name="enforcement_delivery_state"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} to {self.endpoint_id}"

    @property
    def idempotency_key(self) -> str:
        """What the endpoint knows a repetition by: the decision's id; what came later is told apart."""
        lifted = f".{self.restriction_id}" if self.restriction_id else ""
        return str(self.decision_id) if self.kind == "made" else f"{self.decision_id}.{self.kind}{lifted}"


class DeliveryAttempt(models.Model):
    """One time that a delivery was sent, and what came of it; a replay begins a new round."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    round = models.PositiveIntegerField(help_text="0 at first; one more with each replay.")
    attempt = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text="When it came back.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty without an answer.")
    seconds = models.FloatField(null=True, blank=True, help_text="Until the answer; empty without one.")
    error = models.CharField(max_length=500, blank=True, default="")
    body = models.CharField(
        max_length=500, blank=True, default="", help_text="The answer's first characters."
    )

    class Meta:
        ordering = ["delivery", "round", "attempt", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "round", "attempt"], name="enforcement_deliveryattempt_once"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.attempt} of {self.delivery_id}"


class Restriction(models.Model):
    """What a decision restricts, where, from when until when. Without an end it holds until it is lifted."""

    decision = models.ForeignKey(
        "review.Decision", on_delete=models.PROTECT, related_name="restrictions", db_index=False
    )
    type = models.CharField(max_length=32, choices=_choices(RESTRICTION_TYPES))
    scope = models.CharField(max_length=12, choices=_choices(RESTRICTION_SCOPES))
    territories = ArrayField(
        models.CharField(max_length=2, validators=[RegexValidator(r"\A[A-Z]{2}\Z")]),
        default=list,
        blank=True,
        help_text="Countries, ISO 3166-1 alpha-2; empty is everywhere.",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    is_given = models.BooleanField(
        default=False, help_text="Stated with the answer, not derived from its action."
    )

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "type"], name="enforcement_restriction_once"),
            models.CheckConstraint(
                name="enforcement_restriction_period",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} by {self.decision_id}"


from watchfloor.operations.enforcement.appeal_models import Appeal  # noqa: E402 -- Django finds models here
from watchfloor.operations.enforcement.statement_models import Ground, Statement  # noqa: E402 -- as above

__all__ = [
    "Appeal",
    "Delivery",
    "DeliveryAttempt",
    "Endpoint",
    "FeedEntry",
    "FollowMark",
    "Ground",
    "Restriction",
    "Statement",
]
