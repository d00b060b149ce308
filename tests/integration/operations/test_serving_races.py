"""Twenty people at once on the real server: no case twice, none lost; shares, choices and limits kept."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal

from django.db import connection

from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.heads import raise_heads
from watchfloor.operations.review.models import Case, Decision, Held, Lease, Pending, QueueDelta, Review
from watchfloor.operations.review.services import (
    Answer,
    claim,
    claim_many,
    expire_leases,
    hold,
    release,
    skip,
    submit,
)
from watchfloor.operations.wellbeing.models import OptOut

PEOPLE = 20
SCAM = Answer(labels=("scam",))


def in_threads(count, work):
    def closing(index):
        try:
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(closing, range(count)))


def counters():
    rows = QueueDelta.objects.values_list("backlog", "in_review")
    return tuple(map(sum, zip(*rows, strict=True)))


def test_twenty_people_drain_the_floor_within_every_rule(committed_floor):
    floor = committed_floor()
    shares = {"dublin": 0.6, "manila": 0.4}
    plain = floor.queue("plain", settings={"site_shares": shares, "starvation_share": 0.1})
    avoided = floor.queue("avoided", settings={"topics": ("self_harm",)})
    floor.enqueue(plain, 110, severity_hint="critical")
    floor.enqueue(plain, 40, severity_hint="low", enqueued_at=floor.now - timedelta(hours=1))
    floor.enqueue(plain, 30, severity_hint="critical", topics=("self_harm",))
    floor.enqueue(avoided, 30)
    people = [floor.reviewer(f"r{i}", team=floor.team_a if i % 2 else floor.team_b) for i in range(PEOPLE)]
    shy = {person.pk for person in people[:8]}
    OptOut.objects.bulk_create(OptOut(reviewer_id=pk, topic="self_harm") for pk in shy)

    def drain(index):
        done = []
        while taken := claim(reviewer=people[index].pk, now=floor.now):
            submit(lease_token=taken.token, answer=SCAM, now=floor.now + timedelta(seconds=1))
            done.append(
                (taken.case_id, people[index].pk, taken.queue, tuple(taken.topics), taken.severity_hint)
            )
        return done

    done = [each for part in in_threads(PEOPLE, drain) for each in part]
    assert len({case for case, *_ in done}) == len(done) == 210
    assert (Decision.objects.count(), Review.objects.count(), counters()) == (210, 210, (0, 0))
    assert not Pending.objects.exists()
    assert not Lease.objects.exists()
    sensitive = [pk for _, pk, queue, topics, _ in done if queue == "avoided" or "self_harm" in topics]
    assert len(sensitive) == 60
    assert shy.isdisjoint(sensitive)
    team_of = {person.pk: person.team_id for person in people}
    sites = Counter(team_of[pk] for _, pk, queue, *_ in done if queue == "plain")
    assert 100 <= sites[floor.team_a.pk] <= 116, "six of ten"


def test_low_classes_advance_while_twenty_people_work_on_critical_cases(committed_floor):
    floor = committed_floor()
    queue = floor.queue("one", settings={"starvation_share": 0.2})
    floor.enqueue(queue, 300, severity_hint="critical")
    floor.enqueue(queue, 100, severity_hint="low", enqueued_at=floor.now - timedelta(hours=2))
    people = [floor.reviewer(f"r{i}") for i in range(PEOPLE)]

    def ten(index):
        taken = []
        for _ in range(10):
            one = claim(reviewer=people[index].pk, now=floor.now)
            submit(lease_token=one.token, answer=SCAM, now=floor.now)
            taken.append(one.severity_hint)
        return taken

    classes = Counter(hint for part in in_threads(PEOPLE, ten) for hint in part)
    assert 34 <= classes["low"] <= 46


def test_claims_of_one_person_at_once_keep_to_the_limit(committed_floor):
    floor = committed_floor()
    floor.enqueue(floor.queue("one"), 40)
    person = floor.reviewer("r1")
    in_threads(16, lambda _: claim_many(reviewer=person.pk, now=floor.now, count=2))
    assert Lease.objects.count() == 3


def test_everything_that_can_happen_to_a_lease_at_once_loses_no_case(committed_floor):
    floor = committed_floor()
    queue = floor.queue("one", mode="double_review")
    total = len(floor.enqueue(queue, 80))
    people = [floor.reviewer(f"r{i}") for i in range(PEOPLE)]
    over = Signal()

    def act(index):
        rng = random.Random(index)
        for _ in range(15):
            now = floor.now + timedelta(seconds=rng.randrange(60))
            one = claim(reviewer=people[index].pk, now=now)
            if one is None:
                continue
            ways = (
                lambda token, at: submit(lease_token=token, answer=SCAM, now=at),
                lambda token, at: submit(lease_token=token, answer=SCAM, now=at),
                lambda token, at: skip(lease_token=token, reason="", now=at),
                lambda token, at: release(lease_token=token, now=at),
                lambda token, at: hold(lease_token=token, until=at + timedelta(seconds=1), reason="", now=at),
                lambda token, at: None,
            )
            try:
                rng.choice(ways)(one.token, now)
            except StaleLeaseError:
                continue

    def disturb(index):
        while not over.is_set():
            expire_leases(now=floor.now + timedelta(minutes=30))
            raise_heads(queue_ids=[queue.pk])

    def both(index):
        if index == PEOPLE:
            return disturb(index)
        try:
            return act(index)
        finally:
            finished.append(index)
            if len(finished) == PEOPLE:
                over.set()

    finished = []
    in_threads(PEOPLE + 1, both)
    places = [Pending, Lease, Held]
    open_cases = [case for place in places for case in place.objects.values_list("case_id", flat=True)]
    decided = set(Decision.objects.values_list("case_id", flat=True))
    assert len(open_cases) == len(set(open_cases))
    assert decided.isdisjoint(open_cases)
    assert len(open_cases) + len(decided) == total == Case.objects.count()
    assert counters() == (Pending.objects.count() + Held.objects.count(), Lease.objects.count())
    answers = Review.objects.filter(outcome="submitted")
    pairs, turns = (Counter(answers.values_list("case_id", name)) for name in ("reviewer_id", "turn"))
    assert set(pairs.values()) == set(turns.values()) == {1}
