"""The pages of enforcement: what needs a hand first, and acts that hold."""

from collections.abc import Callable

import pytest
from django.test import Client

from watchfloor.operations.enforcement.appeals import file_appeal
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.models import Appeal, Delivery, Endpoint, Ground, Statement
from watchfloor.operations.enforcement.statements import build_statements
from watchfloor.operations.people.models import Grant, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def floor(committed_floor):
    return committed_floor()


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    def one(role: str, **scope: str) -> Client:
        user = User.objects.create_user(email=f"{role}{len(scope)}@example.org", password="x" * 16)
        Grant.objects.create(user=user, role=role, **scope)
        client = Client()
        client.force_login(user)
        return client

    return one


@pytest.fixture
def filled(floor, decide):
    """A dead letter with hostile words, an open appeal, and a faulty statement."""
    queue = floor.queue("one", settings={"callback_endpoint": "product"})
    floor.queue("appeals", purpose="appeal")
    Ground.objects.create(policy="spam", label="scam", reference="Ask <b>a@b.example</b>")
    decision = decide(floor, queue)
    follow_all(now=floor.now)
    response = {"status": 500, "body": "<script>alert(1)</script>"}
    Delivery.objects.update(state="dead", attempt=14, response=response)
    note = "<img src=x onerror=alert(1)>"
    complaint = {"kind": "internal_complaint", "complainant_role": "user", "note": note}
    file_appeal(case_id=decision.case_id, **complaint, by=floor.by, now=floor.now)
    build_statements(now=decision.decided_at.replace(hour=20))
    return floor


def addresses():
    return {
        "callbacks.view": [
            "/enforcement/callbacks/",
            f"/enforcement/callbacks/{Delivery.objects.get().pk}/",
            "/enforcement/endpoints/product/",
        ],
        "appeals.view": ["/enforcement/appeals/", f"/enforcement/appeals/{Appeal.objects.get().pk}/"],
        "statements.export": [
            "/enforcement/statements/",
            f"/enforcement/statements/{Statement.objects.get().pk}/",
        ],
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_shows_hostile_text_as_text_in_both_languages(filled, signed_in, language):
    client = signed_in("administrator")
    shown = ""
    for address in [each for some in addresses().values() for each in some]:
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == 200, address
        shown += answer.content.decode()
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert ("死信" in shown) == (language == "zh-hans")


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("engineer", {"callbacks.view", "appeals.view"}),
        ("auditor", {"appeals.view"}),
        ("regulator", {"statements.export"}),
        ("strategist", {"callbacks.view", "appeals.view", "statements.export"}),
        ("reviewer", set()),
    ],
)
def test_each_role_sees_its_parts_alone(filled, signed_in, role, permissions):
    client = signed_in(role)
    for permission, some in addresses().items():
        for address in some:
            assert client.get(address).status_code == (200 if permission in permissions else 403), address
    assert client.get("/enforcement/").status_code == (302 if permissions else 403)


def test_what_lies_beyond_the_grant_does_not_exist(filled, signed_in):
    client = signed_in("administrator", queue_group="video")
    for address in [each for some in addresses().values() for each in some if each[-2].isalnum()]:
        if address.count("/") > 3 and "endpoints" not in address:
            assert client.get(address).status_code == 404, address


def test_a_dead_letter_is_sent_again_from_the_page(filled, signed_in):
    letter = Delivery.objects.get()
    reader, engineer = signed_in("strategist"), signed_in("engineer")
    assert reader.post("/enforcement/callbacks/replay/", {"delivery": letter.pk}).status_code == 403
    assert engineer.post("/enforcement/callbacks/replay/", {"delivery": letter.pk}).status_code == 302
    assert Delivery.objects.get().state == "pending"


def test_an_endpoint_is_set_up_changed_and_given_a_new_secret(floor, signed_in):
    client = signed_in("engineer")
    refused = client.post("/enforcement/endpoints/new/", {"slug": "product", "url": "http://10.0.0.1/"})
    assert (refused.status_code, Endpoint.objects.count()) == (422, 0)
    client.post("/enforcement/endpoints/new/", {"slug": "product", "url": "https://example.org/"})
    client.post("/enforcement/endpoints/product/change/", {"url": "https://example.org/two", "boundary": ""})
    client.post("/enforcement/endpoints/product/rotate/")
    endpoint = Endpoint.objects.get()
    assert (endpoint.url, endpoint.active, endpoint.secret_version) == ("https://example.org/two", False, 2)
    shown = client.get("/enforcement/endpoints/product/").content.decode()
    assert "whsec_" in shown
    assert "whsec_" not in signed_in("strategist").get("/enforcement/endpoints/product/").content.decode()


def test_an_appeal_is_taken_back_and_statements_are_built_anew(filled, signed_in):
    appeal = Appeal.objects.get()
    client = signed_in("strategist")
    wrong = client.post(f"/enforcement/appeals/{appeal.pk}/settle/", {"outcome": "reversed"})
    assert wrong.status_code == 422
    client.post(f"/enforcement/appeals/{appeal.pk}/settle/", {"outcome": "withdrawn"})
    appeal.refresh_from_db()
    assert appeal.outcome == "withdrawn"
    Ground.objects.all().delete()
    client.post("/enforcement/statements/rebuild/")
    assert Statement.objects.get().state == "ready"


def test_a_long_list_costs_the_same_queries(filled, decide, signed_in, django_assert_max_num_queries):
    from watchfloor.operations.queues.models import Queue

    queue = Queue.objects.get(slug="one")
    for _ in range(5):
        decide(filled, queue)
    follow_all(now=filled.now)
    client = signed_in("administrator")
    for address, most in (("callbacks/?state=", 16), ("appeals/", 14), ("statements/?state=", 14)):
        client.get(f"/enforcement/{address}")
        with django_assert_max_num_queries(most):
            client.get(f"/enforcement/{address}")
