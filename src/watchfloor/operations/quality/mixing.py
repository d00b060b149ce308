"""Hidden gold: golden cases enqueued among production cases, so that nobody can tell them from the others.

A hidden case has everything of the case it was made from, the queue of production, and the purpose `qa`. So
it is served like any other and enters no production metric. Its truth stands in its `Exercise` alone.
"""

import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import floor

from django.db import transaction
from django.db.models import Count, Q

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Certification, Reviewer
from watchfloor.operations.quality.models import Exercise, GoldCase, GoldMix
from watchfloor.operations.queues.models import SERVING_STATES, Queue
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit
from watchfloor.operations.review.models import Case, Review
from watchfloor.operations.review.services import NewCase, enqueue

CLIENT = "quality"
_logger = logging.getLogger("watchfloor.quality")
MOST_OWED = 20.0
"""A queue never owes more than this: where its library cannot keep up, it does not catch up in one burst."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """What mixing did for one queue: cases served since, golden cases enqueued, and the part still owed."""

    queue: str
    served: int
    enqueued: int
    owed: float


def mix_gold(*, now: datetime, rng: random.Random) -> list[Mixed]:
    """Return what was mixed in, by queue: golden cases at each queue's share of the cases it served."""
    mixing = Queue.objects.filter(
        state__in=SERVING_STATES, purpose="production", current_version__gold_share__gt=0
    )
    found = []
    for pk in list(mixing.order_by("slug").values_list("pk", flat=True)):
        try:
            mixed = _mix(pk, now, rng)
        except WatchfloorError as error:  # one queue's fault must not keep the others without gold
            _logger.warning("No gold was mixed into queue %s: %s", pk, error)
            continue
        if mixed is not None:
            found.append(mixed)
    return found


@transaction.atomic
def _mix(queue_id: int, now: datetime, rng: random.Random) -> Mixed | None:
    GoldMix.objects.get_or_create(queue_id=queue_id, defaults={"counted_to": now})
    mix = GoldMix.objects.select_for_update(skip_locked=True).filter(queue_id=queue_id).first()
    if mix is None or mix.counted_to >= now:
        return None  # another worker mixes this queue, or it was counted just now
    queue = Queue.objects.select_related("current_version", "data_boundary").get(pk=queue_id)
    version = queue.current_version
    if version is None:
        return None
    served = _served(queue, mix.counted_to, now)
    owed = min(mix.owed + served * version.gold_share, MOST_OWED)
    chosen = _choose(queue, floor(owed + 1e-9), now, rng) if owed >= 1 else []
    for gold, excluded in chosen:
        _hide(gold, excluded, now)
    mix.counted_to, mix.owed = now, owed - len(chosen)
    mix.save(update_fields=["counted_to", "owed"])
    if chosen:
        audit(
            actor=CLIENT,
            action="mix gold",
            object_kind="queue",
            object_id=queue.slug,
            after={"served": served, "golden_cases": [str(gold) for gold, _ in chosen]},
            now=now,
            place=place_of(queue),
        )
    return Mixed(queue.slug, served, len(chosen), mix.owed)


def _served(queue: Queue, since: datetime, until: datetime) -> int:
    return Review.objects.filter(
        queue=queue,
        submitted_at__gte=since,
        submitted_at__lt=until,
        outcome="submitted",
        turn__isnull=False,
        case__gold_id="",
    ).count()


def _choose(
    queue: Queue, count: int, now: datetime, rng: random.Random
) -> list[tuple[GoldCase, tuple[int, ...]]]:
    """Return up to `count` golden cases with who must not meet them: the least used first, else by chance."""
    waiting = Q(exercises__kind="hidden") & (
        Q(exercises__case__pending__isnull=False) | Q(exercises__case__lease__isnull=False)
    )
    version = queue.current_version
    standing = (
        GoldCase.objects.filter(queue=queue, state="standing", expires_at__gt=now)
        .filter(policy_version_id=version.policy_version_id if version else None)
        .annotate(waiting=Count("exercises", filter=waiting), used=Count("exercises"))
        .filter(waiting=0)
        .select_related("case__queue", "queue")
        .order_by("used", "id")
    )
    ranked = sorted(standing, key=lambda gold: (vars(gold)["used"], rng.random()))
    able = _able(queue, now)
    chosen: list[tuple[GoldCase, tuple[int, ...]]] = []
    for gold in ranked:
        if len(chosen) == count:
            break
        known = known_to(gold)
        language = gold.case.language
        if language and queue.languages and language not in queue.languages:
            continue
        if any(pk not in known and (not language or language in spoken) for pk, spoken in able):
            chosen.append((gold, tuple(sorted(known))))
    return chosen


def known_to(gold: GoldCase) -> set[int]:
    """Return the ids of the reviewers who know the answer: from the case, from a replay, or from its gold."""
    cases = Exercise.objects.filter(source=gold.case).values("case")
    worked = Review.objects.filter(Q(case=gold.case) | Q(case__in=cases), reviewer__isnull=False)
    names = _adjudicators(gold)
    judged = Reviewer.objects.filter(user__email__in=names).values_list("pk", flat=True)
    return {pk for pk in worked.values_list("reviewer_id", flat=True) if pk is not None} | set(judged)


def _adjudicators(gold: GoldCase) -> Iterable[str]:
    versions = GoldCase.objects.filter(gold_id=gold.gold_id)
    return [
        *versions.values_list("nominated_by", flat=True),
        *versions.values_list("adjudications__adjudicator", flat=True),
    ]


def _able(queue: Queue, now: datetime) -> list[tuple[int, list[str]]]:
    """Return who may be served the queue, with languages. The claim looks closer; this avoids orphans."""
    version = queue.current_version
    people = Reviewer.objects.filter(active=True)
    if queue.data_boundary_id is not None:
        people = people.filter(data_boundary_id=queue.data_boundary_id)
    if version and version.required_skills:
        people = people.filter(skills__contains=version.required_skills)
    if version and version.certification_required and version.policy_number is not None:
        certified = Certification.objects.filter(
            policy=version.policy_slug, policy_version=version.policy_number
        ).exclude(expires_at__lte=now)
        people = people.filter(pk__in=certified.values("reviewer"))
    return list(people.order_by("pk").values_list("pk", "languages"))


def _hide(gold: GoldCase, excluded: tuple[int, ...], now: datetime) -> None:
    made = enqueue(
        case=replay_of(gold.case, queue=gold.queue.slug, gold_id=gold.gold_id, excluded=excluded), now=now
    )
    Exercise.objects.create(
        case_id=made.case_id,
        kind="hidden",
        gold=gold,
        source=gold.case,
        reference=gold.truth,
        rationale=gold.rationale,
        difficulty=gold.difficulty,
        enqueued_at=now,
    )


def replay_of(
    case: Case,
    *,
    queue: str,
    gold_id: str,
    excluded: tuple[int, ...],
    purpose: str = "qa",
    author: bool = True,
) -> NewCase:
    """Return the case to enqueue again in a queue; without `author`, whose content it was stays unsaid."""
    return NewCase(
        queue=queue,
        object_id=case.object_id if author else "",
        strategy_id=case.strategy_id,
        severity_hint=case.severity_hint,
        risk_score=case.risk_score,
        language=case.language,
        market=case.market,
        media_seconds=case.media_seconds,
        content=case.content,
        source=case.source,
        author_id=case.author_id if author else "",
        topics=tuple(case.topics),
        wellness_class=case.wellness_class,
        purpose=purpose,
        gold_id=gold_id,
        excluded_reviewers=excluded,
    )
