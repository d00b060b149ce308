"""Reads of scorecards: the board of a kind's units, one unit, and a reviewer's own.

`board` and `unit_card` are for pages, the API, reports and exports alike: asked as the viewer, judged by
evidence, never ordered by a figure unless the figures can tell the units apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings

from watchfloor.kernel import Scope
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.scorecards import comparing, weighing
from watchfloor.operations.scorecards.comparing import Adjusted, Change, Funnel, Shrunken
from watchfloor.operations.scorecards.definitions import Card, Measure, card_of
from watchfloor.operations.scorecards.exclusions import Excluded, excluded_figures
from watchfloor.operations.scorecards.measuring import Asking, Measured, by_case_mix, measure, stratum_of
from watchfloor.operations.scorecards.periods import Span, span_of
from watchfloor.operations.scorecards.units import Unit, unit_of, unit_of_person, units_of
from watchfloor.operations.targets.judging import Board, Judged, judge
from watchfloor.operations.targets.resolver import Applied, applied_many
from watchfloor.science.uncertainty import Separation


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of one unit.

    Attributes:
        measure: Metric and weight.
        definition: Of the metric.
        cell: The number; None where there is none.
        status: `met`, `missed`, `inconclusive`, `no_target`, `not_enough` (fewer than `min_n`), `no_data`.
        judged: Against its target, with noise, p-values over the board and audits needed.
        shrunken: Drawn to its peers, with P(θ misses the target).
        adjusted: On everybody's mix of cases.
        change: Since the period before.
        trend: Cells of earlier buckets, oldest first.
        excluded: Why it does not count in this period; empty when it does.
        reason: Why there is no number; empty when there is one.

    """

    measure: Measure
    definition: Definition
    cell: Cell | None
    status: str
    judged: Judged | None = None
    shrunken: Shrunken | None = None
    adjusted: Adjusted | None = None
    change: Change | None = None
    trend: tuple[Cell, ...] = ()
    excluded: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnitCard:
    """One unit with its figures in the order of the definition, the summary and the gate."""

    unit: Unit
    figures: tuple[Figure, ...]
    summary: weighing.Summary
    gate: weighing.Gate
    gate_limit: float | None = None

    def figure(self, metric: str) -> Figure | None:
        """Return the figure of a metric."""
        return next((each for each in self.figures if each.measure.metric == metric), None)


@dataclass(frozen=True, slots=True)
class ScoreBoard:
    """The units of a kind over a period, by slug.

    Attributes:
        kind: Of the units.
        card: The definition they are looked at by.
        span: The period and the one before.
        cards: One a unit, by slug.
        alarms: Counts, expected false alarms and misses by chance over the whole board.
        separations: By metric, how well its units can be told apart; a table by value needs `is_table_shown`.
        version: Of the facts.
        warnings: What a reader should know first.

    """

    kind: str
    card: Card
    span: Span
    cards: tuple[UnitCard, ...]
    alarms: Board
    separations: Mapping[str, Separation] = field(default_factory=dict)
    version: int = 0
    warnings: tuple[str, ...] = ()

    def funnel(self, metric: str) -> Funnel | None:
        """Return a share's funnel around the one target that holds for all units, else the group's rate."""
        held = {card.unit.slug: each for card in self.cards if (each := card.figure(metric))}
        cells = {slug: each.cell for slug, each in held.items() if each.cell is not None}
        goals = {each.judged.applied.value for each in held.values() if each.judged is not None}
        goal = next(iter(goals)) if len(goals) == 1 else None
        names = {card.unit.slug: card.unit.name for card in self.cards}
        definition = catalogue()[metric]
        return comparing.funnel(cells, names=names, definition=definition, goal=goal)


def board(
    kind: str,
    period: str = "",
    viewer: Viewer | None = None,
    *,
    now: datetime,
    operation: str = "",
    known_at: datetime | None = None,
    seen_at: datetime | None = None,
    card: Card | None = None,
) -> ScoreBoard:
    """Return the board of a kind's units within the viewer's reach.

    Args:
        kind: reviewer, team, site, vendor, queue or strategy.
        period: week, month or 28d; the definition's own by default.
        viewer: Who asks; background work passes `Viewer.system()`.
        now: The clock.
        operation: The operation; this deployment's own by default.
        known_at: Facts as published then.
        seen_at: The instant to look from; `now` by default.
        card: Another version of the definition, for comparing them.

    Raises:
        NotFoundError: there is no such kind.
        NotPermittedError: the viewer may see none of it.
        ScorecardError: there is no such period.

    """
    by = viewer or Viewer.system("scorecards")
    held = card or card_of(kind)
    asking = Asking(by, operation or str(settings.WATCHFLOOR_OPERATION), seen_at or now, known_at)
    span = span_of(period or held.period, now=asking.now)
    units = units_of(kind, viewer=by)
    return _board(units, held, span, asking)


def unit_card(
    kind: str,
    slug: str,
    period: str = "",
    *,
    viewer: Viewer,
    now: datetime,
    operation: str = "",
    known_at: datetime | None = None,
    seen_at: datetime | None = None,
) -> tuple[UnitCard, ScoreBoard]:
    """Return one unit, with case mix taken out, and the board it was judged on.

    Raises:
        NotFoundError: there is none of that name within reach.

    """
    unit_of(kind, slug, viewer=viewer)
    whole = board(kind, period, viewer, now=now, operation=operation, known_at=known_at, seen_at=seen_at)
    asking = Asking(viewer, operation or str(settings.WATCHFLOOR_OPERATION), seen_at or now, known_at)
    return _with_mix(whole, slug, asking), whole


def own_card(
    user_id: int, period: str = "", *, now: datetime, operation: str = ""
) -> tuple[UnitCard, ScoreBoard]:
    """Return the signed-in reviewer's own card; its board tells of the group, never of another by name.

    Raises:
        NotFoundError: the account belongs to no reviewer.

    """
    person = Reviewer.objects.select_related("team__site").filter(user_id=user_id).first()
    if person is None:
        raise NotFoundError("Your account belongs to no reviewer.", remedy="Ask your site lead to link it.")
    by = Viewer.system("own scorecard")
    asking = Asking(by, operation or str(settings.WATCHFLOOR_OPERATION), now)
    card = card_of("reviewer")
    units = units_of("reviewer", viewer=by)
    if all(unit.slug != person.code for unit in units):
        units = [*units, unit_of_person(person)]
    whole = _board(units, card, span_of(period or card.period, now=now), asking)
    return _with_mix(whole, person.code, asking), whole


def _board(units: Sequence[Unit], card: Card, span: Span, asking: Asking) -> ScoreBoard:
    known = [metric for metric in card.metrics if metric in catalogue()]
    found = measure(units, known, kind=card.kind, span=span, asking=asking)
    keys = [(metric, unit) for unit in units for metric in known]
    cells = [found.now.get((metric, unit.slug)) for metric, unit in keys]
    wanted = [(metric, Scope.of(dict(unit.scope))) for metric, unit in keys]
    applied = applied_many(wanted, at=_within(span), known_at=asking.known_at) if wanted else []
    alarms, judged = _judged(keys, cells, applied, found, span=span, card=card)
    goals = {(metric, unit.slug): each.value for (metric, unit), each in zip(keys, applied, strict=True)}
    shrunk: dict[str, dict[str, Shrunken]] = {}
    separations: dict[str, Separation] = {}
    for metric in known:
        own = {slug: cell for (name, slug), cell in found.now.items() if name == metric}
        aims = {slug: goal for (name, slug), goal in goals.items() if name == metric}
        shrunk[metric], apart = comparing.shrunken(own, definition=catalogue()[metric], goals=aims)
        if apart is not None:
            separations[metric] = apart
    out = excluded_figures(card.kind, span)
    cards = []
    for unit in units:
        figures = tuple(
            _figure(each, unit, found, judged, shrunk, out, span=span, card=card)
            for each in _measures(card)
            if each.metric in catalogue()
        )
        limit = card.gate_limit
        if card.gate_metric and limit is None:
            limit = goals.get((card.gate_metric, unit.slug))
        cards.append(_card(unit, figures, card, limit))
    return ScoreBoard(
        card.kind, card, span, tuple(cards), alarms, separations, found.version, tuple(found.warnings)
    )


def _within(span: Span) -> datetime:
    """Return the instant whose targets a period is held to: its last one, since ramps end there."""
    return span.period.end - (span.period.end - span.period.start) / 10_000


def _measures(card: Card) -> list[Measure]:
    held = {each.metric for each in card.measures}
    gate = [Measure(card.gate_metric, 0.0)] if card.gate_metric and card.gate_metric not in held else []
    return [*card.measures, *gate]


def _judged(
    keys: Sequence[tuple[str, Unit]],
    cells: Sequence[Cell | None],
    applied: Sequence[Applied],
    found: Measured,
    *,
    span: Span,
    card: Card,
) -> tuple[Board, dict[tuple[str, str], Judged]]:
    """Return the board over the cells with enough observations, and each judged cell by metric and unit."""
    kept = [
        (metric, unit, cell, each)
        for (metric, unit), cell, each in zip(keys, cells, applied, strict=True)
        if cell is not None and cell.estimate.value is not None and enough(cell, card.min_n, metric)
    ]
    histories = {
        (metric, cell.scope): _earlier(found.trend.get((metric, unit.slug), ()), span)
        for metric, unit, cell, _ in kept
        if span.is_bucket
    }
    definitions = {metric: catalogue()[metric] for metric, *_ in kept}
    alarms = judge(
        [cell for _, _, cell, _ in kept],
        [each for *_, each in kept],
        definitions=definitions,
        histories=histories,
    )
    return alarms, {
        (metric, unit.slug): one for (metric, unit, _, _), one in zip(kept, alarms.judged, strict=True)
    }


def _earlier(trend: Sequence[Cell], span: Span) -> list[float | None]:
    return [
        past.estimate.value
        for past in trend
        if past.bucket_start is not None and past.bucket_start < span.period.start
    ]


def enough(cell: Cell, least: int, metric: str) -> bool:
    """Return whether a cell has observations enough; what is counted whole, as hours are, always does."""
    return cell.n >= least or catalogue()[metric].interval.method == "none"


def _figure(
    measure: Measure,
    unit: Unit,
    found: Measured,
    judged: Mapping[tuple[str, str], Judged],
    shrunk: Mapping[str, Mapping[str, Shrunken]],
    out: Mapping[tuple[str, str], Excluded],
    *,
    span: Span,
    card: Card,
) -> Figure:
    key = (measure.metric, unit.slug)
    cell, one = found.now.get(key), judged.get(key)
    trend = tuple(found.trend.get(key, ()))
    history = _earlier(trend, span) if span.is_bucket else []
    if cell is None or cell.estimate.value is None:
        status = "no_data"
    elif not enough(cell, card.min_n, measure.metric):
        status = "not_enough"
    else:
        status = one.status if one else "no_target"
    left_out = out.get((unit.slug, measure.metric))
    return Figure(
        measure,
        catalogue()[measure.metric],
        cell,
        status,
        one,
        shrunk[measure.metric].get(unit.slug) if status not in ("no_data",) else None,
        change=comparing.changed(cell, found.before.get(key), history=history) if one else None,
        trend=trend,
        excluded=left_out.reason if left_out else "",
        reason=found.refused.get(measure.metric) or (cell.reason if cell else ""),
    )


def _card(unit: Unit, figures: tuple[Figure, ...], card: Card, limit: float | None) -> UnitCard:
    counted = [
        weighing.Weighed(each.measure.weight, each.judged, each.definition.unit)
        if each.judged is not None
        else None
        for each in figures
        if not each.excluded
    ]
    whole = sum(each.measure.weight for each in figures if not each.excluded)
    held = weighing.summary([each for each in counted if each is not None], whole=whole)
    gate: weighing.Gate = "none"
    if card.gate_metric:
        found = next((each for each in figures if each.measure.metric == card.gate_metric), None)
        cell = found.cell if found else None
        estimate = cell.estimate if cell else None
        gate = weighing.gate_state(
            value=estimate.value if estimate else None,
            low=estimate.low if estimate else None,
            high=estimate.high if estimate else None,
            limit=limit,
            n=cell.n if cell else 0,
            min_n=card.min_n,
        )
        if found is not None and found.excluded:
            gate = "no_data"
    return UnitCard(unit, figures, held, gate, limit)


def _with_mix(whole: ScoreBoard, slug: str, asking: Asking) -> UnitCard:
    """Return the unit's card with the shares that can be adjusted for case mix."""
    card = next(each for each in whole.cards if each.unit.slug == slug)
    units = [each.unit for each in whole.cards]
    figures = []
    for figure in card.figures:
        mix = None
        if comparing.is_share(figure.cell, figure.definition) and len(units) >= comparing.FEWEST_PEERS:
            cells = by_case_mix(
                units, figure.measure.metric, kind=whole.kind, period=whole.span.period, asking=asking
            )
            strata = {name: [stratum_of(cell, whole.kind) for cell in own] for name, own in cells.items()}
            mix = comparing.adjusted(cells, strata=strata).get(slug)
        figures.append(replace(figure, adjusted=mix))
    return UnitCard(card.unit, tuple(figures), card.summary, card.gate, card.gate_limit)
