"""An operation with nobody's work in it yet: people with accounts, one published policy, and no queue."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from watchfloor.client import Client
from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.export import export_all_events
from watchfloor.facts.store import FactStore
from watchfloor.metrics import Catalogue
from watchfloor.metrics.rollups.refresh import refresh_rollups
from watchfloor.operations.cells import warehouse
from watchfloor.operations.enforcement.following import follow
from watchfloor.operations.people.models import Grant, Reviewer, Site, Team, User
from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version, publish
from watchfloor.operations.quality.models import AuditDesign
from watchfloor.operations.quality.services import draw_audits
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.shell.bundle import build_bundle
from watchfloor.operations.shell.translations import compile_translations

HARM, FINE = "violence.glorification", "violence.none"
PASSWORD = "a long pass phrase"
CAST = {
    "ana": "strategist",
    "ben": "strategist",
    "quinn": "auditor",
    "abel": "auditor",
    "expert": "reviewer",
    "tara": "reviewer",
    "rui": "reviewer",
    "root": "administrator",
}
WITHOUT_DESK = ("ana", "ben", "root")


class Person:
    """Somebody at their own browser: opens pages, fills forms, and works cases by keys."""

    def __init__(self, visit: Any) -> None:
        self.visit, self.page = visit, visit.page

    def open(self, path: str) -> Any:
        """Go to a page, which must answer."""
        answer = self.page.goto(self.visit.base + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        return self.page

    def fill(self, **typed: str) -> None:
        """Fill fields of the page by their names; `on` ticks a box."""
        for name, value in typed.items():
            field = self.page.locator(f"main [name='{name}']")
            if self.page.locator(f"main select[name='{name}']").count():
                field.select_option(value)
            elif value == "on":
                field.check()
            else:
                field.fill(value)

    def press(self, button: str) -> None:
        """Press a button and see that the page which follows complains of nothing."""
        self.page.click(f"main {button}")
        self.page.wait_for_load_state()
        assert not self.page.locator(".trouble, .errorlist, .field-error:visible").count(), self.text()

    def text(self) -> str:
        """What the page says."""
        return str(self.page.inner_text("main"))

    def sit_down(self, queue: str) -> None:
        """Open the console for the cases of one queue and ask for the first."""
        self.open("/console/")
        self.page.select_option("#desk-queue", queue)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#slot article.case, #slot [data-empty]")

    def answer_by_key(self, *, wrong: tuple[str, ...] = ()) -> str:
        """Answer the case in front by keys, as its text says save where that is `wrong`; return the text."""
        words = self.page.locator("#slot article.case .words").first.text_content().strip()
        truth = words.split()[0]
        chosen = truth if words not in wrong else (FINE if truth == HARM else HARM)
        key = self.page.get_attribute(f"#slot input[value='{chosen}']", "data-key")
        self.page.keyboard.press(key)
        self.page.keyboard.press("Enter")
        return str(words)

    def work_through(self, count: int, *, wrong: tuple[str, ...] = ()) -> list[str]:
        """Answer so many cases, one after the other, until none is left; return their texts."""
        before, done = int(self.page.inner_text("[data-today]").split()[0]), []
        for _ in range(count):
            self.page.wait_for_function(
                "before => { const one = document.querySelector('#slot article.case');"
                " return one && one.dataset.case !== before; }",
                arg=self.page.evaluate("window.lastCase || ''"),
            )
            self.page.evaluate("window.lastCase = document.querySelector('#slot article.case').dataset.case")
            done.append(self.answer_by_key(wrong=wrong))
        self.page.wait_for_selector("#slot [data-empty]")
        self.page.click("[data-act=flush]")
        self.page.wait_for_selector(f"[data-today]:has-text('{before + count} today')")
        return done

    def train(self, *, wrong_at: int | None = None) -> list[str]:
        """Answer training cases until none is left, one of them wrong; return what each feedback said."""
        told: list[str] = []
        while self.page.locator("#slot article.case").count():
            words = self.page.locator("#slot article.case .words").first.text_content().strip()
            self.answer_by_key(wrong=(words,) if len(told) == wrong_at else ())
            self.page.wait_for_selector("#slot [data-feedback]")
            told.append(self.page.inner_text("#slot [data-feedback]"))
            self.page.keyboard.press("Enter")
            self.page.wait_for_selector("#slot article.case, #slot [data-empty]")
        return told


class Worker:
    """What the background process does, when the test says that its time has come."""

    def __init__(self, store: FactStore) -> None:
        self.store = store

    def draw(self) -> int:
        """Draw the audits of every design, an hour later: a frame is drawn once it has ended."""
        later = datetime.now(UTC) + timedelta(hours=1, minutes=10)
        return sum(
            draw.size for one in AuditDesign.objects.all() for draw in draw_audits(design=one, now=later)
        )

    def follow(self) -> int:
        """Follow settled decisions; return how many appeals they settled."""
        return follow(now=datetime.now(UTC)).appeals

    def export(self) -> None:
        """Export every settled event into facts, and compute the sums of pages again."""
        for result in export_all_events(
            dsn=database_dsn(), store=self.store, clock=lambda: datetime.now(UTC)
        ):
            assert not result.dead_letters
        engine = DuckDBEngine(threads=1, memory_limit="1GB")
        refresh_rollups(
            store=self.store, engine=engine, catalogue=Catalogue.standard(), now=datetime.now(UTC)
        )

    def facts(self, table: str) -> list[dict[str, Any]]:
        """Return the published rows of a fact."""
        files = self.store.snapshot().files(table)
        return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]


@pytest.fixture
def cast(sign_in: Callable[[str], Any], settings: Any, tmp_path: Path) -> Callable[[str], Person]:
    """Return a function that seats somebody of the cast at a browser, once."""
    build_bundle()
    compile_translations()
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    by, now = Viewer.system("setup"), datetime.now(UTC)
    site = Site.objects.create(slug="lisbon", name="Lisbon", employer_kind="in_house", country="PT")
    team = Team.objects.create(slug="lisbon-1", name="Lisbon 1", site=site)
    for name, role in CAST.items():
        is_first = role == "administrator"
        user = User.objects.create_user(
            f"{name}@example.org", password=PASSWORD, is_staff=is_first, is_superuser=is_first
        )
        Grant.objects.create(user=user, role=role, data_boundary="*" if name in WITHOUT_DESK else "")
        if name not in WITHOUT_DESK:
            Reviewer.objects.create(
                code=name, user=user, team=team, hired_on=date(2025, 1, 6), languages=["en"]
            )
    policy = create_policy(slug="violence", name="Violence", name_zh_hans="暴力", by=by, now=now)
    labels = (
        NewLabel(
            HARM,
            "Glorification",
            "Praise of an act of violence.",
            severity="high",
            action="remove",
            dsa_category="VIOLENCE",
            dsa_keyword="INCITEMENT_VIOLENCE_HATRED",
        ),
        NewLabel(FINE, "No violation", "Nothing above applies.", action="none", violative=False),
    )
    publish(version=draft_version(policy=policy, labels=labels, by=by, now=now), by=by, now=now)
    seated: dict[str, Person] = {}

    def person(name: str) -> Person:
        if name not in seated:
            seated[name] = Person(sign_in(f"{name}@example.org"))
        return seated[name]

    return person


@pytest.fixture
def worker(cast: Callable[[str], Person], settings: Any) -> Worker:
    return Worker(FactStore(settings.WATCHFLOOR_FACTS_ROOT, settings.WATCHFLOOR_OPERATION))


@pytest.fixture
def platform(live_server: Any) -> Iterator[Callable[[str], Client]]:
    """Return a function that makes the platform's own program from its token."""
    made: list[Client] = []

    def program(token: str) -> Client:
        made.append(Client(live_server.url, token))
        return made[-1]

    yield program
    for one in made:
        one.close()
