"""Looks at every active rule: asks what all of them need at once, then fires, keeps or ends their alerts."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchfloor.metrics.definition import Definition
from watchfloor.operations.alerts.breaching import Findings, Looked, burns, bursts, levels, staleness
from watchfloor.operations.alerts.gathering import Ask, Gathered, asks_of, gather
from watchfloor.operations.alerts.lifecycle import close, fire
from watchfloor.operations.alerts.models import Alert, AlertRule
from watchfloor.operations.alerts.persistence import clears, fires, kept, remembered
from watchfloor.operations.alerts.vocabulary import EXPIRES_AFTER, STANDING, WATCHED_FACTS
from watchfloor.operations.cells.warehouse import catalogue, store_of
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.resolver import in_force

_logger = logging.getLogger("watchfloor.alerts")
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one run came to."""

    rules: int = 0
    cells: int = 0
    questions: int = 0
    fired: tuple[int, ...] = ()
    resolved: int = 0
    expired: int = 0


def evaluate(*, operation: str, now: datetime, only: Sequence[AlertRule] | None = None) -> Evaluation:
    """Return what was found by the rules whose turn it is; each rule is one transaction.

    Args:
        operation: The living operation.
        now: The instant of the evaluation.
        only: These rules whatever their turn; None is every active rule that is due.

    """
    active = AlertRule.objects.filter(state="active").prefetch_related("channels").order_by("pk")
    rules = list(active) if only is None else list(only)
    due = [rule for rule in rules if only is not None or _is_due(rule, now=now)]
    known = catalogue()
    asks = {
        rule.pk: asks_of(rule, definition=known[rule.metric_id], now=now)
        for rule in due
        if rule.kind != "freshness" and rule.metric_id in known
    }
    gathered = gather((ask for each in asks.values() for ask in each), operation=operation, now=now)
    targets: dict[str, list[Target]] = {}
    for target in in_force({rule.metric_id for rule in due if rule.level is None}, at=now):
        targets.setdefault(target.metric_id, []).append(target)
    queues = {queue.slug: queue for queue in Queue.objects.select_related("data_boundary")}
    fired: list[int] = []
    cells = resolved = 0
    for rule in due:
        problem = next(
            (gathered.problems[ask] for ask in asks.get(rule.pk, ()) if ask in gathered.problems), ""
        )
        if rule.kind != "freshness" and rule.metric_id not in known:
            problem = f"There is no metric {rule.metric_id!r} any more."
        if problem:
            AlertRule.objects.filter(pk=rule.pk).update(trouble=problem[:400], evaluated_at=now)
            continue
        if rule.kind == "freshness":
            found = _freshness(rule, operation=operation, now=now)
        else:
            found = find(
                rule,
                asks=asks[rule.pk],
                gathered=gathered,
                definition=known[rule.metric_id],
                targets=targets.get(rule.metric_id, ()),
                now=now,
            )
        cells += len(found.looked)
        new, ended = _remember(rule, found, queues=queues, now=now)
        fired += new
        resolved += ended
    expired = expire(now=now)
    return Evaluation(len(due), cells, gathered.questions, tuple(fired), resolved, expired)


def _is_due(rule: AlertRule, *, now: datetime) -> bool:
    if rule.evaluated_at is None:
        return True
    return (now - rule.evaluated_at).total_seconds() >= rule.every_seconds - _GRACE_SECONDS


def find(
    rule: AlertRule,
    *,
    asks: Sequence[Ask],
    gathered: Gathered,
    definition: Definition,
    targets: Sequence[Target],
    now: datetime,
) -> Findings:
    """Return the rule's units of one evaluation, from what was gathered."""
    answers = [gathered.cells.get(ask, ()) for ask in asks]
    if rule.kind == "burst":
        return bursts(answers[0], answers[1], rule=rule)
    if rule.kind == "budget_burn":
        windows = {ask.period.seconds / 3_600.0: cells for ask, cells in zip(asks, answers, strict=True)}
        return burns(windows, rule=rule, definition=definition, targets=targets, at=now)
    return levels(answers[0], rule=rule, definition=definition, targets=targets, at=now)


def _freshness(rule: AlertRule, *, operation: str, now: datetime) -> Findings:
    snapshot = store_of(operation).snapshot()
    facts = rule.scope.get("fact") or WATCHED_FACTS
    last = {name: extent.end if (extent := snapshot.extent(name)) else None for name in facts}
    return staleness(last, rule=rule, at=now)


@transaction.atomic
def _remember(
    rule: AlertRule, found: Findings, *, queues: Mapping[str, Queue], now: datetime
) -> tuple[list[int], int]:
    """Return the new alerts and how many ended, after one evaluation of one rule."""
    memory: dict[str, str] = dict(rule.memory)
    standing = {
        alert.dedup_key: alert
        for alert in Alert.objects.select_for_update(of=("self",))
        .select_related("rule")
        .filter(rule=rule, state__in=STANDING)
    }
    fired, over = [], set()
    for one in found.looked:
        if one.standing == "no_data":
            continue
        memory[one.unit] = remembered(
            memory.get(one.unit, ""), over=one.standing == "over", looked=rule.looked
        )
        key = dedup_key(rule, one)
        if one.standing == "over":
            over.add(key)
            if key in standing:
                _still(standing[key], one, now=now)
            elif fires(memory[one.unit], needed=rule.needed):
                queue = queues.get(one.scope.get("queue", "") or _only_queue(rule))
                alert = fire(rule=rule, one=one, queue=queue, key=key, now=now)
                standing[key] = alert
                fired.append(alert.pk)
    seen = {dedup_key(rule, one) for one in found.looked if one.standing == "within"}
    ended = sum(
        _back(alert, rule=rule, now=now) for key, alert in standing.items() if key in seen and key not in over
    )
    AlertRule.objects.filter(pk=rule.pk).update(
        memory=kept(memory),
        evaluated_at=now,
        units=len(found.looked),
        expected_false=found.expected_false,
        trouble="",
    )
    return fired, ended


def dedup_key(rule: AlertRule, one: Looked) -> str:
    """Return what makes two firings the same alert: the rule's unit, or the rule where it says so."""
    return f"{rule.slug}|{one.unit}" if rule.deduplicate == "unit" else f"{rule.slug}|"


def _only_queue(rule: AlertRule) -> str:
    named = rule.scope.get("queue", ())
    return str(named[0]) if len(named) == 1 else ""


def _still(alert: Alert, one: Looked, *, now: datetime) -> None:
    alert.seen_at, alert.times_clear = now, 0
    alert.times_over += 1
    alert.materiality = max(alert.materiality, one.materiality)
    alert.save(update_fields=["seen_at", "times_clear", "times_over", "materiality"])


def _back(alert: Alert, *, rule: AlertRule, now: datetime) -> bool:
    """Return whether the alert ended: its cell was in order for as many evaluations as it took to fire."""
    alert.times_clear += 1
    alert.seen_at = now
    if not clears(alert.times_clear, needed=rule.needed):
        alert.save(update_fields=["times_clear", "seen_at"])
        return False
    looks = "look" if rule.needed == 1 else "looks"
    reason = f"In order for {rule.needed} {looks}, one after the other."
    close(alert, state="resolved", reason=reason, actor="", now=now)
    return True


def expire(*, now: datetime) -> int:
    """Return how many alerts were closed because their cell has had no number for days."""
    old = Alert.objects.select_related("rule").filter(state__in=STANDING, seen_at__lt=now - EXPIRES_AFTER)
    for alert in old:
        reason = f"Its cell has had no number since {alert.seen_at:%Y-%m-%d %H:%M} UTC."
        close(alert, state="expired", reason=reason, actor="", now=now)
    return len(old)
