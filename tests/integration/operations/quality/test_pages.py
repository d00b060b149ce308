"""The pages of quality: who may open them, what they cost, what each form does and says when refused."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from watchfloor.operations.people.models import Certification
from watchfloor.operations.policies.services import NewLabel, draft_version, publish
from watchfloor.operations.quality.models import AuditDesign, Exercise, GoldCase, Training
from watchfloor.operations.quality.services import certify, enrol

PAGES = ("", "gold/", "training/", "certifications/", "designs/")


@pytest.fixture
def browse(quality):
    def as_person(code="ann", role="auditor", **grant):
        person = quality.people.get(code) or quality.person(code, role=role, **grant)
        client = Client()
        client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_person


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_empty_and_is_refused_without_its_role(browse, path):
    assert browse().get(f"/quality/{path}").status_code == 200
    assert browse("worker", role="reviewer").get(f"/quality/{path}").status_code == 403
    assert Client().get(f"/quality/{path}").status_code == 302


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_chinese(browse, path):
    client = browse()
    client.cookies["watchfloor_language"] = "zh-hans"
    page = text(client.get(f"/quality/{path}"))
    assert "黄金案例" in page


def test_gold_is_nominated_adjudicated_and_ended_through_its_pages(quality, browse):
    case = quality.decided(quality.floor.reviewer("r1"), content={"text": "Send <b>money</b>"}).case_id
    ann, ben = browse("ann"), browse("ben")
    made = ann.post("/quality/gold/nominate/", {"case_id": str(case), "note": "Quotes a bank."})
    address = made["Location"]
    page = text(ann.get(address))
    assert "Send &lt;b&gt;money&lt;/b&gt;" in page
    given = {"labels": ["scam"], "action": "", "rationale": "Asks for money.", "difficulty": "40"}
    assert ann.post(f"{address}adjudicate/", given).status_code == 302
    assert "Somebody else answers apart from you" in text(ann.get(address))
    assert "Asks for money." not in text(ben.get(address))
    assert ben.post(f"{address}adjudicate/", given).status_code == 302
    gold = GoldCase.objects.get()
    assert (gold.state, gold.difficulty) == ("standing", pytest.approx(0.4))
    assert gold.gold_id in text(ann.get("/quality/gold/?state=standing&label=scam"))
    assert "No golden case fits" in text(ann.get("/quality/gold/?label=nudity"))
    assert ann.post(f"{address}end/", {"reason": "Wrong."}).status_code == 302
    assert ann.post(f"{address}renew/")["Location"] != address


def test_a_refused_act_says_why_on_its_own_page(quality, browse):
    ann = browse()
    wrong = ann.post("/quality/gold/nominate/", {"case_id": "x"})
    assert (wrong.status_code, "This is no case id." in text(wrong)) == (422, True)
    waiting = quality.floor.enqueue(quality.queue)[0]
    refused = ann.post("/quality/gold/nominate/", {"case_id": str(waiting)})
    assert (refused.status_code, "not decided" in text(refused)) == (422, True)
    unknown = ann.post("/quality/training/spam-training/enrol/", {"codes": "nobody"})
    assert (unknown.status_code, "nobody" in text(unknown)) == (422, True)
    assert browse("lead", role="team_lead").post("/quality/gold/nominate/", {}).status_code == 403


def test_people_are_enrolled_and_dealt_cases(quality, browse):
    ann, ben = quality.person("ann"), quality.person("ben")
    reviewer = quality.floor.reviewer("r1")
    quality.gold(quality.decided(reviewer).case_id, ann, ben)
    quality.floor.reviewer("t1")
    client = browse()
    assert client.post("/quality/training/spam-training/enrol/", {"codes": "t1"}).status_code == 302
    shown = text(client.get("/quality/training/"))
    assert "54 right answers in a row would pass" in shown
    built = client.post("/quality/training/spam-training/build/", {"count": "5", "easiest": "0"})
    assert "1 case was dealt." in text(built)
    assert Exercise.objects.filter(kind="training", reviewer__code="t1").count() == 1
    assert Training.objects.get().started_by == "ann@test.invalid"


def test_a_bridge_is_built_on_the_certifications_page(quality, browse):
    held = quality.floor.reviewer("t1")
    certify(reviewer=held, policy_version=quality.floor.policy, by=quality.floor.by, now=quality.now)
    Certification.objects.update(expires_at=None)
    labels = [NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False)]
    draft = draft_version(
        policy=quality.floor.policy.policy, labels=labels, by=quality.floor.by, now=quality.now
    )
    version = publish(version=draft, by=quality.floor.by, now=quality.now)
    quality.floor.configure(quality.queue, policy_version=version)
    client = browse()
    address = f"/quality/certifications/{version.pk}/carry-over/"
    long = client.post(address, {"until": "2099-01-01", "reason": "Wording."})
    assert (long.status_code, "cannot be" in text(long)) == (422, True)
    assert client.post(address, {"until": "", "reason": ""}).status_code == 422


def test_a_design_is_written_and_ended(quality, browse):
    client = browse()
    assert client.get("/quality/designs/new/").status_code == 200
    given = {
        "slug": "weekly",
        "title": "Weekly",
        "kind": "stratified",
        "unit_kind": "decision",
        "queues": ["spam-comments"],
        "share": "5",
        "by": ["action", "language"],
        "allocation": "equal",
        "floor": "3",
        "frame_hours": "168",
        "blind": "on",
    }
    assert client.post("/quality/designs/new/", given | {"by": []}).status_code == 422
    assert client.post("/quality/designs/new/", given | {"slug": "new"}).status_code == 422
    assert client.post("/quality/designs/new/", given).status_code == 302
    design = AuditDesign.objects.get()
    assert design.plan == {"share": 0.05, "by": ["action", "language"], "allocation": "equal", "floor": 3}
    assert str(design.seed) in text(client.get("/quality/designs/weekly/"))
    assert client.post("/quality/designs/weekly/end/").status_code == 302
    assert client.post("/quality/designs/weekly/end/").status_code == 409


def test_what_lies_outside_a_grant_is_not_found(quality, browse):
    ann, ben = quality.person("ann"), quality.person("ben")
    gold = quality.gold(quality.decided(quality.floor.reviewer("r1")).case_id, ann, ben)
    quality.design()
    narrow = browse("narrow", queue_group="video")
    assert narrow.get(f"/quality/gold/{gold.pk}/").status_code == 404
    assert narrow.get("/quality/designs/daily/").status_code == 404
    assert narrow.post("/quality/training/spam-training/enrol/", {"codes": "r1"}).status_code == 404
    assert gold.gold_id not in text(narrow.get("/quality/gold/"))


@pytest.mark.parametrize("path", ["", "gold/", "training/", "certifications/", "designs/"])
def test_a_page_costs_the_same_however_much_there_is(quality, browse, path):
    ann, ben = quality.person("ann"), quality.person("ben")
    reviewer, client = quality.floor.reviewer("r1"), browse()

    def more(number):
        quality.floor.queue(f"queue-{number}")
        quality.gold(quality.decided(reviewer).case_id, ann, ben)
        quality.design(f"design-{number}")
        trainee = quality.floor.reviewer(f"t{number}")
        enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now)

    more(0)
    client.get(f"/quality/{path}")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/quality/{path}")
    for number in range(1, 5):
        more(number)
    with CaptureQueriesContext(connection) as many:
        client.get(f"/quality/{path}")
    assert len(many) <= len(few) <= 30, [query["sql"][:90] for query in many]
