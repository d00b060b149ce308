"""What an endpoint is told: the case, the decision, what it restricts, and every review before it. No person.

The body of a delivery is fixed when it is first sent: whoever meets its key again meets the same words.
"""

import json
from collections.abc import Sequence
from typing import Any

from watchfloor.operations.enforcement.models import Delivery, Restriction
from watchfloor.operations.record.services import instant_text
from watchfloor.operations.review.models import Case, Decision, Review


def deliveries_to_send(delivery_ids: Sequence[int]) -> list[Delivery]:
    """Return the deliveries with everything their messages tell of, by id; five queries, however many."""
    return list(
        Delivery.objects.filter(pk__in=delivery_ids)
        .select_related("endpoint", "decision__case__queue")
        .prefetch_related("decision__case__reviews", "decision__restrictions")
        .order_by("pk")
    )


def body_of(delivery: Delivery) -> bytes:
    """Return the body to send, as JSON: as first sent, else as it would be sent now."""
    message = delivery.message or message_now(delivery)
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def message_now(delivery: Delivery) -> dict[str, Any]:
    """Return what the delivery would say now; its relations must be loaded."""
    return {
        "type": f"decision.{delivery.kind}",
        "id": delivery.idempotency_key,
        **decision_message(delivery.decision),
    }


def decision_message(decision: Decision) -> dict[str, Any]:
    """Return the case, the decision, its restrictions and the earlier reviews; relations must be loaded."""
    case = decision.case
    earlier = [each for each in case.reviews.all() if each.submitted_at <= decision.decided_at]
    reviews = sorted(earlier, key=lambda each: (each.submitted_at, each.pk))
    restrictions = sorted(decision.restrictions.all(), key=lambda each: (each.starts_at, each.pk))
    return {
        "case": case_part(case),
        "decision": decision_part(decision),
        "restrictions": [restriction_part(each) for each in restrictions],
        "reviews": [
            review_part(each) for each in sorted(reviews, key=lambda each: (each.submitted_at, each.pk))
        ],
    }


def case_part(case: Case) -> dict[str, Any]:
    """Return what identifies a case to whoever sent it."""
    return {
        "case_id": str(case.pk),
        "client": case.client,
        "client_key": case.client_key,
        "object_id": case.object_id,
        "author_id": case.author_id,
        "queue": case.queue.slug,
        "strategy_id": case.strategy_id,
        "source": case.source,
        "language": case.language,
        "market": case.market,
        "enqueued_at": instant_text(case.enqueued_at),
        "deadline_at": instant_text(case.deadline_at),
        "parent_case_id": str(case.parent_id) if case.parent_id else None,
    }


def decision_part(decision: Decision) -> dict[str, Any]:
    """Return a decision; `version` tells which of a case's decisions is the latest."""
    return {
        "decision_id": str(decision.pk),
        "version": decision.version,
        "supersedes": str(decision.supersedes_id) if decision.supersedes_id else None,
        "rule": decision.rule,
        "labels": list(decision.labels),
        "action": decision.action,
        "violative": decision.violative,
        "enforced": decision.enforced,
        "automated": decision.automated,
        "decided_at": instant_text(decision.decided_at),
        "withdrawn_at": instant_text(decision.withdrawn_at) if decision.withdrawn_at else None,
    }


def restriction_part(restriction: Restriction) -> dict[str, Any]:
    """Return a restriction; empty territories mean everywhere, no end means until it is lifted."""
    return {
        "type": restriction.type,
        "scope": restriction.scope,
        "territories": list(restriction.territories),
        "starts_at": instant_text(restriction.starts_at),
        "ends_at": instant_text(restriction.ends_at) if restriction.ends_at else None,
        "lifted_at": instant_text(restriction.lifted_at) if restriction.lifted_at else None,
    }


def review_part(review: Review) -> dict[str, Any]:
    """Return a review without the person who gave it."""
    fields = {name: value for name, value in review.answer.items() if name not in {"labels", "action"}}
    return {
        "review_id": str(review.pk),
        "kind": review.kind,
        "turn": review.turn,
        "outcome": review.outcome,
        "labels": list(review.labels),
        "action": review.action,
        "fields": fields,
        "blind": review.blind,
        "submitted_at": instant_text(review.submitted_at),
    }
