"""Keeps `callback_status` true: in the decision, and in its fact by an event of the same key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from watchfloor.operations.enforcement.models import Delivery
from watchfloor.operations.record.services import instant_text, write_events
from watchfloor.operations.review.models import Decision

_WORST_FIRST = ("dead", "failed", "pending", "delivered")


def status_of(states: set[str]) -> str:
    """Return what a decision's deliveries come to: the worst of them.

    >>> status_of({"delivered", "failed"}), status_of({"delivered"}), status_of(set())
    ('failed', 'delivered', 'none')
    """
    return next((state for state in _WORST_FIRST if state in states), "none")


def tell_status(*, facts: Mapping[UUID, Mapping[str, Any]], now: datetime) -> int:
    """Return how many decisions changed their callback status, each written with its fact's event.

    `facts` holds each decision's fact row as it was first written; what may have changed since is taken anew.
    The decisions' rows are locked first, so that their events come in the order of their changes.
    """
    locked = Decision.objects.select_for_update().filter(pk__in=facts).order_by("pk")
    standing = {each.pk: each for each in locked}
    states: dict[UUID, set[str]] = {key: set() for key in facts}
    for decision_id, state in Delivery.objects.filter(decision__in=facts).values_list("decision_id", "state"):
        states[decision_id].add(state)
    changed = []
    for decision in standing.values():
        status = status_of(states[decision.pk])
        if status != decision.callback_status:
            decision.callback_status = status
            changed.append(decision)
    Decision.objects.bulk_update(changed, ["callback_status"], batch_size=500)
    write_events(
        fact="decision",
        rows=[(str(each.pk), _row(facts[each.pk], each)) for each in changed],
        at=now,
    )
    return len(changed)


def _row(fact: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    withdrawn = instant_text(decision.withdrawn_at) if decision.withdrawn_at else None
    return {**fact, "callback_status": decision.callback_status, "withdrawn_at": withdrawn}
