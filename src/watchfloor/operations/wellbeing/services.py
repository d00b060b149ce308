"""What a person saw is counted; a person takes a minute. Limits and choices stand in their own modules."""

from datetime import datetime

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.statements import run
from watchfloor.operations.wellbeing.care import WELLNESS_CLASSES
from watchfloor.operations.wellbeing.models import Break


class UnknownClassError(WatchfloorError):
    """There is no such wellness class."""


def record_exposure(
    *,
    reviewer_id: int,
    reviewer_code: str,
    site_id: str,
    team_id: str,
    wellness_class: str,
    started_at: datetime,
    ended_at: datetime,
    visible_seconds: float,
    blurred: bool | None,
    sound_on: bool | None,
    now: datetime,
) -> None:
    """Count what one case showed, in the caller's transaction; an elevated or severe one leaves its fact.

    A standard case only ends a run of severe ones. No case, queue or topic is written. An end after `now`
    counts as now: budgets are not spent in the future.

    Raises:
        UnknownClassError: there is no such wellness class.

    """
    if wellness_class not in WELLNESS_CLASSES:
        raise UnknownClassError(
            f"Wellness class {wellness_class!r} is unknown.",
            remedy=f"Use one of {', '.join(WELLNESS_CLASSES)}.",
        )
    ended = min(ended_at, now)
    run(
        "wellbeing",
        "record_exposure",
        {
            "reviewer": reviewer_id,
            "code": reviewer_code,
            "site": site_id,
            "team": team_id,
            "class": wellness_class,
            "began": min(started_at, ended),
            "ended": ended,
            "visible": max(0.0, visible_seconds),
            "blurred": blurred,
            "sound": sound_on,
            "exposure": fresh_id(now=now),
        },
    )


@transaction.atomic
def take_break(*, reviewer: Reviewer, now: datetime) -> None:
    """Note that a person takes a minute: nothing is given to them until they are back. No reason is asked.

    The caller moves their state to `wellness` and returns what they hold; both stand above this feature.
    """
    Break.objects.get_or_create(reviewer=reviewer, defaults={"since": now})


@transaction.atomic
def end_break(*, reviewer: Reviewer, now: datetime) -> None:
    """Note that a person is back. No trace of the break stays here."""
    del now  # the signature of every write; a break leaves no instant behind
    Break.objects.filter(reviewer=reviewer).delete()
