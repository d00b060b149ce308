"""What a reader does at the pages: nothing comes from elsewhere, keys work, tiles change by themselves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/queues/",
    "/explore/?m=intake&by=queue",
    "/imports/",
    "/people/",
    "/policies/violence/",
    "/changes/",
)


def test_every_page_opens_without_a_complaint_or_a_request_elsewhere(visit: Any) -> None:
    for path in PATHS:
        visit.open(path)
        visit.page.wait_for_load_state("load")
    visit.page.goto(visit.base + "/queues/video-violence/")
    visit.page.wait_for_selector("#metrics .panel")
    assert visit.complaints == []
    assert visit.elsewhere == []


def test_the_floor_is_walked_by_keys(visit: Any) -> None:
    page = visit.open("/")
    page.keyboard.press("?")
    assert page.is_visible("dialog#shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("#floor tbody tr").first
    assert first.evaluate("row => row === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .content")
    page.keyboard.press("Escape")
    assert page.is_hidden("#drawer")
    page.keyboard.press("/")
    page.keyboard.type("zzz-no-such-queue")
    assert page.is_visible("[data-empty-of=floor]")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.wait_for_url("**/explore/**")
    assert visit.complaints == []


def test_a_column_sorts_and_the_address_keeps_it(visit: Any) -> None:
    page = visit.open("/")
    page.click("button.sort[data-name=backlog]")
    assert "sort=-backlog" in page.url
    values = page.eval_on_selector_all(
        "#floor tbody td[data-c=backlog]", "cells => cells.map(cell => Number(cell.dataset.v))"
    )
    assert values == sorted(values, reverse=True)


def test_a_row_changes_when_its_queue_does(visit: Any) -> None:
    slug = visit.page.get_attribute("#floor tbody tr", "data-slug")
    now = datetime.now(UTC)
    row = {
        "queue_slug": slug,
        "state": "live",
        "backlog": 4321,
        "in_review": 7,
        "oldest_deadline_at": (now + timedelta(hours=2, minutes=5)).isoformat(),
        "arrivals_1h": 90,
        "plan_1h": 45.0,
        "decided_1h": 12,
        "active_reviewers": 5,
        "sla_attainment": {"value": 0.91, "low": 0.9, "high": 0.92, "n": 100},
    }
    told = (
        f"event: hello\ndata: {json.dumps({'at': now.isoformat()})}\n\n"
        f"event: floor\ndata: {json.dumps({'at': now.isoformat(), 'rows': [row]})}\n\n"
    )
    visit.page.route(
        "**/floor",
        lambda route: route.fulfill(
            body=told,
            content_type="text/event-stream",
            headers={
                "Access-Control-Allow-Origin": visit.base,
                "Access-Control-Allow-Credentials": "true",
            },
        ),
    )
    page = visit.open("/")
    page.wait_for_function(
        "slug => document.querySelector(`#q-${slug} [data-c=backlog] [data-t]`).textContent === '4,321'",
        arg=slug,
    )
    changed = page.locator(f"#q-{slug}")
    assert "in 2 h" in changed.locator("[data-count]").inner_text()
    assert changed.get_attribute("data-level") == "ok"
    assert "91.0%" in changed.locator("[data-c=sla]").inner_text()


def test_a_lost_connection_is_said(visit: Any) -> None:
    visit.page.route("**/floor", lambda route: route.abort())
    page = visit.open("/")
    page.wait_for_selector("#live[data-state=lost]")
    assert "Connection lost" in page.inner_text("#live")


def test_language_theme_and_density_are_switched_and_kept(visit: Any) -> None:
    page = visit.open("/")
    page.click("summary[aria-label=Language]")
    page.click("button[lang=zh-hans]")
    page.wait_for_selector("html[lang=zh-hans]")
    assert "审核现场" in page.inner_text("nav.rail")
    page.click("summary[aria-label=外观]")
    page.click("[data-set-theme=dark]")
    page.click("[data-set-density=dense]")
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.get_attribute("html", "data-density") == "dense"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 22)"
    assert visit.complaints == []


def test_a_phone_shows_every_page_without_sideways_scrolling(visit: Any) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    for path in PATHS:
        page = visit.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_a_filter_is_picked_from_the_values_that_exist(visit: Any) -> None:
    page = visit.open("/explore/?m=intake&by=queue")
    page.click("#filters > summary")
    weekdays = page.locator("#filters details.values").last
    weekdays.locator("summary").click()
    weekdays.locator("input[value='weekday:1']").check()
    page.click("#filters > summary")
    page.wait_for_url("**where=weekday%3A1**")
    assert "1" in page.inner_text(".chip.accent")


def test_older_knowledge_is_asked_for_and_left_again(visit: Any) -> None:
    page = visit.open("/explore/?m=intake&by=queue")
    page.click("#known > summary")
    page.fill("#known input[name=as_of]", "1999-01-01T00:00")
    page.click("#known > summary")
    page.wait_for_url("**as_of=1999-01-01**")
    page.click("[data-banner=known] a")
    page.wait_for_url(lambda url: "as_of" not in url)
