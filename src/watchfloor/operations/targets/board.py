"""The board: every target in force with its status by evidence, judged together, and where it will end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from watchfloor.kernel import Estimate, Period, Scope, WatchfloorError
from watchfloor.metrics import Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.warehouse import catalogue, extent_of
from watchfloor.operations.targets.evidence import Asking
from watchfloor.operations.targets.judging import Board, Judged, is_sampled, judge
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.projecting import Outlook, days_from, project
from watchfloor.operations.targets.resolver import Applied, choose, in_force, value_at
from watchfloor.operations.targets.scopes import scope_of
from watchfloor.operations.targets.seeing import seen_targets
from watchfloor.operations.targets.spans import grain_of, last_whole, so_far, span_of
from watchfloor.science.targeting import Direction

HISTORY_PERIODS = 12
HISTORY_DAYS = 28
STATUSES = ("missed", "inconclusive", "met", "no_data")


@dataclass(frozen=True, slots=True)
class Standing:
    """One target as the board shows it: judged over a period, with its outlook.

    `beaten_by` is the target that applies in its scope in its stead, where there is one; `problem` says why
    its figure could not be asked for.
    """

    target: Target
    judged: Judged
    period: Period
    outlook: Outlook | None = None
    beaten_by: Target | None = None
    problem: str = ""

    @property
    def ends_soon(self) -> timedelta | None:
        """How long it still holds, when that is a fortnight at most."""
        if self.target.effective_to is None:
            return None
        left = self.target.effective_to - self.judged.cell.as_of
        return left if timedelta() <= left <= timedelta(days=14) else None


@dataclass(frozen=True, slots=True)
class Boarded:
    """The board's standings, and what to expect of all of them together."""

    standings: tuple[Standing, ...]
    board: Board


def board_of(
    *,
    asking: Asking,
    at: datetime,
    whole: bool = False,
    known_at: datetime | None = None,
    outlooks: bool = True,
    metric_ids: Sequence[str] = (),
) -> Boarded:
    """Return every target in force within reach, judged.

    Args:
        asking: Who asks, of which operation.
        at: When they are to be in force, and the end of what is judged.
        whole: Judge the last whole period instead of the present one so far. A sum has no meaning in part,
            so a target on one is always judged by its last whole period.
        known_at: The targets as they were known then.
        outlooks: Whether to say where the present period will end.
        metric_ids: Only targets on these metrics; all where empty.

    """
    metrics = catalogue()
    targets = seen_targets(
        in_force(metric_ids or list(metrics), at=at, known_at=known_at), viewer=asking.viewer
    )
    groups: dict[tuple[str, tuple[str, ...]], list[Target]] = defaultdict(list)
    for target in targets:
        groups[target.period, tuple(sorted(target.scope))].append(target)
    standings: list[Standing] = []
    histories: dict[tuple[str, Scope], list[float | None]] = {}
    for (period, by), members in sorted(groups.items()):
        standings += _standings(
            members,
            period=period,
            by=by,
            at=at,
            whole=whole,
            asking=asking,
            histories=histories,
            outlooks=outlooks,
        )
    board = judge(
        [one.judged.cell for one in standings],
        [one.judged.applied for one in standings],
        definitions={name: metrics[name] for name in metrics},
        histories=histories,
    )
    by_metric: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        by_metric[target.metric_id].append(target)
    told = tuple(
        replace(one, judged=judged, beaten_by=_beaten_by(one.target, by_metric[one.target.metric_id], at))
        for one, judged in zip(standings, board.judged, strict=True)
    )
    return Boarded(tuple(sorted(told, key=_urgency)), board)


def _urgency(one: Standing) -> tuple[object, ...]:
    order = {"missed": 0, "inconclusive": 1, "met": 2, "no_data": 3, "no_target": 3}
    return (
        not one.judged.stands_out,
        order[one.judged.status],
        not one.judged.material,
        -(one.judged.shortfall or 0.0),
        one.target.metric_id,
        one.target.scope_key,
        one.target.kind,
    )


def _standings(
    targets: Sequence[Target],
    *,
    period: str,
    by: tuple[str, ...],
    at: datetime,
    whole: bool,
    asking: Asking,
    histories: dict[tuple[str, Scope], list[float | None]],
    outlooks: bool,
) -> list[Standing]:
    metrics = catalogue()
    present, before = so_far(period, at=at), last_whole(period, at=at)
    found: list[Standing] = []
    spans: dict[bool, list[Target]] = defaultdict(list)
    for target in targets:
        spans[whole or metrics[target.metric_id].additivity == "ADD"].append(target)
    for is_whole, members in spans.items():
        span = before if is_whole else present
        cells, problems = _cells(members, by=by, period=span, asking=asking)
        if is_whole and not _is_covered(span, asking):
            cells, problems = {}, dict.fromkeys({one.metric_id for one in members}, "facts_begin_later")
        if grain := grain_of(period):
            past = Period(_back(period, before.start), span.start)
            census = [one for one in members if not is_sampled(metrics[one.metric_id])]
            histories.update(_series(census, by=by, period=past, grain=grain, asking=asking))
        days = (
            _daily(members, by=by, at=at, period=span_of(period, at=at), asking=asking)
            if outlooks and not period.startswith("rolling")
            else {}
        )
        for target in members:
            key = (target.metric_id, scope_of(target.scope))
            definition = metrics[target.metric_id]
            cell = cells.get(key) or nothing(definition, key[1], span, at)
            applied = Applied(target, value_at(target, at), target.upper, why=("exact",))
            standing = Standing(
                target, Judged(cell, applied, "no_data"), span, problem=problems.get(target.metric_id, "")
            )
            if days is not None and outlooks and not period.startswith("rolling"):
                own = days.get(key, ())
                standing = replace(standing, outlook=outlook_of(target, own, cells.get(key), at=at))
            found.append(standing)
    return found


def _is_covered(period: Period, asking: Asking) -> bool:
    """Return whether the facts reach back to the period's first day: a sum of a part of it would mislead."""
    extent = extent_of(asking.operation)
    return extent is not None and extent.start < period.start + timedelta(days=1)


def outlook_of(target: Target, days: Sequence[Cell], cell: Cell | None, *, at: datetime) -> Outlook:
    """Return where the target's present period ends; of a band, against the edge that is nearer."""
    definition = catalogue()[target.metric_id]
    goal, better = value_at(target, at), better_of(target)
    if target.kind == "band" and target.upper is not None and cell is not None:
        value = cell.estimate.value
        if value is not None and value > (goal + target.upper) / 2.0:
            goal, better = target.upper, "lower_is_better"
    return project(
        definition,
        days=days_from(days, definition),
        period=span_of(target.period, at=at),
        at=at,
        goal=goal,
        better=better,
        sampled=cell,
        rng=np.random.default_rng(target.pk),
    )


def better_of(target: Target) -> Direction:
    """Return which side of the value keeps the target."""
    keeps_above = target.kind in ("floor", "band") or (
        target.kind == "stretch" and target.direction == "higher_is_better"
    )
    return "higher_is_better" if keeps_above else "lower_is_better"


def _cells(
    targets: Sequence[Target], *, by: tuple[str, ...], period: Period, asking: Asking
) -> tuple[dict[tuple[str, Scope], Cell], dict[str, str]]:
    found: dict[tuple[str, Scope], Cell] = {}
    problems: dict[str, str] = {}
    for query in _queries(targets, by=by, period=period):
        try:
            cells = _asked(query, asking)
        except WatchfloorError as error:
            problems |= dict.fromkeys(query.metrics, str(error))
            continue
        for cell in cells:
            found[cell.metric, _key(cell, query)] = cell
    return found, problems


def _series(
    targets: Sequence[Target], *, by: tuple[str, ...], period: Period, grain: str, asking: Asking
) -> dict[tuple[str, Scope], list[float | None]]:
    held: dict[tuple[str, Scope], dict[datetime, float | None]] = defaultdict(dict)
    for query in _queries(targets, by=by, period=period):
        try:
            cells = _asked(replace(query, grain=grain), asking)  # type: ignore[arg-type]  # one of its names
        except WatchfloorError:
            continue
        for cell in cells:
            if cell.bucket_start is not None:
                held[cell.metric, _key(cell, query)][cell.bucket_start] = cell.estimate.value
    return {key: [values[start] for start in sorted(values)] for key, values in held.items()}


def _daily(
    targets: Sequence[Target], *, by: tuple[str, ...], at: datetime, period: Period, asking: Asking
) -> dict[tuple[str, Scope], list[Cell]]:
    metrics = catalogue()
    carried = [
        one
        for one in targets
        if metrics[one.metric_id].additivity in ("ADD", "RATIO") and not is_sampled(metrics[one.metric_id])
    ]
    start = min(period.start, period.end - timedelta(days=HISTORY_DAYS)) - timedelta(days=HISTORY_DAYS)
    held: dict[tuple[str, Scope], list[Cell]] = defaultdict(list)
    for query in _queries(carried, by=by, period=Period(start, at)):
        try:
            cells = _asked(replace(query, grain="day"), asking)
        except WatchfloorError:
            continue
        for cell in cells:
            held[cell.metric, _key(cell, query)].append(cell)
    return held


def days_and_cell(target: Target, *, asking: Asking, at: datetime) -> tuple[list[Cell], Cell | None]:
    """Return one target's days and its period so far."""
    by = tuple(sorted(target.scope))
    key = (target.metric_id, scope_of(target.scope))
    days = _daily([target], by=by, at=at, period=span_of(target.period, at=at), asking=asking)
    cells, _ = _cells([target], by=by, period=so_far(target.period, at=at), asking=asking)
    return days.get(key, []), cells.get(key)


def _queries(targets: Sequence[Target], *, by: tuple[str, ...], period: Period) -> list[Query]:
    """Return few questions for many targets: one a set of metrics and dimensions, and one a joined scope."""
    single: dict[str, set[str]] = {name: set() for name in by}
    alone: dict[tuple[str, str], Target] = {}
    metrics: set[str] = set()
    for target in targets:
        if all(len(kept) == 1 for kept in target.scope.values()):
            metrics.add(target.metric_id)
            for name, kept in target.scope.items():
                single[name].update(kept)
        else:
            alone[target.metric_id, target.scope_key] = target
    found = [
        Query(
            metrics=(metric,),
            period=period,
            by=by,
            where={name: tuple(sorted(kept)) for name, kept in single.items()},
        )
        for metric in sorted(metrics)
    ]
    for target in alone.values():
        where = {name: tuple(kept) for name, kept in target.scope.items()}
        found.append(Query(metrics=(target.metric_id,), period=period, where=where))
    return found


def _asked(query: Query, asking: Asking) -> tuple[Cell, ...]:
    return ask_as(
        query, viewer=asking.viewer, operation=asking.operation, now=asking.now, known_at=asking.known_at
    ).cells


def _key(cell: Cell, query: Query) -> Scope:
    """Return the scope that was asked for: without what the viewer's own reach added."""
    if not query.by:
        return Scope.of({name: tuple(kept) for name, kept in query.where.items()})
    held = cell.scope.as_dict()
    return Scope.of({name: held[name] for name in query.by if name in held})


def nothing(definition: Definition, scope: Scope, period: Period, at: datetime) -> Cell:
    """Return a cell that says nothing."""
    return Cell(
        metric=definition.id,
        version=definition.version,
        scope=scope,
        period=period,
        bucket_start=None,
        numerator=None,
        denominator=None,
        estimate=Estimate(value=None, low=None, high=None, n=0, method="none"),
        weight_sum=None,
        n=0,
        n_eff=None,
        as_of=at,
        coverage=None,
        suppression="exact",
        unit=definition.unit,
    )


def _back(period: str, start: datetime) -> datetime:
    length = {"day": 1, "week": 7, "month": 31}[period] * HISTORY_PERIODS
    return span_of(period, at=start - timedelta(days=length)).start


def _beaten_by(target: Target, others: Sequence[Target], at: datetime) -> Target | None:
    if target.kind == "stretch":
        return None
    found = choose(others, scope=scope_of(target.scope), at=at, period=target.period).target
    return None if found is None or found.pk == target.pk or found.kind != target.kind else found


def counted(standings: Sequence[Standing]) -> Mapping[str, int]:
    """Return how many standings have each status."""
    found = dict.fromkeys(STATUSES, 0)
    for one in standings:
        found[one.judged.status if one.judged.status in found else "no_data"] += 1
    return found
