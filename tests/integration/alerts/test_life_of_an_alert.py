"""An alert from the first cell out of order to its end, against real facts and a real database."""

from datetime import timedelta

import pytest
from django.conf import settings

from watchfloor.operations.alerts.acting import act, check_effects
from watchfloor.operations.alerts.errors import AlertError
from watchfloor.operations.alerts.evaluating import evaluate
from watchfloor.operations.alerts.explaining import explain_waiting
from watchfloor.operations.alerts.lifecycle import acknowledge, resolve
from watchfloor.operations.alerts.models import Alert, AlertRule
from watchfloor.operations.record.models import AuditEntry, ChangeEvent, Event

pytestmark = pytest.mark.django_db
VIOLENCE = "video-violence"


def _look(at, rule):
    rule.refresh_from_db()
    return evaluate(operation=settings.WATCHFLOOR_OPERATION, now=at, only=[rule])


def test_an_alert_fires_once_is_taken_on_and_ends_by_itself(late_rule, decide, lead, now):
    start = now - timedelta(hours=12)
    decide(queue=VIOLENCE, since=start, hours=12, an_hour=20, late=0.5)
    decide(queue="video-spam", since=start, hours=12, an_hour=20, late=0.05)
    decide(queue="training-violence", since=start, hours=12, an_hour=20, late=0.9, purpose="training")

    first = _look(now, late_rule)
    assert first.fired == (), "one evaluation is not enough"
    second = _look(now + timedelta(minutes=1), late_rule)
    third = _look(now + timedelta(minutes=2), late_rule)
    assert (len(second.fired), third.fired) == (1, ())
    alert = Alert.objects.get()
    assert (alert.unit, alert.queue.slug, alert.state) == (f"queue={VIOLENCE}", VIOLENCE, "open")
    assert 0.4 < alert.cell["value"] < 0.6
    assert alert.materiality == pytest.approx((0.9 - alert.cell["value"]) * alert.cell["denominator"])
    assert alert.times_over == 2

    taken = acknowledge(alert_id=alert.pk, plan="Move ten people", due_at=None, by=lead, now=now)
    assert (taken.state, taken.owner) == ("acknowledged", lead.name)

    decide(queue=VIOLENCE, since=now, hours=7, an_hour=40, late=0.0)
    later = now + timedelta(hours=7)
    assert _look(later, late_rule).resolved == 0
    assert _look(later + timedelta(minutes=1), late_rule).resolved == 1
    alert.refresh_from_db()
    assert (alert.state, alert.closed_by) == ("resolved", "")
    kinds = ["fired", "acknowledged", "resolved"]
    assert [e.action for e in AuditEntry.objects.filter(object_kind="alert").order_by("id")] == [
        f"alert.{kind}" for kind in kinds
    ]
    assert {e.kind for e in ChangeEvent.objects.filter(object_kind="alert")} == set(kinds)
    assert Event.objects.filter(fact="change_event", payload__object_kind="alert").count() == 3


def test_what_returns_within_the_cool_down_stands_again(late_rule, decide, lead, now):
    decide(queue=VIOLENCE, since=now - timedelta(hours=12), hours=12, an_hour=20, late=0.5)
    for minute in range(2):
        _look(now + timedelta(minutes=minute), late_rule)
    alert = Alert.objects.get()
    resolve(alert_id=alert.pk, reason="We know", by=lead, now=now + timedelta(minutes=2))
    _look(now + timedelta(minutes=3), late_rule)
    alert.refresh_from_db()
    assert (Alert.objects.count(), alert.state, alert.reopened) == (1, "open", 1)
    with pytest.raises(AlertError, match="reason"):
        resolve(alert_id=alert.pk, reason=" ", by=lead, now=now)


def test_an_alert_says_where_it_comes_from(late_rule, decide, now):
    week = timedelta(days=7)
    decide(queue=VIOLENCE, since=now - timedelta(hours=12) - week, hours=12, an_hour=20, late=0.1)
    decide(queue=VIOLENCE, since=now - timedelta(hours=12), hours=12, an_hour=20, late=0.5)
    for minute in range(2):
        _look(now + timedelta(minutes=minute), late_rule)
    assert explain_waiting(operation=settings.WATCHFLOOR_OPERATION, now=now) == 1
    said = Alert.objects.get().explanation
    assert said["change"] == pytest.approx(-0.4, abs=0.05)
    split = said["split"]
    assert split["by"] == "market"
    whole = sum(part["mix"] + part["rate"] for part in split["parts"]) + split["rest"]
    assert whole == pytest.approx(said["change"])


def test_the_effect_of_an_action_is_looked_at_by_itself(late_rule, decide, lead, now):
    decide(queue=VIOLENCE, since=now - timedelta(hours=12), hours=12, an_hour=20, late=0.5)
    for minute in range(2):
        _look(now + timedelta(minutes=minute), late_rule)
    alert, operation = Alert.objects.get(), settings.WATCHFLOOR_OPERATION
    check = now + timedelta(hours=8)
    action = act(
        alert_id=alert.pk, what="Ten more people", owner="", due_at=now + timedelta(hours=1),
        expected=0.95, check_at=check, by=lead, now=now,
    )  # fmt: skip
    assert check_effects(operation=operation, now=now + timedelta(hours=2)) == 0
    decide(queue=VIOLENCE, since=now, hours=8, an_hour=40, late=0.0)
    assert check_effects(operation=operation, now=check) == 1
    action.refresh_from_db()
    assert (action.effect, action.found["value"]) == ("reached", 1.0)
    assert ChangeEvent.objects.filter(object_kind="alert", kind="effect reached").exists()
    assert check_effects(operation=operation, now=check) == 0


def test_a_rule_that_cannot_be_answered_says_why_and_stops_no_other(late_rule, decide, now):
    decide(queue=VIOLENCE, since=now - timedelta(hours=12), hours=12, an_hour=20, late=0.5)
    AlertRule.objects.filter(pk=late_rule.pk).update(metric_id="no-such-metric")
    late_rule.refresh_from_db()
    evaluate(operation=settings.WATCHFLOOR_OPERATION, now=now, only=[late_rule])
    late_rule.refresh_from_db()
    assert "no-such-metric" in late_rule.trouble
