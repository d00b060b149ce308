"""Dashboards: pinned from Explore, composed, taken back, shared with people who see less, sent as files."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from django.test import Client

from watchfloor.facts.store import FactStore
from watchfloor.operations.dashboards.models import Dashboard, DashboardVersion
from watchfloor.operations.people.models import Site
from watchfloor.operations.record.models import AuditEntry, ChangeEvent

SignIn = Callable[..., Client]
COMPOSE = "/dashboards/partners/change/"


def days() -> str:
    today = datetime.now(UTC).date()
    return f"from={today - timedelta(days=3)}&to={today + timedelta(days=1)}"


def pinned(client: Client, question: str, **more: str) -> Dashboard:
    response = client.post("/dashboards/pin/", {"query": f"{question}&{days()}", "new": "Partners"} | more)
    assert response.status_code == 302, response.content.decode()
    return Dashboard.objects.get(slug="partners")


def tile_page(client: Client, board: Dashboard, at: int = 0, query: str = "") -> str:
    response = client.get(f"/dashboards/{board.slug}/tiles/{board.tiles[at]['id']}/{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def act(client: Client, board: Dashboard, name: str, **said: Any) -> Any:
    board.refresh_from_db()
    form = {"act": name, "version": board.version} | said
    return client.post(COMPOSE, form, headers={"HX-Request": "true"})


def test_a_question_is_pinned_and_answered_anew(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in("analyst")
    offered = client.get(f"/dashboards/pin/?m=aht&by=site&{days()}").content.decode()
    assert 'value="Average handle time"' in offered
    board = pinned(client, "m=aht&by=site", title="How long it takes")
    page = client.get("/dashboards/partners/").content.decode()
    assert "How long it takes" in page
    assert f"/dashboards/partners/tiles/{board.tiles[0]['id']}/" in page
    answer = tile_page(client, board)
    assert "dublin" in answer
    assert "Open in Explore" in answer


def test_every_change_is_a_version_and_can_be_taken_back(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in("analyst")
    board = pinned(client, "m=aht&by=site")
    act(client, board, "add", kind="text", note="Read this first.", width=4)
    board.refresh_from_db()
    first, second = (tile["id"] for tile in board.tiles)
    act(client, board, "move", tile=second, to=0)
    act(client, board, "resize", tile=first, width=4, height=2)
    act(client, board, "duplicate", tile=first)
    gone = act(client, board, "remove", tile=second).content.decode()
    assert "Tile removed." in gone
    board.refresh_from_db()
    assert board.tiles[0]["id"] == first
    assert second not in [tile["id"] for tile in board.tiles]
    act(client, board, "undo")
    board.refresh_from_db()
    assert board.tiles[0]["id"] == second
    assert board.tiles[1]["width"] == 4
    assert DashboardVersion.objects.filter(dashboard=board).count() == board.version == 7
    assert AuditEntry.objects.filter(object_kind="dashboard", object_id="partners").count() == 7


def test_a_stale_window_changes_nothing(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in("analyst")
    board = pinned(client, "m=aht&by=site")
    act(client, board, "add", kind="text", note="One")
    stale = client.post(
        COMPOSE,
        {"act": "remove", "tile": board.tiles[0]["id"], "version": 1},
        headers={"HX-Request": "true"},
    )
    assert "it is at version 2, not 1" in stale.content.decode()
    board.refresh_from_db()
    assert len(board.tiles) == 2


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"act": "resize", "width": 9, "height": 1}, "A tile of 9 × 1 does not exist"),
        ({"act": "explode"}, "can be done here"),
        ({"act": "add", "kind": "clock"}, "There is no kind of tile"),
        ({"act": "add", "kind": "text"}, "without a text shows nothing"),
        ({"act": "move", "tile": "nowhere", "to": 1}, "not on this dashboard any more"),
    ],
)
def test_what_cannot_be_composed_is_refused_whole(
    form: dict[str, Any], said: str, sign_in: SignIn, facts: FactStore
) -> None:
    client = sign_in("analyst")
    board = pinned(client, "m=aht&by=site")
    page = act(client, board, form["act"], **({"tile": board.tiles[0]["id"]} | form)).content.decode()
    assert said in page
    board.refresh_from_db()
    assert (board.version, len(board.tiles)) == (1, 1)


def test_each_viewer_sees_what_their_grants_reach(sign_in: SignIn, demo: Any, facts: FactStore) -> None:
    owner = sign_in("analyst")
    board = pinned(owner, "m=aht&by=site")
    owner.post(
        "/dashboards/pin/",
        {"query": f"m=aht&where=site:dublin&{days()}", "dashboard": "partners", "title": "Only Dublin"},
    )
    board.refresh_from_db()
    manila = sign_in("team_lead", site=Site.objects.get(slug="manila"))
    assert manila.get("/dashboards/partners/").status_code == 404
    owner.post("/dashboards/partners/describe/", {"title": "Partners", "shared": "on"})
    assert ChangeEvent.objects.filter(object_kind="dashboard", kind="shared").count() == 1
    page = manila.get("/dashboards/partners/").content.decode()
    assert "Only Dublin" not in page
    answer = tile_page(manila, board)
    assert "manila" in answer
    assert "dublin" not in answer
    assert "beyond your grants" in tile_page(manila, board, at=1)
    assert manila.post(COMPOSE, {"act": "remove"}).status_code == 403
    book = openpyxl.load_workbook(io.BytesIO(manila.get("/dashboards/partners/export.xlsx").content))
    told = " ".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value)
    assert "1 tiles are about something beyond your grants" in told
    assert "dublin" not in told.lower()


def test_the_files_hold_charts_intervals_and_definitions(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in("analyst")
    pinned(client, "m=aht&by=site", title="How long it takes")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/dashboards/partners/export.xlsx").content))
    assert {"Report", "Chart data", "Definitions"} <= set(book.sheetnames)
    assert client.get("/dashboards/partners/export.pdf").content.startswith(b"%PDF-")
    assert client.get("/dashboards/partners/export.csv").status_code == 404


def test_the_page_asks_again_only_when_the_facts_moved(
    sign_in: SignIn, facts: FactStore, now: datetime
) -> None:
    client = sign_in("analyst")
    pinned(client, "m=aht&by=site")
    held = facts.snapshot().number
    assert client.get(f"/dashboards/partners/pulse/?seen={held}").status_code == 204
    moved = client.get(f"/dashboards/partners/pulse/?seen={held - 1}")
    assert moved.headers["HX-Trigger"] == "facts-moved"
    past = quote((now - timedelta(hours=1)).isoformat())
    assert client.get(f"/dashboards/partners/pulse/?seen=0&at={past}").status_code == 204


def test_the_period_of_the_page_goes_before_that_of_a_tile(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in("analyst")
    board = pinned(client, "m=aht&by=site")
    assert "dublin" in tile_page(client, board)
    long_ago = tile_page(client, board, query="?from=2001-01-01&to=2001-01-08")
    assert "dublin" not in long_ago


def test_a_deleted_dashboard_can_be_brought_back(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in("analyst")
    pinned(client, "m=aht&by=site")
    client.post("/dashboards/partners/delete/")
    assert client.get("/dashboards/partners/").status_code == 404
    assert "Bring back" in client.get("/dashboards/").content.decode()
    client.post("/dashboards/partners/bring-back/")
    assert client.get("/dashboards/partners/").status_code == 200


def test_somebody_who_only_looks_makes_none(sign_in: SignIn, facts: FactStore) -> None:
    assert sign_in("auditor").post("/dashboards/", {"title": "Mine"}).status_code == 403
