"""A callback that is only rehearsed: built and signed as a real one, marked as a test, never queued.

Nothing here is stored by anybody but the caller, who takes the decision back (`launches.rehearsal`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchfloor.operations.enforcement.following import endpoint_slugs
from watchfloor.operations.enforcement.messages import body_of
from watchfloor.operations.enforcement.models import Delivery, Endpoint
from watchfloor.operations.enforcement.signing import HEADER, secrets_at, signature
from watchfloor.operations.queues.models import LogicalQueue
from watchfloor.operations.review.models import Decision

TEST_HEADER = "Watchfloor-Test"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A message as it would go out, and the secret that a receiver would check it by."""

    body: bytes
    headers: dict[str, str]
    secrets: tuple[str, ...]


def told_endpoints(decision: Decision) -> set[str]:
    """Return the names of the endpoints that a decision of this case would be told to."""
    case, queue = decision.case, decision.case.queue
    version = queue.current_version
    row = {
        "queue": queue.slug,
        "group": queue.group,
        "surface": queue.surface,
        "language": case.language,
        "market": case.market,
        "strategy_id": case.strategy_id,
        "severity_hint": case.severity_hint,
        "data_boundary": case.data_boundary,
        "callback_endpoint": version.callback_endpoint if version else "",
    }
    live = LogicalQueue.objects.filter(state="live").exclude(callback_endpoint="")
    return endpoint_slugs(row, list(live.select_related("data_boundary").order_by("slug")))


def rehearse_callback(*, decision_id: UUID, endpoint: Endpoint, now: datetime) -> Rehearsed:
    """Return the message that tells an endpoint of a decision, marked as a test; nothing is sent."""
    decision = (
        Decision.objects.select_related("case__queue")
        .prefetch_related("case__reviews", "restrictions")
        .get(pk=decision_id)
    )
    delivery = Delivery(decision=decision, endpoint=endpoint, kind="made", next_at=now, created_at=now)
    body, secrets = body_of(delivery), secrets_at(endpoint, now=now)
    return Rehearsed(
        body=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Watchfloor",
            "Idempotency-Key": delivery.idempotency_key,
            "Watchfloor-Event": "decision.made",
            TEST_HEADER: "1",
            HEADER: signature(secrets=secrets, body=body, at=now),
        },
        secrets=secrets,
    )
