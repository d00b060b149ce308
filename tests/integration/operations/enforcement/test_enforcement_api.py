"""The API of enforcement: a feed that never changes its order, and nothing beyond the caller's reach."""

import json

import pytest
from django.test import Client

from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.models import Delivery, Endpoint
from watchfloor.operations.enforcement.statements import build_statements
from watchfloor.operations.people.access import Reach, issue_token

pytestmark = pytest.mark.django_db(transaction=True)


class Caller:
    """A client of the API with its token."""

    def __init__(self, token):
        self.client, self.headers = Client(), {"Authorization": f"Bearer {token}"}

    def __call__(self, method, path, body=None):
        return self.client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers=self.headers,
        )


@pytest.fixture
def floor(committed_floor):
    return committed_floor()


@pytest.fixture
def caller(floor):
    numbers = iter(range(100))

    def make(*roles, **reach):
        _, token = issue_token(
            slug=f"app-{next(numbers)}",
            name="App",
            roles=list(roles),
            by=floor.by,
            now=floor.now,
            reach=Reach(**reach),
        )
        return Caller(token)

    return make


def followed(floor, decide, count=1, **values):
    queue = floor.queue("one", settings={"callback_endpoint": "product"})
    decisions = [decide(floor, queue, **values) for _ in range(count)]
    follow_all(now=floor.now)
    return decisions


def test_the_feed_is_read_page_by_page_without_gap_or_repetition(floor, decide, caller):
    decisions = followed(floor, decide, count=5)
    app, seen, after = caller("engineer"), [], 0
    while True:
        page = app("GET", f"/decisions?after={after}&limit=2").json()
        seen += [entry["decision"]["decision_id"] for entry in page["entries"]]
        after = page["next_after"]
        if not page["has_more"]:
            break
    assert seen == [str(each.pk) for each in decisions]
    assert app("GET", f"/decisions?after={after}").json() == {
        "entries": [],
        "next_after": after,
        "has_more": False,
    }


def test_the_feed_costs_the_same_queries_however_long_it_is(
    floor, decide, caller, django_assert_max_num_queries
):
    followed(floor, decide, count=6)
    app = caller("engineer")
    app("GET", "/decisions?limit=1")
    with django_assert_max_num_queries(16):
        assert len(app("GET", "/decisions").json()["entries"]) == 6


def test_a_boundary_hides_decisions_deliveries_and_statements_from_whoever_is_outside(floor, decide, caller):
    inner = floor.queue("inner", data_boundary=floor.boundary, settings={"callback_endpoint": "product"})
    decision = decide(floor, inner, person={"data_boundary": floor.boundary})
    follow_all(now=floor.now)
    build_statements(now=decision.decided_at.replace(hour=20))
    outside, inside = caller("administrator"), caller("administrator", data_boundary="enclave")
    for path, name in (
        ("/decisions", "entries"),
        ("/callbacks/deliveries", "deliveries"),
        ("/statements", "statements"),
    ):
        assert outside("GET", path).json()[name] == [], path
        assert len(inside("GET", path).json()[name]) == 1, path
    assert outside("POST", f"/cases/{decision.case_id}/corrections", {"labels": ["fine"]}).status_code == 404
    assert (
        outside(
            "POST",
            "/appeals",
            {"case_id": str(decision.case_id), "kind": "correction", "complainant_role": "user"},
        ).status_code
        == 404
    )
    assert outside("POST", "/callbacks/replay", {"endpoint": "product"}).json() == {"replayed": 0}


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/decisions", None, {"engineer", "strategist"}),
        ("GET", "/callbacks/deliveries", None, {"engineer", "strategist"}),
        ("GET", "/callbacks/endpoints", None, {"engineer", "strategist"}),
        ("PUT", "/callbacks/endpoints/new", {"url": "https://example.org/"}, {"engineer"}),
        ("POST", "/callbacks/replay", {"endpoint": "product"}, {"engineer"}),
        ("GET", "/appeals", None, {"engineer", "strategist", "auditor", "analyst", "team_lead"}),
        ("GET", "/statements", None, {"strategist", "regulator"}),
        ("GET", "/statements/batch", None, {"strategist", "regulator"}),
    ],
)
def test_each_role_reaches_what_it_may(floor, caller, method, path, body, allowed):
    for role in (
        "engineer",
        "strategist",
        "auditor",
        "analyst",
        "team_lead",
        "regulator",
        "reviewer",
        "wellbeing",
    ):
        status = caller(role)(method, path, body).status_code
        assert (status < 300) == (role in allowed), (role, status)
        assert status < 300 or status == 403


def test_a_correction_a_withdrawal_and_a_reopening_go_over_the_api(floor, decide, caller):
    (decision,) = followed(floor, decide)
    app = caller("engineer")
    case = decision.case_id
    made = app("POST", f"/cases/{case}/corrections", {"labels": ["nudity"], "reason": "Milder."})
    assert (made.status_code, made.json()["version"], made.json()["action"]) == (201, 1, "age_restrict")
    gone = app("POST", f"/decisions/{made.json()['decision_id']}/withdrawal", {"reason": "Wrong."})
    assert gone.json()["withdrawn_at"]
    assert app("POST", f"/cases/{case}/reopening", {}).status_code == 201
    again = app("POST", f"/cases/{case}/reopening", {})
    assert (again.status_code, again.json()["code"]) == (409, "decision_state")


def test_dead_letters_are_listed_and_replayed(floor, decide, caller):
    followed(floor, decide, count=2)
    Delivery.objects.update(state="dead", attempt=14)
    app = caller("engineer")
    letters = app("GET", "/callbacks/deliveries?state=dead").json()["deliveries"]
    one = letters[0]["delivery_id"]
    assert app("POST", "/callbacks/replay", {"deliveries": [one]}).json() == {"replayed": 1}
    assert app("POST", "/callbacks/replay", {"endpoint": "product"}).json() == {"replayed": 1}
    assert set(Delivery.objects.values_list("state", "attempt")) == {("pending", 0)}
    assert app("POST", "/callbacks/replay", {}).status_code == 422


def test_an_endpoint_is_set_up_and_its_secret_shown_to_whoever_may_change_it(floor, caller):
    app, reader = caller("engineer"), caller("strategist")
    made = app("PUT", "/callbacks/endpoints/product", {"url": "https://example.org/hook"}).json()
    assert made["secret"].startswith("whsec_")
    turned = app("POST", "/callbacks/endpoints/product/secret").json()
    assert turned["secret"] != made["secret"]
    (shown,) = reader("GET", "/callbacks/endpoints").json()["endpoints"]
    assert (shown["url"], shown["secret"]) == ("https://example.org/hook", None)
    scoped = caller("engineer", queue_group="text")
    assert scoped("PUT", "/callbacks/endpoints/product", {"url": "https://evil.example/"}).status_code == 403


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://user@example.org/", "javascript:alert(1)", "x" * 501]
)
def test_an_address_that_may_not_be_called_is_not_set_up(floor, caller, url):
    answer = caller("engineer")("PUT", "/callbacks/endpoints/product", {"url": url})
    assert answer.status_code == 422
    assert not Endpoint.objects.exists()


def test_statements_are_taken_a_hundred_at_a_time(floor, decide, caller):
    (decision,) = followed(floor, decide)
    build_statements(now=decision.decided_at.replace(hour=20))
    batch = caller("regulator")("GET", "/statements/batch").json()
    assert [each["category"] for each in batch["statements"]] == ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]
