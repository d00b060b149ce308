"""The pages of intake: who may see and do what, and that a version is tried before it is put in force."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.services import NewCase, enqueue_batch
from watchfloor.operations.routing.models import RuleSet, Strategy, StrategyHour
from watchfloor.operations.routing.services import NewRule, activate_rule_set, draft_rule_set

ALL = Viewer.system("test")
FORM = {
    "slug": "new-one",
    "name": "New one",
    "expected_cases_per_day": "960",
    "expected_violative_share": "25",
    "expected_handle_seconds": "120",
    "cost_per_hour": "20",
    "canary_share": "5",
    "ends_at": "2099-01-01T00:00",
}


def text(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def moving(demo: list[Queue], now: Any) -> RuleSet:
    """A draft that leads every English case of the demo's second queue to its first."""
    first, second = demo[:2]
    cases = [NewCase(second.slug, language="en", enqueued_at=now - timedelta(hours=1)) for _ in range(4)]
    enqueue_batch(cases=cases, now=now)
    condition = {"field": "surface", "operator": "is", "value": second.surface}
    return draft_rule_set(
        rules=[NewRule("All to one", first.slug, (condition,))], default_queue=second.slug, by=ALL, now=now
    )


def test_the_strategies_of_the_demo_stand_in_the_table_with_expected_figures(demo, facts, sign_in):
    client = sign_in("strategist")
    assert "Ask for a strategy" in text(client.get("/intake/"))
    table = text(client.get("/intake/table/"))
    assert "User reports" in table
    assert "waits for approval" in table
    assert "Ask for a strategy" not in text(sign_in("analyst").get("/intake/"))


def test_reviewers_meet_no_page_of_intake(demo, sign_in):
    client = sign_in("reviewer")
    for path in ("", "table/", "new/", "rules/", "rules/1/", "rules/1/bench/", "strategies/user-reports/"):
        assert client.get(f"/intake/{path}").status_code == 403, path
    analyst = sign_in("analyst")
    assert analyst.post("/intake/rules/1/activate/").status_code == 403
    assert analyst.post("/intake/strategies/user-reports/state/", {"state": "ended"}).status_code == 403
    assert analyst.get("/intake/rules/edit/").status_code == 403


def test_a_request_shows_its_arithmetic_and_waits_for_somebody_else(demo, sign_in):
    author, other = sign_in("strategist"), sign_in("strategist")
    sums = text(author.get("/intake/sums/", FORM))
    assert "32.0 h = 960 × 120 s" in sums
    assert "2.67" in sums
    assert author.post("/intake/new/", FORM | {"ends_at": ""}).status_code == 422
    assert author.post("/intake/new/", FORM).url == "/intake/strategies/new-one/"
    page = author.get("/intake/strategies/new-one/")
    assert "somebody else approves it" in text(page)
    seen = page.context["seen"]
    refused = author.post("/intake/strategies/new-one/approve/", {"seen": seen})
    assert (refused.status_code, Strategy.objects.get(slug="new-one").approved_at) == (409, None)
    assert other.post("/intake/strategies/new-one/approve/", {"seen": seen}).status_code == 302
    assert (
        author.post("/intake/strategies/new-one/state/", {"state": "canary", "reason": "Try it"}).status_code
        == 302
    )
    strategy = Strategy.objects.get(slug="new-one")
    assert (strategy.state, strategy.canary_share) == ("canary", 0.05)
    assert "Try it" in text(author.get("/intake/strategies/new-one/"))


def test_a_strategy_of_a_boundary_is_not_found_from_outside_it(demo, now, sign_in):
    boundary = DataBoundary.objects.order_by("slug").first()
    Strategy.objects.create(slug="hidden", name="Hidden one", data_boundary=boundary, created_at=now)
    outside = sign_in("strategist", data_boundary="")
    for path in ("", "figures/", "edit/"):
        assert outside.get(f"/intake/strategies/hidden/{path}").status_code == 404
    assert outside.post("/intake/strategies/hidden/state/", {"state": "on"}).status_code == 404
    assert "Hidden one" not in text(outside.get("/intake/table/"))
    assert sign_in("strategist").get("/intake/strategies/hidden/").status_code == 200


def test_hours_and_figures_of_a_strategy_are_shown(demo, facts, now, sign_in):
    found = Strategy.objects.get(slug="user-reports")
    hour = now.replace(minute=0, second=0)
    StrategyHour.objects.create(strategy=found, starts_at=hour, taken=41, refused=7)
    page = text(sign_in("analyst").get("/intake/strategies/user-reports/"))
    assert "24 hours: 41 taken, 7 refused" in page
    assert sign_in("analyst").get("/intake/strategies/user-reports/figures/").status_code == 200


def test_the_bench_says_what_would_move_and_changes_nothing(demo, moving, sign_in):
    client = sign_in("strategist")
    page = text(client.get(f"/intake/rules/{moving.version}/"))
    assert "Against v1 in force" in page
    bench = text(client.get(f"/intake/rules/{moving.version}/bench/"))
    assert "would go to another queue" in bench
    assert "/console/cases/" in bench
    assert RuleSet.objects.get(state="active").version == 1
    assert "/console/cases/" not in text(sign_in("engineer").get(f"/intake/rules/{moving.version}/bench/"))


def test_the_bench_tries_a_bounded_sample_with_few_queries(demo, moving, now, sign_in, monkeypatch):
    monkeypatch.setattr("watchfloor.operations.intake.bench.BOUND", 1)
    client = sign_in("strategist")
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/intake/rules/{moving.version}/bench/")
    assert 0 < response.context["trial"].sampled <= 1 < response.context["trial"].population
    assert len(queries) <= 24


def test_a_version_is_put_in_force_and_taken_back_by_who_may(demo, moving, sign_in):
    client = sign_in("strategist")
    assert client.post(f"/intake/rules/{moving.version}/activate/").status_code == 302
    assert RuleSet.objects.get(state="active") == moving
    assert "Go back to this version" in text(client.get("/intake/rules/1/"))
    again = client.post(f"/intake/rules/{moving.version}/activate/")
    assert (again.status_code, "in force" in text(again)) == (409, True)
    client.post("/intake/rules/1/activate/")
    assert RuleSet.objects.get(state="active").version == 1
    narrow = sign_in("strategist", queue_group=Queue.objects.first().group)
    assert narrow.post(f"/intake/rules/{moving.version}/activate/").status_code == 403


def test_rules_are_written_moved_and_saved_without_a_script(demo, sign_in):
    client, slugs = sign_in("strategist"), [queue.slug for queue in demo[:2]]
    fields = {
        "r0-name": "First",
        "r0-queue": slugs[0],
        "r0-c0-field": "language",
        "r0-c0-operator": "any_of",
        "r0-c0-value": "de, fr",
        "r1-name": "Second",
        "r1-queue": slugs[1],
        "default_queue": slugs[0],
        "note": "Tried",
    }
    moved = client.post("/intake/rules/edit/", fields | {"act": "up:1"})
    assert [entry["rule"].name for entry in moved.context["rules"]] == ["Second", "First"]
    assert moved.context["draft"].focus == "up:0"
    more = client.post("/intake/rules/edit/", fields | {"act": "more:1"})
    assert len(more.context["rules"][1]["conditions"]) == 1
    wrong = client.post("/intake/rules/edit/", fields | {"r0-c0-operator": "at_least", "act": "save"})
    assert (wrong.status_code, "cannot be asked" in text(wrong)) == (422, True)
    swapped = {"headers": {"HX-Request": "true"}}
    assert client.post("/intake/rules/edit/", fields | {"r0-c0-field": "?"}, **swapped).status_code == 200
    by_script = client.post("/intake/rules/edit/", fields | {"act": "save"}, **swapped)
    assert by_script.headers["HX-Redirect"] == "/intake/rules/2/"
    saved = client.post("/intake/rules/edit/", fields | {"act": "save"})
    made = RuleSet.objects.order_by("-version").first()
    assert saved.url == f"/intake/rules/{made.version}/"
    assert made.state == "draft"
    assert made.rules.first().conditions == [
        {"field": "language", "operator": "any_of", "value": ["de", "fr"]}
    ]


def test_rules_for_queues_out_of_reach_are_kept_closed_and_unnamed(demo, now, sign_in):
    inside = Queue.objects.exclude(data_boundary=None).first()
    drafted = draft_rule_set(
        rules=[NewRule("Secret rule", inside.slug)], default_queue=inside.slug, by=ALL, now=now
    )
    activate_rule_set(version=drafted.version, by=ALL, now=now)
    client = sign_in("strategist", data_boundary="")
    for path in ("", f"{drafted.version}/", f"{drafted.version}/bench/", "edit/"):
        page = text(client.get(f"/intake/rules/{path}"))
        assert "Secret rule" not in page
        assert inside.slug not in page
    kept = str(drafted.rules.first().pk)
    fields = {"r0-kept": kept, "default_queue": "(kept)", "act": "save"}
    assert client.post("/intake/rules/edit/", fields).status_code == 302
    newest = RuleSet.objects.order_by("-version").first()
    assert [rule.name for rule in newest.rules.all()] == ["Secret rule"]
    assert newest.default_queue == inside
