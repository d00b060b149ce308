"""The API: cases in, queues out, one shape for every error, and nothing beyond the caller's reach."""

import json
from pathlib import Path

import pytest
from django.test import Client

from watchfloor.operations.people.access import Reach, issue_token
from watchfloor.operations.people.models import User
from watchfloor.operations.review.models import Case
from watchfloor.operations.review.services import Answer, claim, submit


class Caller:
    """A client of the API with its token."""

    def __init__(self, token=None, client=None):
        self.client = client or Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path):
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path, body):
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(f"/api/v1{path}", data, content_type="application/json", headers=self.headers)


@pytest.fixture
def caller(floor):
    def make(*roles, reach=None):
        _, token = issue_token(
            slug="app", name="App", roles=list(roles), by=floor.by, now=floor.now, reach=reach or Reach()
        )
        return Caller(token)

    return make


def assert_error(response, status, code):
    assert response.status_code == status, response.content
    body = response.json()
    assert set(body) == {"code", "message", "remedy", "errors"}
    assert body["code"] == code
    return body


def test_a_case_is_made_once_by_its_client_key(floor, caller):
    floor.queue("comments")
    app = caller("engineer", "analyst")
    body = {"queue": "comments", "client_key": "k1", "content": {"text": "你好"}, "language": "en"}
    made, again = app.post("/cases", body), app.post("/cases", body)
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["case_id"] == again.json()["case_id"]
    case = Case.objects.get()
    assert (case.client, case.content) == ("client:app", {"text": "你好"})
    shown = app.get(f"/cases/{case.pk}").json()
    assert (shown["state"], shown["queue"], shown["reviews"]) == ("waiting", "comments", [])


def test_a_decided_case_shows_its_reviews_and_its_decision(floor, caller):
    (case_id,) = floor.enqueue(floor.queue("comments"))
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    app = caller("analyst")
    assert app.get(f"/cases/{case_id}").json()["state"] == "in_review"
    submit(lease_token=taken.token, answer=Answer(labels=("scam",)), now=floor.now)
    shown = app.get(f"/cases/{case_id}").json()
    assert shown["state"] == "decided"
    assert shown["decisions"][0]["action"] == shown["reviews"][0]["action"] == "remove"
    assert shown["decisions"][0]["violative"] is True


def test_a_batch_is_all_or_nothing(floor, caller):
    floor.queue("comments")
    app = caller("engineer")
    cases = [{"queue": "comments", "client_key": f"k{i}"} for i in range(20)]
    answer = app.post("/cases/batch", {"cases": cases}).json()
    assert (answer["created"], answer["duplicates"], len(answer["cases"])) == (20, 0, 20)
    answer = app.post("/cases/batch", {"cases": [*cases, {"queue": "comments"}]}).json()
    assert (answer["created"], answer["duplicates"]) == (1, 20)
    wrong = [{"queue": "comments"}, {"queue": "nowhere"}, {"queue": "comments", "risk_score": 7}]
    body = assert_error(app.post("/cases/batch", {"cases": wrong}), 422, "batch_rejected")
    assert [(each["index"], each["field"]) for each in body["errors"]] == [(1, "queue"), (2, "risk_score")]
    assert Case.objects.count() == 21


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        "{}",
        '{"queue": 3}',
        '{"queue": "comments", "unheard": 1}',
        '{"queue": "comments", "risk_score": "high"}',
        '{"queue": "comments", "risk_score": NaN}',
        '{"queue": "comments", "enqueued_at": "yesterday"}',
        '{"queue": "comments", "enqueued_at": "1970-01-01T00:00:00Z"}',
        '{"queue": "comments", "enqueued_at": "2099-01-01T00:00:00Z"}',
        '{"queue": "comments", "enqueued_at": "2026-03-02T09:00:00"}',
        '{"queue": "comments", "object_id": "a\\u0000b"}',
        '{"queue": "comments", "content": {"text": "a\\u0000b"}}',
        '{"queue": "comments", "content": {"text": "\\ud800"}}',
        '{"queue": "comments", "content": {"deep": [1, [2, {"x": "\\u0000"}]]}}',
        '{"queue": "comments", "content": "text"}',
        '{"queue": "com\\u0000ments"}',
        '{"queue": "comments", "client_key": "' + "k" * 201 + '"}',
        '{"queue": "comments", "content": {"text": "' + "k" * 300_000 + '"}}',
    ],
)
def test_a_bad_case_is_an_error_in_the_one_shape(floor, caller, body):
    floor.queue("comments")
    response = caller("engineer").post("/cases", body)
    assert response.status_code in {400, 422}, response.content
    assert set(response.json()) == {"code", "message", "remedy", "errors"}
    assert not Case.objects.exists()


def test_a_body_beyond_the_limit_is_refused(floor, caller):
    response = caller("engineer").post("/cases", b'{"queue": "' + b"x" * 40_000_000 + b'"}')
    assert_error(response, 413, "body_too_big")


def test_nobody_unknown_is_answered(floor):
    floor.queue("comments")
    for caller in (Caller(), Caller("wf_guess")):
        for response in (caller.get("/queues"), caller.post("/cases", {"queue": "comments"})):
            assert response.status_code == 401
            assert set(response.json()) == {"code", "message", "remedy", "errors"}


def test_a_role_opens_only_its_own_doors(floor, caller):
    floor.queue("comments")
    (case_id,) = floor.enqueue(floor.queue("other"))
    assert_error(caller("analyst").post("/cases", {"queue": "comments"}), 403, "not_permitted")
    assert_error(caller("regulator").get("/queues"), 403, "not_permitted")
    assert_error(caller("engineer").get(f"/cases/{case_id}"), 403, "not_permitted")


def test_what_lies_out_of_reach_does_not_exist(floor, caller):
    floor.queue("comments")
    floor.queue("clips", group="video")
    inside = floor.queue("enclave-messages", data_boundary=floor.boundary)
    (case_id,) = floor.enqueue(inside)
    app = caller("engineer", "analyst", reach=Reach(queue_group="text"))
    assert [queue["slug"] for queue in app.get("/queues").json()] == ["comments"]
    for slug in ("clips", "enclave-messages", "nowhere"):
        hidden = assert_error(app.get(f"/queues/{slug}"), 404, "not_found")
        assert hidden["message"] == f"There is no queue '{slug}'."
        refused = assert_error(app.post("/cases", {"queue": slug}), 422, "batch_rejected")
        assert refused["errors"][0]["message"] == f"There is no queue '{slug}'."
    assert_error(app.get(f"/cases/{case_id}"), 404, "not_found")
    app = caller("engineer", "analyst", reach=Reach(data_boundary="enclave"))
    assert app.get(f"/cases/{case_id}").json()["queue"] == "enclave-messages"


def test_a_queue_is_read_with_its_versions(floor, caller):
    queue = floor.queue("comments", languages=("en",))
    floor.configure(queue, lease_seconds=300)
    shown = caller("analyst").get("/queues/comments").json()
    assert (shown["version"], shown["languages"], len(shown["versions"])) == (2, ["en"], 2)
    assert shown["versions"][0]["changes"] == [{"name": "lease_seconds", "before": 600, "after": 300}]
    assert shown["versions"][0]["settings"]["policy"] == "spam v1"


def test_a_signed_in_person_may_read_by_session_but_write_only_with_the_csrf_token(floor):
    floor.queue("comments")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_superuser("root@example.org"))
    caller = Caller(client=browser)
    assert caller.get("/queues").status_code == 200
    assert caller.post("/cases", {"queue": "comments"}).status_code == 403


def test_the_api_describes_itself(db):
    schema = Client().get("/api/openapi.json").json()
    assert {"/api/v1/cases", "/api/v1/cases/batch", "/api/v1/queues", "/api/v1/queues/{slug}"} <= set(
        schema["paths"]
    )
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            assert described.get("summary"), (path, method)
            assert described.get("security"), f"{method} {path} can be called by anybody"


def test_the_reference_names_every_call(db):
    page = (Path(__file__).parents[3] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    schema = Client().get("/api/openapi.json").json()
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"| `{method.upper()} {path}` |" in page
