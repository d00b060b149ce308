"""Channels are set up, and tested; what is secret about them goes in and never comes out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from watchfloor.operations.alerts.errors import ChannelError
from watchfloor.operations.alerts.models import AlertRule, Channel, GroupRoute
from watchfloor.operations.alerts.sealed import sealed
from watchfloor.operations.alerts.vocabulary import CHANNEL_KINDS
from watchfloor.operations.enforcement.outward import checked_address
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.record.services import Place, audit
from watchfloor.operations.record.viewers import NotPermittedError, Viewer

PERMISSION = "alerts.change"
MOST_RECIPIENTS = 50
_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,50}\Z")


@dataclass(frozen=True, slots=True)
class NewChannel:
    """What a channel says; a blank address or secret keeps the one it has."""

    slug: str
    title: str
    kind: str
    recipients: Sequence[str] = ()
    url: str = ""
    secret: str = ""
    data_boundary: str = ""
    active: bool = True


@transaction.atomic
def put_channel(*, new: NewChannel, by: Viewer, now: datetime) -> Channel:
    """Return the channel of that name, made or changed. A new address has to be tested again.

    Raises:
        NotPermittedError: the viewer may not change alerts everywhere, or not in that boundary.
        ChannelError: a part does not fit.
        AddressRefusedError: the address is not one that may be called.

    """
    by.require(PERMISSION)
    held = Channel.objects.select_for_update().filter(slug=new.slug).first()
    for place in {new.data_boundary, held.data_boundary if held else ""}:
        if not by.reaches(PERMISSION, {"data_boundary": place}):
            raise NotPermittedError(
                f"{by.name} may not set up channels there.", remedy="Ask an administrator for a wider grant."
            )
    if not _SLUG.match(new.slug):
        raise ChannelError(f"{new.slug!r} is no name of a channel.", remedy="Use letters, digits, - and _.")
    if new.kind not in CHANNEL_KINDS:
        raise ChannelError(
            f"There is no channel of kind {new.kind!r}.", remedy=f"Use {', '.join(CHANNEL_KINDS)}."
        )
    if new.data_boundary and not DataBoundary.objects.filter(slug=new.data_boundary).exists():
        raise ChannelError(
            f"There is no data boundary {new.data_boundary!r}.", remedy="Leave it out, or name one."
        )
    found = held or Channel(slug=new.slug, created_at=now)
    changed = held is None or held.kind != new.kind or bool(new.url or new.secret)
    if new.kind == "email":
        recipients = _recipients(new.recipients)
        changed = changed or recipients != found.recipients
        found.recipients, found.sealed_url, found.sealed_secret, found.host = recipients, "", "", ""
    else:
        if not new.url and (held is None or held.kind != new.kind):
            raise ChannelError("A webhook needs its address.", remedy="Paste the address the service gave.")
        if new.url:
            parts = checked_address(new.url, private_hosts=settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS)
            found.sealed_url, found.host = sealed(new.url), str(parts.hostname)
        if new.secret:
            found.sealed_secret = sealed(new.secret)
        found.recipients = []
    found.title = new.title.strip() or new.slug
    found.kind, found.data_boundary, found.active = new.kind, new.data_boundary, new.active
    if changed:
        found.tested_at, found.test_answer = None, ""
    found.save()
    _audit("create channel" if held is None else "change channel", found, by=by, now=now)
    return found


def _recipients(written: Sequence[str]) -> list[str]:
    kept = list(dict.fromkeys(each.strip() for each in written if each.strip()))
    if len(kept) > MOST_RECIPIENTS:
        raise ChannelError(
            f"{len(kept)} addresses are given; at most {MOST_RECIPIENTS} are told.",
            remedy="Use a list's address instead.",
        )
    for each in kept:
        try:
            validate_email(each)
        except ValidationError as error:
            raise ChannelError(f"{each!r} is no address.", remedy="Write name@host.") from error
    return kept


@transaction.atomic
def note_test(*, channel: Channel, answer: str, worked: bool, by: Viewer, now: datetime) -> Channel:
    """Return the channel with what its test came to."""
    channel.tested_at = now if worked else None
    channel.test_answer = answer[:400]
    channel.save(update_fields=["tested_at", "test_answer"])
    _audit("test channel", channel, by=by, now=now)
    return channel


@transaction.atomic
def route_group(
    *, queue_group: str, owner: str, channels: Sequence[Channel], by: Viewer, now: datetime
) -> GroupRoute:
    """Return who owns the alerts of a group of queues, and where they are told.

    Raises:
        NotPermittedError: the viewer may not change alerts of that group.
        ChannelError: nobody is named.

    """
    by.require(PERMISSION)
    if not by.reaches(PERMISSION, {"queue_group": queue_group}):
        raise NotPermittedError(
            f"{by.name} may not route alerts of {queue_group}.", remedy="Ask who leads there."
        )
    if not owner.strip():
        raise ChannelError("A route names an owner.", remedy="Give a person's address or a role.")
    route, _ = GroupRoute.objects.update_or_create(queue_group=queue_group, defaults={"owner": owner.strip()})
    route.channels.set(channels)
    audit(
        actor=by.name,
        action="route alerts",
        object_kind="alert_route",
        object_id=queue_group,
        after={"owner": route.owner, "channels": [one.slug for one in channels]},
        now=now,
        place=Place(queue_group=queue_group),
    )
    return route


def rules_of(channel: Channel) -> list[AlertRule]:
    """Return the rules that tell this channel."""
    return list(channel.rules.exclude(state="retired").order_by("slug"))


def _audit(action: str, channel: Channel, *, by: Viewer, now: datetime) -> None:
    audit(
        actor=by.name,
        action=action,
        object_kind="alert_channel",
        object_id=channel.slug,
        after={
            "kind": channel.kind,
            "host": channel.host,
            "recipients": channel.recipients,
            "active": channel.active,
            "tested": channel.tested_at is not None,
            "answer": channel.test_answer,
        },
        now=now,
        place=Place(data_boundary=channel.data_boundary),
    )
