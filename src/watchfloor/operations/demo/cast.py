"""The invented people who appear by name: those with accounts, and the few reviewers beside the world's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.operations.people.models import Reviewer, Site, User
from watchfloor.operations.people.services import NewReviewer, add_reviewers, add_team
from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.quality.services import certify_many
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.actors import EMAIL_DOMAIN

PRODUCTION = "comment-harassment-en"
TRAINING = "training-harassment"
APPEALS = "appeal-community-text"
CENSUS = "message-fraud"
SEVERE = "video-minor-safety"
_AUDITORS, _APPEALS, _TRAINEES = "quality-dublin", "appeals-manila", "trainees-manila"
_PEOPLE = {_AUDITORS: 2, _APPEALS: 3, _TRAINEES: 4}
_TEAMS = (
    (_AUDITORS, "Quality, English", "dublin"),
    (_APPEALS, "Appeals, English", "manila"),
    (_TRAINEES, "Trainees, English", "manila"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who acts by name. The first auditor audits; the second rules on what is disputed."""

    admin: Viewer
    strategist: Viewer
    auditor: Viewer
    adjudicator: Viewer
    engineer: Viewer
    wellbeing: Viewer
    auditors: tuple[Reviewer, ...]
    appeals: tuple[Reviewer, ...]
    trainees: tuple[Reviewer, ...]


def find_cast() -> Cast | None:
    """Return the people by name, or None where the floor was not opened."""
    by_team = {slug: _members(slug) for slug in _PEOPLE}
    if not all(by_team.values()):
        return None
    return Cast(
        admin=_viewer("admin"),
        strategist=_viewer("strategist"),
        auditor=_viewer("auditor"),
        adjudicator=_viewer("adjudicator"),
        engineer=_viewer("engineer"),
        wellbeing=_viewer("wellbeing"),
        auditors=by_team[_AUDITORS],
        appeals=by_team[_APPEALS],
        trainees=by_team[_TRAINEES],
    )


def hire(*, now: datetime) -> Cast:
    """Return the people by name, after hiring auditors, reviewers of appeals, and trainees.

    Raises:
        RuntimeError: the demo's accounts are not there.

    """
    admin = _viewer("admin")
    sites = {site.slug: site for site in Site.objects.all()}
    for slug, name, site in _TEAMS:
        team = add_team(slug=slug, name=name, site=sites[site], by=admin, now=now)
        experienced = slug != _TRAINEES
        hired_on = (now - timedelta(days=400 if experienced else 6)).date()
        new = [
            NewReviewer(
                code=f"{slug}-{number}",
                team=team,
                hired_on=hired_on,
                first_production_on=hired_on if experienced else None,
                languages=("en",),
                skills=("text",),
            )
            for number in range(1, _PEOPLE[slug] + 1)
        ]
        add_reviewers(new=new, by=admin, now=now)
    for name, reviewer in zip(("auditor", "adjudicator"), _members(_AUDITORS), strict=True):
        Reviewer.objects.filter(pk=reviewer.pk).update(user=_user(name))
    certify_many(
        reviewers=[*_members(_AUDITORS), *_members(_APPEALS)],
        policy_version=bound_policy(PRODUCTION),
        by=admin,
        now=now,
    )
    cast = find_cast()
    if cast is None:
        raise RuntimeError("The demo's people were hired and are not there.")
    return cast


def bound_policy(slug: str) -> PolicyVersion:
    """Return the policy version that a queue of the demo binds."""
    version = queue_of(slug).current_version
    if version is None or version.policy_version is None:
        raise RuntimeError(f"The demo's queue {slug} binds no policy.")
    return version.policy_version


def queue_of(slug: str) -> Queue:
    """Return a queue of the demo with its configuration."""
    return Queue.objects.select_related(
        "data_boundary", "current_version__policy_version__policy", "current_version__training_queue"
    ).get(slug=slug)


def colleagues(team: str, count: int) -> list[Reviewer]:
    """Return some of the world's reviewers of a team."""
    rows = Reviewer.objects.filter(team__slug=team, active=True).select_related("team__site")
    return list(rows.order_by("code")[:count])


def _members(team: str) -> tuple[Reviewer, ...]:
    rows = Reviewer.objects.filter(team__slug=team).select_related("team__site", "user", "data_boundary")
    return tuple(rows.order_by("code"))


def _user(name: str) -> User:
    return User.objects.get(email=f"{name}@{EMAIL_DOMAIN}")


def _viewer(name: str) -> Viewer:
    return viewer_for(_user(name))
