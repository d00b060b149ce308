"""The API of scorecards: a kind's units with their figures, within the caller's reach."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from ninja import Query, Router, Schema

from watchfloor.facts.store import list_operations
from watchfloor.kernel import nearest
from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.scorecards.definitions import STANDARD
from watchfloor.operations.scorecards.selectors import Figure, UnitCard, board

router = Router(auth=ACCESS, tags=["scorecards"])


class BoardQuery(Schema):
    """Which period, of which operation."""

    period: str = ""
    operation: str | None = None


class FigureOut(Schema):
    """One metric of one unit, judged by evidence."""

    metric: str
    weight: float
    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: str
    status: str
    target: float | None
    noise: str
    stands_out: bool
    adjusted_p: float | None
    shrunken: float | None
    probability_missing: float | None
    change: float | None
    change_noise: str
    excluded: str
    reason: str


class UnitOut(Schema):
    """One unit: its figures, the summary with its interval, and the gate that overrules it."""

    slug: str
    name: str
    gate: str
    summary: float | None
    summary_low: float | None
    summary_high: float | None
    figures: list[FigureOut]


class BoardOut(Schema):
    """The units of a kind by slug; they are not ranked."""

    kind: str
    definition_version: int
    period_start: datetime
    period_end: datetime
    facts_version: int
    expected_false_alarms: float
    missed_by_chance: float
    warnings: list[str]
    units: list[UnitOut]


@router.get("/scorecards/{kind}", response=BoardOut, summary="Read scorecards of a kind")
def read_board(request: Caller, kind: str, asked: Query[BoardQuery]) -> dict[str, Any]:
    """Return the units of a kind (reviewer, team, site, vendor, queue, strategy) over week, month or 28d."""
    if kind not in STANDARD:
        raise NotFoundError(f"There is no kind {kind!r}.", remedy=f"Ask for one of {', '.join(STANDARD)}.")
    live = str(settings.WATCHFLOOR_OPERATION)
    operation = asked.operation or live
    known = [live, *list_operations(settings.WATCHFLOOR_FACTS_ROOT)]
    if operation not in known:
        guess = nearest(operation, known)
        raise NotFoundError(
            f"There is no operation {operation!r}.", remedy=f"Did you mean {guess!r}?" if guess else ""
        )
    found = board(kind, asked.period, request.auth, now=datetime.now(UTC), operation=operation)
    return {
        "kind": kind,
        "definition_version": found.card.version,
        "period_start": found.span.period.start,
        "period_end": found.span.period.end,
        "facts_version": found.version,
        "expected_false_alarms": found.alarms.expected_false_alarms,
        "missed_by_chance": found.alarms.by_chance,
        "warnings": list(found.warnings),
        "units": [_unit(card) for card in found.cards],
    }


def _unit(card: UnitCard) -> dict[str, Any]:
    held = card.summary
    return {
        "slug": card.unit.slug,
        "name": card.unit.name,
        "gate": card.gate,
        "summary": held.value,
        "summary_low": held.low,
        "summary_high": held.high,
        "figures": [_figure(each) for each in card.figures],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    cell, one, drawn, moved = figure.cell, figure.judged, figure.shrunken, figure.change
    estimate = cell.estimate if cell else None
    return {
        "metric": figure.measure.metric,
        "weight": figure.measure.weight,
        "value": estimate.value if estimate else None,
        "low": estimate.low if estimate else None,
        "high": estimate.high if estimate else None,
        "n": cell.n if cell else 0,
        "unit": figure.definition.unit,
        "status": figure.status,
        "target": one.applied.value if one else None,
        "noise": one.noise if one else "",
        "stands_out": bool(one and one.stands_out),
        "adjusted_p": one.adjusted if one else None,
        "shrunken": drawn.mean if drawn else None,
        "probability_missing": drawn.missing if drawn else None,
        "change": moved.difference if moved else None,
        "change_noise": moved.noise if moved else "",
        "excluded": figure.excluded,
        "reason": figure.reason,
    }
