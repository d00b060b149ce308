"""A queue is opened from nothing to live through the wizard, in a browser; people work in between.

What experts and trainees do between two steps of the wizard runs through the services here: the pages on
which they work are visited by tests of their own.
"""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from watchfloor.operations.people.models import Reviewer, Team
from watchfloor.operations.quality.services import (
    adjudicate_gold,
    build_training,
    enrol,
    judge_training,
    nominate_gold,
)
from watchfloor.operations.queues.models import Queue, Sop, Template, TemplateVersion
from watchfloor.operations.queues.sops import acknowledge
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, GrantScope, Viewer
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, submit
from watchfloor.science.sampling import SequentialTest

LABELS = ("violence.glorification", "violence.no_violation")
EASY = SequentialTest(failing=0.70, passing=0.95, false_pass=0.05, false_fail=0.10)
PER_LABEL = 6
LADDER = ("configured", "policy_bound", "template_aligned", "training_ready", "calibrated", "canary", "live")


class Clock:
    """Instants that only go forward, a millisecond at a time."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        self.at = max(self.at + timedelta(milliseconds=1), datetime.now(UTC))
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def reviewer(code: str) -> Reviewer:
    team = Team.objects.order_by("slug").first()
    assert team is not None
    return Reviewer.objects.create(code=code, team=team, hired_on=date(2025, 1, 6), languages=["en"])


def queue(slug: str) -> Queue:
    return Queue.objects.select_related("current_version__policy_version").get(slug=slug)


def find_gold(pilot: Queue, clock: Clock) -> None:
    """Have an expert decide cases of the pilot, and two people adjudicate each."""
    cases = [
        NewCase(queue=pilot.slug, language="en", content={"text": f"{label} {number}"})
        for label in LABELS
        for number in range(PER_LABEL)
    ]
    enqueue_batch(cases=cases, now=clock())
    grants = (GrantScope("auditor", data_boundary=ALL_BOUNDARIES),)
    adjudicators = [Viewer(name=f"auditor-{one}@example.org", grants=grants) for one in (1, 2)]
    expert = reviewer("expert")
    while claimed := claim(reviewer=expert, now=clock(), queues=[pilot.pk]):
        answer = Answer(labels=(claimed.content["text"].split()[0],))
        done = submit(lease_token=claimed.token, answer=answer, now=clock())
        gold = nominate_gold(case_id=done.case_id, by=Viewer.system("strategist"), now=clock())
        for person in adjudicators:
            adjudicate_gold(
                gold_id=gold.pk,
                answer=answer,
                rationale="As the policy says.",
                difficulty=0.7,
                by=person,
                now=clock(),
            )


def train(training: Queue, clock: Clock) -> list[Reviewer]:
    """Have three people train until the sequential test certifies them."""
    people = [reviewer(f"trainee-{number}") for number in range(3)]
    system = Viewer.system("quality")
    enrol(reviewers=people, queue=training, by=system, now=clock(), test=EASY)
    version = training.current_version
    assert version is not None
    assert version.policy_version is not None
    count = PER_LABEL * len(LABELS)
    build_training(
        queue=training,
        policy=version.policy_version,
        count=count,
        by=system,
        now=clock(),
        rng=random.Random(1),
    )
    for person in people:
        while claimed := claim(reviewer=person, now=clock(), queues=[training.pk]):
            answer = Answer(labels=(claimed.content["text"].split()[0],))
            done = submit(lease_token=claimed.token, answer=answer, now=clock())
            judge_training(review=done.review_id, now=clock())
    return people


def test_a_queue_goes_from_nothing_to_live_through_the_wizard(visit: Any, clock: Clock) -> None:
    template = Template.objects.create(slug="plain", name="Plain")
    TemplateVersion.objects.create(template=template, version=1, created_at=clock())
    page = visit.open("/launches/")
    page.click("text=New launch")
    for name, value in {
        "title": "Clips",
        "slug": "clips",
        "group": "video-safety",
        "surface": "video",
        "languages": "en",
    }.items():
        page.fill(f"[name={name}]", value)
    page.click("form[method=post] button.primary")
    page.wait_for_url("**/launches/clips/policy/")
    assert page.text_content("#gate-1 .reason") == "No policy version is bound."

    def act(step: str, button: str, **typed: str) -> None:
        page.goto(f"{visit.base}/launches/clips/{step}/")
        for name, value in typed.items():
            if page.locator(f"select[name={name}]").count():
                page.select_option(f"[name={name}]", value)
            else:
                page.fill(f"[name={name}]", value)
        page.click(f"main button[value={button}]")
        page.wait_for_load_state()
        assert not page.locator(".trouble, .errorlist").count(), page.locator("main").inner_text()

    act("policy", "save", policy="violence v4")
    page.goto(f"{visit.base}/launches/clips/policy/")
    for label in LABELS:
        page.check(f"input[value='{label}']")
    page.click("main button[value=save]")
    page.wait_for_url("**/launches/clips/template/")
    act("template", "save", template="plain v1")
    act("training", "make_training")
    act("training", "make_pilot")
    page.goto(f"{visit.base}/launches/clips/training/")
    page.check("[name=certification_required]")
    page.click("main button[value=save]")
    act("cases", "save", gold_per_label="5", boundary_per_label="1", certified_per_language="2")
    assert queue("clips").state == "template_aligned"
    page.goto(f"{visit.base}/launches/clips/cases/")
    assert page.locator("#gate-6[data-status=fail]").count() == 1

    find_gold(queue("clips-pilot"), clock)
    people = train(queue("clips-training"), clock)

    act("targets", "save", on_time_target="95", accuracy_floor="75", agreement_floor="40", sla__default="4h")
    act("audits", "plan", stratify_by="language", populations="en 3000", half_width="3", accuracy="95")
    act(
        "staffing",
        "sign",
        arrivals_per_hour="100",
        handle_seconds="30",
        forecast_error="10",
        full_time="4",
        shrinkage="30",
        gap_limit="10",
    )
    act("procedure", "publish", title="How to", text="Look, decide, submit.")
    for person in people:
        acknowledge(sop=Sop.objects.get(queue__slug="clips"), reviewer=person, now=clock())
    act("boundary", "run_tests")
    act("rollback", "watch")
    act("rollback", "throw_switch")
    page.goto(f"{visit.base}/launches/clips/")
    assert page.locator("[data-status=fail]").count() == 0, page.locator("main").inner_text()
    assert queue("clips").state == "calibrated"

    act("canary", "canary", canary_share="20")
    assert queue("clips").state == "canary"
    assert queue("clips").current_version.intake_share == 0.2  # type: ignore[union-attr]  # it is configured
    act("rollback", "throw_switch")
    page.goto(f"{visit.base}/launches/clips/")
    page.click("main button[value=promote]")
    page.wait_for_selector("main h1 .chip.ok")
    opened = queue("clips")
    assert opened.state == "live"
    assert opened.current_version is not None
    assert opened.current_version.intake_share == 1.0

    moves = ChangeEvent.objects.filter(object_kind="queue", object_id="clips", detail__has_key="state")
    seen = list(dict.fromkeys(moves.order_by("at").values_list("detail__state__after", flat=True)))
    assert [state for state in seen if state != "paused"] == list(LADDER)
    page.goto(f"{visit.base}/changes/?q=clips")
    assert "Clips" in page.text_content("main")
    assert not visit.complaints
    assert not visit.elsewhere
