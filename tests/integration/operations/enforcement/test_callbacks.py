"""Endpoints are told every decision at least once, signed, and nobody else is told anything."""

import hashlib
import hmac
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from watchfloor.operations.enforcement.backoff import MOST_ATTEMPTS
from watchfloor.operations.enforcement.endpoints import replay
from watchfloor.operations.enforcement.following import follow, follow_all
from watchfloor.operations.enforcement.models import Delivery, Endpoint, FeedEntry, FollowMark
from watchfloor.operations.enforcement.runner import run_callbacks
from watchfloor.operations.enforcement.sending import deliver_due, send, take_due, write_outcomes
from watchfloor.operations.enforcement.signing import secret_of
from watchfloor.operations.record.models import Event
from watchfloor.operations.review.corrections import correct, withdraw
from watchfloor.operations.review.models import Decision
from watchfloor.operations.review.services import Answer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue(committed_floor):
    floor = committed_floor()
    return floor, floor.queue("one", settings={"callback_endpoint": "product"})


def endpoint(floor, url, slug="product", **values):
    return Endpoint.objects.create(slug=slug, url=url, created_at=floor.now, **values)


def last_fact(decision):
    return Event.objects.filter(fact="decision", key=str(decision.pk)).order_by("-id").first().payload


def test_a_decision_is_told_signed_with_its_reviews_and_no_person(queue, serve, decide, rng):
    floor, one = queue
    told, to = serve(), None
    to = endpoint(floor, told.url)
    decision = decide(floor, one, client_key="k-1")
    follow_all(now=floor.now)
    assert deliver_due(now=floor.now, rng=rng) == 1
    ((headers, body),) = told.requests
    message = json.loads(body)
    assert message["type"] == "decision.made"
    assert message["case"]["client_key"] == "k-1"
    assert message["decision"]["decision_id"] == headers["Idempotency-Key"] == str(decision.pk)
    assert [each["labels"] for each in message["reviews"]] == [["scam"]]
    assert [each["type"] for each in message["restrictions"]] == ["removed"]
    assert b"decider-" not in body
    at, signed = (part.split("=")[1] for part in headers["Watchfloor-Signature"].split(","))
    key = secret_of(to).encode()
    assert signed == hmac.new(key, at.encode() + b"." + body, hashlib.sha256).hexdigest()


def test_the_callback_status_is_kept_true_in_the_decision_and_in_its_fact(queue, serve, decide, rng):
    floor, one = queue
    told = serve(statuses=[503, 204])
    endpoint(floor, told.url)
    decision = decide(floor, one)
    assert (decision.callback_status, last_fact(decision)["callback_status"]) == ("none", "none")
    for step, status in enumerate(("pending", "failed", "delivered")):
        if step == 0:
            follow_all(now=floor.now)
        else:
            deliver_due(now=floor.now + timedelta(minutes=step - 1), rng=rng)
        decision.refresh_from_db()
        fact = last_fact(decision)
        assert (decision.callback_status, fact["callback_status"]) == (status, status)
        assert (fact["reviewer_id"], fact["labels"]) == ("decider-0", ["scam"])
    follow_all(now=floor.now)
    assert FeedEntry.objects.count() == 1


def test_failures_are_tried_again_later_and_later_until_the_letter_is_dead(queue, serve, decide, rng):
    floor, one = queue
    told = serve(statuses=[500])
    endpoint(floor, told.url)
    decision = decide(floor, one)
    follow_all(now=floor.now)
    now, waits = floor.now, []
    while not Delivery.objects.filter(state="dead").exists():
        assert deliver_due(now=now, rng=rng) == 1
        assert deliver_due(now=now, rng=rng) == 0
        letter = Delivery.objects.get()
        if letter.state == "failed":
            waits.append((letter.next_at - now).total_seconds())
            now = letter.next_at
    assert len(told.requests) == MOST_ATTEMPTS
    assert waits[:3] == [
        pytest.approx(7.5, abs=2.5),
        pytest.approx(22.5, abs=7.5),
        pytest.approx(67.5, abs=22.5),
    ]
    assert max(waits) <= 4 * 3600
    decision.refresh_from_db()
    assert decision.callback_status == last_fact(decision)["callback_status"] == "dead"


@pytest.mark.parametrize(
    ("status", "state"), [(302, "failed"), (410, "dead"), (200, "delivered"), (404, "failed")]
)
def test_only_success_delivers_and_a_redirect_is_not_followed(queue, serve, decide, rng, status, state):
    floor, one = queue
    elsewhere = serve()
    told = serve(statuses=[status], headers={"Location": elsewhere.url})
    endpoint(floor, told.url)
    decide(floor, one)
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    assert Delivery.objects.get().state == state
    assert not elsewhere.requests


def test_a_server_that_asks_for_time_gets_it(queue, serve, decide, rng):
    floor, one = queue
    told = serve(statuses=[429], headers={"Retry-After": "900"})
    endpoint(floor, told.url)
    decide(floor, one)
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    assert Delivery.objects.get().next_at == floor.now + timedelta(seconds=900)


def test_a_host_that_refuses_is_tried_again_and_says_why(queue, serve, decide, rng, closed_port):
    floor, one = queue
    serve()
    endpoint(floor, f"http://127.0.0.1:{closed_port}/")
    decide(floor, one)
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    letter = Delivery.objects.get()
    assert letter.state == "failed"
    assert "ConnectionRefusedError" in letter.response["error"]


def test_a_correction_and_a_withdrawal_are_told_too(queue, serve, decide, rng):
    floor, one = queue
    told = serve()
    endpoint(floor, told.url)
    first = decide(floor, one)
    by = floor.by
    nudity = Answer(labels=("nudity",))
    second = correct(case_id=first.case_id, reviewer=None, answer=nudity, reason="", by=by, now=floor.now)
    withdraw(decision_id=second.pk, by=by, reason="", now=floor.now + timedelta(hours=1))
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    messages = [json.loads(body) for _, body in told.requests]
    assert Counter(each["id"] for each in messages) == {
        str(first.pk): 1,
        str(second.pk): 1,
        f"{second.pk}.withdrawn": 1,
    }
    last = next(each for each in messages if each["type"] == "decision.withdrawn")
    assert last["decision"]["withdrawn_at"] == "2026-03-02T10:00:00.000Z"
    assert last["restrictions"][0]["lifted_at"] == "2026-03-02T10:00:00.000Z"


def test_what_is_not_enforced_or_names_no_endpoint_is_told_to_nobody(queue, serve, decide, rng):
    floor, _ = queue
    told = serve()
    endpoint(floor, told.url)
    decide(floor, floor.queue("quiet"))
    decide(floor, floor.queue("school", purpose="training", settings={"callback_endpoint": "product"}))
    follow_all(now=floor.now)
    assert not Delivery.objects.exists()
    assert FeedEntry.objects.count() == 2


def test_an_endpoint_nobody_has_set_up_yet_loses_nothing(queue, serve, decide, rng):
    floor, one = queue
    decide(floor, one)
    follow_all(now=floor.now)
    assert deliver_due(now=floor.now, rng=rng) == 0
    told = serve()
    Endpoint.objects.filter(slug="product").update(url=told.url)
    assert deliver_due(now=floor.now, rng=rng) == 1


def test_a_case_inside_a_boundary_is_told_only_to_an_endpoint_inside(queue, serve, decide, rng):
    floor, _ = queue
    told = serve()
    endpoint(floor, told.url, slug="outside")
    endpoint(floor, told.url, slug="inside", boundary=floor.boundary)
    for slug in ("outside", "inside"):
        inner = floor.queue(slug, data_boundary=floor.boundary, settings={"callback_endpoint": slug})
        decide(floor, inner, person={"data_boundary": floor.boundary})
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    assert dict(Delivery.objects.values_list("endpoint__slug", "state")) == {
        "outside": "dead",
        "inside": "delivered",
    }
    assert len(told.requests) == 1


def test_a_decision_that_commits_late_is_not_passed_over(queue, decide):
    floor, one = queue
    entered, release = threading.Event(), threading.Event()

    def late():
        try:
            with transaction.atomic():
                decide(floor, one)
                entered.set()
                release.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(late)
        assert entered.wait(10)
        floor.reviewer("somebody-who-commits-after")
        follow_all(now=floor.now)
        assert FeedEntry.objects.count() == 0
        release.set()
        waiting.result()
    follow_all(now=floor.now)
    assert FeedEntry.objects.count() == 1


def test_followers_at_once_enter_each_decision_once_and_in_the_order_of_commit(queue, decide):
    floor, one = queue
    decisions = [decide(floor, one).pk for _ in range(12)]

    def follower(_):
        try:
            return sum(follow(now=floor.now, limit=3).entries for _ in range(6))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(follower, range(4)))
    while follow(now=floor.now).entries:
        pass
    assert list(FeedEntry.objects.order_by("position").values_list("decision_id", flat=True)) == decisions
    assert Delivery.objects.count() == 12


def test_reading_the_same_events_again_makes_nothing_twice(queue, decide):
    floor, one = queue
    decide(floor, one)
    follow_all(now=floor.now)
    FollowMark.objects.update(next_xid=0)
    assert follow_all(now=floor.now) == 0
    assert Delivery.objects.count() == 1


def test_senders_at_once_send_each_message_once(queue, serve, decide, rng):
    floor, one = queue
    told = serve()
    to = endpoint(floor, told.url)
    for _ in range(12):
        decide(floor, one)
    follow_all(now=floor.now)

    def sender(_):
        try:
            outcomes = [send(each) for each in take_due(now=floor.now, room={to.pk: 4})]
            write_outcomes(outcomes=outcomes, now=floor.now, rng=rng)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sender, range(4)))
    deliver_due(now=floor.now, rng=rng)
    keys = Counter(headers["Idempotency-Key"] for headers, _ in told.requests)
    assert set(keys.values()) == {1}
    assert Decision.objects.filter(callback_status="delivered").count() == 12


def test_whoever_dies_while_sending_leaves_the_message_to_the_next(queue, serve, decide, rng):
    floor, one = queue
    told = serve()
    to = endpoint(floor, told.url)
    decide(floor, one)
    follow_all(now=floor.now)
    assert len(take_due(now=floor.now, room={to.pk: 4})) == 1
    assert deliver_due(now=floor.now, rng=rng) == 0
    assert deliver_due(now=floor.now + timedelta(minutes=2), rng=rng) == 1


def test_the_runner_tells_everybody_while_one_endpoint_hangs(queue, serve, decide):
    floor, one = queue
    hanging, quick = serve(hangs_seconds=2.0), serve()
    endpoint(floor, hanging.url)
    endpoint(floor, quick.url, slug="quick")
    two = floor.queue("two", settings={"callback_endpoint": "quick"})
    for _ in range(6):
        decide(floor, one)
    for _ in range(6):
        decide(floor, two)
    stop = threading.Event()
    runner = threading.Thread(target=run_callbacks, args=(stop,), kwargs={"clock": lambda: floor.now})
    runner.start()
    done = Delivery.objects.filter(endpoint__slug="quick", state="delivered")
    for _ in range(30):
        if done.count() == 6:
            break
        stop.wait(0.1)
    delivered_meanwhile = done.count()
    stop.set()
    runner.join(20)
    assert delivered_meanwhile == 6
    assert not Delivery.objects.filter(state="pending", attempt__gt=F("attempt") + 1).exists()
    assert Delivery.objects.filter(endpoint__slug="product", state="delivered").count() == 4


def test_every_attempt_stays_on_record_and_a_replay_begins_a_new_round(queue, serve, decide, rng):
    floor, one = queue
    told = serve(statuses=[410])
    endpoint(floor, told.url)
    decide(floor, one)
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    assert replay(by=floor.by, now=floor.now, endpoint="product") == 1
    deliver_due(now=floor.now, rng=rng)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.round, delivery.attempt) == ("dead", 1, 1)
    kept = delivery.attempts.values_list("round", "attempt", "status")
    assert list(kept) == [(0, 1, 410), (1, 1, 410)]
    assert all(each.seconds is not None and each.at == floor.now for each in delivery.attempts.all())


def test_an_answer_from_before_a_replay_is_kept_and_changes_nothing(queue, serve, decide, rng):
    floor, one = queue
    told = serve(statuses=[500])
    endpoint(floor, told.url)
    decide(floor, one)
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    later = floor.now + timedelta(days=1)
    [late] = take_due(now=later, room={Endpoint.objects.get().pk: 1})
    Delivery.objects.update(state="dead")
    replay(by=floor.by, now=later, endpoint="product")
    write_outcomes(outcomes=[send(late)], now=later, rng=rng)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.round, delivery.attempt) == ("pending", 1, 0)
    assert list(delivery.attempts.values_list("round", "attempt")) == [(0, 1), (0, 2)]


def test_a_later_attempt_says_what_the_first_said_whatever_happened_since(queue, serve, decide, rng):
    floor, one = queue
    told = serve(statuses=[500, 200])
    endpoint(floor, told.url)
    decision = decide(floor, one)
    follow_all(now=floor.now)
    deliver_due(now=floor.now, rng=rng)
    decision.restrictions.update(lifted_at=floor.now)
    deliver_due(now=floor.now + timedelta(minutes=5), rng=rng)
    (first, before), (second, after) = told.requests
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    assert before == after
    assert json.loads(after)["restrictions"][0]["lifted_at"] is None
