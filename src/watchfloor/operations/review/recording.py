"""Writes reviews that are no production turn: audits and corrections. Turns are written by `review.turns`.

A review outside the turns moves no case and counts in no backlog; it is a row and a fact, like every review.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.tenure import tenure_band
from watchfloor.operations.queues.models import QueueVersion
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.services import write_event
from watchfloor.operations.review.configuration import Answer, answer_rules
from watchfloor.operations.review.models import Case, Review

OUTSIDE_TURNS = ("audit", "correction")


class ReviewKindError(WatchfloorError):
    """Only audits and corrections are written outside the turns."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What the review page measured; idle gaps are taken off the handle time.

    `visible_ms` is how long the content could be seen, by default the handle time.
    """

    first_render_at: datetime | None = None
    active_ms: int | None = None
    media_ms: int | None = None
    idle_ms: int = 0
    visible_ms: int | None = None
    blurred: bool | None = None
    sound_on: bool | None = None


NOT_MEASURED = Timing()


@transaction.atomic
def write_review(
    *,
    case: Case,
    kind: str,
    reviewer: Reviewer | None,
    answer: Answer,
    assigned_at: datetime,
    now: datetime,
    blind: bool,
    timing: Timing = NOT_MEASURED,
    gold_id: str = "",
    turn: int | None = None,
    reason: str = "",
    queue_version: QueueVersion | None = None,
) -> Review:
    """Return a new audit or correction of the case, written with its fact.

    The answer is checked against `queue_version`: by default the one that the case's last answered turn was
    given under, or else the one it was enqueued under.

    Raises:
        ReviewKindError: the kind is no audit and no correction, or a turn is given.
        AnswerRejectedError: the answer does not fit the queue's policy or template.

    """
    if kind not in OUTSIDE_TURNS or turn is not None:
        raise ReviewKindError(
            f"A review of kind {kind!r} with turn {turn} belongs to a lease.",
            remedy=f"Write {' or '.join(OUTSIDE_TURNS)} without a turn; submit turns by their lease.",
        )
    version = queue_version or _version_of(case)
    settled = answer_rules(version.pk).settle(answer)
    review = Review.objects.create(
        id=fresh_id(now=now),
        case=case,
        kind=kind,
        turn=None,
        reviewer=reviewer,
        queue_id=case.queue_id,
        queue_version=version,
        assigned_at=assigned_at,
        first_render_at=timing.first_render_at,
        submitted_at=now,
        handle_ms=max(0, int((now - assigned_at).total_seconds() * 1000) - timing.idle_ms),
        active_ms=timing.active_ms,
        media_ms=timing.media_ms,
        outcome="submitted",
        reason=reason[:200],
        labels=list(settled.labels),
        action=settled.action,
        answer={"labels": list(settled.labels), "action": settled.action, **settled.fields},
        blind=blind,
    )
    _write_fact(review, case, reviewer, version, gold_id or case.gold_id)
    return review


def _version_of(case: Case) -> QueueVersion:
    last = (
        case.reviews.filter(outcome="submitted", turn__isnull=False)
        .select_related("queue_version__template_version")
        .order_by("-turn", "-id")
        .first()
    )
    return last.queue_version if last else case.queue_version


def _write_fact(
    review: Review, case: Case, reviewer: Reviewer | None, version: QueueVersion, gold_id: str
) -> None:
    template = version.template_version
    write_event(
        fact="review",
        key=str(review.pk),
        payload={
            **case_dimensions(case, version),
            **(person_dimensions(reviewer, review.submitted_at) if reviewer else {}),
            "review_id": str(review.pk),
            "case_id": str(case.pk),
            "kind": review.kind,
            "turn": None,
            "assigned_at": review.assigned_at,
            "first_render_at": review.first_render_at,
            "submitted_at": review.submitted_at,
            "handle_ms": review.handle_ms,
            "active_ms": review.active_ms,
            "media_ms": review.media_ms,
            "outcome": review.outcome,
            "answer_json": _as_json(review.answer),
            "labels": review.labels,
            "action": review.action or None,
            "policy_version": version.policy_number,
            "template_version": template.version if template else None,
            "sop_version": version.sop_version,
            "blind": review.blind,
            "gold_id": gold_id or None,
        },
    )


def case_dimensions(case: Case, version: QueueVersion) -> dict[str, Any]:
    """Return the columns that place a case in the facts of reviews and decisions."""
    queue = case.queue
    return {
        "queue_id": queue.slug,
        "queue_version": version.version,
        "purpose": case.purpose or queue.purpose,
        "surface": queue.surface,
        "strategy_id": case.strategy_id or None,
        "language": case.language or None,
        "market": case.market or None,
        "data_boundary": case.data_boundary or None,
    }


def person_dimensions(reviewer: Reviewer, at: datetime) -> dict[str, Any]:
    """Return the columns that place a reviewer in the facts, as they are at an instant."""
    team = reviewer.team
    return {
        "reviewer_id": reviewer.code,
        "site_id": team.site.slug,
        "team_id": team.slug,
        "employer_kind": team.site.employer_kind,
        "tenure_band": tenure_band(
            first_production_on=reviewer.first_production_on, today=at.astimezone(UTC).date()
        ),
    }


def _as_json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)
