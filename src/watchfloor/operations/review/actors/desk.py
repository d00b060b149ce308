"""Gives the demo's administrator a reviewer's desk, so that a visitor can try the console at once.

The profile speaks the demo's languages, has every skill and is certified on every policy in force.
It stands outside the simulated world: nobody plays it, and it enters no history.
"""

from datetime import date, datetime, timedelta

from django.db import transaction

from watchfloor.operations.people.models import Certification, Reviewer, Skill, Team
from watchfloor.operations.people.sign_in import administrator
from watchfloor.operations.queues.models import Queue
from watchfloor.science.simulation.world import LANGUAGE_CODES

CODE = "visitor"
_YEAR = timedelta(days=365)


@transaction.atomic
def seat_visitor(*, now: datetime) -> Reviewer | None:
    """Return the profile of the administrator whom the demo's link signs in; None where no queue serves."""
    user = administrator()
    queues = list(
        Queue.objects.filter(data_boundary=None, current_version__isnull=False)
        .select_related("current_version")
        .order_by("slug")
    )
    team = _busiest_team(queues)
    if team is None:
        return None
    reviewer = Reviewer.objects.filter(user=user).first()
    if reviewer is None:
        reviewer, _ = Reviewer.objects.update_or_create(
            code=CODE,
            defaults={"user": user},
            create_defaults={
                "user": user,
                "team": team,
                "hired_on": date(2026, 1, 1),
                "languages": list(LANGUAGE_CODES),
                "skills": list(Skill.objects.order_by("slug").values_list("slug", flat=True)),
            },
        )
    for queue in queues:
        version = queue.current_version
        if version is None or not version.policy_slug or version.policy_number is None:
            continue
        Certification.objects.get_or_create(
            reviewer=reviewer,
            policy=version.policy_slug,
            policy_version=version.policy_number,
            defaults={"granted_at": now, "expires_at": now + _YEAR},
        )
    return reviewer


def _busiest_team(queues: list[Queue]) -> Team | None:
    """Return the first team of the site that works on most of the queues."""
    sites: dict[str, int] = {}
    for queue in queues:
        shares = queue.current_version.site_shares if queue.current_version else {}
        for site in shares:
            sites[site] = sites.get(site, 0) + 1
    best = min(sites, key=lambda site: (-sites[site], site), default="")
    return Team.objects.filter(site__slug=best).order_by("slug").first()
