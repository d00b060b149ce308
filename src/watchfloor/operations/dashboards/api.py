"""The API of dashboards: which there are, and the cells of one, as the caller may see them."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from ninja import Router, Schema

from watchfloor.operations.dashboards.selectors import dashboard_of, dashboards
from watchfloor.operations.dashboards.showing import show
from watchfloor.operations.dashboards.tiles import read_tiles
from watchfloor.operations.insights.api import CellOut, cell_out
from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.shell.asked import Asked

router = Router(auth=ACCESS, tags=["dashboards"])


class DashboardOut(Schema):
    """A dashboard: its name, and how many tiles it has."""

    slug: str
    title: str
    note: str
    owner: str
    shared: bool
    version: int
    updated_at: datetime
    tiles: int


class TileOut(Schema):
    """One tile with its cells; `problem` says why there are none."""

    id: str
    kind: str
    title: str
    query: str
    facts_version: int | None
    problem: str
    cells: list[CellOut]


class DashboardCellsOut(Schema):
    """A dashboard's tiles with their cells; tiles beyond the caller's grants are only counted."""

    slug: str
    version: int
    left_out: int
    tiles: list[TileOut]


@router.get("/dashboards", response=list[DashboardOut], summary="List dashboards")
def list_dashboards(request: Caller) -> list[dict[str, Any]]:
    """Return the dashboards that the caller may open, by title."""
    request.auth.require("metrics.view")
    return [
        {
            "slug": each.slug,
            "title": each.title,
            "note": each.note,
            "owner": each.owner,
            "shared": each.shared,
            "version": each.version,
            "updated_at": each.updated_at,
            "tiles": len(each.tiles),
        }
        for each in dashboards(viewer=request.auth)
    ]


@router.get("/dashboards/{slug}/cells", response=DashboardCellsOut, summary="Read a dashboard's cells")
def read_dashboard(request: Caller, slug: str) -> dict[str, Any]:
    """Return the cells of each tile, limited to what the caller's grants reach."""
    viewer = request.auth
    viewer.require("metrics.view")
    dashboard = dashboard_of(slug, viewer=viewer)
    asked = Asked(operation=settings.WATCHFLOOR_OPERATION, is_live=True, at=None)
    span = {"period": dashboard.period} if dashboard.period else {}
    found, left_out = [], 0
    for tile in read_tiles(dashboard.tiles):
        if tile.kind != "question":
            continue
        shown = show(tile, viewer=viewer, asked=asked, now=datetime.now(UTC), span=span)
        if shown.outside:
            left_out += 1
            continue
        sight = shown.sight
        found.append(
            {
                "id": tile.id,
                "kind": tile.kind,
                "title": tile.title,
                "query": shown.query,
                "facts_version": sight.answer.version if sight else None,
                "problem": str(shown.problem or ""),
                "cells": [cell_out(cell) for cell in sight.answer.cells] if sight else [],
            }
        )
    return {"slug": dashboard.slug, "version": dashboard.version, "left_out": left_out, "tiles": found}
