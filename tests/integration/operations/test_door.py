"""The door: strategies admit, rules route, and a resend is answered as before."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from watchfloor.operations.people.access import issue_token
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.review.errors import BatchRejectedError, StrategyRefusedError
from watchfloor.operations.review.models import Case, Decision
from watchfloor.operations.review.services import Enqueued, NewCase, Refusal, enter, enter_batch
from watchfloor.operations.routing.models import Route, Strategy, StrategyHour
from watchfloor.operations.routing.services import NewRule, activate_rule_set, draft_rule_set

GERMAN = ({"field": "language", "operator": "is", "value": "de"},)


@pytest.fixture
def strategy() -> Callable[..., Strategy]:
    """Make a strategy that may send."""

    def make(now: Any, slug: str = "risky", **changes: Any) -> Strategy:
        values = {"name": slug, "state": "on", "created_at": now, "approved_at": now} | changes
        return Strategy.objects.create(slug=slug, **values)

    return make


def rules(floor: Any, *new: NewRule, default: str = "rest") -> int:
    """Put rules in force and return their version."""
    drafted = draft_rule_set(rules=new, default_queue=default, by=floor.by, now=floor.now)
    return activate_rule_set(version=drafted.version, by=floor.by, now=floor.now).version


def keyed(count: int, **values: Any) -> list[NewCase]:
    return [NewCase(client_key=f"k{number}", **({"queue": "rest"} | values)) for number in range(count)]


def test_a_case_without_a_queue_goes_where_the_rules_say_and_the_rule_is_kept(floor):
    floor.queue("german")
    floor.queue("rest")
    version = rules(floor, NewRule("German", "german", GERMAN))
    made = enter_batch(
        cases=[NewCase("", language="de", surface="comment", labels=("spam",)), NewCase("", language="en")],
        now=floor.now,
    )
    assert [Case.objects.get(pk=each.case_id).queue.slug for each in made] == ["german", "rest"]
    route = Route.objects.get(case_id=made[0].case_id)
    assert (route.version, route.position, route.labels) == (version, 1, ["spam"])
    assert Route.objects.get(case_id=made[1].case_id).position is None


def test_a_case_that_no_rule_takes_is_a_fault_of_its_own_place(floor):
    floor.queue("german")
    rules(floor, NewRule("German", "german", GERMAN), default="")
    with pytest.raises(BatchRejectedError) as refused:
        enter_batch(cases=[NewCase("", language="de"), NewCase("", language="en")], now=floor.now)
    assert [(item.index, item.field) for item in refused.value.items] == [(1, "queue")]
    assert not Case.objects.exists()


def test_faults_keep_their_place_beside_refused_cases(floor, strategy):
    floor.queue("rest")
    strategy(floor.now, state="ended")
    cases = [NewCase("rest", strategy_id="risky"), NewCase("rest", risk_score=7)]
    with pytest.raises(BatchRejectedError) as refused:
        enter_batch(cases=cases, now=floor.now)
    assert [item.index for item in refused.value.items] == [1]
    assert not StrategyHour.objects.exists()


def test_rules_do_not_reach_over_the_callers_grant_nor_name_what_lies_there(floor):
    floor.queue("hidden", group="other")
    rules(floor, default="hidden")
    narrow = Viewer("n", grants=(GrantScope("engineer", queue_group="text"),))
    with pytest.raises(BatchRejectedError, match="outside the caller's reach") as refused:
        enter(case=NewCase(""), now=floor.now, by=narrow)
    assert "hidden" not in str(refused.value)


def test_over_its_throttle_a_strategy_is_refused_and_the_others_go_in(floor, strategy):
    floor.queue("rest")
    strategy(floor.now, throttle_per_hour=2)
    results = enter_batch(
        cases=[*keyed(3, strategy_id="risky"), NewCase("rest", strategy_id="unknown")], now=floor.now
    )
    assert [type(each) for each in results] == [Enqueued, Enqueued, Refusal, Enqueued]
    hour = StrategyHour.objects.get()
    assert (hour.taken, hour.refused) == (2, 1)


def test_a_resend_is_answered_as_before_and_never_counted_or_refused(floor, strategy):
    floor.queue("rest")
    risky = strategy(floor.now, throttle_per_hour=2)
    cases = keyed(2, strategy_id="risky")
    first = enter_batch(cases=cases, now=floor.now)
    assert [each.case_id for each in enter_batch(cases=cases, now=floor.now)] == [e.case_id for e in first]
    Strategy.objects.filter(pk=risky.pk).update(state="ended")
    again = enter_batch(cases=cases, now=floor.now)
    assert [each.created for each in again] == [False, False]
    assert [each.case_id for each in again] == [each.case_id for each in first]
    hour = StrategyHour.objects.get()
    assert (hour.taken, hour.refused) == (2, 0)


def test_a_resend_without_a_queue_stays_where_it_went_first(floor):
    floor.queue("german")
    floor.queue("rest")
    rules(floor)
    case = NewCase("", client_key="k", language="de")
    first = enter(case=case, now=floor.now)
    rules(floor, NewRule("German", "german", GERMAN))
    assert enter(case=case, now=floor.now).case_id == first.case_id
    assert Case.objects.get().queue.slug == "rest"


def test_history_of_the_author_is_asked_only_when_a_rule_asks_for_it(floor):
    floor.queue("rest")
    floor.queue("repeat")
    rules(floor)
    floor.queue("past")
    past = [NewCase("past", author_id="ada") for _ in range(3)]
    old = [each.case_id for each in enter_batch(cases=past, now=floor.now, client="shop")]
    for number, case_id in enumerate(old):
        Decision.objects.create(
            id=case_id,
            case_id=case_id,
            queue=Case.objects.get(pk=case_id).queue,
            rule="last_turn",
            decided_at=floor.now - timedelta(days=1),
            violative=number < 2,
        )
    case = NewCase("", author_id="ada")
    with CaptureQueriesContext(connection) as without:
        enter(case=case, now=floor.now + timedelta(minutes=1), client="shop")
    condition = {"field": "author_violations_90d", "operator": "at_least", "value": 2}
    rules(floor, NewRule("Repeat", "repeat", (condition,)))
    with CaptureQueriesContext(connection) as asked:
        repeat = enter(case=case, now=floor.now + timedelta(minutes=1), client="shop")
    assert Case.objects.get(pk=repeat.case_id).queue.slug == "repeat"
    elsewhere = enter(case=case, now=floor.now + timedelta(minutes=1), client="another")
    assert Case.objects.get(pk=elsewhere.case_id).queue.slug == "rest"
    assert len(without) <= len(asked) <= 16


def test_a_large_batch_asks_no_more_than_a_small_one(floor, strategy):
    floor.queue("rest")
    strategy(floor.now, throttle_per_hour=1000)
    rules(floor)
    counts = []
    for size in (2, 200):
        with CaptureQueriesContext(connection) as queries:
            cases = [NewCase("", client_key=f"{size}-{n}", strategy_id="risky") for n in range(size)]
            enter_batch(cases=cases, now=floor.now)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


@pytest.mark.django_db(transaction=True)
def test_clients_that_race_with_the_same_keys_are_counted_once(committed_floor, strategy):
    floor = committed_floor()
    floor.queue("rest")
    strategy(floor.now, throttle_per_hour=5)
    barrier, results = threading.Barrier(4), []

    def send() -> None:
        try:
            barrier.wait(timeout=20)
            results.append(enter_batch(cases=keyed(5, strategy_id="risky"), now=floor.now))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(results) == 4
    assert {tuple(each.case_id for each in result) for result in results} == {
        tuple(each.case_id for each in results[0])
    }
    hour = StrategyHour.objects.get()
    assert (hour.taken, hour.refused) == (5, 0)


def test_the_api_lists_what_was_refused_and_answers_a_single_one_with_409(floor, strategy):
    floor.queue("rest")
    strategy(floor.now, state="ended")
    with pytest.raises(StrategyRefusedError, match="sends no cases"):
        enter(case=NewCase("rest", strategy_id="risky"), now=floor.now)
    _, token = issue_token(slug="shop", name="Shop", roles=["engineer"], by=floor.by, now=floor.now)
    client = Client(headers={"authorization": f"Bearer {token}"})
    single = client.post(
        "/api/v1/cases", {"queue": "rest", "strategy_id": "risky"}, content_type="application/json"
    )
    assert (single.status_code, single.json()["code"]) == (409, "strategy_refused")
    batch = {"cases": [{"queue": "rest", "strategy_id": "risky", "client_key": "a"}, {"queue": "rest"}]}
    answer = client.post("/api/v1/cases/batch", batch, content_type="application/json").json()
    assert (answer["created"], len(answer["cases"])) == (1, 1)
    assert answer["refused"][0] | {"reason": "", "remedy": ""} == {
        "index": 0,
        "client_key": "a",
        "strategy_id": "risky",
        "reason": "",
        "remedy": "",
    }
    assert sum(hour.refused for hour in StrategyHour.objects.all()) == 3
