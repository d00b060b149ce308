"""A rule from its preview to the alert it raises, taken on and over; the wallboard from across the room."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.alerts.evaluating import evaluate
from watchfloor.operations.alerts.explaining import explain_waiting
from watchfloor.operations.alerts.models import Alert, AlertRule
from watchfloor.operations.cells import warehouse

SEEN = os.environ.get("PICTURES_IN", "")
VIOLENCE = "video-violence"


def _look(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to look."""
    if SEEN:
        page.screenshot(path=Path(SEEN) / f"{name}.png", full_page=name != "wallboard")


def _decide(root: Path, *, start: Any, hours: int, late: float, mark: str) -> None:
    cases, decisions = [], []
    for number in range(hours * 20):
        at = start + timedelta(hours=number // 20, seconds=number % 20)
        is_late = number % 20 < late * 20
        case = {"case_id": f"{mark}{number}", "enqueued_at": at, "deadline_at": at + timedelta(minutes=20)}
        shared = {"queue_id": VIOLENCE, "purpose": "production", "language": "en" if is_late else "de"}
        cases.append({**shared, **case, "surface": "video"})
        done = at + timedelta(minutes=40 if is_late else 5)
        decisions.append(
            {**shared, **case, "decision_id": f"{mark}d{number}", "decision_version": 0, "rule": "last_turn"}
            | {"decided_at": done, "violative": False, "site_id": "manila"}
        )
    tables = {
        name: pa.Table.from_pylist(
            [{field.name: row.get(field.name) for field in TABLES[name].arrow_schema} for row in rows],
            schema=TABLES[name].arrow_schema,
        )
        for name, rows in (("case", cases), ("decision", decisions))
    }
    FactStore(root, settings.WATCHFLOOR_OPERATION).commit(tables, published_at=start, source="test")
    warehouse.store_of.cache_clear()


@pytest.fixture
def late_facts(visit: Any, tmp_path: Path) -> Any:
    """Return the instant up to which half of the cases of one queue were late, a tenth a week before."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    _decide(tmp_path, start=now - timedelta(days=8), hours=24, late=0.1, mark="a")
    _decide(tmp_path, start=now - timedelta(hours=24), hours=24, late=0.5, mark="b")
    yield now
    warehouse.store_of.cache_clear()


def test_a_rule_is_tried_saved_fires_is_taken_on_and_is_over(visit, late_facts, tmp_path):
    page, now = visit.open("/alerts/"), late_facts
    expect(page.locator(".state h2")).to_have_text("Nothing watches yet")
    page.click("text=Write the first rule")
    page.fill("input[name=title]", "Decided in time")
    page.fill("input[name=slug]", "in-time")
    page.fill("input[name=level]", "0.9")
    page.fill("input[name=needed]", "1")
    page.fill("input[name=looked]", "2")
    page.click("button[value=preview]")
    expect(page.locator(".previewed h2")).to_contain_text("It would have fired")
    expect(page.locator(".previewed .chart svg")).to_be_visible()
    _look(page, "preview")
    page.click("button[value=save]")
    page.wait_for_url("**/alerts/rules/in-time/")
    _look(page, "rule")

    rule, operation = AlertRule.objects.get(), settings.WATCHFLOOR_OPERATION
    assert len(evaluate(operation=operation, now=now, only=[rule]).fired) == 1
    explain_waiting(operation=operation, now=now)

    visit.open("/alerts/")
    expect(page.locator("h1")).to_contain_text("1 alert stands")
    _look(page, "list")
    page.click("tbody a[data-open]")
    expect(page.locator("h1")).to_contain_text("against 90.0%")
    _look(page, "alert")
    page.fill("textarea[name=plan]", "Ten people move from spam until noon.")
    page.click("text=I have it")
    expect(page.locator(".page-head")).to_contain_text("taken on")

    visit.open("/")
    expect(page.locator(".alert-strip")).to_contain_text("against 90.0%")
    _look(page, "floor")
    visit.open("/alerts/wallboard/?seconds=120")
    expect(page.locator(".wall-page:not([hidden]) .wall-tile").first).to_be_visible()
    expect(page.locator(".wall-strip")).to_contain_text("against 90.0%")
    page.set_viewport_size({"width": 1920, "height": 1080})
    _look(page, "wallboard")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "wallboard" not in url)
    page.set_viewport_size({"width": 1366, "height": 900})

    _decide(tmp_path, start=now, hours=7, late=0.0, mark="c")
    rule.refresh_from_db()
    assert evaluate(operation=operation, now=now + timedelta(hours=7), only=[rule]).resolved == 1
    visit.open(f"/alerts/{Alert.objects.get().pk}/")
    expect(page.locator(".page-head")).to_contain_text("over")
    for path in ("/alerts/channels/", "/alerts/rules/"):
        visit.open(path)
        _look(page, path.strip("/").replace("/", "-"))
    if SEEN:
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": visit.base}
                for name, value in (("watchfloor_language", "zh-hans"), ("theme", "dark"))
            ]
        )
        visit.open(f"/alerts/{Alert.objects.get().pk}/")
        _look(page, "alert-dark-zh")
    assert [text for text in visit.complaints if "404" not in text] == []
    assert visit.elsewhere == []
