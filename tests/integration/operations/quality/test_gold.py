"""Golden cases: two people apart, a rationale, an end; and mixed into production so that nobody can tell."""

import json
from datetime import timedelta

import pytest

from watchfloor.operations.policies.services import NewLabel, draft_version, publish
from watchfloor.operations.quality.errors import GoldError, NotIndependentError
from watchfloor.operations.quality.models import Exercise, GoldCase
from watchfloor.operations.quality.selectors import adjudications_shown, gold_cases, gold_coverage
from watchfloor.operations.quality.services import (
    adjudicate_gold,
    expire_gold,
    mix_gold,
    nominate_gold,
    reject_gold,
    renew_gold,
)
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.models import AuditEntry, Event
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.review.models import Case, Decision, Review
from watchfloor.operations.review.services import Answer, claim, submit

SCAM, FINE = Answer(labels=("scam",)), Answer(labels=("fine",))


@pytest.fixture
def people(quality):
    return [quality.person(code) for code in ("ann", "ben", "cem")] + [quality.floor.reviewer("r1")]


def adjudicate(quality, gold, person, answer, **changes):
    values = {"rationale": "Asks for a password.", "difficulty": 0.4} | changes
    return adjudicate_gold(
        gold_id=gold.pk, answer=answer, by=quality.viewer(person), now=quality.now, **values
    )


def nominated(quality, people):
    case = quality.decided(people[3]).case_id
    return nominate_gold(case_id=case, by=quality.viewer(people[0]), now=quality.now)


def test_two_people_who_agree_make_gold_and_its_fact(quality, people):
    gold = nominated(quality, people)
    adjudicate(quality, gold, people[0], SCAM, difficulty=0.2)
    assert not Event.objects.filter(fact="gold_case").exists()
    gold = adjudicate(quality, gold, people[1], SCAM, difficulty=0.6)
    assert (gold.state, gold.truth) == ("standing", {"labels": ["scam"], "action": "remove"})
    assert gold.difficulty == pytest.approx(0.4)
    fact = Event.objects.get(fact="gold_case").payload
    assert json.loads(fact["truth"]) == gold.truth
    assert fact["expires_at"] > fact["recorded_at"]
    assert AuditEntry.objects.filter(object_kind="gold_case").count() == 3


def test_two_who_differ_leave_it_contested_until_a_third_agrees_with_one(quality, people):
    gold = nominated(quality, people)
    adjudicate(quality, gold, people[0], SCAM)
    assert adjudicate(quality, gold, people[1], FINE).state == "contested"
    assert adjudicate(quality, gold, people[2], FINE).truth["labels"] == ["fine"]


def test_nobody_speaks_twice_nor_about_their_own_review(quality, people):
    gold = nominated(quality, people)
    adjudicate(quality, gold, people[0], SCAM)
    with pytest.raises(NotIndependentError, match="already"):
        adjudicate(quality, gold, people[0], SCAM)
    own = quality.decided(people[1]).case_id
    other = nominate_gold(case_id=own, by=quality.viewer(people[0]), now=quality.now)
    with pytest.raises(NotIndependentError, match="worked on"):
        adjudicate(quality, other, people[1], SCAM)


def test_an_adjudicator_sees_nobody_elses_answer_while_the_case_is_open(quality, people):
    gold = nominated(quality, people)
    adjudicate(quality, gold, people[0], SCAM)
    gold.refresh_from_db()
    assert adjudications_shown(viewer=quality.viewer(people[1]), gold=gold) == []
    assert len(adjudications_shown(viewer=quality.viewer(people[0]), gold=gold)) == 1


@pytest.mark.parametrize(("rationale", "difficulty"), [("  ", 0.5), ("Because.", 1.2)])
def test_an_adjudication_gives_its_reason_and_a_difficulty_between_0_and_1(
    quality, people, rationale, difficulty
):
    gold = nominated(quality, people)
    with pytest.raises(GoldError):
        adjudicate(quality, gold, people[0], SCAM, rationale=rationale, difficulty=difficulty)


def test_an_undecided_case_a_replay_and_a_golden_case_are_not_nominated(quality, people):
    by = quality.viewer(people[0])
    waiting = quality.floor.enqueue(quality.queue)[0]
    with pytest.raises(GoldError, match="not decided"):
        nominate_gold(case_id=waiting, by=by, now=quality.now)
    gold = nominated(quality, people)
    with pytest.raises(GoldError, match="already"):
        nominate_gold(case_id=gold.case_id, by=by, now=quality.now)


def test_gold_needs_its_permission_and_its_boundary(quality, people):
    case = quality.decided(people[3]).case_id
    with pytest.raises(NotPermittedError):
        nominate_gold(case_id=case, by=quality.floor.viewer("analyst"), now=quality.now)
    with pytest.raises(NotFoundError):
        nominate_gold(case_id=case, by=quality.floor.viewer("auditor", queue_group="video"), now=quality.now)
    inside = quality.floor.queue("inside", data_boundary=quality.floor.boundary)
    quality.floor.enqueue(inside)
    hidden = Case.objects.get(queue=inside).pk
    with pytest.raises(NotFoundError):
        nominate_gold(case_id=hidden, by=quality.floor.viewer("auditor"), now=quality.now)


def bind_new_policy(quality):
    policy = quality.floor.policy.policy
    labels = [
        NewLabel("scam", "Scam", "Deceives.", "critical", "remove", "SCAMS_AND_FRAUD", "PHISHING"),
        NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False),
    ]
    draft = draft_version(policy=policy, labels=labels, by=quality.floor.by, now=quality.now)
    version = publish(version=draft, by=quality.floor.by, now=quality.now)
    quality.floor.configure(quality.queue, policy_version=version)
    return version


def test_gold_ends_with_its_policy_and_comes_back_as_its_next_version(quality, people):
    gold = quality.gold(quality.decided(people[3]).case_id, *people[:2])
    version = bind_new_policy(quality)
    later = quality.now + timedelta(hours=1)
    assert expire_gold(now=later) == 1
    assert expire_gold(now=later) == 0
    gold.refresh_from_db()
    assert (gold.state, gold.expires_at) == ("expired", later)
    renewed = GoldCase.objects.get(gold_id=gold.gold_id, version=2)
    assert (renewed.state, renewed.policy_version, renewed.case_id) == ("nominated", version, gold.case_id)
    facts = Event.objects.filter(fact="gold_case", key=f"{gold.gold_id}/1").order_by("id")
    assert [fact.payload["expires_at"] for fact in facts][1] == "2026-03-02T10:00:00.000Z"


def test_gold_ends_when_its_time_runs_out(quality, people):
    gold = quality.gold(quality.decided(people[3]).case_id, *people[:2])
    assert expire_gold(now=gold.expires_at - timedelta(seconds=1)) == 0
    assert expire_gold(now=gold.expires_at) == 1


def test_wrong_gold_is_ended_with_a_reason_and_may_be_renewed(quality, people):
    gold = quality.gold(quality.decided(people[3]).case_id, *people[:2])
    by = quality.viewer(people[0])
    with pytest.raises(GoldError, match="without a reason"):
        reject_gold(gold_id=gold.pk, reason=" ", by=by, now=quality.now)
    with pytest.raises(GoldError, match="standing"):
        renew_gold(gold_id=gold.pk, by=by, now=quality.now)
    assert reject_gold(gold_id=gold.pk, reason="Wrong label.", by=by, now=quality.now).state == "expired"
    assert renew_gold(gold_id=gold.pk, by=by, now=quality.now).version == 2


def serve_two_after_counting_began(quality, reviewer):
    begun = mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    quality.floor.now += timedelta(minutes=2)
    for _ in range(2):
        quality.decided(reviewer)
    return begun


def test_hidden_gold_follows_the_share_and_leaves_nobody_able_to_tell(quality, people):
    source = quality.decided(people[3], object_id="video-1", content={"text": "Send me your password"})
    quality.gold(source.case_id, *people[:2])
    assert serve_two_after_counting_began(quality, people[3]) == []
    later = quality.now + timedelta(minutes=5)
    mixed = mix_gold(now=later, rng=quality.rng)[0]
    assert (mixed.served, mixed.enqueued, mixed.owed) == (2, 1, 0.0)
    hidden = Exercise.objects.select_related("case").get(kind="hidden").case
    original = Case.objects.get(pk=source.case_id)
    for name in ("object_id", "content", "language", "market", "strategy_id", "queue_id", "wellness_class"):
        assert getattr(hidden, name) == getattr(original, name)
    assert hidden.purpose == "qa"
    fresh = quality.floor.reviewer("r2")
    taken = claim(reviewer=fresh, now=later)
    assert taken.case_id == hidden.pk
    assert not {"gold_id", "purpose", "truth"} & set(dir(taken))
    done = submit(lease_token=taken.token, answer=SCAM, now=later + timedelta(seconds=9))
    assert not Decision.objects.get(pk=done.decision_id).enforced
    fact = Event.objects.get(fact="review", key=str(done.review_id)).payload
    assert (fact["purpose"], fact["kind"], fact["gold_id"]) == ("qa", "first", hidden.gold_id)
    fresh.refresh_from_db()
    assert fresh.first_production_on is None


def test_who_knows_the_answer_never_meets_it(quality, people):
    ann, ben, _, first = people
    quality.gold(quality.decided(first).case_id, ann, ben)
    serve_two_after_counting_began(quality, first)
    later = quality.now + timedelta(minutes=5)
    mix_gold(now=later, rng=quality.rng)
    assert Exercise.objects.filter(kind="hidden").count() == 1
    assert [claim(reviewer=person, now=later) for person in (first, ann, ben)] == [None, None, None]
    assert claim(reviewer=quality.floor.reviewer("r9"), now=later)


def test_gold_is_not_mixed_where_nobody_could_be_served_it(quality, people):
    quality.gold(quality.decided(people[3]).case_id, *people[:2])
    people[2].delete()
    serve_two_after_counting_began(quality, people[3])
    mixed = mix_gold(now=quality.now + timedelta(minutes=5), rng=quality.rng)[0]
    assert (mixed.enqueued, mixed.owed) == (0, 1.0)


def test_one_queue_whose_gold_cannot_be_enqueued_leaves_the_others_theirs(quality, people):
    quality.gold(quality.decided(people[3]).case_id, *people[:2])
    other = quality.floor.queue("later", settings={"gold_share": 0.5})
    quality.gold(quality.decided(people[3], queue=other).case_id, *people[:2])
    mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    quality.floor.now += timedelta(minutes=2)
    for queue in (quality.queue, quality.queue, other, other):
        quality.decided(people[3], queue=queue)
    Queue.objects.filter(pk=quality.queue.pk).update(languages=["de"])
    mixed = mix_gold(now=quality.now + timedelta(minutes=5), rng=quality.rng)
    assert {one.queue: one.enqueued for one in mixed} == {"later": 1, "spam-comments": 0}


def test_coverage_counts_standing_gold_by_label(quality, people):
    quality.gold(quality.decided(people[3]).case_id, *people[:2])
    nominated(quality, people)
    found = gold_coverage(quality.queue)
    assert {one.label: one.standing for one in found.labels} == {"scam": 1, "fine": 0, "nudity": 0}
    assert (found.standing, found.waiting, found.least, found.missing) == (1, 1, 0, ("fine", "nudity"))


def test_the_library_costs_the_same_for_one_case_and_for_ten(quality, people, django_assert_num_queries):
    viewer = quality.viewer(people[0])
    for _ in range(2):
        for _ in range(5):
            quality.gold(quality.decided(people[3]).case_id, *people[:2])
        with django_assert_num_queries(1):
            rows = [(gold.queue.title, gold.policy_version.policy.name) for gold in gold_cases(viewer=viewer)]
    assert len(rows) == 10


def test_a_share_changed_to_nothing_ends_the_mixing(quality, people):
    quality.gold(quality.decided(people[3]).case_id, *people[:2])
    quality.floor.configure(quality.queue, gold_share=0.0)
    assert mix_gold(now=quality.now, rng=quality.rng) == []
    assert Review.objects.count() == 1
