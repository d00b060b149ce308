"""Cases that go all the way at an instant of the past: enqueued, claimed, answered, one after another."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.review.actors import CLIENT, TRUTH
from watchfloor.operations.review.actors.contents import simulated_content
from watchfloor.operations.review.services import Answer, NewCase, Timing, claim, enqueue, submit
from watchfloor.operations.routing.services import Trace, record_routes

_PICKED_UP = timedelta(minutes=9)
_ACTIVE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Described:
    """What a case is about, as the simulation's content wants to know it."""

    queue: str
    language: str
    media_seconds: float | None
    true_label: str


@dataclass(frozen=True, slots=True)
class Worked:
    """A case that was decided: what it really is, and who answered it first."""

    case_id: UUID
    truth: str
    reviewer: Reviewer
    ended_at: datetime


def labels_of(queue: Queue) -> list[str]:
    """Return the codes that the queue offers, the clear one first."""
    version = queue.current_version
    if version is None or version.policy_version is None:
        return []
    rows = version.policy_version.labels.filter(code__in=version.label_subset).order_by("violative", "code")
    return list(rows.values_list("code", flat=True))


def other_label(truth: str, labels: Sequence[str], rng: random.Random) -> str:
    """Return a wrong answer: a violation that was missed, or another label than the right one."""
    clear, *violations = labels
    others = [label for label in violations if label != truth]
    return clear if truth != clear and rng.random() < 0.4 else rng.choice(others)


def decide_case(
    *,
    queue: Queue,
    truth: str,
    people: Sequence[Reviewer],
    at: datetime,
    rng: random.Random,
    wrong: bool = False,
    market: str = "US",
    object_id: str = "",
    strategy: str = "user-reports",
    key: str,
) -> Worked | None:
    """Return the case decided, or None where nobody of these people was served it."""
    version = queue.current_version
    if version is None:
        return None
    media = 38.0 if queue.surface == "video" else None
    described = Described(queue.slug, "en", media, truth)
    case = NewCase(
        queue=queue.slug,
        client_key=key,
        object_id=object_id or f"obj-{rng.getrandbits(48):012x}",
        author_id=f"author-{rng.randrange(10_000):04d}",
        strategy_id=strategy,
        severity_hint=rng.choice(("high", "medium", "medium", "low")),
        risk_score=round(rng.uniform(0.3, 0.98), 3),
        language="en",
        market=market,
        media_seconds=media,
        content=simulated_content(described, key=key),
        source="other_notification" if strategy == "user-reports" else "",
        enqueued_at=at,
    )
    made = enqueue(case=case, now=at, client=CLIENT)
    known = (version.policy_slug,)
    record_routes(traces=[Trace(made.case_id, surface=queue.surface, labels=known)])
    labels = labels_of(queue)
    said = other_label(truth, labels, rng) if wrong else truth
    ended, first = at + _PICKED_UP, None
    for reviewer in people:
        claimed = claim(reviewer=reviewer, now=ended, queues=[queue.pk])
        if claimed is None:
            continue
        seconds = rng.uniform(35, 140)
        first = first or Worked(claimed.case_id, claimed.content.get(TRUTH, truth), reviewer, ended)
        done = submit(
            lease_token=claimed.token,
            answer=Answer(labels=(said,)),
            now=ended + timedelta(seconds=seconds),
            timing=_timing(ended, seconds, media),
        )
        ended += timedelta(seconds=seconds + 5)
        if done.decision_id is not None:
            break
    return first


def _timing(claimed_at: datetime, seconds: float, media: float | None) -> Timing:
    return Timing(
        first_render_at=claimed_at + timedelta(seconds=1),
        active_ms=int(1000 * seconds * _ACTIVE_SHARE),
        media_ms=None if media is None else int(1000 * min(seconds, media)),
    )
