"""What a reviewer is told after an answer in training: right or not, the reference, and why."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import gettext

from watchfloor.operations.console.asking import Ask
from watchfloor.operations.policies.words import action_names
from watchfloor.operations.quality.services import judge_training


def rendered(*, review_id: UUID, ask: Ask, now: datetime) -> str:
    """Return the feedback as a part of the page; empty where the answer was no training."""
    given = judge_training(review=review_id, now=now)
    if given is None:
        return ""
    return render_to_string(
        "console/feedback.html",
        {
            "given": given,
            "own": in_words(given.given, ask=ask),
            "reference": in_words(given.reference, ask=ask),
            "left": max(0, given.right_to_pass),
        },
    )


def in_words(answer: Any, *, ask: Ask) -> str:
    """Return an answer in words: its labels, or that there is no violation, and its action."""
    names = {choice.code: choice.name for choice in ask.labels}
    labels = [names.get(code, code) for code in answer.get("labels", [])]
    action = action_names().get(answer.get("action", ""), "") if answer.get("action") != "none" else ""
    return " · ".join(filter(None, (", ".join(labels) or gettext("No violation"), action)))
