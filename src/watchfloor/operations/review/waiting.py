"""What surrounds the hot tables: cases put aside, drafts of answers, and the lanes that cases wait in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Waiting(models.Model):
    """What serving needs to know of an open case; carried along while it moves between hot tables."""

    queue = models.ForeignKey(
        "queues.Queue", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    language = models.CharField(max_length=10, default="")
    priority = models.PositiveSmallIntegerField()
    deadline_at = models.DateTimeField()
    enqueued_at = models.DateTimeField()
    turn = models.PositiveSmallIntegerField(default=0)
    # Reviewers who must not have this case: they reviewed it, skipped it or escalated it.
    excluded = ArrayField(models.BigIntegerField(), default=list)
    # The site that serves it first, blank where any may; the others may from `overflow_at` on.
    site = models.CharField(max_length=80, default="", db_default="")
    overflow_at = models.DateTimeField(null=True)
    # What the case itself says: topics that people opt out of, and a class above the queue's.
    topics = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    wellness_class = models.CharField(max_length=12, default="", db_default="")

    class Meta:
        abstract = True


class Held(Waiting):
    """A case that somebody put aside until an instant; then it waits again, first for that person."""

    case = models.OneToOneField(
        "review.Case", primary_key=True, on_delete=models.PROTECT, related_name="held", db_constraint=False
    )
    reserved_for = models.BigIntegerField(null=True)
    reserved_until = models.DateTimeField(null=True)
    until = models.DateTimeField()
    held_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["until", "case"]
        verbose_name_plural = "held"
        indexes = [models.Index(fields=["until"], name="review_held_until")]

    def __str__(self) -> str:
        return f"{self.case_id} until {self.until:%Y-%m-%d %H:%M}"


class Draft(models.Model):
    """An answer that was begun. It outlives the lease, so that a late answer is not lost work."""

    case = models.ForeignKey("review.Case", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    reviewer = models.ForeignKey(
        "people.Reviewer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    draft = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["case", "reviewer"]
        constraints = [models.UniqueConstraint(fields=["case", "reviewer"], name="review_draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.case_id}"


class Lane(models.Model):
    """A queue, site and language in which a case ever waited. Made by a trigger, never removed.

    A lane with heads has two sequences that hold how far claims have got, for the time in which a long
    transaction keeps dead rows in the indexes; see `review.heads`.
    """

    queue = models.ForeignKey(
        "queues.Queue", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    site = models.CharField(max_length=80, default="", db_default="")
    language = models.CharField(max_length=10, default="", db_default="")
    has_heads = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["queue", "site", "language"]
        constraints = [models.UniqueConstraint(fields=["queue", "site", "language"], name="review_lane_once")]

    def __str__(self) -> str:
        return f"{self.queue_id} {self.site} {self.language}"
