"""The demo's alert rules, two alerts that stand, and one that is over with its effect checked.

The alerts are fired by the rules from the demo's own facts, which hold causes that were planted; only what
is over is looked at as of an earlier instant.
"""

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from watchfloor.operations.alerts.acting import act, check_effects
from watchfloor.operations.alerts.channels import NewChannel, put_channel, route_group
from watchfloor.operations.alerts.evaluating import evaluate
from watchfloor.operations.alerts.explaining import explain_waiting
from watchfloor.operations.alerts.lifecycle import acknowledge, resolve
from watchfloor.operations.alerts.models import Alert, AlertRule, Channel
from watchfloor.operations.alerts.rule_checks import NewRule
from watchfloor.operations.alerts.rules import save_rule
from watchfloor.operations.demo.cast import Cast

_NIGHT: dict[str, Any] = {"quiet_from": time(22), "quiet_until": time(6), "time_zone": "Europe/Dublin"}
_MARK = "queues-in-time"


@transaction.atomic
def seed_alerts(*, cast: Cast, now: datetime) -> bool:
    """Return whether rules and alerts were written; once an operation, after its facts are there."""
    if AlertRule.objects.filter(slug=_MARK).exists():
        return False
    by = cast.strategist
    mail = put_channel(
        new=NewChannel(slug="leads-by-mail", title="Leads, by e-mail (simulated)", kind="email"),
        by=by,
        now=now - timedelta(days=9),
    )
    for new in _rules(owner=by.name):
        save_rule(new=new, channels=[mail], by=by, now=now - timedelta(days=9))
    route_group(queue_group="community-text", owner=by.name, channels=[mail], by=by, now=now)
    _over(cast, now=now)
    _standing(now=now)
    # What the demo's history fired is told to nobody.
    for channel in Channel.objects.all():
        channel.notices.filter(state="pending").update(state="merged", sent_at=now, answer="simulated")
    return True


def _rules(*, owner: str) -> tuple[NewRule, ...]:
    return (
        NewRule(
            slug=_MARK,
            title="Queues decided in time",
            metric_id="sla_attainment",
            by=("queue",),
            comparison="below",
            level=0.9,
            window_seconds=86_400,
            every_seconds=300,
            needed=1,
            looked=2,
            min_n=50,
            severity="high",
            owner=owner,
            reason="Simulated: the limit is the demo's own.",
        ),
        NewRule(
            slug="oldest-open-case",
            title="Oldest open case",
            metric_id="backlog_age_max",
            by=("queue",),
            level=2 * 86_400.0,
            window_seconds=3_600,
            every_seconds=300,
            needed=2,
            looked=3,
            min_n=1,
            severity="critical",
            owner=owner,
        ),
        NewRule(
            slug="intake-bursts",
            title="Intake bursts",
            metric_id="intake",
            kind="burst",
            by=("queue",),
            window_seconds=86_400,
            every_seconds=3_600,
            growth_share=0.5,
            absolute_change=200,
            prior_min=100,
            needed=1,
            looked=1,
            min_n=100,
            severity="medium",
            owner=owner,
            **_NIGHT,
        ),
        NewRule(
            slug="accuracy-by-site",
            title="Accuracy of each site",
            metric_id="accuracy",
            by=("queue", "site"),
            comparison="below",
            level=0.85,
            window_seconds=7 * 86_400,
            every_seconds=3_600,
            needed=1,
            looked=1,
            min_n=30,
            severity="medium",
            owner=owner,
            **_NIGHT,
        ),
        NewRule(
            slug="facts-are-fresh",
            title="Facts arrive",
            kind="freshness",
            level=900.0,
            every_seconds=60,
            needed=3,
            looked=5,
            severity="critical",
            owner=owner,
        ),
    )


def _looked(rule: AlertRule, *, at: datetime) -> list[Alert]:
    """Return what a rule fired when it looked at an instant; only the gravest stay with the demo."""
    rule.refresh_from_db()
    found = evaluate(operation=settings.WATCHFLOOR_OPERATION, now=at, only=[rule])
    explain_waiting(operation=settings.WATCHFLOOR_OPERATION, now=at)
    return list(Alert.objects.filter(pk__in=found.fired).order_by("-materiality", "pk"))


def _over(cast: Cast, *, now: datetime) -> None:
    """Let a rule fire in the past, be acted on, be over, and have the effect of the action checked."""
    for days in range(6, 30, 4):
        at = now - timedelta(days=days)
        fired = _looked(AlertRule.objects.get(slug=_MARK), at=at)
        for extra in fired[1:]:
            resolve(alert_id=extra.pk, reason="Same cause as the gravest one.", by=cast.strategist, now=at)
        if not fired:
            continue
        alert, later = fired[0], at + timedelta(hours=1)
        acknowledge(
            alert_id=alert.pk,
            plan="Move people from the queues ahead of their plan.",
            due_at=at + timedelta(hours=12),
            by=cast.strategist,
            now=later,
        )
        act(
            alert_id=alert.pk,
            what="Ten people of Manila work it for two days.",
            owner=cast.strategist.name,
            due_at=at + timedelta(days=2),
            expected=0.9,
            check_at=at + timedelta(days=4),
            by=cast.strategist,
            now=later,
        )
        reason = "In time for a whole day."
        resolve(alert_id=alert.pk, reason=reason, by=cast.strategist, now=at + timedelta(days=3))
        check_effects(operation=settings.WATCHFLOOR_OPERATION, now=now)
        return


def _standing(*, now: datetime) -> None:
    """Let the rules look at the present until two alerts stand."""
    for slug in (_MARK, "accuracy-by-site", "intake-bursts", "oldest-open-case"):
        rule = AlertRule.objects.get(slug=slug)
        for minutes in (2, 1, 0):
            _looked(rule, at=now - timedelta(minutes=minutes))
        if Alert.objects.filter(state="open").count() >= 2:
            return
