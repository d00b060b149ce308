"""Many hands on the same work: real threads, each with its own connection, on the real server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connection

from watchfloor.operations.quality.drawing import SETTLE
from watchfloor.operations.quality.errors import AuditTakenError, GoldError, NotIndependentError
from watchfloor.operations.quality.models import Audit, AuditDraw, Exercise, GoldCase, Training
from watchfloor.operations.quality.services import (
    adjudicate_gold,
    answer_audit,
    build_training,
    draw_audits,
    enrol,
    judge_training,
    mix_gold,
    nominate_gold,
    take_audit,
)
from watchfloor.operations.record.models import Event
from watchfloor.operations.review.models import Review
from watchfloor.operations.review.services import Answer, claim, submit

SCAM, FINE = Answer(labels=("scam",)), Answer(labels=("fine",))
NEXT_DAY = datetime(2026, 3, 3, tzinfo=UTC) + SETTLE


def in_threads(count, work):
    def closing(index):
        try:
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(closing, range(count)))


def test_of_two_auditors_at_once_one_audits_and_the_other_is_told(committed_quality):
    quality = committed_quality()
    quality.decided(quality.floor.reviewer("r1"))
    draw_audits(design=quality.design(), now=NEXT_DAY)
    found = Audit.objects.get()
    people = [quality.person(f"a{index}") for index in range(4)]

    def answer(index):
        try:
            return answer_audit(
                audit_id=found.pk, auditor=people[index], answer=FINE, now=NEXT_DAY
            ).auditor_id
        except AuditTakenError:
            return None

    won = [one for one in in_threads(4, answer) if one]
    assert len(won) == 1
    assert Audit.objects.get().auditor_id == won[0]
    assert Review.objects.filter(kind="audit").count() == Event.objects.filter(fact="audit").count() == 1


def test_of_many_who_take_an_audit_one_holds_it(committed_quality):
    quality = committed_quality()
    quality.decided(quality.floor.reviewer("r1"))
    draw_audits(design=quality.design(), now=NEXT_DAY)
    found = Audit.objects.get()
    people = [quality.person(f"a{index}") for index in range(4)]

    def take(index):
        try:
            return take_audit(audit_id=found.pk, auditor=people[index], now=NEXT_DAY).auditor_id
        except AuditTakenError:
            return None

    assert sum(one is not None for one in in_threads(4, take)) == 1


def test_a_frame_drawn_by_many_workers_is_drawn_once(committed_quality):
    quality = committed_quality()
    reviewer = quality.floor.reviewer("r1")
    for _ in range(10):
        quality.decided(reviewer)
    design = quality.design(plan={"count": 4})
    made = in_threads(4, lambda _: draw_audits(design=design, now=NEXT_DAY))
    assert sum(len(one) for one in made) == AuditDraw.objects.count() == 1
    assert Audit.objects.count() == 4


def test_two_adjudications_at_once_make_one_gold(committed_quality):
    quality = committed_quality()
    people = [quality.person(f"a{index}") for index in range(3)]
    case = quality.decided(quality.floor.reviewer("r1")).case_id

    def nominate(index):
        try:
            return nominate_gold(case_id=case, by=quality.viewer(people[index]), now=quality.now).pk
        except GoldError:
            return None

    (gold,) = [one for one in in_threads(3, nominate) if one]

    def adjudicate(index):
        try:
            return adjudicate_gold(
                gold_id=gold,
                answer=SCAM,
                rationale="Deceives.",
                difficulty=0.5,
                by=quality.viewer(people[index]),
                now=quality.now,
            ).state
        except (GoldError, NotIndependentError):
            return "refused"

    assert sorted(in_threads(3, adjudicate)) == ["nominated", "refused", "standing"]
    assert GoldCase.objects.get().adjudications.count() == 2
    assert Event.objects.filter(fact="gold_case").count() == 1


def test_two_workers_mix_the_share_once(committed_quality):
    quality = committed_quality()
    first, second = quality.person("a1"), quality.person("a2")
    reviewer, fresh = quality.floor.reviewer("r1"), quality.floor.reviewer("r2")
    for _ in range(6):
        quality.gold(quality.decided(reviewer).case_id, first, second)
    mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    quality.floor.now += timedelta(minutes=2)
    for _ in range(4):
        quality.decided(reviewer)
    later = quality.now + timedelta(minutes=1)
    in_threads(4, lambda _: mix_gold(now=later, rng=quality.rng))
    assert Exercise.objects.filter(kind="hidden").count() == 2
    assert claim(reviewer=fresh, now=later)


def test_the_same_answer_judged_at_once_moves_the_test_once(committed_quality):
    quality = committed_quality()
    first, second = quality.person("a1"), quality.person("a2")
    trainee = quality.floor.reviewer("t1")
    quality.gold(quality.decided(quality.floor.reviewer("r1")).case_id, first, second)
    enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now)
    build_training(
        queue=quality.queue,
        policy=quality.floor.policy,
        count=1,
        by=quality.floor.by,
        now=quality.now,
        rng=quality.rng,
    )
    taken = claim(reviewer=trainee, now=quality.now, queues=[quality.training.pk])
    review = submit(lease_token=taken.token, answer=SCAM, now=quality.now).review_id
    told = in_threads(4, lambda _: judge_training(review=review, now=quality.now))
    assert {one.right for one in told} == {1}
    assert Training.objects.get().correct == 1
