"""Answers that were begun: saved while a person works, kept when a lease runs out, gone with the answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.review.models import Draft, Lease
from watchfloor.operations.review.serving import stale


def save_draft(*, lease_token: UUID, reviewer: Reviewer, draft: Mapping[str, Any], now: datetime) -> None:
    """Keep what the person wrote so far; a later draft of theirs of the same case takes its place.

    Raises:
        StaleLeaseError: the lease is not theirs, or ended and was taken away.

    """
    case_id = (
        Lease.objects.filter(token=lease_token, reviewer=reviewer).values_list("case_id", flat=True).first()
    )
    if case_id is None:
        raise stale(lease_token)
    Draft.objects.bulk_create(
        [Draft(case_id=case_id, reviewer=reviewer, draft=dict(draft), saved_at=now)],
        update_conflicts=True,
        unique_fields=["case", "reviewer"],
        update_fields=["draft", "saved_at"],
    )


def draft_of(case_id: UUID, reviewer_id: int) -> dict[str, Any] | None:
    """Return the draft that a person left of a case, or None."""
    found = Draft.objects.filter(case_id=case_id, reviewer_id=reviewer_id).first()
    return found.draft if found else None
