"""A dashboard as a document: its tiles in order, as one viewer may see them."""

from collections.abc import Mapping
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext

from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.dashboards.boards import lines
from watchfloor.operations.dashboards.models import Dashboard
from watchfloor.operations.dashboards.showing import show
from watchfloor.operations.dashboards.tiles import Tile, read_tiles
from watchfloor.operations.insights.sights.document import (
    blocks_of,
    definition_blocks,
    language_code,
    simulated_text,
    sources_of,
)
from watchfloor.operations.insights.sights.parts import Sight, tone_of
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import Asked
from watchfloor.operations.shell.documents import (
    Block,
    Column,
    Document,
    Heading,
    Note,
    Number,
    PageBreak,
    Table,
    Text,
)

_ROWS = 40


def document_of(
    dashboard: Dashboard,
    *,
    viewer: Viewer,
    asked: Asked,
    now: datetime,
    address: str,
    span: Mapping[str, str] | None = None,
) -> Document:
    """Return the dashboard as a document; tiles beyond the viewer's grants are said to be left out."""
    blocks: list[Block] = [Text.of(dashboard.note)] if dashboard.note else []
    sights: list[Sight] = []
    left_out = 0
    for tile in read_tiles(dashboard.tiles):
        if tile.kind == "question":
            shown = show(tile, viewer=viewer, asked=asked, now=now, span=span)
            if shown.outside:
                left_out += 1
                continue
            blocks.append(Heading(tile.title or named(shown.sight, tile), 2))
            blocks += [Text.of(tile.note)] if tile.note else []
            if shown.problem is not None:
                blocks.append(Note(str(shown.problem)))
            if shown.sight is not None:
                sights.append(shown.sight)
                blocks += blocks_of(shown.sight, most_rows=_ROWS)
        elif tile.kind == "text":
            blocks += [Heading(tile.title, 2)] if tile.title else []
            blocks += [Text.of(part) for part in tile.note.splitlines() if part.strip()]
        elif tile.kind == "targets" and viewer.can("targets.view"):
            blocks += _targets(tile, viewer=viewer, asked=asked, now=now)
    if left_out:
        text = gettext("%(n)s tiles are about something beyond your grants and are left out.")
        blocks.append(Note(text % {"n": left_out}, "quiet"))
    definitions = [definition for sight in sights for definition in sight.definitions]
    if sights:
        blocks += [PageBreak(gettext("Definitions")), *definition_blocks(definitions, sights)]
    sources = tuple(
        dict.fromkeys(s for sight in sights for s in sources_of(sight, asked=asked, address=address))
    )
    return Document(
        dashboard.title,
        tuple(blocks),
        now,
        language_code(),
        f"{asked.operation} · {formats.instant(now)} UTC",
        simulated_text(asked),
        sources[:12],
    )


def named(sight: Sight | None, tile: Tile) -> str:
    """Return what an untitled tile is called: its metrics."""
    if sight is None:
        return ", ".join(QueryDict(tile.query).getlist("m"))
    return ", ".join(name_of(each) for each in sight.definitions[:3])


def _targets(tile: Tile, *, viewer: Viewer, asked: Asked, now: datetime) -> list[Block]:
    found, _ = lines(viewer=viewer, asked=asked, now=now)
    columns = ("Metric", "Scope", "Value", "Target", "Status")
    names = {
        "Metric": gettext("Metric"),
        "Scope": gettext("Scope"),
        "Value": gettext("Value"),
        "Target": gettext("Target"),
        "Status": gettext("Status"),
    }
    rows = tuple(
        (
            line.name,
            line.scope or gettext("Everything"),
            Number(None, line.value, interval=line.interval),
            line.goal,
            Number(None, line.word, tone=tone_of(line.status)),
        )
        for line in found
    )
    heading = Heading(tile.title or gettext("Targets"), 2)
    return [heading, Table(tuple(Column(names[name]) for name in columns), rows)]
