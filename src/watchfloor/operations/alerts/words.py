"""Words of alerts in the language in force: kinds, states, what a cell says, how long things take."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext

from watchfloor.operations.alerts.models import Alert, AlertRule
from watchfloor.operations.alerts.snapshots import value_of
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.shell import formats


def severity_names() -> dict[str, str]:
    """Return the words for severities."""
    return {
        "critical": gettext("critical"),
        "high": gettext("high"),
        "medium": gettext("medium"),
        "low": gettext("low"),
    }


def state_names() -> dict[str, str]:
    """Return the words for an alert's states."""
    return {
        "open": gettext("nobody has it yet"),
        "acknowledged": gettext("taken on"),
        "resolved": gettext("over"),
        "expired": gettext("expired"),
    }


def kind_names() -> dict[str, str]:
    """Return the words for kinds of rules."""
    return {
        "level": gettext("Level"),
        "burst": gettext("Burst"),
        "budget_burn": gettext("Error budget"),
        "yield": gettext("Yield"),
        "freshness": gettext("Freshness"),
    }


def channel_kind_names() -> dict[str, str]:
    """Return the words for kinds of channels."""
    return {
        "email": gettext("E-mail"),
        "slack": "Slack",
        "lark": "Lark",
        "teams": "Microsoft Teams",
    }


def rule_state_names() -> dict[str, str]:
    """Return the words for a rule's states."""
    return {
        "active": gettext("watches"),
        "paused": gettext("is paused"),
        "retired": gettext("is retired"),
    }


def effect_names() -> dict[str, str]:
    """Return the words for what an action came to."""
    return {
        "waiting": gettext("is checked then"),
        "reached": gettext("reached"),
        "not_reached": gettext("not reached"),
        "unknown": gettext("no number on that day"),
    }


def metric_name(metric_id: str) -> str:
    """Return a metric's name, or its id where there is no such metric any more."""
    known = catalogue()
    if not metric_id:
        return gettext("Age of the facts")
    return name_of(known[metric_id]) if metric_id in known else metric_id


def unit_of(metric_id: str) -> str:
    """Return a metric's unit; the age of facts is in seconds."""
    known = catalogue()
    return known[metric_id].unit if metric_id in known else "s" if not metric_id else ""


def figure(value: float | None, *, metric_id: str) -> str:
    """Return a value in its metric's unit."""
    return formats.quantity(value, unit=unit_of(metric_id))


def interval_text(kept: Mapping[str, Any], *, metric_id: str) -> str:
    """Return a kept cell's interval; empty without one."""
    low, high = kept.get("low"), kept.get("high")
    if low is None or high is None:
        return ""
    return gettext("%(low)s to %(high)s") % {
        "low": figure(low, metric_id=metric_id),
        "high": figure(high, metric_id=metric_id),
    }


def where_text(alert: Alert) -> str:
    """Return what an alert is about, in words: its queue's title, or the values of its unit."""
    if alert.queue is not None:
        rest = [value for name, value in alert.scope.items() if name != "queue"]
        title = alert.queue.title
        if (get_language() or "").startswith("zh") and alert.queue.title_zh_hans:
            title = alert.queue.title_zh_hans
        return ", ".join([title, *rest])
    return ", ".join(alert.scope.values()) or gettext("the whole operation")


def headline(alert: Alert) -> str:
    """Return an alert in one sentence: the metric, where it stands, and what was allowed."""
    kept, metric = alert.cell, alert.metric_id
    value, goal = value_of(kept), kept.get("goal")
    measures = kept.get("measures") or {}
    said = {
        "metric": metric_name(metric),
        "value": figure(value, metric_id=metric),
        "goal": figure(goal, metric_id=metric),
    }
    if alert.rule.kind == "burst" and measures.get("growth") is not None:
        said["growth"] = formats.share(measures["growth"], digits=0)
        return gettext("%(metric)s: %(value)s, %(growth)s above the days before") % said
    if alert.rule.kind == "budget_burn" and measures.get("burn") is not None:
        said["burn"] = f"{measures['burn']:.1f}"
        return gettext("%(metric)s: its error budget burns %(burn)s times too fast") % said
    if goal is None:
        return gettext("%(metric)s: %(value)s") % said
    return gettext("%(metric)s: %(value)s against %(goal)s") % said


def rule_text(rule: AlertRule) -> str:
    """Return what a rule says, in one sentence."""
    said: dict[str, Any] = {
        "metric": metric_name(rule.metric_id),
        "window": formats.duration(rule.window_seconds),
        "needed": rule.needed,
        "looked": rule.looked,
        "every": formats.duration(rule.every_seconds),
        "level": gettext("the target in force")
        if rule.level is None
        else figure(rule.level, metric_id=rule.metric_id),
    }
    if rule.kind == "freshness":
        return gettext("The newest fact is older than %(level)s.") % said
    if rule.kind == "burst":
        said |= {
            "growth": formats.share(rule.growth_share, digits=0),
            "change": figure(rule.absolute_change, metric_id=rule.metric_id),
            "prior": figure(rule.prior_min, metric_id=rule.metric_id),
        }
        return (
            gettext(
                "%(metric)s of %(window)s grows by %(growth)s and by %(change)s a day, from at least "
                "%(prior)s a day, in %(needed)s of %(looked)s looks, one "
                "every %(every)s."
            )
            % said
        )
    if rule.kind == "budget_burn":
        said["pairs"] = ", ".join(f"{rate:g}× / {hours:g} h" for rate, hours in rule.burn_pairs)
        return (
            gettext(
                "%(metric)s burns its error budget at %(pairs)s, in %(needed)s of %(looked)s looks, one "
                "every %(every)s."
            )
            % said
        )
    text = (
        gettext(
            "%(metric)s of %(window)s is above %(level)s in %(needed)s of %(looked)s looks, one "
            "every %(every)s."
        )
        if rule.comparison == "above"
        else gettext(
            "%(metric)s of %(window)s is below %(level)s in %(needed)s of %(looked)s looks, one "
            "every %(every)s."
        )
    )
    if rule.level is None:
        text = gettext(
            "%(metric)s of %(window)s misses %(level)s in %(needed)s of %(looked)s looks, one "
            "every %(every)s."
        )
    return text % said
