"""The simulated reviewers at work: each is free, holds a case until an instant, or is off.

Everything they do goes through the services; what is kept here can be read again from the leases.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.review.actors import TRUTH
from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.models import Lease
from watchfloor.operations.review.services import (
    Answer,
    ClaimedCase,
    Timing,
    claim,
    end_activity,
    enter_state,
    escalate,
    release,
    skip,
    submit,
)
from watchfloor.science.simulation.live import LiveOperation, Turn

_EMPTY_RETRY_SECONDS = (3.0, 9.0)
_FIRST_LOOK_SECONDS = 25.0
_SECONDS_TO_SEE = 1.2
_ACTIVE_SHARE = 0.82


@dataclass(slots=True)
class Holding:
    """A case in hands, and how the turn will go."""

    token: UUID
    turn: Turn
    claimed_at: datetime
    ends_at: datetime
    media_seconds: float | None


@dataclass(slots=True)
class Person:
    """One simulated reviewer."""

    reviewer: Reviewer
    code: str
    queues: list[int]
    state: str = "offline"
    holding: Holding | None = None
    looks_at: datetime | None = None
    changes_at: datetime | None = None


def find_people(*, operation: LiveOperation, now: datetime, rng: np.random.Generator) -> list[Person]:
    """Return the reviewers of the world who still work, with the cases that their leases say they hold."""
    rows = {
        reviewer.code: reviewer
        for reviewer in Reviewer.objects.filter(active=True).select_related("team__site").order_by("code")
    }
    queue_ids = {queue.slug: queue.pk for queue in Queue.objects.all()}
    people = [
        Person(
            reviewer=rows[described.code],
            code=described.code,
            queues=[queue_ids[slug] for slug in described.queues if slug in queue_ids],
        )
        for described in operation.world.reviewers
        if described.code in rows
    ]
    by_id = {person.reviewer.pk: person for person in people}
    known = queue_ids.keys() & {queue.slug for queue in operation.world.queues}  # others were opened since
    held = Lease.objects.filter(
        reviewer_id__in=by_id, expires_at__gt=now, queue_id__in=[queue_ids[slug] for slug in known]
    ).select_related("case", "queue")
    for lease in held.order_by("claimed_at", "token"):
        person = by_id[lease.reviewer_id]
        turn = operation.turn(
            reviewer=person.code,
            queue=lease.queue.slug,
            language=lease.language,
            at=now,
            rng=rng,
            true_label=lease.case.content.get(TRUTH),
            media_seconds=lease.case.media_seconds,
            turn=lease.turn,
            may_fail=False,
        )
        ends_at = max(now + timedelta(seconds=2), lease.claimed_at + timedelta(seconds=turn.handle_seconds))
        person.holding = Holding(lease.token, turn, lease.claimed_at, ends_at, lease.case.media_seconds)
        person.state = "resumed"
    return people


def follow_timetable(
    person: Person, *, operation: LiveOperation, now: datetime, rng: np.random.Generator
) -> None:
    """Bring the person's state to the timetable; whoever holds a case finishes it first."""
    if person.holding or (person.changes_at and now < person.changes_at):
        return
    state = operation.state(reviewer=person.code, at=now)
    person.changes_at = operation.next_change(reviewer=person.code, at=now) or now + timedelta(minutes=5)
    if state == person.state:
        return
    if state == "offline":
        end_activity(reviewer=person.reviewer, now=now)
    else:
        enter_state(reviewer=person.reviewer, state=state, now=now)
    if state == "available":
        first = _FIRST_LOOK_SECONDS if person.state == "offline" else 4.0
        person.looks_at = now + timedelta(seconds=float(rng.uniform(0.5, first)))
    person.state = state


def look_for_work(
    person: Person, *, operation: LiveOperation, now: datetime, rng: np.random.Generator
) -> bool:
    """Return whether the person, being free, claimed a case; who finds none looks again in a few seconds."""
    if person.holding or person.state != "available" or (person.looks_at and now < person.looks_at):
        return False
    claimed = claim(reviewer=person.reviewer, now=now, queues=person.queues)
    if claimed is None:
        person.looks_at = now + timedelta(seconds=float(rng.uniform(*_EMPTY_RETRY_SECONDS)))
        return False
    person.holding = _begin(person, claimed, operation=operation, now=now, rng=rng)
    return True


def _begin(
    person: Person, claimed: ClaimedCase, *, operation: LiveOperation, now: datetime, rng: np.random.Generator
) -> Holding:
    turn = operation.turn(
        reviewer=person.code,
        queue=claimed.queue,
        language=claimed.language,
        at=now,
        rng=rng,
        true_label=claimed.content.get(TRUTH),
        media_seconds=claimed.media_seconds,
        turn=claimed.turn,
    )
    ends_at = now + timedelta(seconds=turn.handle_seconds)
    if turn.outcome == "timeout":
        ends_at = claimed.expires_at + timedelta(seconds=5)
    return Holding(claimed.token, turn, now, ends_at, claimed.media_seconds)


def finish(person: Person, *, now: datetime, rng: np.random.Generator) -> str | None:
    """Return how the person's turn ended now, or None while it lasts."""
    holding = person.holding
    if holding is None or now < holding.ends_at:
        return None
    person.holding = None
    person.looks_at = now + timedelta(seconds=float(rng.uniform(0.5, 3.0)))
    try:
        _end(holding, now=now)
    except StaleLeaseError:
        return "timeout"
    return holding.turn.outcome


def _end(holding: Holding, *, now: datetime) -> None:
    turn, token = holding.turn, holding.token
    if turn.outcome == "submitted":
        seconds = (now - holding.claimed_at).total_seconds()
        media = min(seconds, holding.media_seconds) if holding.media_seconds else None
        timing = Timing(
            first_render_at=holding.claimed_at + timedelta(seconds=min(_SECONDS_TO_SEE, seconds / 2)),
            active_ms=int(1000 * seconds * _ACTIVE_SHARE),
            media_ms=None if media is None else int(1000 * media),
        )
        answer = Answer(labels=(turn.label,) if turn.label else ())
        submit(lease_token=token, answer=answer, now=now, timing=timing)
    elif turn.outcome == "skipped":
        skip(lease_token=token, reason="simulated skip", now=now)
    elif turn.outcome == "returned":
        release(lease_token=token, now=now, reason="simulated return")
    elif turn.outcome == "escalated":
        escalate(lease_token=token, reason="simulated escalation", now=now)


def leave_all(people: Iterable[Person], *, now: datetime) -> None:
    """Close the open interval of everybody who holds no case, so that a stop is not counted as work."""
    for person in people:
        if person.holding is None and person.state != "offline":
            end_activity(reviewer=person.reviewer, now=now)
