"""A reviewer at the console: keys alone, an answer taken back, a lease that ended, a narrow screen."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from watchfloor.operations.people.models import Certification, Reviewer, Team, User
from watchfloor.operations.queues.models import Queue, TemplateVersion
from watchfloor.operations.queues.services import Settings, configure
from watchfloor.operations.record.models import Event
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Lease, Pending, Review
from watchfloor.operations.review.services import NewCase, enqueue_batch, expire_leases

pytestmark = pytest.mark.browser

CALM, HARD = "message-fraud", "video-violence"
PICTURE = "/console/media/pictures/shapes/7/0.svg"


def eventually(found: Callable[[], Any], *, seconds: float = 30) -> Any:
    """Return the first true answer, or fail after a while."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if answer := found():
            return answer
        time.sleep(0.1)
    raise AssertionError("It did not happen in time.")


class Desk:
    """The signed-in reader with a reviewer's profile, and cases that wait for them."""

    def __init__(self, visit: Any) -> None:
        self.visit, self.page = visit, visit.page
        queues = {queue.slug: queue for queue in Queue.objects.filter(slug__in=(CALM, HARD))}
        self.queues = queues
        self.reviewer = Reviewer.objects.create(
            code="reader",
            user=User.objects.get(email="reader@example.org"),
            team=self._team(queues),
            hired_on=date(2026, 1, 1),
            languages=["en"],
            skills=[],
        )
        for queue in queues.values():
            version = queue.current_version
            assert version is not None
            Certification.objects.get_or_create(
                reviewer=self.reviewer,
                policy=version.policy_slug,
                policy_version=version.policy_number,
                defaults={"granted_at": datetime.now(UTC)},
            )
        Pending.objects.all().delete()

    @staticmethod
    def _team(queues: dict[str, Queue]) -> Team:
        """Return a team of a site that works on both queues."""
        shares = [set(q.current_version.site_shares) for q in queues.values() if q.current_version]
        return Team.objects.filter(site__slug__in=set.intersection(*shares)).order_by("slug")[0]

    def wait_for(self, *texts: str, queue: str = CALM, **content: Any) -> None:
        """Enqueue a case for each text, a second apart, so that they come in this order.

        They are overdue, so that every site may take them.
        """
        now, since = datetime.now(UTC), datetime.now(UTC) - timedelta(hours=3)
        enqueue_batch(
            cases=[
                NewCase(
                    queue=queue,
                    language="en",
                    severity_hint="low",
                    content={"text": text, **content},
                    enqueued_at=since + timedelta(seconds=at),
                )
                for at, text in enumerate(texts)
            ],
            now=now,
            client="test",
        )

    def ask_for(self, schema: dict[str, Any]) -> None:
        """Give the calm queue a template with these free fields."""
        queue = self.queues[CALM]
        version, now = queue.current_version, datetime.now(UTC)
        assert version is not None
        assert version.template_version is not None
        template = TemplateVersion.objects.create(
            template=version.template_version.template, version=99, schema=schema, created_at=now
        )
        settings = replace(Settings.of(version), template_version=template)
        configure(queue=queue, settings=settings, by=Viewer.system("test"), now=now)

    def start(self) -> None:
        """Open the console and begin."""
        self.visit.open("/console/")
        self.page.wait_for_selector("#ready")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("article.case")

    def shows(self, text: str) -> None:
        """Wait until the case with this text is in front."""
        self.page.wait_for_selector(f"#slot article.case .words:has-text('{text}')", state="attached")

    def reviews(self) -> list[Review]:
        return list(Review.objects.filter(reviewer=self.reviewer).order_by("submitted_at", "id"))


@pytest.fixture
def desk(visit: Any) -> Iterator[Desk]:
    yield Desk(visit)
    visit.page.goto("about:blank")  # leaving gives back what was held; the tables are emptied after that
    visit.page.wait_for_timeout(300)


def test_several_cases_are_reviewed_by_keys_alone(desk: Desk) -> None:
    desk.wait_for("the first one", "the second one", "the third one")
    desk.start()
    for text in ("the first one", "the second one", "the third one"):
        desk.shows(text)
        desk.page.keyboard.press("1")
        desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("[data-empty='no_backlog']")
    desk.page.click("[data-act=flush]")
    made = eventually(lambda: len(desk.reviews()) == 3 and desk.reviews())
    assert all(len(review.labels) == 1 for review in made)
    assert all(review.first_render_at and review.active_ms is not None for review in made)
    desk.page.wait_for_selector("[data-today]:has-text('3 today')")
    assert desk.visit.complaints == []
    assert desk.visit.elsewhere == []


def test_the_next_case_stands_ready_before_it_is_asked_for(desk: Desk) -> None:
    desk.wait_for("the first one", "the second one")
    desk.start()
    eventually(lambda: Lease.objects.filter(reviewer=desk.reviewer).count() == 2)
    desk.page.wait_for_timeout(300)
    desk.page.keyboard.press("1")
    shown = desk.page.evaluate(
        "() => { desk.acts.send(); return document.querySelector('#slot article .words').textContent; }"
    )
    assert shown == "the second one"  # within the same turn of the script: no request lies between


def test_an_answer_is_taken_back_and_nothing_was_sent(desk: Desk) -> None:
    desk.wait_for("the first one", "the second one")
    desk.start()
    desk.shows("the first one")
    desk.page.keyboard.press("2")
    desk.page.keyboard.press("Enter")
    desk.shows("the second one")
    desk.page.keyboard.press("z")
    desk.shows("the first one")
    assert desk.page.locator("input[name=label]:checked").count() == 1
    assert desk.page.is_hidden("#outbox")
    assert desk.reviews() == []
    desk.page.keyboard.press("Enter")
    desk.page.goto(desk.visit.base + "/queues/")  # leaving sends what still waited
    eventually(lambda: [one.outcome for one in desk.reviews()] == ["submitted"])


def test_a_lease_that_ended_keeps_what_was_written(desk: Desk) -> None:
    desk.wait_for("the only one")
    desk.start()
    desk.shows("the only one")
    desk.page.keyboard.press("3")
    chosen = desk.page.locator("input[name=label]:checked").get_attribute("value")
    expire_leases(now=datetime.now(UTC) + timedelta(days=1))
    desk.page.keyboard.press("Enter")
    desk.page.click("[data-act=flush]")
    desk.page.wait_for_selector(".desk-note.stale")
    assert chosen in desk.page.inner_text(".desk-note.stale")
    assert [review.outcome for review in desk.reviews()] == ["timeout"]
    desk.shows("the only one")  # it came back to the same person
    assert desk.page.locator("input[name=label]:checked").get_attribute("value") == chosen


def test_severe_content_comes_after_a_notice_and_shows_on_demand(desk: Desk) -> None:
    desk.wait_for("a clip", queue=HARD, media=[{"kind": "image", "url": PICTURE, "alt": "shapes"}])
    desk.start()
    assert desk.page.is_visible("[data-notice-card]")
    assert desk.page.is_hidden("[data-content]")
    assert desk.page.locator("[data-medium] img").get_attribute("src") is None
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("[data-content] img[src]")
    assert "blur" in desk.page.eval_on_selector("[data-medium] img", "one => getComputedStyle(one).filter")
    desk.page.keyboard.press("r")
    assert "blur" not in desk.page.eval_on_selector(
        "[data-medium] img", "one => getComputedStyle(one).filter"
    )
    desk.page.wait_for_timeout(600)
    desk.page.keyboard.press("1")
    desk.page.keyboard.press("Enter")
    desk.page.click("[data-act=flush]")
    seen = eventually(lambda: Event.objects.filter(fact="exposure").order_by("id").first())
    assert seen.payload["visible_seconds"] > 0
    assert seen.payload["blurred"] is False


def test_hostile_content_stays_text_and_foreign_media_stays_away(desk: Desk) -> None:
    desk.wait_for(
        "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>",
        media=[{"kind": "image", "url": "https://elsewhere.example/a.png"}],
        mystery={"depth": {"more": "<b>bold</b>"}},
    )
    desk.start()
    desk.page.wait_for_selector(".refused")
    assert "onerror" in desk.page.inner_text(".part .words")
    assert "mystery" in str(desk.page.text_content("details.others"))
    assert desk.page.title() != "taken"
    assert desk.visit.elsewhere == []


def test_faults_stand_beside_their_field_and_nothing_is_lost(desk: Desk) -> None:
    desk.ask_for(
        {
            "properties": {
                "note": {"type": "string", "title": "Note", "maxLength": 400},
                "count": {"type": "integer", "title": "Count", "minimum": 1},
            },
            "required": ["note"],
        }
    )
    desk.wait_for("the first one")
    desk.start()
    desk.page.fill("input[name=field-count]", "7")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Enter")
    assert desk.page.is_visible("[data-field=label] [data-error]")
    assert desk.page.is_visible("[data-field=field-note] [data-error]")
    assert desk.page.input_value("input[name=field-count]") == "7"
    desk.page.reload()
    desk.page.wait_for_selector("article.case")
    assert desk.page.input_value("input[name=field-count]") == "7"
    desk.page.keyboard.press("1")
    desk.page.fill("[name=field-note]", "because of the link")
    desk.page.keyboard.press("Control+Enter")
    desk.page.click("[data-act=flush]")
    review = eventually(lambda: desk.reviews() and desk.reviews()[0])
    assert review.answer["note"] == "because of the link"
    assert review.answer["count"] == 7


def test_a_case_is_skipped_with_a_reason_and_a_minute_is_taken(desk: Desk) -> None:
    desk.wait_for("the first one", "the second one")
    desk.start()
    desk.shows("the first one")
    desk.page.keyboard.press("s")
    desk.page.keyboard.press("4")
    desk.page.keyboard.press("Enter")
    desk.shows("the second one")
    assert [(one.outcome, one.reason) for one in desk.reviews()] == [("skipped", "conflict")]
    desk.page.keyboard.press("m")
    desk.page.wait_for_selector("#rest:visible")
    eventually(lambda: not Lease.objects.filter(reviewer=desk.reviewer).exists())
    desk.page.keyboard.press("Enter")
    desk.shows("the second one")


NAMELESS = """() => [...document.querySelectorAll(
    'button, a[href], input:not([type=hidden]), select, textarea, summary')]
  .filter((one) => one.checkVisibility() && !(one.innerText || '').trim() && !one.getAttribute('aria-label')
    && !one.getAttribute('aria-labelledby') && !one.labels?.length && !one.title)
  .map((one) => one.outerHTML.slice(0, 120))"""
FAINT = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (one) => {
    for (let e = one; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('.console *')].filter((one) => one.checkVisibility()
      && [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
      && !one.closest('.outbox, .unseen'))
    .map((one) => {
      const a = light(parse(getComputedStyle(one).color)), b = light(ground(one));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return [ratio, one.className, one.textContent.trim().slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""


def test_every_control_has_a_name_text_stands_out_and_focus_shows(desk: Desk) -> None:
    desk.wait_for("the first one", queue=CALM, media=[{"url": PICTURE, "alt": "shapes"}])
    desk.start()
    desk.shows("the first one")
    for theme in ("light", "dark"):
        desk.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert desk.page.evaluate(NAMELESS) == []
        assert desk.page.evaluate(FAINT) == []
    for _ in range(12):
        desk.page.keyboard.press("Tab")
        outline = desk.page.evaluate(
            "() => { const one = document.activeElement.closest('.choice') || document.activeElement;"
            " const style = getComputedStyle(one);"
            " return style.outlineStyle !== 'none' && style.outlineWidth; }"
        )
        assert outline, desk.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


@pytest.mark.parametrize(("width", "height"), [(683, 430), (390, 844)], ids=["200 % zoom", "a phone"])
def test_it_reads_without_sideways_scrolling(desk: Desk, width: int, height: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": height})
    frames = [f"/console/media/pictures/city/5/{step}.svg" for step in range(8)]
    long = "Donaudampfschifffahrtsgesellschaft" * 6
    desk.wait_for(f"plain {long}", media=[{"frames": frames, "seconds": 8}], a_long_key_of_the_platform=long)
    desk.start()
    desk.page.wait_for_selector("[data-strip] img[src]")
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert desk.page.evaluate(overflow) == 0
    desk.page.keyboard.press("?")
    assert desk.page.evaluate(overflow) == 0
    desk.page.keyboard.press("Escape")
    desk.page.locator(".acts [type=submit]").scroll_into_view_if_needed()
    assert desk.page.is_visible(".acts [type=submit]")
