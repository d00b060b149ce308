"""Asks the metrics what many rules need, with as few questions as the rules' splits and windows allow.

Rules that share a split, a window and a filter are one question, whatever their metrics; the answer is
dealt out again by metric and by scope.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.operations.alerts.models import AlertRule
from watchfloor.operations.alerts.vocabulary import BASELINE_DAYS, WATCHED_PURPOSES
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.grains import Grain
from watchfloor.operations.record.viewers import Viewer

_WHOLE_HOURS_FROM = timedelta(hours=6)
_WHOLE_DAYS_FROM = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a rule needs to know."""

    metric: str
    by: tuple[str, ...]
    period: Period
    grain: Grain | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class Gathered:
    """The answers by ask, the questions that were put, and what could not be answered by ask."""

    cells: dict[Ask, tuple[Cell, ...]] = field(default_factory=dict)
    problems: dict[Ask, str] = field(default_factory=dict)
    questions: int = 0


def window_of(rule: AlertRule, *, now: datetime, seconds: float | None = None) -> Period:
    """Return the rule's window, ended where its evaluations end.

    Short windows end at a whole minute; from six hours on at a whole hour, so that sums kept by the hour and
    the day can answer; from a week on at a whole day of UTC.
    """
    length = timedelta(seconds=seconds or rule.window_seconds)
    end = now.replace(second=0, microsecond=0)
    if length >= _WHOLE_HOURS_FROM:
        end = end.replace(minute=0)
    if length >= _WHOLE_DAYS_FROM:
        end = end.replace(hour=0)
    return Period(end - length, end)


def asks_of(rule: AlertRule, *, definition: Definition, now: datetime) -> tuple[Ask, ...]:
    """Return what a rule needs: for a burst its window and the days before, for a budget each pair's."""
    where = where_of(rule, definition=definition)
    by = tuple(rule.by)
    if rule.kind == "budget_burn":
        return tuple(
            Ask(rule.metric_id, by, window_of(rule, now=now, seconds=3_600.0 * hours), None, where)
            for hours in dict.fromkeys(float(hours) for _, hours in rule.burn_pairs)
        )
    window = window_of(rule, now=now)
    asks = (Ask(rule.metric_id, by, window, None, where),)
    if rule.kind != "burst":
        return asks
    midnight = window.start.replace(hour=0, minute=0, second=0, microsecond=0)
    past = Period(midnight - timedelta(days=BASELINE_DAYS), midnight)
    return (*asks, Ask(rule.metric_id, by, past, "day", where))


def where_of(rule: AlertRule, *, definition: Definition) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the rule's filters, with the queues that enforce alone where the metric knows purposes."""
    where = {name: tuple(values) for name, values in rule.scope.items() if values}
    if "purpose" in definition.dimensions and "purpose" not in where:
        where["purpose"] = WATCHED_PURPOSES
    if "queue" not in where and "queue" not in rule.by and "data_boundary" in definition.dimensions:
        # A total over queues of several boundaries would tell of one to whoever is in another.
        where.setdefault("data_boundary", (rule.data_boundary or "(unknown)",))
    return tuple(sorted(where.items()))


def gather(asks: Iterable[Ask], *, operation: str, now: datetime, viewer: Viewer | None = None) -> Gathered:
    """Return the answers to all asks; a metric that has no honest answer is a problem of its own asks."""
    grouped: dict[tuple[object, ...], list[Ask]] = {}
    for ask in dict.fromkeys(asks):
        grouped.setdefault((ask.by, ask.period, ask.grain, ask.where), []).append(ask)
    gathered, who = Gathered(), viewer or Viewer.system("alerts")
    for members in grouped.values():
        _answer(members, gathered, viewer=who, operation=operation, now=now)
    return gathered


def _answer(
    members: Sequence[Ask], gathered: Gathered, *, viewer: Viewer, operation: str, now: datetime
) -> None:
    first = members[0]
    query = Query(
        metrics=tuple(dict.fromkeys(ask.metric for ask in members)),
        period=first.period,
        by=first.by,
        grain=first.grain,
        where=dict(first.where),
    )
    gathered.questions += 1
    try:
        answer = ask_as(query, viewer=viewer, operation=operation, now=now)
    except WatchfloorError as error:
        if len(members) == 1:
            gathered.problems[first] = str(error)
            return
        for ask in members:
            _answer([ask], gathered, viewer=viewer, operation=operation, now=now)
        return
    cells: dict[str, list[Cell]] = {}
    for cell in answer.cells:
        cells.setdefault(cell.metric, []).append(cell)
    for ask in members:
        gathered.cells[ask] = tuple(cells.get(ask.metric, ()))


def plainer(ask: Ask, by: Mapping[str, Sequence[str]]) -> Ask:
    """Return the ask narrowed to one unit."""
    where = {**dict(ask.where), **{name: tuple(values) for name, values in by.items()}}
    return replace(ask, where=tuple(sorted(where.items())))
