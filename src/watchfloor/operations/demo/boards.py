"""The demo's dashboards: one that everybody shares, one that its owner alone composes."""

from datetime import datetime

from watchfloor.operations.dashboards.services import create, describe
from watchfloor.operations.dashboards.tiles import Tile, new_id
from watchfloor.operations.demo.cast import Cast

_SHARED = (
    Tile("note", "text", note="Simulated operation. What needs a look stands first.", width=4),
    Tile("floor", "floor", title="The floor now", width=4),
    Tile("sla", query="m=sla_attainment&by=queue&period=7d", title="In time, by queue", height=2),
    Tile("change", query="m=aht&by=site&period=7d&view=compare", title="Handle time, changed?"),
    Tile("rhythm", query="m=intake&period=28d&view=heatmap", title="When cases arrive", width=2),
    Tile("targets", "targets", title="Targets in force", width=2),
    Tile("tail", query="m=handle_p90&period=28d&view=percentiles&grain=day", title="Long reviews"),
)
_OWN = (
    Tile(
        "each",
        query="m=aht&by=site&period=28d&view=multiples&grain=day",
        title="Each site",
        width=4,
        height=2,
    ),
    Tile("tenure", query="m=aht&period=28d&view=cohort", title="Newcomers and veterans", height=2),
    Tile("spread", query="m=aht&by=site&period=7d&view=distribution", title="Spread", height=2),
)


def seed_boards(*, cast: Cast, at: datetime) -> None:
    """Write the two dashboards under the strategist's name."""
    by = cast.strategist
    note = "Simulated: what a weekly look starts from."
    for title, tiles, shared in (("This week", _SHARED, True), ("Handle time, closer", _OWN, False)):
        fresh = [Tile(new_id(), t.kind, t.query, t.title, t.note, t.width, t.height) for t in tiles]
        made = create(title=title, by=by, now=at, tiles=fresh, note=note if shared else "")
        if shared:
            describe(dashboard=made, by=by, now=at, title=title, note=note, shared=True)
