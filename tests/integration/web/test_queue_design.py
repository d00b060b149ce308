"""The pages of queue design: what they show, to whom, and what their forms do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.insights.logical_figures import open_cases, with_logical
from watchfloor.operations.insights.template_trial import compare, trial_of
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.calendars import save_calendar
from watchfloor.operations.queues.changes import approve_change, propose_change
from watchfloor.operations.queues.configuring import Settings, configure
from watchfloor.operations.queues.logical import NewLogical, logical_queues, save_logical
from watchfloor.operations.queues.models import ChangeRequest, LogicalQueue, Queue, Sop, SopAcknowledgement
from watchfloor.operations.queues.sops import NewSop, publish_sop
from watchfloor.operations.queues.templating import save_template
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Pending

pytestmark = pytest.mark.django_db
EVERYONE = Viewer.system("test")
SignIn = Callable[..., Client]


@pytest.fixture
def designed(demo: list[Queue], now: datetime) -> Queue:
    """A queue with a procedure, a waiting change, and logical queues over it."""
    queue = demo[0]
    ChangeRequest.objects.all().delete()
    LogicalQueue.objects.all().delete()
    save_calendar(
        slug="berlin",
        name="Berlin",
        time_zone="Europe/Berlin",
        hours={"0": [[540, 720], [780, 1020]]},
        holidays=[],
        by=EVERYONE,
        now=now,
    )
    for slug, conditions in (
        ("both", {"queue": [demo[0].slug, demo[1].slug]}),
        ("first", {"queue": [demo[0].slug]}),
        ("nowhere", {"queue": [demo[0].slug], "market": ["ZZ"]}),
    ):
        new = NewLogical(slug=slug, title=slug, conditions=conditions, sla_seconds={"default": 3600})
        save_logical(new=new, by=EVERYONE, now=now)
    publish_sop(queue=queue, new=NewSop("How", "Look.", "怎么做", "先看。"), by=EVERYONE, now=now)
    propose_change(queue=queue, changes={"lease_seconds": 901}, by=EVERYONE, now=now, note="Longer")
    return queue


def filled(client: Client, queue: Queue) -> dict[str, Any]:
    """What a browser would send back from the untouched settings form."""
    form = client.get(f"/queues/{queue.slug}/settings/").context["form"]
    values = {name: field.initial for name, field in form.fields.items()}
    assert queue.current_version is not None
    kept = {name: value for name, value in values.items() if value not in (None, False)}
    return kept | {"base": queue.current_version.version}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_queue_design_answers(designed: Queue, sign_in: SignIn, language: str) -> None:
    client = sign_in("administrator")
    client.cookies["watchfloor_language"] = language
    number = ChangeRequest.objects.get().pk
    own = [f"/queues/{designed.slug}/{page}" for page in ("", "settings/", "history/", "sop/")]
    shared = ["changes/", f"changes/{number}/", "changes/?state=all", "logical/", "logical/both/"]
    shared += ["logical/new/", "logical/both/edit/", "templates/", "templates/new/", "calendars/"]
    shared += ["calendars/new/", "calendars/berlin/", f"templates/{designed.slug}/"]
    parts = ["/logical-parts/", "/logical-parts/both/live/", "/logical-parts/both/metrics/"]
    parts += ["/?logical=both", "/floor/summary?logical=both", f"/template-trials/{designed.slug}/"]
    for path in (*own, *(f"/queues/{page}" for page in shared), *parts):
        assert client.get(path).status_code == 200, path


def test_the_form_sent_back_untouched_changes_nothing(designed: Queue, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    answer = client.post(
        f"/queues/{designed.slug}/settings/", filled(client, designed), headers={"HX-Request": "true"}
    )
    assert "Nothing is changed yet." in answer.content.decode()


def test_the_form_shows_the_difference_then_proposes_it(designed: Queue, sign_in: SignIn) -> None:
    client = sign_in("strategist")
    data = filled(client, designed) | {
        "gold_share": "2.5",
        "sla_rules__0__market": "DE, FR",
        "sla_rules__0__within": "2h",
        "note": "Try golden cases",
    }
    path = f"/queues/{designed.slug}/settings/"
    shown = client.post(path, data, headers={"HX-Request": "true"}).content.decode()
    assert "DE, FR: 2 h" in shown
    answer = client.post(path, data | {"propose": "1"})
    request = ChangeRequest.objects.order_by("-id")[0]
    assert answer.headers["Location"] == f"/queues/changes/{request.pk}/"
    assert request.changes == {
        "sla_rules": {"before": [], "after": [{"seconds": 7200, "market": ["DE", "FR"]}]},
        "gold_share": {"before": 0.0, "after": 0.025},
    }


def test_a_form_that_was_opened_before_another_change_keeps_that_change(
    designed: Queue, sign_in: SignIn, now: datetime
) -> None:
    client = sign_in("strategist")
    data = filled(client, designed) | {"priority_lift": "1", "propose": "1"}
    waiting = ChangeRequest.objects.get()
    approve_change(
        request_id=waiting.pk, by=Viewer(name="other", grants=EVERYONE.grants), now=now + timedelta(seconds=1)
    )
    client.post(f"/queues/{designed.slug}/settings/", data)
    assert set(ChangeRequest.objects.order_by("-id")[0].changes) == {"priority_lift"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("sla_seconds__high", "soon", "Write a duration"),
        ("qa_plan", "{", "This is no JSON"),
        ("canary_share", "10", "none is chosen"),
        ("label_subset", "nonsense", "not in the bound policy"),
    ],
)
def test_the_form_says_what_is_wrong(
    designed: Queue, sign_in: SignIn, field: str, value: str, said: str
) -> None:
    client = sign_in("administrator")
    answer = client.post(
        f"/queues/{designed.slug}/settings/", filled(client, designed) | {field: value, "propose": "1"}
    )
    assert answer.status_code in (200, 422)
    assert said in answer.content.decode()
    assert ChangeRequest.objects.count() == 1


def test_another_person_approves_on_the_page_and_the_author_is_told_why_not(
    designed: Queue, sign_in: SignIn, now: datetime
) -> None:
    author, other = sign_in("strategist"), sign_in("strategist")
    author.post(
        f"/queues/{designed.slug}/settings/",
        filled(author, designed) | {"priority_lift": "1", "propose": "1"},
    )
    path = f"/queues/changes/{ChangeRequest.objects.order_by('-id')[0].pk}/"
    assert "somebody else approves it" in author.get(path).content.decode()
    refused = author.post(f"{path}decide/", {"act": "approve"})
    assert (refused.status_code, "cannot approve it" in refused.content.decode()) == (409, True)
    assert other.post(f"{path}decide/", {"act": "approve"}).status_code == 302
    assert "In force as version" in other.get(path).content.decode()
    version = Queue.objects.get(pk=designed.pk).current_version
    assert version is not None
    assert version.priority_lift == 1
    back = f"/queues/{designed.slug}/history/{version.version - 1}/"
    assert other.post(back, {"reason": ""}).status_code == 422
    assert other.post(back, {"reason": "It slowed reviewers"}).status_code == 302
    assert "It slowed reviewers" in other.get(f"/queues/{designed.slug}/history/").content.decode()


def test_who_only_looks_may_not_change_and_a_reviewer_reads_the_procedure_alone(
    designed: Queue, sign_in: SignIn
) -> None:
    analyst, reviewer = sign_in("analyst"), sign_in("reviewer")
    number = ChangeRequest.objects.get().pk
    assert analyst.get(f"/queues/changes/{number}/").status_code == 200
    assert analyst.get(f"/queues/{designed.slug}/settings/").status_code == 403
    assert analyst.get("/queues/logical/new/").status_code == 403
    assert analyst.post("/queues/templates/new/", {"slug": "x", "schema": "{}"}).status_code == 403
    assert reviewer.get("/queues/changes/").status_code == 403
    assert reviewer.get(f"/queues/{designed.slug}/sop/").status_code == 200
    outside = sign_in("strategist", queue_group="elsewhere")
    assert outside.get(f"/queues/changes/{number}/").status_code == 404
    assert outside.get("/queues/logical/both/").status_code == 404
    assert outside.get(f"/queues/{designed.slug}/settings/").status_code == 404


def test_a_reviewer_confirms_having_read_the_procedure_in_force(
    designed: Queue, sign_in: SignIn, now: datetime
) -> None:
    client = sign_in("reviewer")
    person = Reviewer.objects.order_by("id")[0]
    person.user_id = int(client.session["_auth_user_id"])
    person.save()
    assert designed.current_version is not None
    settings = Settings.of(designed.current_version)
    configure(
        queue=designed,
        settings=replace(settings, sop_version=Sop.objects.latest("id").version),
        by=EVERYONE,
        now=now,
    )
    page = f"/queues/{designed.slug}/sop/"
    assert "I have read this version" in client.get(page).content.decode()
    client.post(f"{page}{Sop.objects.latest('id').version}/read/")
    assert SopAcknowledgement.objects.get().reviewer == person
    assert "You have read this version" in client.get(page).content.decode()


def test_an_open_case_counts_once_in_each_logical_queue_and_once_in_all_of_them(
    designed: Queue, now: datetime
) -> None:
    counted, total = open_cases(views=logical_queues(viewer=EVERYONE), now=now)
    assert {slug: found.open for slug, found in counted.items()} == {"both": 4, "first": 2, "nowhere": 0}
    assert total.open == 4
    assert counted["first"].past_promise == 1
    assert Pending.objects.filter(queue__slug=designed.slug).count() == 2


def test_metrics_take_a_logical_queue_as_a_filter_and_refuse_two(designed: Queue, sign_in: SignIn) -> None:
    del designed
    assert with_logical({"logical": ("nowhere",)}, viewer=EVERYONE)["market"] == ("ZZ",)
    client = sign_in("administrator")
    answer = client.get("/explore/?m=intake&where=logical:both&where=logical:first")
    assert answer.status_code == 422
    assert "would count twice" in answer.content.decode()
    assert client.get("/explore/?m=intake&where=logical:gone").status_code == 422


def test_lists_ask_the_same_number_of_queries_however_long_they_are(
    designed: Queue, sign_in: SignIn, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for lease in range(400, 420):
        propose_change(queue=designed, changes={"lease_seconds": lease}, by=EVERYONE, now=now)
    client = sign_in("administrator")
    client.get("/queues/changes/")
    for page in ("changes/", "logical/", "templates/", "calendars/", f"{designed.slug}/history/"):
        with django_assert_max_num_queries(14):
            assert client.get(f"/queues/{page}").status_code == 200


def test_the_preview_draws_the_form_or_says_what_is_wrong(demo: list[Queue], sign_in: SignIn) -> None:
    del demo
    client = sign_in("analyst")
    good = {"schema": '{"properties": {"why": {"enum": ["a", "b"], "title": "Reason <b>"}}}'}
    drawn = client.post("/queues/templates/preview/", good).content.decode()
    assert "Reason &lt;b&gt;" in drawn
    assert drawn.count('type="radio"') == 2
    assert "schema: Expecting" in client.post("/queues/templates/preview/", {"schema": "{"}).content.decode()


def test_a_trial_template_is_compared_with_the_one_in_force(
    demo: list[Queue], facts: FactStore, sign_in: SignIn, now: datetime
) -> None:
    queue = Queue.objects.select_related("current_version__template_version__template").get(slug=demo[0].slug)
    assert queue.current_version is not None
    assert queue.current_version.template_version is not None
    old = queue.current_version.template_version
    fields = {"schema": {"properties": {"note": {"type": "string"}}}}
    new = save_template(slug=old.template.slug, parts=fields, by=EVERYONE, now=now)
    settings = Settings.of(queue.current_version)
    since = now - timedelta(hours=10)
    configure(
        queue=queue,
        settings=replace(settings, canary_template_version=new, canary_share=0.5),
        by=EVERYONE,
        now=now,
        effective_from=since,
    )
    rows = []
    for number in range(120):
        trial = number % 2 == 0
        for turn in (0, 1):
            rows.append(
                {"review_id": f"t{number}-{turn}", "case_id": f"t{number}", "kind": ("first", "second")[turn]}
                | {"turn": turn, "queue_id": queue.slug, "purpose": "production", "outcome": "submitted"}
                | {"submitted_at": since + timedelta(minutes=number), "labels": ["a"], "action": "remove"}
                | {"handle_ms": (30_000 if trial else 40_000) + number * 20}
                | {"template_version": (new if trial else old).version}
            )
            if turn and not trial and number % 4 == 1:
                rows[-1]["labels"] = ["b"]
    schema = TABLES["review"].arrow_schema
    table = pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in rows], schema=schema)
    facts.commit({"review": table}, published_at=now, source="test")
    first = trial_of(queue)
    assert first is not None
    found = compare(queue=queue, since=first.effective_from, snapshot=facts.snapshot(), now=now)
    assert (found.trial.reviews, found.in_force.reviews) == (120, 120)
    assert found.seconds is not None
    assert found.seconds.low < -10 < found.seconds.high < 0
    assert (found.trial.disagreement, found.in_force.disagreement) == (0.0, 0.5)
    assert found.disagreement is not None
    assert found.disagreement.high < 0
    page = sign_in("analyst").get(f"/template-trials/{queue.slug}/").content.decode()
    assert "The trial is faster." in page
    assert "Reviewers disagree less in the trial." in page
