"""Takes a stop of the demo out of its deadlines: nobody worked, so nobody is late. Nothing is caught up."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.services import record_change
from watchfloor.operations.record.statements import run
from watchfloor.operations.review.actors import AUTHOR
from watchfloor.operations.review.models import ActivityInterval, Case, Lease, Review
from watchfloor.operations.review.services import end_activity

SHORTEST_PAUSE = timedelta(minutes=1)

_KIND, _PAUSED = "operation", "paused"


def last_seen_alive() -> datetime | None:
    """Return when somebody last did something: enqueued, claimed, ended a turn, or took a pause out.

    A lease that ran out is no sign of life: the worker ends it whether or not anybody is there.
    """
    paused = ChangeEvent.objects.filter(object_kind=_KIND, kind=_PAUSED)
    seen = (
        Case.objects.aggregate(at=Max("enqueued_at"))["at"],
        Review.objects.exclude(outcome="timeout").aggregate(at=Max("submitted_at"))["at"],
        Lease.objects.aggregate(at=Max("claimed_at"))["at"],
        paused.aggregate(at=Max("at"))["at"],
    )
    return max((at for at in seen if at is not None), default=None)


def take_pause_out(*, now: datetime) -> timedelta:
    """Return the pause since the operation last lived, after moving open deadlines by it; 0 for none."""
    alive_at = last_seen_alive()
    if alive_at is None or now - alive_at < SHORTEST_PAUSE:
        return timedelta(0)
    pause = now - alive_at
    with transaction.atomic():
        for interval in ActivityInterval.objects.select_related("reviewer__team__site").order_by("reviewer"):
            end_activity(reviewer=interval.reviewer, now=max(alive_at, interval.started_at))
        (moved,) = run("review", "actor_pause", {"pause": pause, "now": now})
        minutes = round(pause.total_seconds() / 60)
        stood = "a minute" if minutes == 1 else f"{minutes} minutes"
        record_change(
            object_kind=_KIND,
            object_id="demo",
            object_version=None,
            kind=_PAUSED,
            at=now,
            author=AUTHOR,
            summary=f"The simulation stood still for {stood}; open deadlines moved by as much.",
            detail={"from": alive_at.isoformat(), "to": now.isoformat(), "cases": moved["moved"]},
        )
    return pause
