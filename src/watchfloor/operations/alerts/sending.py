"""Sends what waits for channels: one message an alert, or one for a flood; tried again when it fails.

Nothing is sent inside a transaction that others wait for: messages are taken, sent, and then written down.
A message that could not be written down is sent again, so a channel may see one twice, never none.
"""

import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import override

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.alerts.errors import ChannelError
from watchfloor.operations.alerts.messages import Message, digest_of, message_of, payload
from watchfloor.operations.alerts.models import Channel, Notice
from watchfloor.operations.alerts.sealed import opened
from watchfloor.operations.alerts.vocabulary import FLOOD
from watchfloor.operations.enforcement.backoff import wait_seconds
from watchfloor.operations.enforcement.outward import checked_target, post
from watchfloor.operations.people.models import User

MOST_ATTEMPTS = 8
MOST_AT_ONCE = 200
_TAKEN_FOR = timedelta(minutes=2)

_logger = logging.getLogger("watchfloor.alerts")


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run came to: messages that left, alerts told by them, and messages that wait again."""

    messages: int = 0
    told: int = 0
    failed: int = 0


def send_due(*, now: datetime, rng: random.Random) -> Sent:
    """Return what was sent of everything that is due."""
    messages = told = failed = 0
    for channel, notices in _take(now=now):
        batches = [notices] if len(notices) > FLOOD else [[each] for each in notices]
        for batch in batches:
            try:
                with override(settings.LANGUAGE_CODE):
                    answer = deliver(_written(batch), channel=channel, owners=_owners(batch), now=now)
            except (WatchfloorError, OSError) as error:
                failed += 1
                _again(batch, why=str(error), now=now, rng=rng)
                continue
            messages += 1
            told += len(batch)
            ids = [each.pk for each in batch]
            state = "merged" if len(batch) > 1 else "sent"
            Notice.objects.filter(pk__in=ids).update(state=state, sent_at=now, answer=answer[:400])
    return Sent(messages, told, failed)


def _take(*, now: datetime) -> list[tuple[Channel, list[Notice]]]:
    """Return what is due by channel; nobody else takes it for two minutes."""
    with transaction.atomic():
        due = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            # What is not explained yet waits for it, though not for long.
            Q(alert__explained_at__isnull=False) | Q(created_at__lt=now - _TAKEN_FOR),
            state="pending",
            next_at__lte=now,
            channel__active=True,
        )
        due = due.select_related("channel", "alert__rule", "alert__queue").order_by("created_at", "pk")
        rows = list(due[:MOST_AT_ONCE])
        Notice.objects.filter(pk__in=[each.pk for each in rows]).update(next_at=now + _TAKEN_FOR)
    by_channel: dict[int, tuple[Channel, list[Notice]]] = {}
    for each in rows:
        by_channel.setdefault(each.channel.pk, (each.channel, []))[1].append(each)
    return list(by_channel.values())


def _written(batch: Sequence[Notice]) -> Message:
    pairs = [(each.alert, each.kind) for each in batch if each.alert is not None]
    return message_of(pairs[0][0], kind=pairs[0][1]) if len(pairs) == 1 else digest_of(pairs)


def _owners(batch: Sequence[Notice]) -> list[str]:
    """Return the addresses of who owns the alerts: a person's own, or those of everybody with the role."""
    named = {each.alert.owner for each in batch if each.alert is not None}
    roles = {name for name in named if "@" not in name}
    people = User.objects.filter(is_active=True, grants__role__in=roles).values_list("email", flat=True)
    return sorted({*(name for name in named if "@" in name), *(people if roles else ())})


def _again(batch: Sequence[Notice], *, why: str, now: datetime, rng: random.Random) -> None:
    _logger.warning("Channel %s was not reached: %s", batch[0].channel.slug, why)
    for each in batch:
        each.attempt += 1
        each.answer = why[:400]
        each.state = "dead" if each.attempt >= MOST_ATTEMPTS else "pending"
        each.next_at = now + timedelta(seconds=wait_seconds(attempt=each.attempt, rng=rng))
    Notice.objects.bulk_update(batch, ["attempt", "answer", "state", "next_at"])


def deliver(message: Message, *, channel: Channel, owners: Sequence[str], now: datetime) -> str:
    """Return what the channel answered to one message.

    Raises:
        ChannelError: it refused, or has nobody to tell.
        UnreachableError: no answer came.
        AddressRefusedError: the address may not be called any more.

    """
    if channel.kind == "email":
        return _mail(message, to=list(channel.recipients) or list(owners))
    target = checked_target(
        opened(channel.sealed_url), private_hosts=settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS
    )
    body = payload(message, kind=channel.kind, secret=opened(channel.sealed_secret), now=now)
    answer = post(
        target=target,
        body=body,
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "Watchfloor"},
    )
    said = answer.body.decode("utf-8", "replace")[:200]
    if not 200 <= answer.status < 300:
        raise ChannelError(f"{channel.host} answered {answer.status}: {said}", remedy="See its own help.")
    if channel.kind == "lark" and (refusal := _lark_refusal(said)):
        raise ChannelError(
            f"{channel.host} refused: {refusal}", remedy="Check the bot's keywords and secret."
        )
    return f"{answer.status} {said}".strip()


def _lark_refusal(said: str) -> str:
    """Return why Lark took no message although it answered 200; empty when it took it."""
    try:
        told = json.loads(said)
    except ValueError:
        return ""
    code = told.get("code", told.get("StatusCode", 0)) if isinstance(told, dict) else 0
    return "" if code == 0 else f"{code} {told.get('msg', '')}"


def _mail(message: Message, *, to: list[str]) -> str:
    if not to:
        raise ChannelError("Nobody would get the e-mail.", remedy="Give addresses, or an owner with one.")
    subject = " ".join(message.title.split())
    try:
        EmailMessage(subject, "\n\n".join((*message.lines, message.url)), to=to).send()
    except OSError as error:
        raise ChannelError(f"The mail server took nothing: {error}", remedy="See that it is up.") from error
    return f"{len(to)} addressed"
