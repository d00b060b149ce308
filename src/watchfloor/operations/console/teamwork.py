"""Who is on what now, within a lead's reach: states and leases, by team and code; nobody is ranked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.models import ActivityInterval, Lease

STUCK_SHARE = 0.8
"""Share of its lease's time after which a case counts as stuck: nobody renewed it, it soon returns."""

MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Held:
    """A case in somebody's hands."""

    token: UUID
    case_id: UUID
    queue_slug: str
    queue: str
    seconds: float
    left_seconds: float
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class Person:
    """What one person is doing, since when, and what they hold."""

    code: str
    team: str
    site: str
    state: str
    state_seconds: float | None
    held: tuple[Held, ...]

    @property
    def is_stuck(self) -> bool:
        """Whether one of the cases held is stuck."""
        return any(one.is_stuck for one in self.held)


def people_at_work(*, viewer: Viewer, now: datetime, site: str = "", team: str = "") -> list[Person]:
    """Return the people who are at work or hold a case, by site, team and code.

    A case from beyond the viewer's reach is not named, though its holder may be.
    """
    rows = _within(viewer)
    if site:
        rows = rows.filter(team__site__slug=site)
    if team:
        rows = rows.filter(team__slug=team)
    people = {row.pk: row for row in rows}
    leases: dict[int, list[Held]] = {}
    for lease in leases_of(viewer=viewer).filter(reviewer__in=people).order_by("claimed_at", "token"):
        leases.setdefault(lease.reviewer_id, []).append(_held(lease, now))
    states = {one.reviewer_id: one for one in ActivityInterval.objects.filter(reviewer__in=people)}
    shown = [
        _person(person, states.get(pk), tuple(leases.get(pk, ())), now)
        for pk, person in people.items()
        if pk in states or pk in leases
    ]
    return shown[:MOST_PEOPLE]


def leases_of(*, viewer: Viewer) -> QuerySet[Lease]:
    """Return the leases that the viewer may take back: of their queues and of their people."""
    return Lease.objects.filter(
        reach(viewer=viewer, permission="cases.assign", prefix="queue__"), reviewer__in=_within(viewer)
    ).select_related("queue", "queue_version", "reviewer")


def lease_within(*, viewer: Viewer, token: UUID) -> Lease:
    """Return one of those leases.

    Raises:
        NotFoundError: there is none of that token within reach.

    """
    found = leases_of(viewer=viewer).filter(token=token).first()
    if found is None:
        raise NotFoundError(
            "This lease has ended, or lies outside your reach.", remedy="Load the page again."
        )
    return found


def _within(viewer: Viewer) -> QuerySet[Reviewer]:
    scope = viewer.scope("cases.assign", sites="team__site__slug", data_boundary="data_boundary__slug")
    return (
        Reviewer.objects.filter(scope, active=True)
        .select_related("team__site")
        .order_by("team__site__slug", "team__slug", "code")
    )


def _held(lease: Lease, now: datetime) -> Held:
    whole = (lease.expires_at - lease.claimed_at) or timedelta(seconds=1)
    return Held(
        token=lease.token,
        case_id=lease.case_id,
        queue_slug=lease.queue.slug,
        queue=title_of(lease.queue),
        seconds=max(0.0, (now - lease.claimed_at).total_seconds()),
        left_seconds=max(0.0, (lease.expires_at - now).total_seconds()),
        is_stuck=(now - lease.claimed_at) / whole > STUCK_SHARE,
    )


def _person(
    person: Reviewer, interval: ActivityInterval | None, held: tuple[Held, ...], now: datetime
) -> Person:
    # That somebody takes time for themself is not for a lead: it reads as a break, without a clock.
    is_resting = interval is not None and interval.state in {"break", "wellness"}
    return Person(
        code=person.code,
        team=person.team.name,
        site=person.team.site.name,
        state="break" if is_resting else interval.state if interval else "offline",
        state_seconds=(now - interval.started_at).total_seconds() if interval and not is_resting else None,
        held=held,
    )
