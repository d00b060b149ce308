"""Checks a query before anything runs: what has no honest answer is refused, with a remedy."""

from collections.abc import Mapping

from watchfloor.kernel import nearest
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.cells import Query
from watchfloor.metrics.definition import Definition, MetricError
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.metrics.grid import GRAINS, Grid

MOST_BUCKETS = 20_000


class RefusedError(MetricError):
    """The question has no honest answer as it was asked."""


def checked(query: Query, catalogue: Catalogue) -> tuple[tuple[Definition, ...], Grid]:
    """Return the definitions and the grid of a query that can be answered.

    Raises:
        UnknownMetricError: a metric does not exist.
        RefusedError: a dimension is unknown or not recorded, a grain is unknown, or there are too many
        buckets.
        PeriodError: the time zone is unknown.

    """
    if not query.metrics:
        raise RefusedError("The query names no metric.", remedy="Name at least one, such as aht.")
    definitions = tuple(catalogue[name] for name in dict.fromkeys(query.metrics))
    if len(set(query.by)) != len(query.by):
        raise RefusedError(f"by={','.join(query.by)} names a dimension twice.", remedy="Name each once.")
    for name in (*query.by, *query.where):
        _check_dimension(name, definitions)
    if query.grain is not None and query.grain not in GRAINS:
        guess = nearest(query.grain, GRAINS)
        raise RefusedError(
            f"Grain {query.grain!r} is unknown.",
            remedy=f"Did you mean {guess!r}?" if guess else f"One of {', '.join(GRAINS)}.",
        )
    grid = Grid(query.period, query.grain, query.time_zone)
    _ = grid.zone
    if query.grain is not None and len(grid.indices) > MOST_BUCKETS:
        raise RefusedError(
            f"The period holds {len(grid.indices):,} buckets of one {query.grain}; at most "
            f"{MOST_BUCKETS:,} are answered at once.",
            remedy="Ask for a shorter period or a coarser grain.",
        )
    return definitions, grid


def totals_allowed(definition: Definition, *, over_time: bool) -> None:
    """Refuse a sum that means nothing.

    Raises:
        RefusedError: the metric may not be added up that way; the message says why.

    """
    reasons: Mapping[str, str] = {
        "RATIO": "ratios are recomputed from their numerators and denominators, never added or averaged",
        "NON": "percentiles and distinct counts need the rows or their histogram, never each other's values",
        "EST": "estimates are computed again from the sampled units with their weights",
    }
    if definition.additivity == "SEMI" and over_time:
        raise RefusedError(
            f"{definition.id} is a stock: a case open on two days would count twice.",
            remedy="Ask for the stock at an instant, or for its mean over instants as a metric of its own.",
        )
    if definition.additivity in reasons:
        raise RefusedError(
            f"{definition.id} cannot be added up: {reasons[definition.additivity]}.",
            remedy="Ask for it again over the wider scope or period.",
        )


def _check_dimension(name: str, definitions: tuple[Definition, ...]) -> None:
    if name not in DIMENSIONS:
        guess = nearest(name, DIMENSIONS)
        raise RefusedError(
            f"There is no dimension {name!r}.",
            remedy=f"Did you mean {guess!r}?" if guess else f"One of {', '.join(DIMENSIONS)}.",
        )
    for definition in definitions:
        if name == "reviewer" and definition.people == "team_level":
            raise RefusedError(
                f"{definition.id} is never shown by person: it is about how people are, not what they do.",
                remedy="Ask for it by team or site.",
            )
        if name not in definition.dimensions:
            raise RefusedError(
                f"{definition.id} cannot be split or restricted by {name!r}: its facts do not record it.",
                remedy=f"Possible: {', '.join(definition.dimensions)}.",
            )
