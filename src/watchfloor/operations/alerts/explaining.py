"""Explains an alert when it fires: where it stands, what moved since last week, and what else changed.

What can be said exactly is: a ratio's change split into shares and rates of its groups, a sum's by group.
Both add up to the change. What happened near it is listed, not blamed.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from watchfloor.kernel import Period, parse_instant
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.alerts.gathering import Ask, asks_of, gather, plainer
from watchfloor.operations.alerts.mix_rate import Part, split_ratio, split_sum
from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.alerts.snapshots import cell_as_kept
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.services import instant_text

WEEK = timedelta(days=7)
MOST_PARTS = 4
MOST_CHANGES = 6
_NEAR = timedelta(hours=48)
# What a reader can act on first: where the work is done, then what it is about.
_SPLITS = ("queue", "site", "team", "language", "market", "strategy", "label", "surface")
# What happens all day and explains nothing.
_NOISE = ("alert", "alert_rule", "case", "demo_floor")

_logger = logging.getLogger("watchfloor.alerts")


def explain(alert: Alert, *, operation: str, now: datetime) -> Alert:
    """Return the alert with its explanation kept; written once, from the facts as they are then."""
    known = catalogue()
    said: dict[str, Any] = {"changes": _changes(alert, now=now)}
    if alert.metric_id in known:
        try:
            said |= _figures(alert, definition=known[alert.metric_id], operation=operation, now=now)
        except Exception:
            # An alert without its explanation is still an alert; the fault is for the log.
            _logger.exception("Alert %s could not be explained", alert.pk)
    alert.explanation, alert.explained_at = said, now
    alert.save(update_fields=["explanation", "explained_at"])
    return alert


def explain_waiting(*, operation: str, now: datetime, most: int = 20) -> int:
    """Return how many alerts were explained: those that fired since, the gravest first."""
    waiting = Alert.objects.select_related("rule", "queue").filter(explained_at__isnull=True)[:most]
    for alert in waiting:
        explain(alert, operation=operation, now=now)
    return len(waiting)


def _figures(alert: Alert, *, definition: Definition, operation: str, now: datetime) -> dict[str, Any]:
    scope = {name: (value,) for name, value in alert.scope.items() if name in definition.dimensions}
    first = plainer(asks_of(alert.rule, definition=definition, now=alert.fired_at)[0], scope)
    first = replace(first, by=(), grain=None)
    before = replace(first, period=_earlier(first.period))
    splits = [
        name
        for name in _SPLITS
        if name in definition.dimensions
        and name not in alert.scope
        and len(dict(first.where).get(name, ())) != 1
    ][:3]
    asks = [first, before]
    for name in splits:
        asks += [replace(first, by=(name,)), replace(before, by=(name,))]
    gathered = gather(asks, operation=operation, now=now)
    here, then = _one(gathered.cells, first), _one(gathered.cells, before)
    said: dict[str, Any] = {
        "period": [instant_text(first.period.start), instant_text(first.period.end)],
        "where": {name: list(values) for name, values in first.where},
        "before": cell_as_kept(then),
    }
    if here is None or then is None:
        return said
    if here.estimate.value is not None and then.estimate.value is not None:
        said["change"] = here.estimate.value - then.estimate.value
    said["split"] = _best_split(splits, first, before, gathered.cells)
    return said


def _earlier(period: Period) -> Period:
    back = WEEK if period.seconds <= WEEK.total_seconds() else timedelta(seconds=period.seconds)
    return Period(period.start - back, period.end - back)


def _one(cells: Mapping[Ask, Sequence[Cell]], ask: Ask) -> Cell | None:
    found = cells.get(ask, ())
    return found[0] if found else None


def _best_split(
    splits: Sequence[str], first: Ask, before: Ask, cells: Mapping[Ask, Sequence[Cell]]
) -> dict[str, Any]:
    """Return the split whose largest groups say most about the change, with their parts."""
    best: tuple[float, str, tuple[Part, ...], str] | None = None
    for name in splits:
        now, then = cells.get(replace(first, by=(name,)), ()), cells.get(replace(before, by=(name,)), ())
        parts, kind = _parts(now, then, name)
        if len(parts) < 2:
            continue
        whole = sum(abs(part.whole) for part in parts)
        # Of a split whose largest part is most of all movement, the cause is the clearest.
        clear = abs(parts[0].whole) / whole if whole else 0.0
        if best is None or clear > best[0]:
            best = (clear, name, parts, kind)
    if best is None:
        return {}
    _, name, parts, kind = best
    rest = parts[MOST_PARTS:]
    return {
        "by": name,
        "kind": kind,
        "parts": [
            {"group": p.group, "mix": p.mix, "rate": p.rate, "before": p.before, "after": p.after}
            for p in parts[:MOST_PARTS]
        ],
        "rest": sum(part.whole for part in rest),
        "groups": len(parts),
    }


def _parts(now: Sequence[Cell], then: Sequence[Cell], name: str) -> tuple[tuple[Part, ...], str]:
    cells = [*now, *then]
    if not cells:
        return (), ""
    if all(cell.denominator is not None and cell.numerator is not None for cell in cells):
        return split_ratio(_ratio(then, name), _ratio(now, name)), "ratio"
    if any(cell.denominator is not None or cell.numerator is None for cell in cells):
        return (), ""
    sums = [{_group(c, name): c.numerator or 0.0 for c in each} for each in (then, now)]
    return split_sum(sums[0], sums[1]), "sum"


def _ratio(cells: Sequence[Cell], name: str) -> dict[str, tuple[float, float]]:
    return {_group(cell, name): (cell.numerator or 0.0, cell.denominator or 0.0) for cell in cells}


def _group(cell: Cell, name: str) -> str:
    return (cell.scope.as_dict().get(name) or ("",))[0]


def _changes(alert: Alert, *, now: datetime) -> list[dict[str, Any]]:
    """Return what changed near the alert: of its queue, or of the whole operation."""
    start = parse_instant(alert.cell["start"]) if alert.cell.get("start") else alert.fired_at
    near = ChangeEvent.objects.filter(at__gte=min(start, alert.fired_at - _NEAR), at__lte=now)
    near = near.exclude(object_kind__in=_NOISE).filter(data_boundary__in=("", alert.data_boundary))
    if alert.queue is not None:
        own = Q(object_kind="queue", object_id=alert.queue.slug)
        version = alert.queue.current_version
        policy = version.policy_slug if version else ""
        near = near.filter(
            own | Q(object_kind="policy", object_id=policy) | Q(object_kind__in=("incident", "model"))
        )
    return [
        {
            "at": instant_text(each.at),
            "kind": each.kind,
            "object": f"{each.object_kind} {each.object_id}",
            "summary": each.summary,
            "id": str(each.pk),
        }
        for each in near.order_by("-at", "-pk")[:MOST_CHANGES]
    ]


def explore_query(alert: Alert, *, by: str = "", grain: str = "") -> str:
    """Return the address's query with which Explore shows the alert's cell, or its split."""
    said = alert.explanation.get("where") or {name: [value] for name, value in alert.scope.items()}
    parameters: list[tuple[str, str]] = [("m", alert.metric_id)]
    parameters += [("where", f"{name}:{','.join(values)}") for name, values in said.items()]
    span = alert.explanation.get("period")
    if span and not grain:
        parameters.append(("period", f"{_minute(span[0])}..{_minute(span[1])}"))
    elif span:
        parameters.append(("period", "28d"))
    if by:
        parameters.append(("by", by))
    if grain:
        parameters.append(("grain", grain))
    return urlencode(parameters)


def _minute(written: str) -> str:
    return f"{parse_instant(written):%Y-%m-%dT%H:%MZ}"
