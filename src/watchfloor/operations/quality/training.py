"""Training: who is enrolled, each answer judged at once, and the sequential test that certifies or fails."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.certifying import certify
from watchfloor.operations.quality.errors import TrainingError
from watchfloor.operations.quality.models import Exercise, Training, TrainingAnswer
from watchfloor.operations.quality.standing import plain, require_queue
from watchfloor.operations.quality.training_cases import training_queue_of
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Review
from watchfloor.operations.review.resolution import Answered
from watchfloor.science.sampling import SequentialTest

STANDARD_TEST = SequentialTest(failing=0.90, passing=0.95, false_pass=0.05, false_fail=0.10)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a trainee is told after an answer: right or not, the right answer, why, and where the test stands.

    `state` is that of the training, or blank where the answer belongs to none (practice after the end).
    `counted` is False where the test did not move: practice, or a case met before in this training.
    """

    review_id: UUID
    correct: bool
    given: dict[str, Any]
    reference: dict[str, Any]
    rationale: str
    difficulty: float | None
    state: str = ""
    counted: bool = False
    right: int = 0
    wrong: int = 0
    progress: float = 0.0
    right_to_pass: int = 0


def test_of(training: Training) -> SequentialTest:
    """Return the sequential test that the training was started with."""
    return SequentialTest(
        failing=training.failing_accuracy,
        passing=training.passing_accuracy,
        false_pass=training.false_pass,
        false_fail=training.false_fail,
    )


@transaction.atomic
def enrol(
    *,
    reviewers: Sequence[Reviewer],
    queue: Queue,
    by: Viewer,
    now: datetime,
    kind: str = "first",
    test: SequentialTest = STANDARD_TEST,
) -> list[Training]:
    """Return the trainings started, for those not in training there already.

    Somebody who failed before may start again: the test begins anew.

    Raises:
        TrainingError: the queue has no training queue, or that one binds no policy.

    """
    target = training_queue_of(queue)
    place = require_queue(by, "quality.change", target)
    version = target.current_version
    if version is None or version.policy_version is None:
        raise TrainingError(f"Training queue {target.slug!r} binds no policy.", remedy="Configure it first.")
    Queue.objects.select_for_update(of=("self",)).get(pk=target.pk)
    busy = set(Training.objects.filter(queue=target, state="training").values_list("reviewer_id", flat=True))
    started = [
        Training(
            reviewer=reviewer,
            queue=target,
            policy_version=version.policy_version,
            kind=kind,
            failing_accuracy=test.failing,
            passing_accuracy=test.passing,
            false_pass=test.false_pass,
            false_fail=test.false_fail,
            started_at=now,
            started_by=by.name,
        )
        for reviewer in reviewers
        if reviewer.pk not in busy
    ]
    Training.objects.bulk_create(started)
    if started:
        audit(
            actor=by.name,
            action="enrol",
            object_kind="queue",
            object_id=target.slug,
            after={
                "kind": kind,
                "policy_version": version.policy_number,
                "reviewers": [one.reviewer.code for one in started],
                "test": asdict(test),
            },
            now=now,
            place=place,
        )
    return started


def judge_training(*, review: Review | UUID, now: datetime) -> Judgement | None:
    """Return what the trainee is told of an answer, judged now unless it was before; None: it is no training.

    The first answer to each case moves the training's test. Where that reaches a bound the training ends:
    graduated and certified, or failed, which nobody but the trainee and quality is told.
    """
    review_id = review if isinstance(review, UUID) else review.pk
    with transaction.atomic():
        found = (
            Review.objects.select_related("case__exercise", "reviewer")
            .filter(pk=review_id, outcome="submitted", turn__isnull=False, case__exercise__kind="training")
            .first()
        )
        if found is None or found.reviewer is None:
            return None
        exercise = found.case.exercise
        training = (
            Training.objects.select_for_update()
            .filter(reviewer=found.reviewer, queue_id=found.queue_id, started_at__lte=found.submitted_at)
            .order_by("-started_at", "-id")
            .first()
        )
        judged = TrainingAnswer.objects.filter(review=found).select_related("training").first()
        if judged is None and training is not None and training.state == "training":
            _judge(found, exercise, training, now)
            judged = TrainingAnswer.objects.filter(review=found).select_related("training").first()
            if judged is not None:
                training = judged.training
        return _told(found, exercise, judged.training if judged else training, counted=judged is not None)


def told_before(*, review: Review) -> Judgement | None:
    """Return what the trainee was told of an answer; None where it was not judged or is no training."""
    judged = (
        TrainingAnswer.objects.filter(review=review).select_related("training", "exercise", "review").first()
    )
    if judged is None:
        return None
    return _told(judged.review, judged.exercise, judged.training, counted=True)


def judge_waiting(*, now: datetime, limit: int = 500) -> int:
    """Return how many answers of trainings were judged that nobody had asked about: sent by machines."""
    waiting = Review.objects.filter(
        outcome="submitted",
        turn__isnull=False,
        case__exercise__kind="training",
        case__exercise__reviewer__trainings__state="training",
        judged__isnull=True,
    )
    ids = list(waiting.order_by("submitted_at", "id").values_list("pk", flat=True).distinct()[:limit])
    told = [judge_training(review=review_id, now=now) for review_id in ids]
    return sum(1 for one in told if one is not None and one.counted)


def _judge(review: Review, exercise: Exercise, training: Training, now: datetime) -> None:
    if training.answers.filter(exercise__source_id=exercise.source_id).exists():
        return  # the same case again is no independent answer
    correct = is_right(review, exercise)
    test = test_of(training)
    training.correct += int(correct)
    training.wrong += int(not correct)
    training.log_likelihood = test.log_likelihood(right=training.correct, wrong=training.wrong)
    verdict = test.verdict(log_likelihood=training.log_likelihood)
    if verdict != "continue":
        training.state = "graduated" if verdict == "pass" else "failed"
        training.ended_at = now
    training.save(update_fields=["correct", "wrong", "log_likelihood", "state", "ended_at"])
    TrainingAnswer.objects.create(
        review=review,
        training=training,
        exercise=exercise,
        correct=correct,
        log_likelihood=training.log_likelihood,
        at=now,
    )
    if verdict != "continue":
        _end(training, now)


def _end(training: Training, now: datetime) -> None:
    system = Viewer.system("quality")
    audit(
        actor=system.name,
        action=training.state,
        object_kind="training",
        object_id=f"{training.queue.slug}/{training.reviewer.code}",
        after={"right": training.correct, "wrong": training.wrong, "test": training.log_likelihood},
        now=now,
        place=place_of(training.queue),
    )
    if training.state == "graduated":
        certify(reviewer=training.reviewer, policy_version=training.policy_version, by=system, now=now)


def is_right(review: Review, exercise: Exercise) -> bool:
    """Return whether the review chose the labels and the action of the reference."""
    reference = Answered(tuple(exercise.reference.get("labels", [])), exercise.reference.get("action", ""))
    return Answered(tuple(review.labels), review.action).agrees_with(reference)


def _told(review: Review, exercise: Exercise, training: Training | None, *, counted: bool) -> Judgement:
    told = Judgement(
        review_id=review.pk,
        correct=is_right(review, exercise),
        given=plain(review.labels, review.action),
        reference=exercise.reference,
        rationale=exercise.rationale,
        difficulty=exercise.difficulty,
    )
    if training is None:
        return told
    test = test_of(training)
    return Judgement(
        review_id=told.review_id,
        correct=told.correct,
        given=told.given,
        reference=told.reference,
        rationale=told.rationale,
        difficulty=told.difficulty,
        state=training.state,
        counted=counted,
        right=training.correct,
        wrong=training.wrong,
        progress=test.progress(log_likelihood=training.log_likelihood),
        right_to_pass=test.right_to_pass(log_likelihood=training.log_likelihood),
    )
