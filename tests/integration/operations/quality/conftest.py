"""The small operation with quality work in it: a queue, its training queue, auditors and trainees."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from watchfloor.operations.people.models import Grant, Reviewer, User
from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.quality import services
from watchfloor.operations.quality.models import AuditDesign, GoldCase
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, Viewer
from watchfloor.operations.review.services import Answer, claim, submit

SCAM, FINE, NUDITY = Answer(labels=("scam",)), Answer(labels=("fine",)), Answer(labels=("nudity",))


@dataclass
class Quality:
    """Short ways to act as quality assurance, and the people who do."""

    floor: Any
    queue: Queue
    training: Queue
    people: dict[str, Reviewer] = field(default_factory=dict)

    @property
    def now(self) -> Any:
        """The instant the operation stands at."""
        return self.floor.now

    def person(self, code: str, role: str = "auditor", **grant: Any) -> Reviewer:
        """Return a reviewer with an account and a role."""
        user = User.objects.create_user(f"{code}@test.invalid", name=code)
        Grant.objects.create(user=user, role=role, **({"data_boundary": ALL_BOUNDARIES} | grant))
        self.people[code] = Reviewer.objects.create(
            code=code, user=user, team=self.floor.team_a, hired_on=date(2024, 1, 8), languages=["en"]
        )
        return self.people[code]

    def viewer(self, reviewer: Reviewer) -> Viewer:
        """Return who the reviewer is when signed in."""
        return viewer_for(reviewer.user)

    def decided(
        self, reviewer: Reviewer, answer: Answer = FINE, queue: Queue | None = None, **case: Any
    ) -> Any:
        """Return the submitted turn of a new case of the queue."""
        target = queue or self.queue
        self.floor.enqueue(target, **case)
        taken = claim(reviewer=reviewer, now=self.now, queues=[target.pk])
        assert taken is not None
        return submit(lease_token=taken.token, answer=answer, now=self.now + timedelta(seconds=20))

    def gold(self, case_id: UUID, first: Reviewer, second: Reviewer, answer: Answer = SCAM) -> GoldCase:
        """Return the case as gold that stands, adjudicated by two people."""
        made = services.nominate_gold(case_id=case_id, by=self.viewer(first), now=self.now)
        for person in (first, second):
            made = services.adjudicate_gold(
                gold_id=made.pk,
                answer=answer,
                rationale="Asks for a password.",
                difficulty=0.5,
                by=self.viewer(person),
                now=self.now,
            )
        return made

    def design(self, slug: str = "daily", **changes: Any) -> AuditDesign:
        """Return a running design that takes every unit unless told otherwise."""
        new = services.NewDesign(
            **({"slug": slug, "title": slug, "queues": [self.queue], "plan": {"share": 1.0}} | changes)
        )
        return services.create_design(new=new, seed=7, by=self.floor.by, now=self.now)

    @property
    def rng(self) -> random.Random:
        """A generator that always starts alike."""
        return random.Random(11)


def build_quality(floor: Any) -> Quality:
    """Return the operation with its queues."""
    training = floor.queue("spam-training", purpose="training", settings={})
    queue = floor.queue(
        "spam-comments", settings={"training_queue": training, "gold_share": 0.5, "audit_share": 0.0}
    )
    return Quality(floor, queue, training)


@pytest.fixture
def quality(floor: Any) -> Quality:
    """The operation, rolled back after the test."""
    return build_quality(floor)


@pytest.fixture
def committed_quality(committed_floor: Callable[[], Any]) -> Callable[[], Quality]:
    """The operation for threads, each with its own connection."""
    return lambda: build_quality(committed_floor())
