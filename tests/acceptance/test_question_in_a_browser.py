"""A partner's question: asked, compared, pinned, composed, shared with somebody who sees less, exported."""

import io
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.cells import warehouse
from watchfloor.operations.dashboards.models import Dashboard
from watchfloor.operations.people.models import Grant, Site, User

PASSWORD = "a long pass phrase"


@pytest.fixture
def facts_of_a_week(visit: Any, settings: Any) -> FactStore:
    """Two weeks of reviews at two sites; one of them became slower this week."""
    warehouse.store_of.cache_clear()
    now, rng = datetime.now(UTC).replace(microsecond=0), random.Random(7)
    reviews = []
    for number in range(1_200):
        at = now - timedelta(minutes=16 * number + 5)
        site = ("dublin", "manila")[number % 2]
        slower = 25 if site == "manila" and number < 600 else 0
        reviews.append(
            {
                "review_id": f"v{number}",
                "case_id": f"c{number}",
                "turn": 0,
                "kind": "first",
                "outcome": "submitted",
                "queue_id": "video-violence",
                "purpose": "production",
                "reviewer_id": f"r{number % 12}",
                "site_id": site,
                "tenure_band": ("0-30", "181-365")[number % 12 < 4],
                "submitted_at": at,
                "handle_ms": int(1_000 * (rng.lognormvariate(4, 0.5) + slower)),
            }
        )
    schema = TABLES["review"].arrow_schema
    table = pa.Table.from_pylist([{f.name: r.get(f.name) for f in schema} for r in reviews], schema=schema)
    store = FactStore(settings.WATCHFLOOR_FACTS_ROOT, settings.WATCHFLOOR_OPERATION)
    store.commit({"review": table}, published_at=now, source="test")
    return store


@pytest.fixture
def asker(visit: Any, sign_in: Any, settings: Any, facts_of_a_week: FactStore) -> Any:
    """An analyst at their browser, over a week of facts."""
    user = User.objects.create_user(email="asker@example.org", password=PASSWORD)
    Grant.objects.create(user=user, role="analyst", data_boundary="*")
    return sign_in("asker@example.org")


def shot(page: Any, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    if folder := os.environ.get("PICTURES_IN"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_question_is_asked_compared_pinned_composed_shared_and_exported(asker: Any, sign_in: Any) -> None:
    page = asker.open("/explore/?m=aht&by=site&period=7d")
    page.wait_for_selector(".chart svg")
    shot(page, "explore-lines")
    for view in ("multiples", "distribution", "percentiles", "heatmap", "cohort", "table"):
        page.click(f'.views a[href*="view={view}"]')
        page.wait_for_selector(".views [aria-current]")
        assert not page.locator(".trouble").count(), page.inner_text("main")
        page.wait_for_timeout(400)
        shot(page, f"explore-{view}")
    page.click('.views a[href*="view=compare"]')
    assert "more than noise" in page.inner_text("main")
    assert "95% intervals" in page.inner_text("main")
    shot(page, "explore-compare")

    page.click("#pin summary")
    page.fill("#pin input[name=title]", "Did handle time change?")
    page.fill("#pin input[name=new]", "For the partner")
    page.click("#pin button.button")
    page.wait_for_selector(".board-tile")
    board = Dashboard.objects.get(slug="for-the-partner")
    asker.open("/explore/?m=aht&by=site&period=7d&where=site:dublin")
    page.click("#pin summary")
    page.click("#pin button[value=for-the-partner]")
    page.wait_for_selector(".board-tile")

    asker.open("/dashboards/for-the-partner/?edit=1")
    page.wait_for_selector(".board-tile .answer a")
    page.click("summary:has-text('Add a tile')")
    page.fill("input[name=note][placeholder]", "Asked by the partner on Monday.")
    page.click("button:has-text('Add the text')")
    page.wait_for_selector(".board-tile.text")
    for place in (2, 1):
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(600)  # until the board has settled
        page.focus(".board-tile.text [data-grip]")
        page.keyboard.press("ArrowUp")
        page.wait_for_selector(f".board-tile:nth-child({place}).text")
    page.wait_for_timeout(600)
    page.click(".board-tile.text button[value=remove]")
    page.wait_for_selector(".board-tile.text", state="detached")
    page.wait_for_selector(".undone button")
    page.wait_for_timeout(600)
    page.click(".undone button")
    page.wait_for_selector(".board-tile.text")
    page.wait_for_timeout(800)
    shot(page, "dashboard-compose")
    page.click("summary:has-text('Title, sharing, period')")
    page.check("input[name=shared]")
    page.click(".compose button.primary")
    page.wait_for_selector("text=shared: everybody sees it")
    assert not troubles(asker), troubles(asker)

    for form in ("xlsx", "pdf"):
        with page.expect_download() as waiting:
            page.click(f'a[href*="export.{form}"]')
        body = Path(waiting.value.path()).read_bytes()
        if form == "pdf":
            assert body.startswith(b"%PDF-")
        else:
            book = openpyxl.load_workbook(io.BytesIO(body))
            assert {"Report", "Definitions", "Chart data"} <= set(book.sheetnames)
            assert book["Report"]._charts, "the workbook has native charts"
    asker.open("/dashboards/for-the-partner/")
    page.wait_for_selector(".board-tile .chart svg")
    page.wait_for_timeout(600)
    shot(page, "dashboard")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("document.dispatchEvent(new CustomEvent('watchfloor:look'))")
    page.wait_for_timeout(600)
    shot(page, "dashboard-dark")

    lead = User.objects.create_user(email="lead@example.org", password=PASSWORD)
    Grant.objects.create(user=lead, role="team_lead", site=Site.objects.get(slug="manila"))
    other = sign_in("lead@example.org")
    seen = other.open("/dashboards/for-the-partner/")
    seen.wait_for_selector("text=beyond your grants")
    seen.wait_for_load_state("networkidle")
    assert "manila" in seen.inner_text("main")
    assert "dublin" not in seen.inner_text("main")
    assert not seen.locator("a:has-text('Compose')").count()
    board.refresh_from_db()
    assert board.shared
    warehouse.store_of.cache_clear()


def troubles(visitor: Any) -> list[str]:
    """Return what the browser complained of; that a chart's layer is empty is no trouble."""
    return [told for told in visitor.complaints if "Infinite extent" not in told]
