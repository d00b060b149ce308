"""Reads about one person: for themself, and within reach for those with `wellbeing.view`. Nobody else.

An administrator does not have that permission; giving oneself the role is a grant, and grants are audited.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.wellbeing.models import (
    Cap,
    Contact,
    Incident,
    OptOut,
    Override,
    Rhythm,
    Tally,
    Topic,
)
from watchfloor.operations.wellbeing.selectors import Left, left_for

WEEKS_KEPT = 5


@dataclass(frozen=True, slots=True)
class SeenDay:
    """What was seen of a class on one UTC day."""

    day: str
    wellness_class: str
    cases: int
    minutes: float


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """All that is kept of one person's wellbeing."""

    reviewer: Reviewer
    left: Left
    topics: tuple[Topic, ...]
    seen: tuple[SeenDay, ...]
    overrides: tuple[Override, ...]
    caps: tuple[Cap, ...]
    rhythm: Rhythm | None


def person_record(*, viewer: Viewer, code: str, now: datetime) -> PersonRecord:
    """Return what is kept of a person, for the wellbeing role.

    Raises:
        NotPermittedError: the viewer is not of that role.
        NotFoundError: there is nobody of that code within reach.

    """
    reach = viewer.scope("wellbeing.view", sites="team__site__slug", data_boundary="data_boundary__slug")
    found = Reviewer.objects.select_related("team__site", "data_boundary").filter(reach, code=code).first()
    if found is None:
        raise NotFoundError(f"There is no reviewer {code!r}.", remedy="Check the code and your access.")
    return own_record(reviewer=found, now=now)


def own_record(*, reviewer: Reviewer, now: datetime) -> PersonRecord:
    """Return what is kept of a person, for themself; the caller knows that it is them."""
    chosen = OptOut.objects.filter(reviewer=reviewer).values("topic")
    return PersonRecord(
        reviewer=reviewer,
        left=left_for(reviewer, now),
        topics=tuple(Topic.objects.filter(slug__in=chosen)),
        seen=_seen(reviewer, now),
        overrides=tuple(Override.objects.filter(reviewer=reviewer, until__gt=now)),
        caps=tuple(Cap.objects.filter(reviewer=reviewer)),
        rhythm=Rhythm.objects.filter(scope="person", reviewer=reviewer).first(),
    )


def _seen(reviewer: Reviewer, now: datetime) -> tuple[SeenDay, ...]:
    rows = (
        Tally.objects.filter(reviewer=reviewer, hour_at__gte=now - timedelta(days=7))
        .values("hour_at__date", "wellness_class")
        .annotate(total=Sum("cases"), shown_ms=Sum("visible_ms"))
        .order_by("-hour_at__date", "wellness_class")
    )
    return tuple(
        SeenDay(
            day=row["hour_at__date"].isoformat(),
            wellness_class=row["wellness_class"],
            cases=row["total"],
            minutes=row["shown_ms"] / 60_000,
        )
        for row in rows
    )


def incidents(*, viewer: Viewer) -> QuerySet[Incident]:
    """Return the private records within reach, those that wait first; for the wellbeing role."""
    reach = viewer.scope(
        "wellbeing.view", sites="reviewer__team__site__slug", data_boundary="reviewer__data_boundary__slug"
    )
    return (
        Incident.objects.filter(reach)
        .select_related("reviewer__team__site")
        .order_by("closed_at", "-opened_at", "-id")
    )


def incident(*, viewer: Viewer, incident_id: UUID) -> Incident:
    """Return one private record, for the wellbeing role.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    found = incidents(viewer=viewer).filter(pk=incident_id).first()
    if found is None:
        raise NotFoundError(f"There is no record {incident_id}.", remedy="Check the address and your access.")
    return found


def own_incidents(*, reviewer: Reviewer) -> list[tuple[datetime, str]]:
    """Return when a person told something and where it stands, without the words."""
    return list(
        Incident.objects.filter(reviewer=reviewer)
        .values_list("opened_at", "state")
        .order_by("-opened_at")[:10]
    )


def contacts_for(*, reviewer: Reviewer) -> list[Contact]:
    """Return whom a person may talk to: those of their site and those for all."""
    return list(Contact.objects.filter(Q(site=None) | Q(site=reviewer.team.site)))


def prune(*, now: datetime) -> int:
    """Return how many rows were deleted: tallies and overrides that no rule and no page asks for any more."""
    old = now - timedelta(weeks=WEEKS_KEPT)
    tallies, _ = Tally.objects.filter(hour_at__lt=old).delete()
    overrides, _ = Override.objects.filter(until__lt=old).delete()
    return tallies + overrides
