"""Rules are written, changed, snoozed, paused and retired; the ones a queue should have come in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from watchfloor.operations.alerts.errors import RuleError
from watchfloor.operations.alerts.models import AlertRule, Channel
from watchfloor.operations.alerts.rule_checks import NewRule, check_lists, checked, place_of
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer

PERMISSION = "alerts.change"


def drafted(new: NewRule, *, by: Viewer, now: datetime) -> AlertRule:
    """Return the rule as it would be, unsaved: what a preview looks at.

    Raises:
        RuleError: a part does not fit; the message names it.
        ScopeError: the metric cannot be split or narrowed like that.
        UnknownMetricError: there is no such metric.

    """
    check_lists(new)
    scope = checked(new)
    place = place_of(scope)
    if not by.reaches(PERMISSION, place):
        raise NotPermittedError(
            f"{by.name} may not write a rule that watches so much.",
            remedy="Narrow it to a queue or site of your own.",
        )
    values = asdict(new) | {"scope": scope, "by": list(new.by), "owner": new.owner.strip() or by.name}
    values["title"] = new.title.strip()
    values["burn_pairs"] = [[float(rate), float(hours)] for rate, hours in new.burn_pairs]
    return AlertRule(**values, **place, created_by=by.name, created_at=now, changed_at=now)


@transaction.atomic
def save_rule(
    *, new: NewRule, channels: Sequence[Channel], by: Viewer, now: datetime, slug: str = ""
) -> AlertRule:
    """Return the rule, made, or changed where `slug` names one; a changed rule forgets what it has seen.

    Raises:
        NotPermittedError: the viewer may not write rules there.
        RuleError: a part does not fit, or the name is taken.

    """
    by.require(PERMISSION)
    made = drafted(new, by=by, now=now)
    held = AlertRule.objects.select_for_update().filter(slug=slug or new.slug).first()
    if held is not None and not slug:
        raise RuleError(f"There is a rule {new.slug!r} already.", remedy="Choose another name.")
    if slug and held is None:
        raise RuleError(f"There is no rule {slug!r}.", remedy="Make it anew.")
    outside = [one.slug for one in channels if one.data_boundary != made.data_boundary and made.data_boundary]
    if outside:
        raise RuleError(
            f"{', '.join(outside)}: outside the data boundary {made.data_boundary}.",
            remedy="Choose channels inside it.",
        )
    before = plain(held) if held else None
    if held is not None:
        refuse_beyond(by, held)
        made.pk, made.slug, made.state = held.pk, held.slug, held.state
        made.created_at, made.created_by = held.created_at, held.created_by
        made.snoozed_until, made.revision = held.snoozed_until, held.revision + 1
    made.save()
    made.channels.set(channels)
    _write(made, kind="changed" if held else "created", before=before, by=by, now=now)
    return made


@transaction.atomic
def move_rule(*, rule: AlertRule, state: str, by: Viewer, now: datetime) -> AlertRule:
    """Return the rule as active, paused or retired; the alerts of one that rests stay as they are."""
    by.require(PERMISSION)
    refuse_beyond(by, rule)
    held = AlertRule.objects.select_for_update().get(pk=rule.pk)
    before = {"state": held.state}
    held.state, held.changed_at, held.memory = state, now, {}
    held.save(update_fields=["state", "changed_at", "memory"])
    _write(held, kind="retired" if state == "retired" else "changed", before=before, by=by, now=now)
    return held


@transaction.atomic
def snooze(*, rule: AlertRule, until: datetime | None, by: Viewer, now: datetime) -> AlertRule:
    """Return the rule, which tells nobody until then; its alerts are still kept. None wakes it.

    Raises:
        RuleError: the end lies before now, or beyond two weeks.

    """
    by.require(PERMISSION)
    refuse_beyond(by, rule)
    if until is not None and not now < until <= now + timedelta(days=14):
        raise RuleError(
            f"A rule cannot sleep until {until:%Y-%m-%d %H:%M}.", remedy="Two weeks from now are the most."
        )
    held = AlertRule.objects.select_for_update().get(pk=rule.pk)
    before = {"snoozed_until": held.snoozed_until.isoformat() if held.snoozed_until else None}
    held.snoozed_until, held.changed_at = until, now
    held.save(update_fields=["snoozed_until", "changed_at"])
    _write(held, kind="changed", before=before, by=by, now=now)
    return held


def refuse_beyond(by: Viewer, rule: AlertRule) -> None:
    """Refuse who may not change a rule there.

    Raises:
        NotPermittedError: no grant to change alerts covers what it watches.

    """
    place = {"queue_group": rule.queue_group, "site": rule.site, "data_boundary": rule.data_boundary}
    if not by.reaches(PERMISSION, place):
        raise NotPermittedError(f"{by.name} may not change this rule.", remedy="Ask its owner.")


def plain(rule: AlertRule) -> dict[str, Any]:
    """Return what a rule says, as JSON's own types."""
    kept = {name: getattr(rule, name) for name in NewRule.__dataclass_fields__}
    return {name: value.isoformat() if isinstance(value, time) else value for name, value in kept.items()} | {
        "state": rule.state,
        "revision": rule.revision,
    }


def _write(
    rule: AlertRule, *, kind: str, before: Mapping[str, Any] | None, by: Viewer, now: datetime
) -> None:
    place = Place(queue_group=rule.queue_group, site=rule.site, data_boundary=rule.data_boundary)
    audit(
        actor=by.name,
        action=f"alert_rule.{kind}",
        object_kind="alert_rule",
        object_id=rule.slug,
        before=before,
        after=plain(rule),
        now=now,
        place=place,
    )
    record_change(
        object_kind="alert_rule",
        object_id=rule.slug,
        object_version=rule.revision,
        kind=kind,
        at=now,
        author=by.name,
        summary=f"{rule.title}: {rule.state}"[:400],
        detail={"metric": rule.metric_id, "kind": rule.kind, "severity": rule.severity},
        place=place,
    )
