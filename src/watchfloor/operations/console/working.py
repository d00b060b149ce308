"""What a reviewer does at the desk, over the services of the floor."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.http import QueryDict

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.console.answering import PREFIX, timing_from
from watchfloor.operations.console.desk import Desk, desk_of, held, lease_of
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.models import SERVING_STATES, Queue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review import services as review
from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.models import ActivityInterval, Lease, Review

AT_WORK = ("available", "handling")
MOST_AHEAD = 3


class Leaving(Protocol):
    """A service that ends a turn without an answer, with a reason."""

    def __call__(
        self, *, lease_token: UUID, reason: str, now: datetime, timing: review.Timing
    ) -> review.Submitted:
        """End the turn."""


class NoTargetError(WatchfloorError):
    """There is no such queue or reviewer to send a case to."""


def next_desk(
    *, reviewer: Reviewer, now: datetime, holding: Collection[UUID], queues: list[int] | None = None
) -> Desk | None:
    """Return the next case for somebody: one they hold already and the page does not, else a new one.

    `holding` are the tokens that the page has. Nobody holds more than three from here: the one whose answer
    may still be taken back, the one in work, and the one after it.
    """
    mine = held(reviewer=reviewer, now=now)
    for lease in mine:
        if lease.token not in holding:
            return desk_of(lease=lease, reviewer=reviewer)
    if len(mine) >= MOST_AHEAD:
        return None
    if not mine:
        be_available(reviewer=reviewer, now=now)
    claimed = review.claim(reviewer=reviewer, now=now, queues=queues, ahead=bool(holding))
    if claimed is None:
        return None
    taken = lease_of(reviewer=reviewer, token=str(claimed.token))
    return desk_of(lease=taken, reviewer=reviewer) if taken else None


def be_available(*, reviewer: Reviewer, now: datetime) -> None:
    """Say that the person is at work, unless they are said to be."""
    state = ActivityInterval.objects.filter(reviewer=reviewer).values_list("state", flat=True).first()
    if state not in AT_WORK:
        review.enter_state(reviewer=reviewer, state="available", now=now)


def put_back(*, reviewer: Reviewer, now: datetime, tokens: Collection[UUID] | None = None) -> int:
    """Return how many of the person's cases went back to their queues: the ones named, or all."""
    if tokens is None:
        return review.return_leases(reviewer_id=reviewer.pk, now=now)
    leases = Lease.objects.filter(reviewer=reviewer, token__in=tokens)
    count = 0
    for token in list(leases.order_by("claimed_at", "token").values_list("token", flat=True)):
        try:
            review.release(lease_token=token, now=now)
        except StaleLeaseError:
            continue
        count += 1
    return count


def was_recorded(*, reviewer: Reviewer, case_id: UUID) -> bool:
    """Return whether the person's answer to the case stands already: it was sent twice, and came once."""
    return Review.objects.filter(
        case_id=case_id, reviewer=reviewer, outcome="submitted", turn__isnull=False
    ).exists()


def queues_of(*, reviewer: Reviewer) -> list[Queue]:
    """Return the serving queues that the person may choose among, by slug."""
    rows = Queue.objects.filter(state__in=SERVING_STATES).select_related("current_version").order_by("slug")
    return [
        queue
        for queue in rows
        if queue.data_boundary_id in {None, reviewer.data_boundary_id}
        and (not queue.languages or set(queue.languages) & set(reviewer.languages))
        and queue.current_version is not None
        and set(queue.current_version.required_skills) <= set(reviewer.skills)
        and (
            not queue.current_version.site_shares
            or reviewer.team.site.slug in queue.current_version.site_shares
            or reviewer.team.site.slug in queue.current_version.site_overflow
        )
    ]


def leave(act: Leaving, *, lease: Lease, reason: str, now: datetime, sent: QueryDict) -> None:
    """Skip or escalate, with what the page measured."""
    timing = timing_from(plain(sent), claimed_at=lease.claimed_at, now=now)
    act(lease_token=lease.token, reason=reason, now=now, timing=timing)


def renew(*, lease: Lease, now: datetime) -> datetime:
    """Return until when the lease now holds."""
    return review.renew(lease_token=lease.token, now=now)


def begin(*, lease: Lease, now: datetime) -> datetime:
    """Start the clock of a case taken ahead; return until when its lease holds."""
    return review.start_lease(lease_token=lease.token, now=now)


def hold(*, lease: Lease, until: datetime, reason: str, now: datetime, by: Viewer) -> None:
    """Set the case aside until an instant."""
    review.hold(lease_token=lease.token, until=until, reason=reason, now=now, by=by)


def send(*, lease: Lease, to: str, reason: str, now: datetime, by: Viewer) -> None:
    """Send the case to a queue, by its slug, or to a reviewer, by their code."""
    queue = Queue.objects.filter(slug=to).first()
    person = None if queue else Reviewer.objects.filter(code=to, active=True).first()
    if queue is None and person is None:
        raise NoTargetError(f"There is no queue or reviewer {to!r}.", remedy="Write its slug or their code.")
    review.send_to(lease_token=lease.token, queue=queue, reviewer=person, reason=reason, now=now, by=by)


def keep_draft(*, lease: Lease, reviewer: Reviewer, sent: QueryDict, now: datetime) -> None:
    """Keep what was written so far; the browser keeps it too."""
    review.save_draft(lease_token=lease.token, reviewer=reviewer, draft=draft_from(sent), now=now)


def draft_from(sent: QueryDict) -> dict[str, list[str]]:
    """Return the form's own values of what was sent: labels, action and free fields."""
    return {
        name: values[:100]
        for name, values in sent.lists()
        if name in {"label", "action", "clear"} or name.startswith(PREFIX)
    }


def draft_of(*, case_id: UUID, reviewer_id: int) -> dict[str, list[str]] | None:
    """Return the draft that the person left of a case, or None."""
    return review.draft_of(case_id, reviewer_id)


def plain(sent: QueryDict) -> dict[str, str]:
    """Return the last value of each name that was sent."""
    return {name: str(value) for name, value in sent.items()}
