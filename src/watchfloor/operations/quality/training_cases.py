"""Builds cases of training: golden or decided cases, chosen by label and difficulty for each trainee."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.quality.errors import TrainingError
from watchfloor.operations.quality.exposure import room_for
from watchfloor.operations.quality.mixing import CLIENT, replay_of
from watchfloor.operations.quality.models import Exercise, GoldCase, Training
from watchfloor.operations.quality.standing import plain, require_queue
from watchfloor.operations.queues.models import WELLNESS_CLASSES, Queue
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Case, Decision, Review
from watchfloor.operations.review.services import enqueue

MOST_CASES = 400
FIRST_CASES = 67
SURE_RULES = ("majority", "third_breaks_tie", "consensus_posterior", "correction_wins")
"""Rules under which a decision is reference enough: one earlier answer alone is a noisy one."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A case with its right answer, and where that is from."""

    case: Case
    answer: dict[str, Any]
    rationale: str = ""
    difficulty: float | None = None
    gold: GoldCase | None = None


@dataclass(frozen=True, slots=True)
class BuiltTraining:
    """How many cases each trainee was dealt, by code, and who was dealt fewer than asked, with the reason."""

    dealt: dict[str, int]
    short: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """All cases dealt."""
        return sum(self.dealt.values())


def training_queue_of(queue: Queue) -> Queue:
    """Return the queue in which reviewers of `queue` train; a training queue is its own.

    Raises:
        TrainingError: the queue names none.

    """
    if queue.purpose == "training":
        return queue
    found = queue.current_version.training_queue if queue.current_version else None
    if found is None:
        raise TrainingError(
            f"Queue {queue.slug!r} has no training queue.", remedy="Name one in the queue's configuration."
        )
    return found


@transaction.atomic
def build_training(
    *,
    queue: Queue,
    policy: PolicyVersion,
    count: int,
    by: Viewer,
    now: datetime,
    rng: random.Random,
    labels: Sequence[str] = (),
    difficulty: tuple[float, float] = (0.0, 1.0),
    reviewers: Sequence[Reviewer] | None = None,
    include_decided: bool = False,
) -> BuiltTraining:
    """Return what each trainee was dealt: up to `count` cases that they never met, spread over the labels.

    `queue` is a training queue or one whose reviewers train there. Golden cases come first; with
    `include_decided`, decided cases fill up where two or more reviews settled them. The cases are
    de-identified: neither author nor object is named. Who has no exposure left for the class of the
    cases is dealt none now. Without `reviewers`, everybody in training there is dealt.

    Raises:
        TrainingError: there is nobody in training, or count or difficulty are out of range.

    """
    target = training_queue_of(queue)
    place = require_queue(by, "quality.change", target)
    low, high = difficulty
    if not 1 <= count <= MOST_CASES:
        raise TrainingError(f"{count} cases cannot be built.", remedy=f"Ask for 1 to {MOST_CASES}.")
    if not 0.0 <= low <= high <= 1.0:
        raise TrainingError(f"Difficulty {low} to {high} is no range.", remedy="Stay within 0 and 1.")
    open_ = Training.objects.filter(queue=target, policy_version=policy, state="training")
    everybody = list(
        Reviewer.objects.filter(pk__in=open_.values("reviewer"))
        .select_related("data_boundary")
        .order_by("code")
    )
    wanted = {one.pk for one in reviewers} if reviewers is not None else {one.pk for one in everybody}
    trainees = [one for one in everybody if one.pk in wanted]
    if not trainees:
        raise TrainingError(
            f"Nobody is in training in {target.slug!r} on policy version {policy.version}.",
            remedy="Enrol reviewers first.",
        )
    pool = _pool(target, policy, labels, low, high, include_decided=include_decided)
    dealt: dict[str, int] = {}
    short: dict[str, str] = {}
    for trainee in trainees:
        others = tuple(one.pk for one in everybody if one.pk != trainee.pk)
        dealt[trainee.code], reason = _deal(trainee, others, target, pool, count, now, rng)
        if reason:
            short[trainee.code] = reason
    audit(
        actor=by.name,
        action="build training",
        object_kind="queue",
        object_id=target.slug,
        after={"policy_version": policy.version, "labels": list(labels), "dealt": dealt, "short": short},
        now=now,
        place=place,
    )
    return BuiltTraining(dealt, short)


def _deal(
    trainee: Reviewer,
    others: tuple[int, ...],
    target: Queue,
    pool: Sequence[Reference],
    count: int,
    now: datetime,
    rng: random.Random,
) -> tuple[int, str]:
    version = target.current_version
    own_class = version.wellness_class if version else "standard"
    met = set(Exercise.objects.filter(reviewer=trainee).values_list("source_id", flat=True))
    worked = Review.objects.filter(reviewer=trainee, case__in=[one.case.pk for one in pool])
    met |= set(worked.values_list("case_id", flat=True))
    held = trainee.data_boundary.slug if trainee.data_boundary else ""
    fitting = [
        one
        for one in pool
        if one.case.pk not in met
        and _speaks(one.case.language, trainee, target)
        and one.case.data_boundary in ("", held)
    ]
    room = dict(room_for(trainee, now=now))
    chosen: list[Reference] = []
    for one in spread(fitting, rng):
        shown = max(own_class, one.case.wellness_class or own_class, key=WELLNESS_CLASSES.index)
        if room[shown] >= 1 and len(chosen) < count:
            room[shown] -= 1
            chosen.append(one)
    rng.shuffle(chosen)
    for reference in chosen:
        _enqueue(reference, trainee, others, target, now)
    if len(chosen) == count:
        return count, ""
    if len(chosen) < len(fitting):
        return len(chosen), "The exposure budget holds no more for now."
    return len(chosen), "The library holds no more cases that fit and are new to the trainee."


def _speaks(language: str, trainee: Reviewer, target: Queue) -> bool:
    served = not target.languages or language in target.languages
    return not language or (served and language in trainee.languages)


def deal_first(*, trainings: Sequence[Training], now: datetime, rng: random.Random) -> int:
    """Return how many cases were dealt to people just called to train: enough to pass with one error."""
    groups: dict[tuple[int, int], list[Training]] = {}
    for training in trainings:
        groups.setdefault((training.queue_id, training.policy_version_id), []).append(training)
    dealt = 0
    for group in groups.values():
        built = build_training(
            queue=group[0].queue,
            policy=group[0].policy_version,
            count=FIRST_CASES,
            reviewers=[one.reviewer for one in group],
            by=Viewer.system(CLIENT),
            now=now,
            rng=rng,
        )
        dealt += built.cases
    return dealt


def spread(references: Sequence[Reference], rng: random.Random) -> list[Reference]:
    """Return the references taken in turn from each right answer: golden ones first, else by chance."""
    piles: dict[str, list[Reference]] = {}
    for reference in references:
        piles.setdefault(",".join(reference.answer.get("labels", [])), []).append(reference)
    for name in sorted(piles):
        rng.shuffle(piles[name])
        piles[name].sort(key=lambda one: one.gold is None)
    turns = zip_longest(*(piles[name] for name in sorted(piles)))
    return [one for turn in turns for one in turn if one is not None]


def _enqueue(
    reference: Reference, trainee: Reviewer, others: tuple[int, ...], target: Queue, now: datetime
) -> None:
    gold_id = reference.gold.gold_id if reference.gold else ""
    case = replay_of(
        reference.case, queue=target.slug, gold_id=gold_id, excluded=others, purpose="", author=False
    )
    made = enqueue(case=case, now=now, client=CLIENT)
    Exercise.objects.create(
        case_id=made.case_id,
        kind="training",
        gold=reference.gold,
        source=reference.case,
        reference=reference.answer,
        rationale=reference.rationale,
        difficulty=reference.difficulty,
        reviewer=trainee,
        enqueued_at=now,
    )


def _pool(
    target: Queue,
    policy: PolicyVersion,
    labels: Sequence[str],
    low: float,
    high: float,
    *,
    include_decided: bool,
) -> list[Reference]:
    feeding = Queue.objects.filter(current_version__training_queue=target)
    gold = (
        GoldCase.objects.filter(queue__in=feeding, policy_version=policy, state="standing")
        .filter(difficulty__gte=low, difficulty__lte=high)
        .select_related("case")
        .order_by("id")
    )
    pool = [
        Reference(one.case, one.truth, one.rationale, one.difficulty, one)
        for one in gold
        if _has_label(one.truth.get("labels", []), labels)
    ]
    if include_decided:
        known = {one.case.pk for one in pool}
        pool += [
            Reference(one.case, plain(one.labels, one.action))
            for one in _decided(feeding, policy, labels)
            if one.case_id not in known
        ]
    return pool


def _decided(feeding: QuerySet[Queue], policy: PolicyVersion, labels: Sequence[str]) -> list[Decision]:
    newest = Decision.objects.filter(case=OuterRef("case")).order_by("-version").values("version")[:1]
    rows = (
        Decision.objects.filter(
            Q(deciding_review__queue_version__policy_version=policy),
            queue__in=feeding,
            rule__in=SURE_RULES,
            withdrawn_at__isnull=True,
            case__gold_id="",
            version=Subquery(newest),
        )
        .select_related("case")
        .order_by("-decided_at", "-id")
    )
    if labels:
        rows = rows.filter(labels__overlap=list(labels))
    return list(rows[: 4 * MOST_CASES])


def _has_label(held: Iterable[str], wanted: Sequence[str]) -> bool:
    return not wanted or bool(set(held) & set(wanted))
