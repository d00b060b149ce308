"""What reviewers are doing: one open interval a person, a fact when it closes.

Claim and submit move a person between `available` and `handling` themselves (see their SQL); everything else
comes through here. Somebody who never entered a state is not tracked.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from watchfloor.facts.schemas import STATES
from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.tenure import tenure_band
from watchfloor.operations.record.services import instant_text, write_event
from watchfloor.operations.review.models import ActivityInterval
from watchfloor.operations.review.reservations import cancel_reservations


class UnknownStateError(WatchfloorError):
    """There is no such state of a reviewer."""


def enter_state(*, reviewer: Reviewer, state: str, now: datetime) -> None:
    """Close the reviewer's open interval, write it as a fact, and open one in `state`.

    Raises:
        UnknownStateError: there is no such state.

    """
    if state not in STATES:
        raise UnknownStateError(f"State {state!r} is unknown.", remedy=f"Use one of {', '.join(STATES)}.")
    with transaction.atomic():
        interval = ActivityInterval.objects.select_for_update().filter(reviewer=reviewer).first()
        if interval and interval.state == state:
            return
        if interval:
            _close(interval, now)
        ActivityInterval.objects.update_or_create(
            reviewer=reviewer,
            defaults={"state": state, "started_at": now, "dimensions": _dimensions(reviewer, now)},
        )
        if state == "offline":
            cancel_reservations(reviewer_id=reviewer.pk)


def end_activity(*, reviewer: Reviewer, now: datetime) -> None:
    """Close the reviewer's open interval, if there is one, and open none."""
    with transaction.atomic():
        interval = ActivityInterval.objects.select_for_update().filter(reviewer=reviewer).first()
        if interval:
            _close(interval, now)
            interval.delete()
        cancel_reservations(reviewer_id=reviewer.pk)


def _close(interval: ActivityInterval, now: datetime) -> None:
    if interval.started_at >= now:
        return
    key = f"{interval.dimensions['reviewer_id']}/{instant_text(interval.started_at)}"
    write_event(
        fact="activity_interval",
        key=key,
        payload={
            **interval.dimensions,
            "interval_id": key,
            "state": interval.state,
            "started_at": interval.started_at,
            "ended_at": now,
        },
    )


def _dimensions(reviewer: Reviewer, now: datetime) -> dict[str, Any]:
    site = reviewer.team.site
    return {
        "reviewer_id": reviewer.code,
        "site_id": site.slug,
        "team_id": reviewer.team.slug,
        "employer_kind": site.employer_kind,
        "tenure_band": tenure_band(
            first_production_on=reviewer.first_production_on, today=now.astimezone(UTC).date()
        ),
    }
