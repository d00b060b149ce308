"""Asks wellbeing what a person may still be shown, so that training stays within the budget of production."""

from collections.abc import Mapping
from datetime import datetime
from math import inf

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.wellbeing.care import WELLNESS_CLASSES
from watchfloor.operations.wellbeing.selectors import left_for

MINUTES_A_CASE = 1.0
"""What a case is reckoned to take where a budget counts minutes; the claim measures, this only plans."""


def room_for(reviewer: Reviewer, *, now: datetime) -> Mapping[str, float]:
    """Return how many cases of each class the person's budgets still hold; infinite without a cap."""
    left = left_for(reviewer, now)
    room = dict.fromkeys(WELLNESS_CLASSES, inf)
    for budget in left.budgets:
        cases = budget.left if budget.measure == "cases" else budget.left // MINUTES_A_CASE
        room[budget.wellness_class] = min(room[budget.wellness_class], cases)
    return room | dict.fromkeys(left.closed, 0.0)
