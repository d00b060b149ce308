"""Asks for the figures of units: now, the period before, the trend, and by kind of case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from watchfloor.kernel import Period, Scope
from watchfloor.metrics import Answer, Catalogue, Cell, Query
from watchfloor.metrics.definition import MetricError
from watchfloor.metrics.grid import Grain
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.scorecards.periods import Span
from watchfloor.operations.scorecards.units import Unit
from watchfloor.operations.scorecards.vocabulary import DIMENSION_OF

Key = tuple[str, str]
"""Metric id and slug of the unit."""


@cache
def _of_persons() -> Catalogue:
    """Return the catalogue for figures of one person: clusters are the days, since the person is but one.

    A variance between reviewers says nothing about a single one: their effective sample would be less than
    one observation as soon as they made an error, and everybody without an error would look well known.
    """
    known = catalogue()
    return Catalogue(
        {
            name: each.model_copy(update={"interval": each.interval.model_copy(update={"cluster": "day"})})
            if each.interval.cluster == "reviewer"
            else each
            for name, each in known.items()
        }
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks about which facts, as of when; `by_person` where the units are people."""

    viewer: Viewer
    operation: str
    now: datetime
    known_at: datetime | None = None
    by_person: bool = False

    def ask(self, query: Query) -> Answer:
        """Return the answer to a question, within the viewer's reach."""
        return ask_as(
            query,
            viewer=self.viewer,
            operation=self.operation,
            now=self.now,
            known_at=self.known_at,
            definitions=_of_persons() if self.by_person else None,
        )


@dataclass
class Measured:
    """What was found: cells by metric and unit, trends oldest first, and why something is missing."""

    now: dict[Key, Cell] = field(default_factory=dict)
    before: dict[Key, Cell] = field(default_factory=dict)
    trend: dict[Key, list[Cell]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    version: int = 0
    warned: bool = False


def measure(
    units: Sequence[Unit], metrics: Iterable[str], *, kind: str, span: Span, asking: Asking
) -> Measured:
    """Return the figures of the units, each cell with the scope of its unit."""
    found = Measured()
    asked = [metric for metric in metrics if _splits(metric, kind, found)]
    asking = replace(asking, by_person=kind == "reviewer")
    for group in _groups(units, kind):
        found.warned = False
        now = _cells(group, asked, kind=kind, period=span.period, grain=None, asking=asking, found=found)
        found.now |= {key: cells[0] for key, cells in now.items()}
        found.warned = True  # what is said of earlier periods would drown what is said of this one
        trend = _cells(
            group, asked, kind=kind, period=span.trend, grain=span.grain, asking=asking, found=found
        )
        found.trend |= {
            key: sorted(cells, key=lambda cell: cell.bucket_start or asking.now)
            for key, cells in trend.items()
        }
        if span.is_bucket:
            found.before |= {
                key: cell
                for key, cells in trend.items()
                for cell in cells
                if cell.bucket_start == span.before.start
            }
        else:
            before = _cells(
                group, asked, kind=kind, period=span.before, grain=None, asking=asking, found=found
            )
            found.before |= {key: cells[0] for key, cells in before.items()}
    return found


def by_case_mix(
    units: Sequence[Unit], metric: str, *, kind: str, period: Period, asking: Asking
) -> dict[str, list[Cell]]:
    """Return a metric's cells of each unit by kind of case; empty where that cannot be asked."""
    dimension = DIMENSION_OF[kind]
    known = catalogue()[metric].dimensions
    mix = tuple(name for name in ("queue", "language") if name != dimension and name in known)
    if not mix or kind == "vendor" or dimension not in known:
        return {}
    slugs = tuple(unit.slug for unit in units)
    query = Query(metrics=(metric,), period=period, by=(dimension, *mix), where={dimension: slugs})
    answer = _answered(query, replace(asking, by_person=kind == "reviewer"))
    found: dict[str, list[Cell]] = {}
    for cell in answer.cells if answer else ():
        slug = cell.scope.as_dict()[dimension][0]
        found.setdefault(slug, []).append(cell)
    return found


def stratum_of(cell: Cell, kind: str) -> Scope:
    """Return the kind of case that a cell of `by_case_mix` is about."""
    return Scope(tuple(item for item in cell.scope.items if item[0] != DIMENSION_OF[kind]))


def _splits(metric: str, kind: str, found: Measured) -> bool:
    definition = catalogue()[metric]
    if DIMENSION_OF[kind] not in definition.dimensions:
        found.refused[metric] = f"no data: {metric} is not recorded by {DIMENSION_OF[kind]}"
        return False
    return kind != "reviewer" or definition.people != "team_level"


def _groups(units: Sequence[Unit], kind: str) -> list[list[Unit]]:
    """Return what is asked at once: a vendor has several sites, so each is a question of its own."""
    if not units:
        return []
    return [[unit] for unit in units] if kind == "vendor" else [list(units)]


def _cells(
    units: list[Unit],
    metrics: list[str],
    *,
    kind: str,
    period: Period,
    grain: Grain | None,
    asking: Asking,
    found: Measured,
) -> dict[Key, list[Cell]]:
    if not metrics:
        return {}
    dimension = DIMENSION_OF[kind]
    whole = kind == "vendor"
    values = tuple(dict.fromkeys(value for unit in units for value in unit.where[dimension]))
    query = Query(
        metrics=tuple(metrics),
        period=period,
        by=() if whole else (dimension,),
        grain=grain,
        where={dimension: values},
    )
    held: dict[Key, list[Cell]] = {}
    by_slug = {unit.slug: unit for unit in units}
    for cell in _all_cells(query, units, dimension, asking, found):
        slug = units[0].slug if whole else (cell.scope.as_dict().get(dimension) or ("",))[0]
        if slug in by_slug:
            of_unit = replace(cell, scope=Scope.of(dict(by_slug[slug].where)))
            held.setdefault((cell.metric, slug), []).append(of_unit)
    return held


def _all_cells(
    query: Query, units: list[Unit], dimension: str, asking: Asking, found: Measured
) -> list[Cell]:
    """Return the cells of a question; metrics that are refused are asked alone, so the rest still answers."""
    try:
        answer = asking.ask(query)
    except MetricError as error:
        if len(query.metrics) > 1:
            return [
                cell
                for metric in query.metrics
                for cell in _all_cells(replace(query, metrics=(metric,)), units, dimension, asking, found)
            ]
        among = _of_the_units(query, units, dimension, asking)
        if among is None:
            found.refused[query.metrics[0]] = error.message
            return []
        answer = among
    if query.grain is None and not found.warned:
        found.warnings |= dict.fromkeys(answer.warnings)
    found.version = max(found.version, answer.version)
    return list(answer.cells)


def _of_the_units(query: Query, units: list[Unit], dimension: str, asking: Asking) -> Answer | None:
    """Return a metric of hours that knows no queue, for units that are wholly within the viewer's reach.

    A viewer's reach is said by queue as well; hours have none, and whoever may see a unit's scorecard may
    see its hours. Units with people inside a data boundary that the viewer stands outside of are left out.
    """
    if "queue" in catalogue()[query.metrics[0]].dimensions or not asking.viewer.can("metrics.view"):
        return None
    opened = tuple(dict.fromkeys(value for unit in units if unit.is_open for value in unit.where[dimension]))
    if not opened:
        return None
    within = replace(query, where={dimension: opened})
    return _answered(within, replace(asking, viewer=Viewer.system(asking.viewer.name)))


def _answered(query: Query, asking: Asking) -> Answer | None:
    try:
        return asking.ask(query)
    except MetricError:
        return None
