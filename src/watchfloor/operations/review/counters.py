"""What the live floor reads instead of counting cases; kept by `review.pulse` once a second.

Services insert a `QueueDelta` (review.models) and events in their own transaction and never touch these
tables, so that no two writers wait for the same row. The pulse adds the deltas up in `QueuePulse`, and the
settled `case` and `decision` events in `QueueMinute` and `QueueHour`. An event that corrects a row counts
nothing: its key is not the row's id alone, or its decision is not the case's first.
"""

from django.db import models


class PulseMark(models.Model):
    """How far the pulse has read the events: the next transaction; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    next_xid = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="review_pulsemark_one", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"read up to {self.next_xid}"


class QueueOverdue(models.Model):
    """Waiting cases past their deadline, counted every few seconds."""

    queue = models.OneToOneField(
        "queues.Queue", primary_key=True, on_delete=models.CASCADE, related_name="tail"
    )
    overdue = models.BigIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        ordering = ["queue"]
        verbose_name_plural = "overdue counts"

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.overdue} overdue"


class _Tally(models.Model):
    queue = models.ForeignKey("queues.Queue", on_delete=models.CASCADE, db_index=False, related_name="+")
    starts_at = models.DateTimeField()
    enqueued = models.BigIntegerField(default=0, db_default=0)
    decided = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.queue_id} from {self.starts_at:%Y-%m-%d %H:%M}: {self.enqueued} in, {self.decided} out"


class QueueMinute(_Tally):
    """What arrived and was decided in one minute; kept for a day."""

    class Meta:
        ordering = ["queue", "starts_at"]
        constraints = [models.UniqueConstraint(fields=["queue", "starts_at"], name="review_queueminute_once")]


class QueueHour(_Tally):
    """What arrived and was decided in one hour, and what was due in it; kept for a week.

    `due` counts the cases whose deadline lies in the hour, `met` those of them decided by it.
    """

    due = models.BigIntegerField(default=0, db_default=0)
    met = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["queue", "starts_at"]
        constraints = [models.UniqueConstraint(fields=["queue", "starts_at"], name="review_queuehour_once")]


class QueuePlan(models.Model):
    """Cases that the forecast in force expects in one hour."""

    queue = models.ForeignKey("queues.Queue", on_delete=models.CASCADE, db_index=False, related_name="plan")
    interval_start_at = models.DateTimeField()
    volume = models.FloatField()

    class Meta:
        ordering = ["queue", "interval_start_at"]
        constraints = [
            models.UniqueConstraint(fields=["queue", "interval_start_at"], name="review_queueplan_once")
        ]

    def __str__(self) -> str:
        return f"{self.queue_id} at {self.interval_start_at:%Y-%m-%d %H:%M}: {self.volume:.0f}"
