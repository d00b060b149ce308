"""The cases that look like the one in hand, as the dialog lists them before one answer is given to all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from watchfloor.operations.review import services as review
from watchfloor.operations.review.models import Case, Lease

EXCERPT = 140


@dataclass(frozen=True, slots=True)
class Alike:
    """One waiting case that looks alike, in a line."""

    case_id: UUID
    enqueued_at: datetime
    language: str
    market: str
    excerpt: str
    is_same_content: bool


def alike(*, lease: Lease, now: datetime) -> list[Alike]:
    """Return the waiting cases that look like the one of the lease, oldest first.

    Raises:
        StaleLeaseError: the lease no longer holds.
        BulkRefusedError: cases of this kind are answered alone.

    """
    ids = review.look_alikes(lease_token=lease.token, now=now)
    rows = Case.objects.filter(pk__in=ids).order_by("enqueued_at", "id")
    return [
        Alike(
            case_id=row.pk,
            enqueued_at=row.enqueued_at,
            language=row.language,
            market=row.market,
            excerpt=_excerpt(row.content),
            is_same_content=row.content == lease.case.content,
        )
        for row in rows
    ]


def _excerpt(content: dict[str, Any]) -> str:
    said = " ".join(str(content[name]) for name in ("title", "text") if isinstance(content.get(name), str))
    return said if len(said) <= EXCERPT else said[: EXCERPT - 1] + "…"
