"""A reviewer's desk: the person, the cases they hold, each with everything that its page shows."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import get_language

from watchfloor.operations.console.asking import Ask, ask_of
from watchfloor.operations.console.content import Shown, shown
from watchfloor.operations.console.guide import Guide, guide_of
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.models import WELLNESS_CLASSES
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.review.models import Lease, Review
from watchfloor.operations.wellbeing.presentation import Presentation
from watchfloor.operations.wellbeing.selectors import presentation_for


@dataclass(frozen=True, slots=True)
class Desk:
    """One case in a reviewer's hands, ready to be shown."""

    lease: Lease
    ask: Ask
    shown: Shown
    guide: Guide
    presentation: Presentation
    wellness_class: str
    template_version_id: int | None


@dataclass(frozen=True, slots=True)
class Today:
    """What a person did since their local midnight: cases finished, nothing to compare them with."""

    finished: int
    time_zone: str


def reviewer_of(user: AbstractBaseUser | AnonymousUser) -> Reviewer | None:
    """Return the reviewer that the account works as, or None."""
    if user.pk is None:
        return None
    return Reviewer.objects.select_related("team__site").filter(user_id=user.pk, active=True).first()


def held(*, reviewer: Reviewer, now: datetime) -> list[Lease]:
    """Return the person's good leases, the longest held first."""
    rows = Lease.objects.filter(reviewer=reviewer, expires_at__gt=now)
    return list(_with_case(rows).order_by("claimed_at", "token"))


def lease_of(*, reviewer: Reviewer, token: str) -> Lease | None:
    """Return the person's lease of that token, or None when it ended or is somebody else's."""
    return _with_case(Lease.objects.filter(reviewer=reviewer, token=token)).first()


def _with_case(rows: QuerySet[Lease]) -> QuerySet[Lease]:
    return rows.select_related("case", "queue", "queue_version__policy_version__policy")


def desk_of(*, lease: Lease, reviewer: Reviewer) -> Desk:
    """Return the case of a lease with its form, its content in parts, its guide and how it is presented."""
    case, version = lease.case, lease.queue_version
    wellness = max((version.wellness_class, case.wellness_class or "standard"), key=WELLNESS_CLASSES.index)
    template_version_id = template_of(lease)
    return Desk(
        lease=lease,
        ask=ask_of(queue_version_id=version.pk, template_version_id=template_version_id),
        shown=shown(
            case.content,
            reader=get_language() or "en",
            language=case.language,
            origins=settings.WATCHFLOOR_MEDIA_ORIGINS,
        ),
        guide=guide_of(version=version),
        presentation=presentation_for(reviewer=reviewer, wellness_class=wellness),
        wellness_class=wellness,
        template_version_id=template_version_id,
    )


def template_of(lease: Lease) -> int | None:
    """Return the template version the case is shown in: the lease's own, else the queue version's."""
    shown_in: int | None = getattr(lease, "template_version_id", None)
    return shown_in or lease.queue_version.template_version_id


def today(*, reviewer: Reviewer, now: datetime) -> Today:
    """Return what the person finished since midnight where they work."""
    zone = reviewer.team.site.time_zone
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    finished = Review.objects.filter(
        reviewer=reviewer, outcome="submitted", submitted_at__gte=midnight, turn__isnull=False
    ).count()
    return Today(finished=finished, time_zone=zone)


def require_reviewer(user: AbstractBaseUser | AnonymousUser) -> Reviewer:
    """Return the reviewer that the account works as.

    Raises:
        NotFoundError: the account has no reviewer profile.

    """
    found = reviewer_of(user)
    if found is None:
        raise NotFoundError(
            "This account is not linked to a reviewer.",
            remedy="Ask an administrator to link it, in the admin under Reviewers.",
        )
    return found
