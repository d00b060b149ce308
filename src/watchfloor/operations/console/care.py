"""A moment of rest from the console: the state, the break and the cases in hand, in one go."""

from datetime import datetime

from django.db import transaction

from watchfloor.operations.console.working import put_back
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.review.services import enter_state
from watchfloor.operations.wellbeing.selectors import on_break
from watchfloor.operations.wellbeing.services import end_break, take_break


def is_resting(*, reviewer: Reviewer) -> bool:
    """Return whether the person is taking a minute."""
    return on_break(reviewer=reviewer)


@transaction.atomic
def take_a_minute(*, reviewer: Reviewer, now: datetime) -> None:
    """Begin a break: what the person holds goes back without a reason, and their state is wellness."""
    put_back(reviewer=reviewer, now=now)
    take_break(reviewer=reviewer, now=now)
    enter_state(reviewer=reviewer, state="wellness", now=now)


@transaction.atomic
def come_back(*, reviewer: Reviewer, now: datetime) -> None:
    """End the break, if there is one; the person is available again."""
    if not on_break(reviewer=reviewer):
        return
    end_break(reviewer=reviewer, now=now)
    enter_state(reviewer=reviewer, state="available", now=now)
