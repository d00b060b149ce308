"""What is done about an alert, what it is to bring, and the day on which that is looked at by itself."""

from datetime import datetime, timedelta

from django.db import transaction

from watchfloor.metrics.definition import Definition
from watchfloor.operations.alerts.errors import AlertError
from watchfloor.operations.alerts.gathering import asks_of, gather, plainer
from watchfloor.operations.alerts.lifecycle import LONGEST_TEXT, PERMISSION, refuse_beyond
from watchfloor.operations.alerts.models import Alert, AlertAction
from watchfloor.operations.alerts.selectors import alert as alert_of
from watchfloor.operations.alerts.snapshots import cell_as_kept, value_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import Viewer

LONGEST_WAIT = timedelta(days=120)


@transaction.atomic
def act(
    *,
    alert_id: int,
    what: str,
    owner: str,
    due_at: datetime,
    expected: float,
    check_at: datetime,
    by: Viewer,
    now: datetime,
) -> AlertAction:
    """Return the action: who does what by when, and which value is expected when its effect is checked.

    Raises:
        AlertError: a part is missing, or the days do not follow each other.

    """
    by.require(PERMISSION)
    alert_of(viewer=by, alert_id=alert_id)
    found = Alert.objects.select_for_update().select_related("rule").get(pk=alert_id)
    refuse_beyond(by, found)
    if not what.strip():
        raise AlertError("An action says what is done.", remedy="Write a sentence.")
    if not now < check_at <= now + LONGEST_WAIT or check_at < due_at:
        raise AlertError(
            f"The effect would be checked at {check_at:%Y-%m-%d %H:%M}, the action is due at "
            f"{due_at:%Y-%m-%d %H:%M}.",
            remedy=f"Check after it is due, and within {LONGEST_WAIT.days} days.",
        )
    if not found.metric_id:
        raise AlertError("A stale fact has no effect to check.", remedy="Acknowledge the alert instead.")
    action = AlertAction.objects.create(
        alert=found,
        what=what.strip()[:LONGEST_TEXT],
        owner=owner.strip() or by.name,
        due_at=due_at,
        expected=expected,
        check_at=check_at,
        baseline=value_of(found.cell),
        written_by=by.name,
        written_at=now,
    )
    _write(action, found, kind="action", actor=by.name, now=now)
    return action


def check_effects(*, operation: str, now: datetime) -> int:
    """Return how many effects were looked at: of every action whose day has come."""
    due = AlertAction.objects.filter(checked_at__isnull=True, check_at__lte=now).select_related("alert__rule")
    known = catalogue()
    checked = 0
    for action in due:
        if action.alert.metric_id in known:
            checked += _check(action, definition=known[action.alert.metric_id], operation=operation, now=now)
    return checked


def _check(action: AlertAction, *, definition: Definition, operation: str, now: datetime) -> bool:
    alert = action.alert
    scope = {name: (value,) for name, value in alert.scope.items()}
    ask = plainer(asks_of(alert.rule, definition=definition, now=action.check_at)[0], scope)
    gathered = gather([ask], operation=operation, now=now)
    cells = gathered.cells.get(ask, ())
    value = cells[0].estimate.value if cells else None
    with transaction.atomic():
        held = AlertAction.objects.select_for_update().get(pk=action.pk)
        if held.checked_at is not None:
            return False
        held.checked_at = now
        held.found = cell_as_kept(cells[0]) if cells else {"reason": gathered.problems.get(ask, "")}
        held.effect = "unknown"
        if value is not None:
            lower = better_is_lower(alert, definition)
            reached = value <= held.expected if lower else value >= held.expected
            held.effect = "reached" if reached else "not_reached"
        held.save(update_fields=["checked_at", "found", "effect"])
        _write(held, alert, kind=f"effect {held.effect}", actor="alerts", now=now)
    return True


def better_is_lower(alert: Alert, definition: Definition) -> bool:
    """Return whether the alert's metric is to fall: as its definition says, else as the rule compares."""
    if definition.direction == "neutral":
        return alert.rule.comparison == "above"
    return definition.direction == "lower_is_better"


def _write(action: AlertAction, alert: Alert, *, kind: str, actor: str, now: datetime) -> None:
    place = Place(queue_group=alert.queue_group, site=alert.site, data_boundary=alert.data_boundary)
    said = {"action": action.pk, "expected": action.expected, "found": value_of(action.found)}
    audit(
        actor=actor,
        action=f"alert.{kind.replace(' ', '_')}",
        object_kind="alert",
        object_id=str(alert.pk),
        after={"what": action.what[:400], "owner": action.owner, "effect": action.effect, **said},
        now=now,
        place=place,
    )
    record_change(
        object_kind="alert",
        object_id=str(alert.pk),
        object_version=None,
        kind=kind,
        at=now,
        author=actor,
        summary=f"{alert.rule.title}: {action.what}"[:400],
        detail=said,
        place=place,
    )
