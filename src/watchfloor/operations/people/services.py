"""Writes of people: sites, teams, reviewers, certifications. Each leaves an audit entry."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import (
    Certification,
    DataBoundary,
    Reviewer,
    Site,
    Skill,
    Team,
    Vendor,
)
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer


class PeopleError(WatchfloorError):
    """Something about people cannot be written as asked."""


@dataclass(frozen=True, slots=True)
class NewReviewer:
    """A reviewer to add. `first_production_on` is known when they worked here before the record began."""

    code: str
    team: Team
    hired_on: date
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    data_boundary: DataBoundary | None = None
    first_production_on: date | None = None
    active: bool = True


@transaction.atomic
def add_site(
    *,
    slug: str,
    name: str,
    employer_kind: str,
    country: str,
    time_zone: str,
    by: Viewer,
    now: datetime,
    vendor: Vendor | None = None,
) -> Site:
    """Return a new site.

    Raises:
        PeopleError: a vendor site without its vendor, or an in-house site with one.

    """
    _require(by, site=slug)
    if (employer_kind == "vendor") != (vendor is not None):
        raise PeopleError(
            f"Site {slug!r} is {employer_kind} and names {vendor or 'no vendor'}.",
            remedy="A vendor site names its vendor; an in-house site names none.",
        )
    site = Site.objects.create(
        slug=slug, name=name, employer_kind=employer_kind, country=country, time_zone=time_zone, vendor=vendor
    )
    audit(
        actor=by.name,
        action="create",
        object_kind="site",
        object_id=slug,
        after={"name": name, "employer_kind": employer_kind, "vendor": vendor.slug if vendor else ""},
        now=now,
        place=Place(site=slug),
    )
    return site


@transaction.atomic
def add_team(*, slug: str, name: str, site: Site, by: Viewer, now: datetime) -> Team:
    """Return a new team of a site."""
    _require(by, site=site.slug)
    team = Team.objects.create(slug=slug, name=name, site=site)
    audit(
        actor=by.name,
        action="create",
        object_kind="team",
        object_id=slug,
        after={"name": name, "site": site.slug},
        now=now,
        place=Place(site=site.slug),
    )
    return team


@transaction.atomic
def add_reviewers(*, new: list[NewReviewer], by: Viewer, now: datetime) -> list[Reviewer]:
    """Return new reviewers, in order; one roster change a team says how many joined.

    Raises:
        PeopleError: a skill is unknown.

    """
    for each in {one.team.pk: one.team for one in new}.values():
        _require(by, site=each.site.slug)
    wanted = {skill for each in new for skill in each.skills}
    known = set(Skill.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    if missing := sorted(wanted - known):
        raise PeopleError(f"There is no skill {', '.join(missing)}.", remedy="Add it first.")
    rows = Reviewer.objects.bulk_create(
        [
            Reviewer(
                code=each.code,
                team=each.team,
                hired_on=each.hired_on,
                first_production_on=each.first_production_on,
                languages=list(each.languages),
                skills=list(each.skills),
                data_boundary=each.data_boundary,
                active=each.active,
            )
            for each in new
        ],
        batch_size=1000,
    )
    for team in {each.team.pk: each.team for each in new}.values():
        codes = [each.code for each in new if each.team.pk == team.pk]
        _roster_change(team, "created", codes, f"{team.name}: {len(codes)} reviewers joined.", by, now)
    return rows


@transaction.atomic
def move_reviewer(*, reviewer: Reviewer, team: Team, by: Viewer, now: datetime) -> Reviewer:
    """Return the reviewer in another team; facts before `now` keep the old one."""
    _require(by, site=reviewer.team.site.slug)
    _require(by, site=team.site.slug)
    before = reviewer.team
    reviewer.team = team
    reviewer.save(update_fields=["team"])
    _roster_change(
        team, "changed", [reviewer.code], f"{reviewer.code} moved from {before.name} to {team.name}.", by, now
    )
    return reviewer


@transaction.atomic
def set_active(*, reviewer: Reviewer, active: bool, by: Viewer, now: datetime) -> Reviewer:
    """Return the reviewer, switched on or off; somebody switched off claims nothing more."""
    _require(by, site=reviewer.team.site.slug)
    reviewer.active = active
    reviewer.save(update_fields=["active"])
    verb, kind = ("returned", "changed") if active else ("left", "retired")
    _roster_change(reviewer.team, kind, [reviewer.code], f"{reviewer.code} {verb}.", by, now)
    return reviewer


@transaction.atomic
def certify(
    *,
    reviewers: list[Reviewer],
    policy: str,
    policy_version: int,
    by: Viewer,
    now: datetime,
    granted_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Certify reviewers for a version of a policy; one held already is renewed."""
    by.require("people.change")
    Certification.objects.bulk_create(
        [
            Certification(
                reviewer=reviewer,
                policy=policy,
                policy_version=policy_version,
                granted_at=granted_at or now,
                expires_at=expires_at,
            )
            for reviewer in reviewers
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["reviewer", "policy", "policy_version"],
        update_fields=["granted_at", "expires_at"],
    )
    audit(
        actor=by.name,
        action="certify",
        object_kind="policy",
        object_id=policy,
        after={"version": policy_version, "reviewers": [reviewer.code for reviewer in reviewers]},
        now=now,
    )


def _roster_change(team: Team, kind: str, codes: list[str], summary: str, by: Viewer, now: datetime) -> None:
    place = Place(site=team.site.slug)
    audit(
        actor=by.name,
        action=kind,
        object_kind="roster",
        object_id=team.slug,
        after={"reviewers": codes},
        now=now,
        place=place,
    )
    record_change(
        object_kind="roster",
        object_id=team.slug,
        object_version=None,
        kind=kind,
        at=now,
        author=by.name,
        summary=summary,
        detail={"reviewers": codes},
        place=place,
    )


def _require(by: Viewer, *, site: str) -> None:
    by.require("people.change")
    if not by.reaches("people.change", {"site": site}):
        raise NotPermittedError(
            f"{by.name} may not change site {site!r}: it lies outside their grants.",
            remedy="Ask an administrator for a grant that covers it.",
        )
