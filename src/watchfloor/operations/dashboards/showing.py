"""What a tile shows to one viewer: its question asked anew, and no word beyond what they may see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.dashboards.tiles import Tile
from watchfloor.operations.insights.logical_figures import with_logical
from watchfloor.operations.insights.question import Question, read_question
from watchfloor.operations.insights.sights.looking import look
from watchfloor.operations.insights.sights.parts import Sight
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.shell.asked import Asked

_OF_THE_PAGE = ("op", "at", "as_of")
_OF_TIME = ("period", "from", "to")


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile as one viewer meets it.

    Attributes:
        tile: What was composed.
        query: The question's address with the page's period.
        question: What is asked; None where it cannot be read.
        sight: What there is to see; None where there is nothing.
        problem: Why there is no answer.
        outside: Whether it is about something beyond the viewer's grants: then none of its words are told.

    """

    tile: Tile
    query: str = ""
    question: Question | None = None
    sight: Sight | None = None
    problem: WatchfloorError | None = None
    outside: bool = False


def query_of(tile: Tile, *, span: Mapping[str, str]) -> QueryDict:
    """Return the tile's question with the period of the whole page, where one is chosen."""
    parameters = QueryDict(tile.query, mutable=True)
    for name in _OF_THE_PAGE:
        parameters.pop(name, None)
    chosen = {name: span[name] for name in _OF_TIME if span.get(name)}
    if chosen:
        for name in _OF_TIME:
            parameters.pop(name, None)
        for name, value in chosen.items():
            parameters[name] = value
    return parameters


def show(
    tile: Tile, *, viewer: Viewer, asked: Asked, now: datetime, span: Mapping[str, str] | None = None
) -> Shown:
    """Return what a tile of a question shows to the viewer."""
    parameters = query_of(tile, span=span or {})
    query = parameters.urlencode()
    try:
        question = read_question(parameters, catalogue=catalogue(), is_live=asked.is_live)
        if is_outside(question.where, viewer=viewer, is_live=asked.is_live):
            return Shown(Tile(tile.id, tile.kind, width=tile.width, height=tile.height), outside=True)
        sight = look(question, viewer=viewer, asked=asked, now=now)
    except (NotPermittedError, NotFoundError):
        return Shown(Tile(tile.id, tile.kind, width=tile.width, height=tile.height), outside=True)
    except WatchfloorError as error:
        return Shown(tile, query, problem=error)
    return Shown(tile, query, question, sight)


def is_outside(where: Mapping[str, tuple[str, ...]], *, viewer: Viewer, is_live: bool) -> bool:
    """Return whether the filters name something of which the viewer's grants reach none.

    Raises:
        NotFoundError: they name a logical queue beyond reach.

    """
    meant = with_logical(where, viewer=viewer)
    kept = within_reach(meant, viewer=viewer, is_live=is_live)
    return any(not set(kept.get(name, ())) & set(values) for name, values in meant.items() if values)


def explore_address(shown: Shown, *, asked: Asked) -> str:
    """Return Explore's address of the tile's question, for the operation and the instant of the page."""
    extra: dict[str, str] = {} if asked.is_live else {"op": asked.operation}
    if asked.at is not None:
        extra["at"] = asked.at.isoformat()
    if asked.known_at is not None:
        extra["as_of"] = asked.known_at.isoformat()
    return f"{shown.query}&{urlencode(extra)}" if extra else shown.query


def small(sight: Sight, *, most: int) -> Sight:
    """Return the view with as many pictures as a tile has room for."""
    return replace(sight, pictures=sight.pictures[:most])
