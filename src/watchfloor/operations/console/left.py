"""What is left of a person's exposure budgets, in a line for the console: the tightest of each class."""

from datetime import datetime

from django.utils.translation import gettext

from watchfloor.operations.console.words import wellness_names
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.wellbeing.selectors import Budget, left_for
from watchfloor.operations.wellbeing.words import measure_names, span_names


def left_line(*, reviewer: Reviewer, now: datetime) -> str:
    """Return what may still come of each limited class; empty where no cap applies to the person."""
    tightest: dict[str, Budget] = {}
    for budget in left_for(reviewer, now).budgets:
        held = tightest.get(budget.wellness_class)
        if held is None or _share(budget) < _share(held):
            tightest[budget.wellness_class] = budget
    names, measures, spans = wellness_names(), measure_names(), span_names()
    return "; ".join(
        gettext("{class_name}: {left} of {most} {measure} left {span}").format(
            class_name=names[name],
            left=int(one.left),
            most=one.most,
            measure=measures[one.measure],
            span=spans[one.span],
        )
        for name, one in sorted(tightest.items())
    )


def _share(budget: Budget) -> float:
    return budget.left / budget.most if budget.most else 0.0
