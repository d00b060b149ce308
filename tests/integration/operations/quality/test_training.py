"""Training: cases dealt by label and difficulty, each answer judged at once, a test that certifies."""

from datetime import timedelta

import pytest

from watchfloor.operations.people.models import Certification
from watchfloor.operations.policies.services import NewLabel, draft_version, publish
from watchfloor.operations.quality.certifying import CERTIFICATION_LIFE
from watchfloor.operations.quality.errors import TrainingError
from watchfloor.operations.quality.models import Exercise, Training, TrainingAnswer
from watchfloor.operations.quality.selectors import certified_count, training_feedback, trainings
from watchfloor.operations.quality.services import (
    build_training,
    carry_over,
    certify,
    deal_first,
    enrol,
    judge_training,
    judge_waiting,
    recertify,
)
from watchfloor.operations.record.models import AuditEntry
from watchfloor.operations.record.viewers import NotPermittedError
from watchfloor.operations.review.models import Decision, Review
from watchfloor.operations.review.services import Answer, claim, submit
from watchfloor.operations.wellbeing.models import Cap
from watchfloor.science.sampling import SequentialTest

SCAM, FINE = Answer(labels=("scam",)), Answer(labels=("fine",))
SHORT = SequentialTest(
    failing=0.3, passing=0.9, false_pass=0.2, false_fail=0.2
)  # two right pass, one wrong fails


@pytest.fixture
def people(quality):
    return [quality.person(code) for code in ("ann", "ben")] + [quality.floor.reviewer("r1")]


@pytest.fixture
def trainee(quality):
    return quality.floor.reviewer("new")


def library(quality, people, answers=(SCAM, SCAM, FINE, FINE), **case):
    named = {"author_id": "user-9", "object_id": "post-1"} | case
    cases = [quality.decided(people[2], **named).case_id for _ in answers]
    return [
        quality.gold(case, *people[:2], answer=answer) for case, answer in zip(cases, answers, strict=True)
    ]


def start(quality, trainee, *, count=4, test=SHORT, **changes):
    enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now, test=test)
    return build_training(
        queue=quality.queue,
        policy=quality.floor.policy,
        count=count,
        by=quality.floor.by,
        now=quality.now,
        rng=quality.rng,
        **changes,
    )


def answer_next(quality, trainee, *, right=True):
    taken = claim(reviewer=trainee, now=quality.now, queues=[quality.training.pk])
    labels = Exercise.objects.get(case_id=taken.case_id).reference["labels"]
    given = Answer(labels=tuple(labels)) if right else Answer(labels=("nudity",))
    done = submit(lease_token=taken.token, answer=given, now=quality.now + timedelta(seconds=9))
    return done, judge_training(review=done.review_id, now=quality.now + timedelta(seconds=9))


def test_cases_of_training_are_dealt_over_the_labels_and_name_nobody(quality, people, trainee):
    library(quality, people)
    built = start(quality, trainee, count=2)
    assert built.dealt == {"new": 2}
    dealt = Exercise.objects.filter(kind="training").select_related("case")
    assert {one.reference["labels"][0] for one in dealt} == {"scam", "fine"}
    assert {(one.case.author_id, one.case.object_id) for one in dealt} == {("", "")}
    assert {one.case.queue_id for one in dealt} == {quality.training.pk}


def test_only_the_trainee_is_served_their_cases(quality, people, trainee):
    library(quality, people)
    other = quality.floor.reviewer("other")
    enrol(reviewers=[other], queue=quality.queue, by=quality.floor.by, now=quality.now)
    start(quality, trainee, count=2, reviewers=[trainee])
    assert claim(reviewer=other, now=quality.now, queues=[quality.training.pk]) is None
    assert claim(reviewer=trainee, now=quality.now, queues=[quality.training.pk])


def test_who_met_a_case_is_not_dealt_it_again(quality, people, trainee):
    library(quality, people)
    assert start(quality, trainee, count=3).cases == 3
    again = start(quality, trainee, count=3)
    assert (again.cases, list(again.short)) == (1, ["new"])


def test_label_and_difficulty_narrow_what_is_dealt(quality, people, trainee):
    library(quality, people)
    assert start(quality, trainee, labels=["scam"]).cases == 2
    assert start(quality, trainee, difficulty=(0.9, 1.0)).cases == 0


def test_decided_cases_fill_up_only_where_two_reviews_settled_them(quality, people, trainee):
    double = quality.floor.queue(
        "double", mode="double_review", settings={"training_queue": quality.training}
    )
    case = quality.decided(people[2], SCAM, queue=double).case_id
    taken = claim(reviewer=people[0], now=quality.now, queues=[double.pk])
    submit(lease_token=taken.token, answer=SCAM, now=quality.now)
    quality.decided(people[2])
    assert start(quality, trainee).cases == 0
    assert start(quality, trainee, include_decided=True).cases == 1
    assert Exercise.objects.get().source_id == case


def test_each_answer_is_judged_at_once_with_the_reason(quality, people, trainee):
    library(quality, people)
    start(quality, trainee)
    done, told = answer_next(quality, trainee)
    assert (told.correct, told.counted, told.right, told.wrong, told.state) == (True, True, 1, 0, "training")
    assert told.rationale == "Asks for a password."
    assert told.right_to_pass == 1
    assert training_feedback(done.case_id, trainee) == told
    assert training_feedback(done.case_id, people[2]) is None
    assert judge_training(review=done.review_id, now=quality.now) == told
    assert TrainingAnswer.objects.count() == 1


def test_enough_right_answers_graduate_and_certify_for_the_router(quality, people, trainee):
    library(quality, people)
    start(quality, trainee)
    quality.floor.configure(quality.queue, certification_required=True)
    quality.floor.enqueue(quality.queue)
    assert claim(reviewer=trainee, now=quality.now, queues=[quality.queue.pk]) is None
    answer_next(quality, trainee)
    _, told = answer_next(quality, trainee)
    assert told.state == "graduated"
    held = Certification.objects.get(reviewer=trainee)
    assert (held.policy, held.policy_version) == ("spam", 1)
    assert claim(reviewer=trainee, now=quality.now + timedelta(minutes=1), queues=[quality.queue.pk])
    assert certified_count(quality.floor.policy, "en", at=quality.now + timedelta(minutes=1)) == 1
    assert certified_count(quality.floor.policy, "de", at=quality.now + timedelta(minutes=1)) == 0


def test_a_wrong_answer_may_end_it_and_a_new_start_begins_anew(quality, people, trainee):
    library(quality, people)
    start(quality, trainee)
    done, told = answer_next(quality, trainee, right=False)
    assert (told.correct, told.state) == (False, "failed")
    assert not Certification.objects.exists()
    assert enrol(reviewers=[trainee], queue=quality.training, by=quality.floor.by, now=quality.now)
    assert Training.objects.filter(reviewer=trainee).count() == 2
    assert training_feedback(done.case_id, trainee) == told


def test_the_standard_test_wants_fifty_four_straight(quality, people, trainee):
    (training,) = enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now)
    assert (training.failing_accuracy, training.passing_accuracy) == (0.9, 0.95)
    assert enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now) == []


def test_training_enforces_nothing_and_starts_no_tenure(quality, people, trainee):
    library(quality, people)
    start(quality, trainee)
    done, _ = answer_next(quality, trainee)
    assert not Decision.objects.get(pk=done.decision_id).enforced
    trainee.refresh_from_db()
    assert trainee.first_production_on is None


def test_answers_that_machines_send_are_judged_by_the_job(quality, people, trainee):
    library(quality, people)
    start(quality, trainee)
    taken = claim(reviewer=trainee, now=quality.now, queues=[quality.training.pk])
    submit(lease_token=taken.token, answer=Answer(labels=("nudity",)), now=quality.now)
    assert judge_waiting(now=quality.now) == 1
    assert judge_waiting(now=quality.now) == 0
    assert Training.objects.get().state == "failed"


def test_production_answers_are_no_training(quality, people):
    done = quality.decided(people[2])
    assert judge_training(review=Review.objects.get(pk=done.review_id), now=quality.now) is None


def test_an_empty_class_and_a_wrong_count_are_refused(quality, trainee):
    with pytest.raises(TrainingError, match="Nobody"):
        build_training(
            queue=quality.queue,
            policy=quality.floor.policy,
            count=5,
            by=quality.floor.by,
            now=quality.now,
            rng=quality.rng,
        )
    with pytest.raises(TrainingError, match="cannot be built"):
        start(quality, trainee, count=0)
    lonely = quality.floor.queue("lonely")
    with pytest.raises(TrainingError, match="no training queue"):
        enrol(reviewers=[trainee], queue=lonely, by=quality.floor.by, now=quality.now)


def test_training_needs_its_permission(quality, trainee):
    with pytest.raises(NotPermittedError):
        enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.viewer("team_lead"), now=quality.now)
    with pytest.raises(NotPermittedError):
        certify(
            reviewer=trainee,
            policy_version=quality.floor.policy,
            by=quality.floor.viewer("auditor", site="manila"),
            now=quality.now,
        )
    enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now)
    seen = [
        trainings(viewer=quality.floor.viewer("team_lead", site=site)).count()
        for site in ("dublin", "manila")
    ]
    assert seen == [1, 0]


def test_no_more_cases_of_a_class_are_dealt_than_the_exposure_budget_holds(quality, people, trainee):
    library(quality, people, answers=(SCAM, SCAM, SCAM), wellness_class="severe")
    library(quality, people, answers=(FINE,))
    Cap.objects.create(
        wellness_class="severe", span="day", measure="cases", most=2, set_by="test", set_at=quality.now
    )
    built = start(quality, trainee)
    dealt = Exercise.objects.filter(kind="training").values_list("case__wellness_class", flat=True)
    assert sorted(dealt) == ["", "severe", "severe"]
    assert "exposure" in built.short["new"]


def new_version(quality):
    labels = [
        NewLabel("scam", "Scam", "Deceives.", "critical", "remove", "SCAMS_AND_FRAUD", "PHISHING"),
        NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False),
    ]
    draft = draft_version(
        policy=quality.floor.policy.policy, labels=labels, by=quality.floor.by, now=quality.now
    )
    return publish(version=draft, by=quality.floor.by, now=quality.now)


def test_a_new_policy_version_calls_its_holders_to_train_again(quality, trainee):
    certify(reviewer=trainee, policy_version=quality.floor.policy, by=quality.floor.by, now=quality.now)
    old = enrol(
        reviewers=[quality.floor.reviewer("slow")], queue=quality.queue, by=quality.floor.by, now=quality.now
    )[0]
    version = new_version(quality)
    quality.floor.configure(quality.queue, policy_version=version, certification_required=True)
    assert recertify(now=quality.now) == []  # the training queue still teaches the old version
    quality.floor.configure(quality.training, policy_version=version)
    (opened,) = recertify(now=quality.now)
    assert (opened.reviewer, opened.kind, opened.policy_version) == (trainee, "recertification", version)
    old.refresh_from_db()
    assert old.state == "superseded"
    assert recertify(now=quality.now) == []
    quality.floor.enqueue(quality.queue)
    assert claim(reviewer=trainee, now=quality.now, queues=[quality.queue.pk]) is None


def test_a_certification_that_ends_soon_calls_its_holder_too(quality, trainee):
    quality.floor.configure(quality.queue, certification_required=True)
    certify(reviewer=trainee, policy_version=quality.floor.policy, by=quality.floor.by, now=quality.now)
    assert recertify(now=quality.now) == []
    soon = quality.now + CERTIFICATION_LIFE - timedelta(days=29)
    assert [one.reviewer for one in recertify(now=soon)] == [trainee]


def test_who_is_called_is_dealt_first_cases_at_once(quality, people, trainee):
    library(quality, people)
    quality.floor.configure(quality.queue, certification_required=True)
    certify(reviewer=trainee, policy_version=quality.floor.policy, by=quality.floor.by, now=quality.now)
    soon = quality.now + CERTIFICATION_LIFE - timedelta(days=29)
    assert deal_first(trainings=recertify(now=soon), now=soon, rng=quality.rng) == 4
    assert deal_first(trainings=recertify(now=soon), now=soon, rng=quality.rng) == 0


def test_a_language_that_the_training_queue_does_not_serve_is_not_dealt(quality, people, trainee):
    library(quality, people)
    quality.training.languages = ["de"]
    quality.training.save()
    assert start(quality, trainee).cases == 0


def test_a_bridge_carries_holders_over_for_thirty_days_at_most(quality, trainee):
    certify(reviewer=trainee, policy_version=quality.floor.policy, by=quality.floor.by, now=quality.now)
    version = new_version(quality)
    until = quality.now + timedelta(days=14)

    def bridge(until, reason="Wording only."):
        return carry_over(
            policy_version=version, by=quality.floor.by, now=quality.now, until=until, reason=reason
        )

    with pytest.raises(TrainingError):
        bridge(quality.now + timedelta(days=31))
    with pytest.raises(TrainingError):
        bridge(until, reason="")
    assert [one.expires_at for one in bridge(until)] == [until]
    assert bridge(until) == []
    assert AuditEntry.objects.filter(action="carry over certifications").exists()


def test_training_progress_costs_one_query(quality, people, django_assert_num_queries):
    for number in range(6):
        enrol(
            reviewers=[quality.floor.reviewer(f"t{number}")],
            queue=quality.queue,
            by=quality.floor.by,
            now=quality.now,
        )
    with django_assert_num_queries(1):
        rows = [
            (one.reviewer.team.site.name, one.queue.title, one.policy_version.policy.name)
            for one in trainings(viewer=quality.floor.by)
        ]
    assert len(rows) == 6
