"""Many hands at once: no case is lost, none is worked twice. Real threads on the real server."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.models import AuditEntry, AuditSeal, Event
from watchfloor.operations.record.sealing import seal, verify_chain
from watchfloor.operations.record.services import audit
from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.models import Case, Decision, Lease, Pending, QueueDelta, Review
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, expire_leases, submit

ANSWERS = (Answer(labels=("scam",)), Answer(labels=("fine",)))


def in_threads(count, work):
    def closing(index):
        try:
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(closing, range(count)))


def drain(floor, reviewer):
    done = []
    while taken := claim(reviewer=reviewer.pk, now=floor.now):
        answer = ANSWERS[(reviewer.pk + len(done)) % 2]
        submit(lease_token=taken.token, answer=answer, now=floor.now + timedelta(seconds=1))
        done.append((taken.case_id, taken.turn))
    return done


def test_eight_reviewers_drain_five_hundred_cases_each_exactly_once(committed_floor):
    floor = committed_floor()
    for slug in ("one", "two"):
        floor.enqueue(floor.queue(slug), 250)
    reviewers = [floor.reviewer(f"r{i}") for i in range(8)]
    done = [case for part in in_threads(8, lambda i: drain(floor, reviewers[i])) for case in part]
    assert len(done) == len(set(done)) == 500
    assert Decision.objects.count() == Review.objects.count() == 500
    assert Event.objects.filter(fact="decision").count() == 500
    assert not Pending.objects.exists()
    assert not Lease.objects.exists()
    totals = QueueDelta.objects.values_list("backlog", "in_review")
    assert tuple(map(sum, zip(*totals, strict=True))) == (0, 0)


def test_a_contended_lane_is_never_taken_for_an_empty_one(committed_floor):
    floor = committed_floor()
    floor.enqueue(floor.queue("one"), 8)
    reviewers = [floor.reviewer(f"r{i}") for i in range(8)]
    taken = in_threads(8, lambda i: claim(reviewer=reviewers[i].pk, now=floor.now))
    assert len({each.case_id for each in taken if each}) == 8


def test_doubled_cases_never_meet_the_same_reviewer_twice(committed_floor):
    floor = committed_floor()
    floor.enqueue(floor.queue("double", mode="double_review"), 60)
    reviewers = [floor.reviewer(f"r{i}") for i in range(6)]
    in_threads(6, lambda i: drain(floor, reviewers[i]))
    for reviewer in Reviewer.objects.all():  # whoever was refused a case in the race finds it now
        drain(floor, reviewer)
    pairs = Counter(Review.objects.values_list("case_id", "reviewer_id"))
    turns = Counter(Review.objects.values_list("case_id", "turn"))
    assert set(pairs.values()) == set(turns.values()) == {1}
    assert Decision.objects.count() == 60


def test_of_two_answers_to_one_lease_one_is_refused(committed_floor):
    floor = committed_floor()
    floor.enqueue(floor.queue("one"))
    token = claim(reviewer=floor.reviewer("r1"), now=floor.now).token

    def answer(_):
        try:
            return submit(lease_token=token, answer=ANSWERS[0], now=floor.now).decision_id
        except StaleLeaseError:
            return None

    assert sum(result is not None for result in in_threads(4, answer)) == 1
    assert Review.objects.count() == 1


def test_expiry_and_answer_cannot_both_win(committed_floor):
    floor = committed_floor()
    floor.enqueue(floor.queue("one"), 30)
    reviewer = floor.reviewer("r1")
    leases = [claim(reviewer=reviewer, now=floor.now, most=30) for _ in range(30)]
    moment = leases[0].expires_at - timedelta(microseconds=1)

    def either(index):
        if index:
            return expire_leases(now=leases[0].expires_at)
        won = 0
        for lease in leases:
            try:
                submit(lease_token=lease.token, answer=ANSWERS[0], now=moment)
                won += 1
            except StaleLeaseError:
                pass
        return won

    answered, expired = in_threads(2, either)
    assert answered + expired == Review.objects.count() == 30
    assert (Decision.objects.count(), Pending.objects.count()) == (answered, expired)


def test_the_same_batch_from_many_clients_at_once_makes_each_case_once(committed_floor):
    floor = committed_floor()
    floor.queue("one")
    cases = [NewCase(queue="one", client_key=f"k{i}") for i in range(50)]
    made = in_threads(6, lambda _: enqueue_batch(cases=cases, now=floor.now, client="app"))
    assert sum(each.created for batch in made for each in batch) == 50
    assert Case.objects.count() == Event.objects.filter(fact="case").count() == 50
    assert len({tuple(each.case_id for each in batch) for batch in made}) == 1


@pytest.mark.django_db(transaction=True)
def test_sealing_beside_writers_seals_every_entry_once():
    now = datetime(2026, 3, 2, tzinfo=UTC)

    def write_or_seal(index):
        for step in range(40):
            if index:
                audit(actor=f"a{index}", action="do", object_kind="thing", object_id=str(step), now=now)
            else:
                seal(now=now, limit=25)

    in_threads(5, write_or_seal)
    while seal(now=now):
        pass
    assert verify_chain().waiting == 0
    assert AuditSeal.objects.count() == AuditEntry.objects.count() == 160
