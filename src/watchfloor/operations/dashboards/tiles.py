"""What a tile is: its kinds, what each may hold, and how a list of them is changed. Pure.

Features above dashboards add kinds of their own with `register`, such as the alerts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils.functional import Promise

from watchfloor.kernel import WatchfloorError

WIDTHS = (1, 2, 3, 4)
HEIGHTS = (1, 2, 3)
MOST_TILES = 40
LONGEST_TEXT = 2_000
LONGEST_QUERY = 2_000
OWN_KINDS = ("question", "text", "targets", "floor")


class TileError(WatchfloorError):
    """A tile cannot be as it was asked for."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile. `query` is Explore's address for questions, and the scope of a board of targets."""

    id: str
    kind: str = "question"
    query: str = ""
    title: str = ""
    note: str = ""
    width: int = 2
    height: int = 1

    def plain(self) -> dict[str, Any]:
        """Return the tile as it is kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of tile that another feature offers: its name, who may see it, and its HTML."""

    name: Promise | str
    permission: str
    html: Callable[[HttpRequest, Tile], str]


_registered: dict[str, Kind] = {}


def register(kind: str, offered: Kind) -> None:
    """Offer a kind of tile; called once by a feature above, when it is set up."""
    _registered[kind] = offered


def registered() -> Mapping[str, Kind]:
    """Return the kinds that other features offer."""
    return _registered


def new_id() -> str:
    """Return an id that no other tile has."""
    return uuid4().hex[:8]


def read_tiles(kept: Sequence[Mapping[str, Any]]) -> tuple[Tile, ...]:
    """Return the tiles as they were kept; names that are not known any more are left out."""
    names = set(Tile.__dataclass_fields__)
    return tuple(Tile(**{name: value for name, value in one.items() if name in names}) for one in kept)


def checked(tile: Tile) -> Tile:
    """Return the tile when it can be kept.

    Raises:
        TileError: its kind is unknown, its size does not exist, or its texts are too long.

    """
    known = (*OWN_KINDS, *_registered)
    if tile.kind not in known:
        raise TileError(f"There is no kind of tile {tile.kind!r}.", remedy=f"One of {', '.join(known)}.")
    if tile.width not in WIDTHS or tile.height not in HEIGHTS:
        raise TileError(
            f"A tile of {tile.width} × {tile.height} does not exist.",
            remedy="Its width is 1 to 4 columns, its height 1 to 3 rows.",
        )
    if len(tile.note) > LONGEST_TEXT or len(tile.query) > LONGEST_QUERY or len(tile.title) > 160:
        raise TileError(
            f"The tile's texts are too long: a text has at most {LONGEST_TEXT:,} characters, a title 160.",
            remedy="Shorten them, or split the tile.",
        )
    if tile.kind == "text" and not (tile.note.strip() or tile.title.strip()):
        raise TileError("A text tile without a text shows nothing.", remedy="Write its text.")
    return tile


def position_of(tiles: Sequence[Tile], tile_id: str) -> int:
    """Return where the tile stands.

    Raises:
        TileError: it stands there no more.

    """
    for at, tile in enumerate(tiles):
        if tile.id == tile_id:
            return at
    raise TileError(
        f"The tile {tile_id!r} is not on this dashboard any more.", remedy="Reload the page and try again."
    )


def added(tiles: Sequence[Tile], tile: Tile) -> tuple[Tile, ...]:
    """Return the tiles with one more at the end.

    Raises:
        TileError: there are too many, or it cannot be kept.

    """
    if len(tiles) >= MOST_TILES:
        raise TileError(
            f"The dashboard holds {len(tiles)} tiles; {MOST_TILES} fit.", remedy="Make a second dashboard."
        )
    return (*tiles, checked(tile))


def moved(tiles: Sequence[Tile], tile_id: str, *, to: int) -> tuple[Tile, ...]:
    """Return the tiles with one at another place; beyond either end is that end.

    >>> [tile.id for tile in moved((Tile("a"), Tile("b"), Tile("c")), "a", to=1)]
    ['b', 'a', 'c']
    """
    at = position_of(tiles, tile_id)
    rest = [*tiles[:at], *tiles[at + 1 :]]
    place = max(0, min(to, len(rest)))
    return (*rest[:place], tiles[at], *rest[place:])


def changed(tiles: Sequence[Tile], tile_id: str, **changes: Any) -> tuple[Tile, ...]:
    """Return the tiles with one of them changed."""
    at = position_of(tiles, tile_id)
    return (*tiles[:at], checked(replace(tiles[at], **changes)), *tiles[at + 1 :])


def doubled(tiles: Sequence[Tile], tile_id: str) -> tuple[Tile, ...]:
    """Return the tiles with a copy beside one of them."""
    at = position_of(tiles, tile_id)
    added(tiles, tiles[at])
    return (*tiles[: at + 1], replace(tiles[at], id=new_id()), *tiles[at + 1 :])


def without(tiles: Sequence[Tile], tile_id: str) -> tuple[Tile, ...]:
    """Return the tiles without one of them."""
    at = position_of(tiles, tile_id)
    return (*tiles[:at], *tiles[at + 1 :])
