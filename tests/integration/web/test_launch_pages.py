"""The pages of launches: who may open them, what a post does, and what a list costs when it grows."""

from datetime import UTC, datetime

import pytest

from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.services import Opening, open_launch
from watchfloor.operations.launches.vocabulary import STEPS
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version, publish
from watchfloor.operations.queues.models import Queue, Template, TemplateVersion
from watchfloor.operations.queues.services import NewQueue
from watchfloor.operations.record.viewers import Viewer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BY = Viewer.system("test")
TYPED = {
    "title": "Clips",
    "slug": "clips",
    "group": "text",
    "surface": "comment",
    "purpose": "production",
    "mode": "label",
    "languages": "en, es",
    "owner": "ana@test",
}


def opened(slug, **changes):
    new = NewQueue(**({"slug": slug, "title": slug, "group": "text", "surface": "comment"} | changes))
    return open_launch(opening=Opening(new=new), by=BY, now=NOW)


def test_a_queue_is_opened_by_the_wizard_and_each_step_says_what_blocks(sign_in):
    policy = create_policy(slug="spam", name="Spam", by=BY, now=NOW)
    labels = [NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False)]
    publish(version=draft_version(policy=policy, labels=labels, by=BY, now=NOW), by=BY, now=NOW)
    template = Template.objects.create(slug="plain", name="Plain")
    TemplateVersion.objects.create(template=template, version=1, created_at=NOW)
    client = sign_in("strategist")
    assert client.get("/launches/new/").status_code == 200
    answer = client.post("/launches/new/", TYPED)
    assert answer.headers["Location"] == "/launches/clips/policy/"
    assert Queue.objects.get(slug="clips").languages == ["en", "es"]
    answer = client.post("/launches/clips/policy/", {"policy": "spam v1", "act": "save"})
    assert answer.headers["Location"] == "/launches/clips/template/"
    client.post("/launches/clips/template/", {"template": "plain v1", "act": "save"})
    assert Queue.objects.get(slug="clips").state == "template_aligned"
    for step in STEPS:
        shown = client.get(f"/launches/clips/{step}/")
        assert shown.status_code == 200
    page = client.get("/launches/clips/").content.decode()
    assert "No training queue is named." in page
    assert page.count('data-status="fail"') >= 4
    refused = client.post("/launches/clips/canary/", {"canary_share": "5", "act": "canary"})
    assert refused.status_code == 422
    client.post("/launches/clips/targets/", {"on_time_target": "95", "sla__default": "2h", "act": "save"})
    assert Launch.objects.get(queue__slug="clips").on_time_target == 0.95
    assert Queue.objects.get(slug="clips").current_version.sla_seconds == {"default": 7200}
    wrong = client.post("/launches/clips/targets/", {"on_time_target": "950", "act": "save"})
    assert wrong.status_code == 422


def test_a_slug_that_is_taken_is_said_on_the_form(sign_in):
    opened("clips")
    answer = sign_in("strategist").post("/launches/new/", TYPED)
    assert answer.status_code == 422
    assert "clips" in answer.content.decode()


def test_pages_are_for_who_may_see_and_steps_for_who_may_change(sign_in):
    inside = DataBoundary.objects.create(slug="enclave", name="Enclave")
    opened("clips")
    opened("enclosed", data_boundary=inside)
    analyst = sign_in("analyst")
    assert analyst.get("/launches/clips/").status_code == 200
    for path in ("/launches/new/", "/launches/clips/policy/"):
        assert analyst.get(path).status_code == 403
    for path in ("/launches/clips/move/", "/launches/clips/check/4/", "/launches/clips/incident/"):
        assert analyst.post(path).status_code == 403
    assert sign_in("reviewer").get("/launches/").status_code == 403
    strategist = sign_in("strategist", data_boundary="")
    assert strategist.get("/launches/clips/move/").status_code == 405
    for path in ("/launches/enclosed/", "/launches/enclosed/policy/", "/launches/nothing/"):
        assert strategist.get(path).status_code == 404
    assert "enclosed" not in strategist.get("/launches/?state=all").content.decode()


def test_the_list_costs_the_same_when_it_grows(sign_in, django_assert_max_num_queries):
    client = sign_in("strategist")
    opened("one")
    with django_assert_max_num_queries(12):
        client.get("/launches/")
    for number in range(8):
        opened(f"more-{number}")
    with django_assert_max_num_queries(12):
        client.get("/launches/")
