"""The tile of targets: how the figures of a scope stand against the targets that are in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.kernel import Period, Scope, WatchfloorError
from watchfloor.metrics import Query
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue, seen_from
from watchfloor.operations.dashboards.showing import is_outside
from watchfloor.operations.insights.sights.parts import status_words
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import Asked
from watchfloor.operations.targets.judging import judge
from watchfloor.operations.targets.resolver import Applied, in_force, value_at

MOST_LINES = 24
_LENGTHS = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "quarter": timedelta(days=91),
    "rolling_7d": timedelta(days=7),
    "rolling_28d": timedelta(days=28),
}
_ORDER = {"missed": 0, "inconclusive": 1, "no_data": 2, "met": 3}


@dataclass(frozen=True, slots=True)
class Line:
    """One target and how its scope stands."""

    name: str
    scope: str
    value: str
    interval: str
    goal: str
    status: str
    word: str


def lines(*, viewer: Viewer, asked: Asked, now: datetime) -> tuple[list[Line], Mapping[str, int]]:
    """Return the targets within reach, what needs a look first, and how many stand how.

    Raises:
        NotPermittedError: the viewer may not see targets.

    """
    viewer.require("targets.view")
    seen_at = seen_from(asked, now=now)
    found, counts, words = [], dict.fromkeys(("missed", "inconclusive", "met", "no_data"), 0), status_words()
    for target in in_force(sorted(catalogue()), at=seen_at, known_at=asked.known_at):
        where = {name: tuple(values) for name, values in target.scope.items()}
        try:
            if target.kind == "stretch" or is_outside(where, viewer=viewer, is_live=asked.is_live):
                continue
            query = Query(
                (target.metric_id,),
                Period.last(_LENGTHS.get(target.period, timedelta(days=7)), now=seen_at),
                where=where,
            )
            answer = ask_as(
                query, viewer=viewer, operation=asked.operation, now=seen_at, known_at=asked.known_at
            )
        except (NotFoundError, WatchfloorError):
            continue
        definition = catalogue()[target.metric_id]
        for cell in answer.cells[:1]:
            applied = Applied(target, value_at(target, seen_at), target.upper)
            one = judge([cell], [applied], definitions={definition.id: definition}).judged[0]
            counts[one.status] = counts.get(one.status, 0) + 1
            low, high = cell.estimate.low, cell.estimate.high
            span = ""
            if low is not None and high is not None:
                span = f"{formats.quantity(low, unit=cell.unit)} – {formats.quantity(high, unit=cell.unit)}"
            found.append(
                Line(
                    name_of(definition),
                    Scope.of(where).label(),
                    formats.quantity(cell.estimate.value, unit=cell.unit),
                    span,
                    formats.quantity(applied.value, unit=cell.unit),
                    one.status,
                    words.get(one.status, ""),
                )
            )
    found.sort(key=lambda line: (_ORDER.get(line.status, 4), line.name, line.scope))
    return found[:MOST_LINES], counts
