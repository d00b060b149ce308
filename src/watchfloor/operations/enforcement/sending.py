"""Tells endpoints: takes what is due, sends it signed, writes what came of it.

A delivery is taken for a while, so that whoever takes it may die: it comes due again. It is delivered by
any 2xx answer, dead by 410 or after the last attempt; every other answer, and none, is tried again later.
"""

import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from watchfloor.operations.enforcement.backoff import MOST_ATTEMPTS, wait_seconds
from watchfloor.operations.enforcement.callback_status import tell_status
from watchfloor.operations.enforcement.messages import body_of, deliveries_to_send, message_now
from watchfloor.operations.enforcement.models import Delivery, DeliveryAttempt, Endpoint
from watchfloor.operations.enforcement.outward import (
    AddressRefusedError,
    Answer,
    UnreachableError,
    checked_target,
    post,
)
from watchfloor.operations.enforcement.signing import HEADER, secrets_at, signature
from watchfloor.operations.record.statements import run

TAKEN_FOR = timedelta(seconds=60)
MOST_AT_ONCE_AN_ENDPOINT = 4
_GONE = 410
_BODY_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery ready to go: where, and what."""

    delivery_id: int
    endpoint_id: int
    attempt: int
    round: int
    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to: an answer, or the reason why there is none."""

    message: Message
    answer: Answer | None = None
    error: str = ""
    refused: bool = False


def sending_endpoints() -> dict[int, Endpoint]:
    """Return the endpoints whose deliveries are attempted, by id."""
    rows = Endpoint.objects.filter(active=True).exclude(url="").order_by("pk")
    return {endpoint.pk: endpoint for endpoint in rows}


def take_due(*, now: datetime, room: Mapping[int, int]) -> list[Message]:
    """Return messages that are due, as many an endpoint as it has room for, and hold them for a while.

    What is sent for the first time is written down before it leaves, so that every later attempt says the
    same, whatever happened to the decision since.
    """
    free = [{"endpoint": endpoint, "free": count} for endpoint, count in room.items() if count > 0]
    if not free:
        return []
    rows = run("enforcement", "take_due", {"room": json.dumps(free), "now": now, "again_at": now + TAKEN_FOR})
    due = deliveries_to_send([row["id"] for row in rows])
    first = [delivery for delivery in due if delivery.message is None]
    for delivery in first:
        delivery.message = message_now(delivery)
    Delivery.objects.bulk_update(first, ["message"])
    return [_message(delivery, now) for delivery in due]


def _message(delivery: Delivery, now: datetime) -> Message:
    endpoint = delivery.endpoint
    body = body_of(delivery)
    return Message(
        delivery_id=delivery.pk,
        endpoint_id=endpoint.pk,
        attempt=delivery.attempt,
        round=delivery.round,
        url=endpoint.url,
        body=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Watchfloor",
            "Idempotency-Key": delivery.idempotency_key,
            "Watchfloor-Event": f"decision.{delivery.kind}",
            "Watchfloor-Delivery": str(delivery.pk),
            "Watchfloor-Attempt": str(delivery.attempt),
            HEADER: signature(secrets=secrets_at(endpoint, now=now), body=body, at=now),
        },
    )


def send(message: Message) -> Outcome:
    """Return what came of sending a message; touches no database."""
    try:
        target = checked_target(message.url, private_hosts=settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS)
        return Outcome(message, answer=post(target=target, body=message.body, headers=message.headers))
    except AddressRefusedError as error:
        return Outcome(message, error=str(error), refused=True)
    except UnreachableError as error:
        return Outcome(message, error=str(error))


@transaction.atomic
def write_outcomes(*, outcomes: Iterable[Outcome], now: datetime, rng: random.Random) -> None:
    """Write what attempts came to; each is kept. One that was overtaken changes nothing else."""
    attempts = []
    by_id = {outcome.message.delivery_id: outcome for outcome in outcomes}
    facts = {}
    for delivery in Delivery.objects.select_for_update().filter(pk__in=by_id).order_by("pk"):
        outcome = by_id[delivery.pk]
        attempts.append(_attempt(delivery, outcome, now))
        if delivery.state == "delivered" or _is_overtaken(delivery, outcome.message):
            continue
        _apply(delivery, outcome, now, rng)
        delivery.save(update_fields=["state", "next_at", "delivered_at", "response"])
        facts[delivery.decision_id] = delivery.fact
    # Of an attempt whose hold ran out a second sender may speak too: the first word of each stays.
    DeliveryAttempt.objects.bulk_create(attempts, ignore_conflicts=True)
    tell_status(facts=facts, now=now)


def _is_overtaken(delivery: Delivery, message: Message) -> bool:
    return (delivery.round, delivery.attempt) != (message.round, message.attempt)


def _apply(delivery: Delivery, outcome: Outcome, now: datetime, rng: random.Random) -> None:
    answer = outcome.answer
    delivery.response = _response(outcome, now)
    if answer is not None and 200 <= answer.status < 300:
        delivery.state, delivery.delivered_at = "delivered", now
        return
    gone = answer is not None and answer.status == _GONE
    if gone or outcome.refused or delivery.attempt >= MOST_ATTEMPTS:
        delivery.state = "dead"
        return
    asked = _retry_after(answer) if answer is not None else None
    wait = wait_seconds(attempt=delivery.attempt, rng=rng, asked_seconds=asked)
    delivery.state, delivery.next_at = "failed", now + timedelta(seconds=wait)


def _attempt(delivery: Delivery, outcome: Outcome, now: datetime) -> DeliveryAttempt:
    said = _response(outcome, now)
    return DeliveryAttempt(
        delivery=delivery,
        round=outcome.message.round,
        attempt=outcome.message.attempt,
        at=now,
        status=said.get("status"),
        seconds=said.get("seconds"),
        error=said.get("error", ""),
        body=said.get("body", ""),
    )


def _response(outcome: Outcome, now: datetime) -> dict[str, Any]:
    said: dict[str, Any] = {"at": now.isoformat(), "attempt": outcome.message.attempt}
    if outcome.answer is None:
        return said | {"error": outcome.error[:_BODY_SHOWN]}
    text = outcome.answer.body[:_BODY_SHOWN].decode("utf-8", "replace").replace("\0", "")
    return said | {"status": outcome.answer.status, "body": text, "seconds": round(outcome.answer.seconds, 3)}


def _retry_after(answer: Answer) -> float | None:
    written = answer.headers.get("retry-after", "")
    return float(written) if written.isascii() and written.isdigit() and len(written) < 8 else None


def deliver_due(*, now: datetime, rng: random.Random, clock: Callable[[], datetime] | None = None) -> int:
    """Return how many deliveries were attempted, one after the other, until nothing is due."""
    attempted = 0
    endpoints = sending_endpoints()
    room = dict.fromkeys(endpoints, MOST_AT_ONCE_AN_ENDPOINT)
    while messages := take_due(now=now, room=room):
        for message in messages:
            outcome = send(message)
            write_outcomes(outcomes=[outcome], now=clock() if clock else now, rng=rng)
            attempted += 1
    return attempted
