"""Cases go out: claim, claim ahead, begin, renew. How a turn ends stands in `review.turns`.

What a claim may take and in which order stands in `sql/claim_case.sql`; why, in the decision on the order of
serving.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.statements import call, run
from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.resolution import kind_of

MOST_HELD = 3
_CLAIM = "SELECT * FROM review_claim(%s::bigint, %s::timestamptz, %s::bigint[], %s::int, %s::boolean)"


@dataclass(frozen=True, slots=True)
class ClaimedCase:
    """A case in a reviewer's hands, and the token that its answer must carry."""

    token: UUID
    case_id: UUID
    turn: int
    queue_id: int
    queue_version_id: int
    template_version_id: int | None
    deadline_at: datetime
    enqueued_at: datetime
    claimed_at: datetime
    expires_at: datetime
    queue: str
    policy_version: int | None
    template_version: int | None
    wellness_class: str
    object_id: str
    language: str
    topics: list[str]
    content: dict[str, Any]
    severity_hint: str
    media_seconds: float | None
    is_prefetched: bool = False

    @property
    def kind(self) -> str:
        """Which review of the case this is: first, second or third."""
        return kind_of(self.turn)


def claim(
    *,
    reviewer: Reviewer | int,
    now: datetime,
    queues: list[int] | None = None,
    most: int = MOST_HELD,
    ahead: bool = False,
) -> ClaimedCase | None:
    """Return the most urgent case the reviewer may work on, leased to them; None when there is none.

    Eligible are queues that serve, inside the reviewer's boundary, whose skills and certification they have,
    whose sites name theirs, whose wellness class is open to them now and of whose topics they opted out of
    none; in the case's language; and never a case they worked on before. Who holds `most` cases gets no
    further one.
    Order: severity class, deadline, enqueue instant, id; a share of the claims goes by deadline alone.

    Args:
        reviewer: Who asks, or their id.
        now: The instant of the claim.
        queues: Ids of the queues to keep to.
        most: How many cases one person may hold.
        ahead: The case is fetched before it is needed; its handle time starts with `start_lease`.

    """
    reviewer_id = reviewer if isinstance(reviewer, int) else reviewer.pk
    rows = call(_CLAIM, (reviewer_id, now, queues, most, ahead))
    if not rows:
        return None
    row = rows[0]
    dimensions, shown = row[10], row[11]
    versions = (dimensions["queue_id"], shown["policy_version"], shown["template_version"])
    values: tuple[Any, ...] = (*row[:10], *versions, *row[12:], ahead)  # in the order of the fields
    return ClaimedCase(*values)


def claim_many(
    *,
    reviewer: Reviewer | int,
    now: datetime,
    count: int,
    queues: list[int] | None = None,
    most: int = MOST_HELD,
    ahead: bool = False,
) -> list[ClaimedCase]:
    """Return up to `count` further cases for the reviewer, the most urgent first.

    The first is begun at once unless `ahead`; the others are held ahead, until `start_lease`.
    """
    taken: list[ClaimedCase] = []
    while len(taken) < count:
        one = claim(reviewer=reviewer, now=now, queues=queues, most=most, ahead=ahead or bool(taken))
        if one is None:
            break
        taken.append(one)
    return taken


def start_lease(*, lease_token: UUID, now: datetime) -> datetime:
    """Return when the lease of a case fetched ahead ends, now that the person begins it.

    The handle time counts from here. A lease that was begun before is renewed and keeps its beginning.

    Raises:
        StaleLeaseError: the lease no longer holds.

    """
    return _prolong("start_lease", lease_token, now)


def renew(*, lease_token: UUID, now: datetime) -> datetime:
    """Return when the lease now ends: as long from now as at first.

    Raises:
        StaleLeaseError: the lease no longer holds; it cannot be brought back.

    """
    return _prolong("renew_lease", lease_token, now)


def stale(lease_token: UUID) -> StaleLeaseError:
    """Return the error of a lease that does not hold."""
    return StaleLeaseError(
        f"Lease {lease_token} no longer holds: it expired, or the case was taken back or already answered.",
        remedy="Keep the draft and claim a case again.",
    )


def _prolong(name: str, lease_token: UUID, now: datetime) -> datetime:
    rows = run("review", name, {"token": lease_token, "now": now})
    if not rows:
        raise stale(lease_token)
    expires_at: datetime = rows[0]["expires_at"]
    return expires_at
