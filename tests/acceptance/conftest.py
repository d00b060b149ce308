"""Headless Chromium on the pages of a demo operation, and everything a page complained about."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.review.actors.seed import seed_demo
from watchfloor.operations.review.services import NewCase, enqueue_batch
from watchfloor.operations.shell.bundle import build_bundle
from watchfloor.operations.shell.translations import compile_translations

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
EVERY_PATH = (
    "/",
    "/?at=2026-01-05T09:30:00Z",
    "/queues/",
    "/queues/video-violence/",
    "/queues/video-violence/settings/",
    "/queues/video-violence/sop/",
    "/queues/changes/",
    "/queues/logical/",
    "/queues/logical/spanish/",
    "/queues/templates/video-violence/",
    "/queues/calendars/",
    "/queues/calendars/dublin-office/",
    "/explore/?m=intake&by=queue&where=queue:video-violence",
    "/explore/?m=intake&by=queue&as_of=1999-01-01",
    "/scorecards/",
    "/scorecards/team/?period=week",
    "/scorecards/queue/video-violence/",
    "/scorecards/me/",
    "/scorecards/definitions/",
    "/scorecards/definitions/team/",
    "/scorecards/contracts/",
    "/scorecards/contracts/new/",
    "/reports/",
    "/reports/review/",
    "/reports/transparency/new/",
    "/targets/",
    "/targets/?of=last&status=missed",
    "/targets/studio/",
    "/targets/plans/",
    "/targets/applied/",
    "/explore/?m=aht&by=site&view=compare",
    "/explore/?m=aht&view=heatmap&tz=Asia/Manila",
    "/dashboards/",
    "/imports/",
    "/people/",
    "/people/reviewers/",
    "/policies/",
    "/policies/violence/",
    "/changes/",
    "/wellbeing/",
    "/wellbeing/mine/",
    "/wellbeing/teams/",
    "/wellbeing/people/",
    "/alerts/",
    "/alerts/rules/",
    "/alerts/rules/new/",
    "/alerts/channels/",
    "/wellbeing/records/",
)
PASSWORD = "a long pass phrase"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("No Chromium was found; in CI a skipped browser test is a failure.")
        pytest.skip("No Chromium was found; `scripts/browser` installs one.")
    # Playwright runs a loop in this thread until it is closed: Django would take the tests for asynchronous
    # callers, and no later test of this worker could start a loop of its own.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A signed-in reader at a page, and what the page complained about or asked for elsewhere."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)

    def _note(self, message: Any) -> None:
        # The live process does not run beside these tests; its absence is a test of its own.
        if message.type in {"error", "warning"} and "ERR_CONNECTION_REFUSED" not in message.text:
            self.complaints.append(f"{message.text} {message.location.get('url', '')}".strip())

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(
            (self.base, "http://localhost:", "http://127.0.0.1:", "data:", "blob:")
        ):
            self.elsewhere.append(request.url)

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page


@pytest.fixture
def sign_in(browser: Browser, transactional_db: None, live_server: Any) -> Iterator[Callable[[str], Visit]]:
    """Return a function that signs somebody in by password, in a browser of their own."""
    contexts = []

    def signed_in(email: str) -> Visit:
        contexts.append(browser.new_context(viewport={"width": 1366, "height": 900}))
        person = Visit(contexts[-1].new_page(), live_server.url)
        page = person.open("/accounts/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit].primary")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return person

    yield signed_in
    for context in contexts:
        for page in context.pages:
            page.goto("about:blank")  # leaving gives back what was held; the tables are emptied after that
            page.wait_for_timeout(200)
        context.close()


@pytest.fixture
def visit(sign_in: Callable[[str], Visit], settings: Any, tmp_path: Path) -> Visit:
    build_bundle()
    compile_translations()
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    now = datetime.now(UTC)
    seed_demo(now=now, progress=lambda _: None, seed=7, days=2)
    queues = Queue.objects.filter(purpose="production", data_boundary=None).order_by("slug")[:3]
    enqueue_batch(
        cases=[
            NewCase(queue=queue.slug, language=queue.languages[0], market=queue.markets[0], enqueued_at=at)
            for queue in queues
            for at in (now - timedelta(hours=30), now - timedelta(minutes=1))
        ],
        now=now,
        client="test",
    )
    user = User.objects.create_user(email="reader@example.org", password=PASSWORD)
    Grant.objects.create(user=user, role="administrator", data_boundary="*")
    reader = sign_in("reader@example.org")
    reader.page.wait_for_selector("#floor")
    return reader


@pytest.fixture
def every_path() -> tuple[str, ...]:
    """An address of each page, the past and what is refused among them."""
    return EVERY_PATH
