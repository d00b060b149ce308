"""The demo's gold and training: adjudicated cases, people who train on them, certifications that end."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from watchfloor.operations.demo.cast import PRODUCTION, TRAINING, Cast, bound_policy, colleagues, queue_of
from watchfloor.operations.demo.deciding import Worked, labels_of, other_label
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.models import GoldCase
from watchfloor.operations.quality.services import (
    adjudicate_gold,
    build_training,
    certify,
    enrol,
    judge_training,
    nominate_gold,
)
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.actors import TRUTH
from watchfloor.operations.review.services import Answer, claim, submit
from watchfloor.science.sampling import SequentialTest

SHORT_TEST = SequentialTest(failing=0.70, passing=0.95, false_pass=0.05, false_fail=0.10)
_RATIONALES = {
    "no_violation": "It criticises what was done, not who the person is; the policy lets criticism stand.",
    "targeted_insult": "One person is named and degraded; there is no other reading.",
    "intimidation": "It says what will happen to the person if they do not comply.",
    "unwanted_contact": "The third message after a clear refusal; the policy counts repetition, not tone.",
    "private_information": "A home address is given; that the street is public changes nothing.",
    "pile_on": "It calls on others to write to one person, with the link to their page.",
}
_MIDDLE = 11
_CASES_DEALT = 24


def rationale_of(label: str) -> str:
    """Return why a case of that label is what it is."""
    return _RATIONALES.get(label.rpartition(".")[2], "The text of the label names exactly this.")


def make_gold(*, case_id: UUID, truth: str, cast: Cast, at: datetime, rng: random.Random) -> GoldCase:
    """Return the case as a golden one that stands: two people answered it apart, and agreed."""
    gold = nominate_gold(case_id=case_id, by=cast.auditor, now=at, note="A clear example of its label.")
    difficulty = rng.choice((0.2, 0.3, 0.45, 0.6, 0.75, 0.85))
    for later, by in enumerate((cast.auditor, cast.adjudicator), 1):
        gold = adjudicate(gold, truth, by, at + timedelta(minutes=3 * later), difficulty)
    return gold


def adjudicate(gold: GoldCase, label: str, by: Viewer, at: datetime, difficulty: float) -> GoldCase:
    """Return the golden case after one person's answer, with the reason for it."""
    return adjudicate_gold(
        gold_id=gold.pk,
        answer=Answer(labels=(label,)),
        rationale=rationale_of(label),
        difficulty=difficulty,
        by=by,
        now=at,
    )


def seed_library(*, worked: Sequence[Worked], cast: Cast, at: datetime, rng: random.Random) -> None:
    """Write the gold: most of it stands, one case waits, one has one answer, and two people differ on one."""
    *clear, waiting, halfway, contested = worked
    for number, case in enumerate(clear):
        make_gold(
            case_id=case.case_id,
            truth=case.truth,
            cast=cast,
            at=at + timedelta(minutes=2 * number),
            rng=rng,
        )
    later = at + timedelta(hours=2)
    nominate_gold(case_id=waiting.case_id, by=cast.auditor, now=later, note="Sarcasm; is it an insult?")
    half = nominate_gold(case_id=halfway.case_id, by=cast.adjudicator, now=later, note="From a dispute.")
    adjudicate(half, halfway.truth, cast.adjudicator, later + timedelta(minutes=4), 0.7)
    torn = nominate_gold(
        case_id=contested.case_id, by=cast.auditor, now=later, note="At the edge of the rule."
    )
    adjudicate(torn, contested.truth, cast.auditor, later + timedelta(minutes=5), 0.9)
    differing = other_label(contested.truth, labels_of(queue_of(PRODUCTION)), rng)
    adjudicate(torn, differing, cast.adjudicator, later + timedelta(minutes=9), 0.9)


def seed_training(*, cast: Cast, at: datetime, now: datetime, rng: random.Random) -> None:
    """Have one trainee graduate, one be in the middle and one begin; let two certifications end soon."""
    production, policy = queue_of(PRODUCTION), bound_policy(PRODUCTION)
    graduate, middle, beginner, *_ = cast.trainees
    enrol(reviewers=[graduate], queue=production, by=cast.auditor, now=at, test=SHORT_TEST)
    enrol(reviewers=[middle, beginner], queue=production, by=cast.auditor, now=at)
    build_training(queue=production, policy=policy, count=_CASES_DEALT, by=cast.auditor, now=at, rng=rng)
    begin = at + timedelta(minutes=5)
    answer_exercises(trainee=graduate, at=begin, rng=rng, most=_CASES_DEALT, right_share=1.0)
    answer_exercises(trainee=middle, at=begin, rng=rng, most=_MIDDLE, right_share=0.9)
    for reviewer, days in zip(colleagues("mnl-text-b", 2), (9, 24), strict=True):
        certify(
            reviewer=reviewer,
            policy_version=policy,
            by=cast.admin,
            now=at,
            expires_at=now + timedelta(days=days),
        )


def answer_exercises(
    *, trainee: Reviewer, at: datetime, rng: random.Random, most: int, right_share: float
) -> int:
    """Return how many cases of training the person answered from an instant on, each judged at once."""
    training = queue_of(TRAINING)
    labels = labels_of(training)
    answered = 0
    while answered < most and (claimed := claim(reviewer=trainee, now=at, queues=[training.pk])):
        truth = str(claimed.content.get(TRUTH, labels[0]))
        said = truth if rng.random() < right_share else other_label(truth, labels, rng)
        at += timedelta(seconds=rng.uniform(30, 90))
        done = submit(lease_token=claimed.token, answer=Answer(labels=(said,)), now=at)
        at += timedelta(seconds=5)
        judged = judge_training(review=done.review_id, now=at)
        answered += 1
        if judged is not None and judged.state != "training":
            break
    return answered
