"""An alert from firing to its end: fired, told again, acknowledged with a plan, resolved, expired.

Each step is one transaction with its audit row and a change event, which charts overlay on the metric.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from watchfloor.operations.alerts.breaching import Looked
from watchfloor.operations.alerts.errors import AlertError
from watchfloor.operations.alerts.models import Alert, AlertRule, Channel, GroupRoute, Notice
from watchfloor.operations.alerts.quiet_hours import told_at
from watchfloor.operations.alerts.selectors import alert as alert_of
from watchfloor.operations.alerts.snapshots import looked_as_kept
from watchfloor.operations.alerts.vocabulary import SEVERITIES, STANDING
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer

PERMISSION = "alerts.change"
LONGEST_TEXT = 2_000


@transaction.atomic
def fire(*, rule: AlertRule, one: Looked, queue: Queue | None, key: str, now: datetime) -> Alert:
    """Return the alert, new or standing again, with its messages on their way.

    One that was resolved within the rule's cool-down stands again instead of a second one beside it, and
    is not told again.
    """
    last = Alert.objects.select_for_update().filter(dedup_key=key).order_by("-fired_at", "-pk").first()
    if last is not None and last.state in STANDING:
        return last
    lately = last is not None and last.closed_at is not None
    if last is not None and lately and (now - last.closed_at).total_seconds() < rule.cool_down_seconds:  # type: ignore[operator]  # `lately` says that it is set
        return _reopen(last, one=one, now=now)
    route = GroupRoute.objects.filter(queue_group=queue.group).first() if queue is not None else None
    by_group = rule.route == "group" and route is not None
    found = Alert.objects.create(
        rule=rule,
        queue=queue,
        dedup_key=key,
        unit=one.unit if rule.deduplicate == "unit" else "",
        scope=dict(one.scope),
        severity=rule.severity,
        rank=SEVERITIES.index(rule.severity),
        materiality=one.materiality,
        owner=route.owner if by_group and route is not None else rule.owner,
        metric_id=rule.metric_id,
        cell=looked_as_kept(one, at=now),
        fired_at=now,
        seen_at=now,
        **_place(rule, queue),
    )
    channels = route.channels.all() if by_group and route is not None else rule.channels.all()
    tell(found, kind="fired", channels=channels, now=now)
    _write(found, action="fired", actor="alerts", now=now, after={"unit": one.unit, "goal": one.goal})
    return found


def _reopen(found: Alert, *, one: Looked, now: datetime) -> Alert:
    found.state = "acknowledged" if found.acknowledged_at else "open"
    found.reopened += 1
    found.times_clear = 0
    found.closed_at, found.closed_by, found.closing_reason = None, "", ""
    found.seen_at, found.materiality = now, one.materiality
    found.save()
    _write(found, action="reopened", actor="alerts", now=now, after={"unit": one.unit})
    return found


def _place(rule: AlertRule, queue: Queue | None) -> dict[str, str]:
    if queue is None:
        return {"queue_group": rule.queue_group, "site": rule.site, "data_boundary": rule.data_boundary}
    boundary = queue.data_boundary.slug if queue.data_boundary else ""
    return {"queue_group": queue.group, "site": rule.site, "data_boundary": boundary}


def tell(found: Alert, *, kind: str, channels: Iterable[Channel], now: datetime) -> int:
    """Return how many messages wait for the channels; none while the rule is snoozed.

    A channel outside the alert's data boundary is told nothing.
    """
    rule = found.rule
    if rule.snoozed_until is not None and rule.snoozed_until > now:
        return 0
    at = told_at(
        now,
        severity=found.severity,
        begins=rule.quiet_from,
        ends=rule.quiet_until,
        time_zone=rule.time_zone,
    )
    waiting = [
        Notice(alert=found, channel=channel, kind=kind, next_at=at, created_at=now)
        for channel in channels
        if channel.active and channel.data_boundary == found.data_boundary
    ]
    return len(Notice.objects.bulk_create(waiting, ignore_conflicts=True))


@transaction.atomic
def acknowledge(*, alert_id: int, plan: str, due_at: datetime | None, by: Viewer, now: datetime) -> Alert:
    """Return the alert, taken on by somebody who says what they will do, by when.

    Raises:
        AlertError: it is closed, says nothing, or is due before now.

    """
    found = _standing(alert_id, by=by)
    if not plan.strip():
        raise AlertError(
            "An acknowledgement says what will be done.", remedy="Write a sentence, and by when."
        )
    if due_at is not None and due_at <= now:
        raise AlertError(
            f"{due_at:%Y-%m-%d %H:%M} has passed already.", remedy="Give an instant that lies ahead."
        )
    before = {"state": found.state, "owner": found.owner}
    found.state, found.plan, found.due_at = "acknowledged", plan.strip()[:LONGEST_TEXT], due_at
    found.owner = found.acknowledged_by = by.name
    found.acknowledged_at = now
    found.save()
    _write(
        found, action="acknowledged", actor=by.name, now=now, before=before, after={"plan": found.plan[:400]}
    )
    return found


@transaction.atomic
def resolve(*, alert_id: int, reason: str, by: Viewer, now: datetime) -> Alert:
    """Return the alert, closed by hand with its reason.

    Raises:
        AlertError: it is closed already, or no reason is given.

    """
    found = _standing(alert_id, by=by)
    if not reason.strip():
        raise AlertError("Closing an alert by hand needs a reason.", remedy="Say in a sentence why it ends.")
    return close(found, state="resolved", reason=reason.strip()[:400], actor=by.name, now=now)


@transaction.atomic
def close(found: Alert, *, state: str, reason: str, actor: str, now: datetime) -> Alert:
    """Return the alert as closed; a blank actor is the rule itself, and who was told is told the end."""
    before = {"state": found.state}
    found.state, found.closed_at, found.closed_by = state, now, actor
    found.closing_reason = reason
    found.save(update_fields=["state", "closed_at", "closed_by", "closing_reason", "times_clear", "seen_at"])
    if state == "resolved":
        told = Channel.objects.filter(notices__alert=found, notices__state__in=("sent", "merged")).distinct()
        tell(found, kind="resolved", channels=told, now=now)
        # What was never sent need not be sent any more.
        found.notices.filter(kind="fired", state="pending").delete()
    _write(found, action=state, actor=actor or "alerts", now=now, before=before, after={"reason": reason})
    return found


def _standing(alert_id: int, *, by: Viewer) -> Alert:
    by.require(PERMISSION)
    alert_of(viewer=by, alert_id=alert_id)
    found = Alert.objects.select_for_update().get(pk=alert_id)
    refuse_beyond(by, found)
    if found.state not in STANDING:
        raise AlertError(
            f"Alert {alert_id} is {found.state} already.", remedy="Look at its page; a new one may stand."
        )
    return found


def refuse_beyond(by: Viewer, found: Alert) -> None:
    """Refuse who may see the alert, and may not settle it.

    Raises:
        NotPermittedError: no grant to change alerts covers where it belongs.

    """
    if found.queue is not None and by.can(PERMISSION):
        if queues(viewer=by, permission=PERMISSION).filter(pk=found.queue.pk).exists():
            return
    elif by.reaches(
        PERMISSION,
        {"queue_group": found.queue_group, "site": found.site, "data_boundary": found.data_boundary},
    ):
        return
    raise NotPermittedError(
        f"{by.name} may not settle alerts there.", remedy="Ask its owner, or somebody who leads there."
    )


def _write(
    found: Alert,
    *,
    action: str,
    actor: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    place = Place(
        queue_group=found.queue_group,
        site=found.site,
        market=found.market,
        data_boundary=found.data_boundary,
    )
    audit(
        actor=actor,
        action=f"alert.{action}",
        object_kind="alert",
        object_id=str(found.pk),
        before=before,
        after={"state": found.state, **(after or {})},
        now=now,
        place=place,
    )
    record_change(
        object_kind="alert",
        object_id=str(found.pk),
        object_version=None,
        kind=action,
        at=now,
        author=actor,
        summary=f"{found.rule.title}: {action}{' (' + found.unit + ')' if found.unit else ''}"[:400],
        detail={"rule": found.rule.slug, "metric": found.metric_id, "scope": found.scope},
        place=place,
    )
