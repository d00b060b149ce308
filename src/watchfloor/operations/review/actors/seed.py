"""Writes the demo operation's objects into PostgreSQL, once: who works there, on what, and what changed.

The description is `science.simulation.demo_world`; here it only becomes rows. What happened before now is
`actors.history`, what happens from now on `actors.live`.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from watchfloor.operations.people.models import (
    Certification,
    DataBoundary,
    Grant,
    Reviewer,
    Site,
    Skill,
    Team,
    User,
    Vendor,
)
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.services import EVERYWHERE, Place, record_change
from watchfloor.operations.record.viewers import ALL_BOUNDARIES
from watchfloor.operations.review.actors import AUTHOR, EMAIL_DOMAIN
from watchfloor.operations.review.actors.seed_catalogue import seed_policies, seed_queues
from watchfloor.operations.review.actors.seed_design import seed_proposal, seed_views
from watchfloor.operations.review.actors.seed_intake import seed_intake
from watchfloor.science.simulation import world as simulated
from watchfloor.science.simulation.demo_world import build_world

Progress = Callable[[str], None]

_NAMES = uuid.UUID("6f1f0f5e-54a9-5f0d-9d43-6d1c0d6d2c11")
_MARK = "operation"

# Mail name, name, role, site.
_PEOPLE = (
    ("admin", "Demo Administrator", "administrator", None),
    ("strategist", "Demo Strategist", "strategist", None),
    ("analyst", "Demo Analyst", "analyst", None),
    ("auditor", "Demo Auditor", "auditor", None),
    ("adjudicator", "Demo Adjudicator", "auditor", None),
    ("engineer", "Demo Engineer", "engineer", None),
    ("wellbeing", "Demo Wellbeing", "wellbeing", None),
    ("vendor", "Demo Vendor Manager", "vendor_manager", "manila"),
    ("manila", "Demo Site Lead, Manila", "site_lead", "manila"),
    ("dublin", "Demo Site Lead, Dublin", "site_lead", "dublin"),
)


def seed_demo(*, now: datetime, progress: Progress, seed: int, days: int) -> simulated.DemoWorld:
    """Return the demo's world, after writing its objects unless they are there already.

    The start of its history is kept in a change event, so that every later start builds the same world.
    """
    known = seeded_world()
    if known:
        return known
    start = now.replace(second=0, microsecond=0) - timedelta(days=days)
    world = build_world(seed=seed, start=start, days=days)
    with transaction.atomic():
        progress("people")
        _seed_places(world)
        _seed_reviewers(world)
        _seed_users()
        progress("policies")
        seed_policies(world)
        progress("queues")
        queues = seed_queues(world)
        seed_views(queues)
        progress("strategies")
        seed_intake(world, queues, now=now)
        progress("certifications")
        _seed_certifications(world)
        progress("changes")
        _seed_changes(world, queues)
        seed_proposal(queues, now=now)
        _mark(world, days=days)
    return world


def seeded_world() -> simulated.DemoWorld | None:
    """Return the world that this operation was seeded from, or None before it was."""
    mark = ChangeEvent.objects.filter(object_kind=_MARK, kind="simulated").order_by("at", "id").first()
    if mark is None:
        return None
    return build_world(
        seed=mark.detail["seed"],
        start=datetime.fromisoformat(mark.detail["start"]),
        days=mark.detail["days"],
    )


def _mark(world: simulated.DemoWorld, *, days: int) -> None:
    record_change(
        object_kind=_MARK,
        object_id="demo",
        object_version=None,
        kind="simulated",
        at=world.start,
        author=AUTHOR,
        summary="This operation is simulated: its people, cases and decisions are invented.",
        detail={"seed": world.seed, "start": world.start.isoformat(), "days": days},
        change_id=uuid.uuid5(_NAMES, "simulated"),
    )


def _seed_places(world: simulated.DemoWorld) -> None:
    for boundary in world.boundaries:
        DataBoundary.objects.create(
            slug=boundary.slug, name=boundary.name.en, minimum_count=boundary.minimum_count
        )
    for skill in world.skills:
        Skill.objects.create(slug=skill.slug, name=skill.name.en)
    sites = {}
    for site in world.sites:
        vendor = None
        if site.vendor:
            slug = site.vendor.lower().replace(" ", "-")
            vendor, _ = Vendor.objects.get_or_create(slug=slug, defaults={"name": site.vendor})
        sites[site.slug] = Site.objects.create(
            slug=site.slug,
            name=site.name.en,
            employer_kind=site.employer_kind,
            vendor=vendor,
            country=site.country,
            time_zone=site.time_zone,
        )
    for team in world.teams:
        Team.objects.create(slug=team.slug, name=team.name.en, site=sites[team.site])


def _seed_reviewers(world: simulated.DemoWorld) -> None:
    teams = {team.slug: team for team in Team.objects.all()}
    boundaries = {boundary.slug: boundary for boundary in DataBoundary.objects.all()}
    Reviewer.objects.bulk_create(
        Reviewer(
            code=person.code,
            team=teams[person.team],
            hired_on=person.hired_on,
            first_production_on=person.hired_on,
            languages=list(person.languages),
            skills=list(person.skills),
            data_boundary=boundaries.get(person.data_boundary or ""),
            active=person.active,
        )
        for person in world.reviewers
    )


def _seed_users() -> None:
    sites = {site.slug: site for site in Site.objects.all()}
    for mail, name, role, site in _PEOPLE:
        user = User.objects.create_user(f"{mail}@{EMAIL_DOMAIN}", name=name, is_staff=role == "administrator")
        boundary = ALL_BOUNDARIES if role in ("administrator", "strategist", "analyst") else ""
        Grant.objects.create(user=user, role=role, site=sites[site] if site else None, data_boundary=boundary)


def _seed_certifications(world: simulated.DemoWorld) -> None:
    people = {reviewer.code: reviewer for reviewer in Reviewer.objects.all()}
    policies = {queue.slug: queue.policy for queue in world.queues}
    Certification.objects.bulk_create(
        (
            Certification(
                reviewer=people[person.code],
                policy=policy.slug,
                policy_version=version.number,
                granted_at=max(version.effective_from, world.start - timedelta(days=45)),
                expires_at=world.end + timedelta(days=365),
            )
            for person in world.reviewers
            for policy in world.policies
            if policy.slug in {policies[queue] for queue in person.queues}
            for version in policy.versions[-2:]
        ),
        batch_size=2000,
    )


def _seed_changes(world: simulated.DemoWorld, queues: dict[str, Queue]) -> None:
    for change in world.changes:
        queue = queues.get(change.object_id)
        record_change(
            object_kind=change.object_kind,
            object_id=change.object_id,
            object_version=change.object_version,
            kind=change.kind,
            at=change.at,
            author=change.author,
            summary=change.summary.en,
            detail={**dict(change.detail), "summary_zh_hans": change.summary.zh_hans, "simulated": True},
            place=Place(queue_group=queue.group) if queue else EVERYWHERE,
            change_id=uuid.uuid5(_NAMES, change.id),
        )
