"""Work over the API, with the client of the package: claim, answer, and every refusal in the one shape."""

import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from watchfloor.client import ApiError, Client, UnreachableError
from watchfloor.operations.people.access import Reach, issue_token
from watchfloor.operations.people.models import User
from watchfloor.operations.review.models import Case, Decision, Lease, Pending
from watchfloor.operations.review.services import claim


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(committed_floor):
    """An operation behind a real web server, and a way to make its clients."""
    floor = committed_floor()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), WSGIServer, Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = []

    def client(*roles, reach=None):
        _, token = issue_token(
            slug=f"app{len(made)}",
            name="App",
            roles=list(roles),
            by=floor.by,
            now=floor.now,
            reach=reach or Reach(),
        )
        made.append(Client(f"http://127.0.0.1:{server.server_port}", token))
        return made[-1]

    floor.client = client
    yield floor
    for each in made:
        each.close()
    server.shutdown()
    server.server_close()
    thread.join()


def refused(call, status, code):
    with pytest.raises(ApiError) as error:
        call()
    assert (error.value.status, error.value.code) == (status, code), str(error.value)


def test_a_case_is_sent_claimed_and_answered_over_the_line(site):
    site.queue("comments")
    site.reviewer("r1")
    app = site.client("engineer")
    made = app.enqueue("comments", object_id="post-1", content={"text": "你好"})
    assert made["created"]
    (case,) = app.claim("r1")
    assert (case["case_id"], case["content"], case["kind"]) == (made["case_id"], {"text": "你好"}, "first")
    assert app.claims("r1")[0]["token"] == case["token"]
    assert app.renew(case["token"]) >= case["expires_at"]
    refused(lambda: app.submit(case["token"], labels=["unheard"]), 422, "answer_rejected")
    done = app.submit(case["token"], labels=["scam"], timing={"active_ms": 900})
    assert done["rule"] == "last_turn"
    assert Decision.objects.get().action == "remove"
    refused(lambda: app.submit(case["token"], labels=["scam"]), 409, "stale_lease")
    assert app.claim("r1") == []


def test_five_thousand_cases_go_in_at_once_and_again_without_a_trace(site):
    site.queue("comments")
    app = site.client("engineer")
    text = "word " * 100
    cases = [{"queue": "comments", "client_key": f"k{i}", "content": {"text": text}} for i in range(5_001)]
    assert app.enqueue_batch(cases)["created"] == 5_001
    again = app.enqueue_batch(cases)
    assert (again["created"], again["duplicates"]) == (0, 5_001)
    assert Case.objects.count() == Pending.objects.count() == 5_001


def test_cases_fetched_ahead_are_begun_put_aside_skipped_and_sent_up(site):
    site.enqueue(site.queue("comments"), 3)
    site.reviewer("r1")
    app = site.client("engineer")
    first, second, third = app.claim("r1", count=3)
    assert [each["is_prefetched"] for each in (first, second, third)] == [False, True, True]
    assert app.skip(first["token"], "unsure")["outcome"] == "skipped"
    app.start(second["token"])
    assert app.escalate(second["token"], "beyond me")["outcome"] == "escalated"
    assert app.release(third["token"])["outcome"] == "returned"
    (again,) = app.claim("r1")
    until = "2027-01-01T00:00:00Z" if again["expires_at"] > "2026-12-05" else "2026-12-05T00:00:00Z"
    refused(lambda: app.hold(again["token"], until="2001-01-01T00:00:00Z", reason=""), 409, "not_servable")
    assert app.hold(again["token"], until=until, reason="asks")["outcome"] == "returned"
    assert not Lease.objects.exists()


def test_nobody_acts_for_a_reviewer_without_the_permission_or_beyond_reach(site):
    site.enqueue(site.queue("comments"))
    site.enqueue(site.queue("inside", data_boundary=site.boundary))
    reviewer = site.reviewer("r1", data_boundary=site.boundary)
    refused(lambda: site.client("analyst").claim("r1"), 403, "not_permitted")
    app = site.client("engineer")
    refused(lambda: app.claim("nobody"), 404, "not_found")
    elsewhere = site.client("engineer", reach=Reach(site=site.manila))
    refused(lambda: elsewhere.claim("r1"), 404, "not_found")
    assert [each["queue"] for each in app.claim("r1", count=5)] == ["comments"], "no boundary was named"
    hidden = claim(reviewer=reviewer, now=site.now)
    refused(lambda: app.submit(hidden.token, labels=["scam"]), 409, "stale_lease")
    assert hidden.queue == "inside"


def test_a_reviewer_signed_in_acts_for_themselves_alone(site, client):
    site.enqueue(site.queue("comments"), 2)
    user = User.objects.create_user(email="r1@example.org", password="a long password")
    user.grants.create(role="reviewer")
    site.reviewer("r1", user=user)
    site.reviewer("r2")
    client.force_login(user)
    own = client.post("/api/v1/claims", {"reviewer": "r1"}, content_type="application/json")
    assert (own.status_code, len(own.json())) == (200, 1)
    other = client.post("/api/v1/claims", {"reviewer": "r2"}, content_type="application/json")
    assert other.status_code == 403


def test_an_operation_that_is_not_there_is_named():
    with pytest.raises(UnreachableError, match="no web address"):
        Client("floor.example", "wf_x")
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1 failed"):
        Client("http://127.0.0.1:9", "wf_x").claim("r1")
