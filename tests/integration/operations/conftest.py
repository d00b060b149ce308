"""A small operation: two sites, two queues, a boundary, a policy, and the people who work and look."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from watchfloor.operations.people.models import DataBoundary, Reviewer, Site, Skill, Team, Vendor
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version, publish
from watchfloor.operations.queues.models import Queue, Template, TemplateVersion
from watchfloor.operations.queues.services import NewQueue, Settings, configure, create_queue
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.review.services import NewCase, enqueue_batch

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVERYONE = Viewer.system("test")


@dataclass
class Floor:
    """The operation under test, with short ways to act in it."""

    now: datetime
    by: Viewer
    dublin: Site
    manila: Site
    team_a: Team
    team_b: Team
    boundary: DataBoundary
    policy: PolicyVersion
    template: TemplateVersion

    def reviewer(self, code: str, **changes: Any) -> Reviewer:
        """Return a new reviewer of the first team who speaks English."""
        values = {"team": self.team_a, "hired_on": date(2025, 1, 6), "languages": ["en"], "skills": []}
        return Reviewer.objects.create(code=code, **(values | changes))

    def queue(self, slug: str, *, settings: dict[str, Any] | None = None, **changes: Any) -> Queue:
        """Return a live queue bound to the policy."""
        new = replace(
            NewQueue(slug=slug, title=slug.capitalize(), group="text", surface="comment"), **changes
        )
        values = {
            "policy_version": self.policy,
            "template_version": self.template,
            "starvation_share": 0.0,  # every claim goes by class, whatever was claimed before
        } | (settings or {})
        queue = create_queue(new=new, by=self.by, now=self.now, settings=Settings(**values))
        Queue.objects.filter(pk=queue.pk).update(state="live")
        queue.state = "live"
        return queue

    def configure(self, queue: Queue, **changes: Any) -> None:
        """Give the queue a new version that differs in `changes`."""
        assert queue.current_version is not None
        settings = replace(Settings.of(queue.current_version), **changes)
        configure(queue=queue, settings=settings, by=self.by, now=self.now)

    def enqueue(self, queue: Queue, count: int = 1, **values: Any) -> list[Any]:
        """Return the ids of new cases, a second apart."""
        cases = [
            NewCase(
                queue=queue.slug,
                **({"language": "en", "enqueued_at": self.now + timedelta(seconds=i)} | values),
            )
            for i in range(count)
        ]
        return [each.case_id for each in enqueue_batch(cases=cases, now=self.now)]

    def viewer(self, role: str, **scope: str) -> Viewer:
        """Return somebody with one grant."""
        return Viewer(name=f"{role}@test", grants=(GrantScope(role, **scope),))


def build_floor() -> Floor:
    """Return the operation, written to the database."""
    vendor = Vendor.objects.create(slug="acme", name="Acme")
    dublin = Site.objects.create(slug="dublin", name="Dublin", employer_kind="in_house", country="IE")
    manila = Site.objects.create(
        slug="manila", name="Manila", employer_kind="vendor", vendor=vendor, country="PH"
    )
    Skill.objects.create(slug="video", name="Video")
    policy = create_policy(slug="spam", name="Spam", by=EVERYONE, now=NOW)
    labels = [
        NewLabel("scam", "Scam", "Deceives for gain.", "high", "remove", "SCAMS_AND_FRAUD", "PHISHING"),
        NewLabel("nudity", "Nudity", "Shows nudity.", "low", "age_restrict", "OTHER_VIOLATION_TC", "NUDITY"),
        NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False),
    ]
    version = draft_version(policy=policy, labels=labels, by=EVERYONE, now=NOW)
    template = Template.objects.create(slug="plain", name="Plain")
    return Floor(
        now=NOW,
        by=EVERYONE,
        dublin=dublin,
        manila=manila,
        team_a=Team.objects.create(slug="dublin-a", name="A", site=dublin),
        team_b=Team.objects.create(slug="manila-b", name="B", site=manila),
        boundary=DataBoundary.objects.create(slug="enclave", name="Enclave"),
        policy=publish(version=version, by=EVERYONE, now=NOW),
        template=TemplateVersion.objects.create(template=template, version=1, created_at=NOW),
    )


@pytest.fixture
def floor(db: None) -> Floor:
    """The operation, rolled back after the test."""
    return build_floor()


@pytest.fixture
def committed_floor(transactional_db: None) -> Callable[[], Floor]:
    """The operation for threads, each with its own connection; emptied after the test."""
    return build_floor
