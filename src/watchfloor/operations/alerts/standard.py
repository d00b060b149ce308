"""The rules that every queue should have, made in one go; and why one goes without."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from watchfloor.operations.alerts.channels import NewChannel, note_test, put_channel
from watchfloor.operations.alerts.errors import RuleError
from watchfloor.operations.alerts.messages import trial_message
from watchfloor.operations.alerts.models import AlertRule, Channel, LaunchWaiver
from watchfloor.operations.alerts.rule_checks import NewRule
from watchfloor.operations.alerts.rules import save_rule
from watchfloor.operations.alerts.sending import deliver
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.services import Place, audit
from watchfloor.operations.record.viewers import Viewer


def standard_rules(queue: Queue) -> tuple[NewRule, ...]:
    """Return the rules that a queue should not go live without: one on its deadline, one on its quality.

    Both are held against the target in force; without one they stay silent and say so on their page.
    """
    shared: dict[str, Any] = {"scope": {"queue": [queue.slug]}, "severity": "high", "route": "group"}
    return (
        NewRule(
            slug=f"{queue.slug[:60]}-in-time",
            title=f"{queue.title}: decided in time",
            metric_id="sla_attainment",
            comparison="below",
            level=None,
            window_seconds=6 * 3_600,
            every_seconds=300,
            needed=2,
            looked=3,
            min_n=20,
            **shared,
        ),
        NewRule(
            slug=f"{queue.slug[:60]}-accuracy",
            title=f"{queue.title}: accuracy",
            metric_id="accuracy",
            comparison="below",
            level=None,
            window_seconds=7 * 86_400,
            every_seconds=3_600,
            needed=1,
            looked=1,
            min_n=30,
            **shared,
        ),
    )


@transaction.atomic
def make_standard_rules(
    *, queue: Queue, owner: str, channels: Sequence[Channel], by: Viewer, now: datetime
) -> list[AlertRule]:
    """Return the queue's standard rules, those made now that were not there."""
    made = []
    for new in standard_rules(queue):
        held = AlertRule.objects.filter(slug=new.slug).first()
        if held is None:
            values = {name: getattr(new, name) for name in NewRule.__dataclass_fields__} | {"owner": owner}
            held = save_rule(new=NewRule(**values), channels=channels, by=by, now=now)
        made.append(held)
    return made


def watch_queue(*, queue: Queue, by: Viewer, now: datetime) -> list[AlertRule]:
    """Return the queue's standard rules, told to channels that answered a test.

    Where no channel of its boundary was tested yet, one by e-mail to whoever owns an alert is made and tried.

    Raises:
        ChannelError: the test reached nobody.

    """
    boundary = queue.data_boundary.slug if queue.data_boundary else ""
    tested = Channel.objects.filter(data_boundary=boundary, active=True, tested_at__isnull=False)
    channels = list(tested.order_by("slug"))
    if not channels:
        slug = f"owners-{boundary}"[:50] if boundary else "owners"
        new = NewChannel(slug=slug, title="E-mail to the owner", kind="email", data_boundary=boundary)
        made = put_channel(new=new, by=by, now=now)
        answer = deliver(trial_message(channel=made.title), channel=made, owners=[by.name], now=now)
        channels = [note_test(channel=made, answer=answer, worked=True, by=by, now=now)]
    return make_standard_rules(queue=queue, owner=by.name, channels=channels, by=by, now=now)


@transaction.atomic
def waive(*, queue: Queue, about: str, reason: str, by: Viewer, now: datetime) -> LaunchWaiver:
    """Return why the queue goes live without a rule on its deadline or quality.

    Raises:
        RuleError: no reason is given.

    """
    by.require("queues.change")
    if not reason.strip():
        raise RuleError("A waiver needs its reason.", remedy="Say in a sentence why no rule is needed.")
    said = {"reason": reason.strip(), "author": by.name, "at": now}
    waiver, _ = LaunchWaiver.objects.update_or_create(queue=queue, about=about, defaults=said)
    boundary = queue.data_boundary.slug if queue.data_boundary else ""
    audit(
        actor=by.name,
        action="alert.waived",
        object_kind="queue",
        object_id=queue.slug,
        after={"about": about, "reason": reason},
        now=now,
        place=Place(queue_group=queue.group, data_boundary=boundary),
    )
    return waiver
