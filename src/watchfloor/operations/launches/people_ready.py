"""Who stands ready for a queue: languages, the certified, those who have read the procedure, the pilot."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from watchfloor.operations.launches.gate import Situation
from watchfloor.operations.quality.models import TrainingAnswer
from watchfloor.operations.quality.selectors import LabelCoverage, certified, gold_coverage
from watchfloor.operations.queues.models import Queue, Sop, SopAcknowledgement
from watchfloor.operations.review.models import Review
from watchfloor.science.agreement import Agreement, gwet_ac1
from watchfloor.science.uncertainty import clopper_pearson, design_effect

ANSWERS_ALIKE = 0.05
"""Correlation of a person's answers, for the design effect: an illustration, not an estimate."""
MOST_PILOT_REVIEWS = 20_000


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Right answers of the pilot, by how many people, and the one-sided lower bound at 95 %."""

    right: int
    answers: int
    people: int
    low: float


def languages_of(queue: Queue) -> list[str]:
    """Return the languages that a queue serves; a blank one where it restricts none."""
    return list(queue.languages) or [""]


def certified_by_language(at: Situation) -> dict[str, list[int]]:
    """Return the ids of those who are certified and may be served, by language."""
    version = at.version
    if version is None or version.policy_version is None:
        return {language: [] for language in languages_of(at.queue)}
    rows = certified(policy_version=version.policy_version, at=at.now, queue=at.queue)
    people = list(rows.values_list("id", "languages"))
    return {
        language: [pk for pk, spoken in people if not language or language in spoken]
        for language in languages_of(at.queue)
    }


def read_and_certified(at: Situation, sop: Sop) -> dict[str, int]:
    """Return how many of the certified have confirmed that they read a procedure, by language."""
    read = set(SopAcknowledgement.objects.filter(sop=sop).values_list("reviewer_id", flat=True))
    return {language: len(read.intersection(ids)) for language, ids in certified_by_language(at).items()}


def feeding_queues(at: Situation) -> list[Queue]:
    """Return the queues whose golden cases train for this one: those that name the same training queue."""
    version = at.version
    if version is None or version.policy_version_id is None:
        return []
    own = Q(pk=at.queue.pk)
    if version.training_queue_id is not None:
        own |= Q(
            current_version__training_queue_id=version.training_queue_id,
            current_version__policy_version_id=version.policy_version_id,
            data_boundary_id=at.queue.data_boundary_id,
        )
    return list(Queue.objects.filter(own).select_related("current_version").order_by("slug"))


def gold_by_label(at: Situation) -> Mapping[str, LabelCoverage]:
    """Return the golden cases of every label that the queue offers, over the queues that feed it."""
    offered: list[str] = []
    standing: Counter[str] = Counter()
    hard: Counter[str] = Counter()
    for queue in feeding_queues(at):
        labels = gold_coverage(queue).labels
        if queue.pk == at.queue.pk:
            offered = [one.label for one in labels]
        for one in labels:
            standing[one.label] += one.standing
            hard[one.label] += one.hard
    return {code: LabelCoverage(code, standing[code], hard[code]) for code in offered}


def pilot_accuracy(at: Situation) -> Accuracy | None:
    """Return how often the pilot was right: the judged answers of training under the bound policy."""
    rows = list(_judged(at).values_list("correct", "training__reviewer_id"))
    if not rows:
        return None
    right, answers = sum(1 for correct, _ in rows if correct), len(rows)
    people = len({person for _, person in rows})
    effect = float(design_effect(cluster_size=answers / people, intraclass_correlation=ANSWERS_ALIKE))
    bound = clopper_pearson(successes=right / effect, trials=answers / effect, confidence=0.90)
    return Accuracy(right, answers, people, float(bound.low))


def pilot_agreement(at: Situation) -> Agreement | None:
    """Return AC1 over what two or more people answered: the same case of training, and double reviews.

    An answer is its labels and its action, whole. Categories are those that were given, at least two.
    """
    items: dict[str, Counter[str]] = {}
    judged = _judged(at).values_list("exercise__source_id", "review__labels", "review__action")
    for source, labels, action in judged:
        items.setdefault(f"training/{source}", Counter())[_category(labels, action)] += 1
    for case, labels, action in _doubled(at):
        items.setdefault(f"case/{case}", Counter())[_category(labels, action)] += 1
    categories = sorted({one for counted in items.values() for one in counted})
    if len(categories) < 2:
        categories.append("")
    table = [[counted[one] for one in categories] for counted in items.values() if counted.total() > 1]
    return gwet_ac1(table) if table else None


def _judged(at: Situation) -> QuerySet[TrainingAnswer]:
    version = at.version
    training = version.training_queue_id if version else None
    policy = version.policy_version_id if version else None
    return TrainingAnswer.objects.filter(
        training__queue_id=training or 0, training__policy_version_id=policy or 0
    ).order_by("at", "review_id")[:MOST_PILOT_REVIEWS]


def _doubled(at: Situation) -> list[tuple[object, list[str], str]]:
    """Return the answers of the first and second turns of cases reviewed twice in the canary."""
    if at.queue.state not in ("canary", "live", "paused", "recovering") or at.version is None:
        return []
    twice = Review.objects.filter(
        queue=at.queue,
        outcome="submitted",
        turn=1,
        queue_version__policy_version_id=at.version.policy_version_id,
    ).order_by("-submitted_at", "-id")
    cases = list(twice.values_list("case_id", flat=True)[: MOST_PILOT_REVIEWS // 2])
    rows = Review.objects.filter(case_id__in=cases, outcome="submitted", turn__in=(0, 1))
    return list(rows.order_by("case_id", "turn").values_list("case_id", "labels", "action"))


def _category(labels: list[str], action: str) -> str:
    return ",".join(sorted(labels)) + "/" + action
