"""What follows decisions in the demo: an endpoint, appeals, restrictions and statements of reasons."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from watchfloor.operations.demo.cast import APPEALS, Cast, queue_of
from watchfloor.operations.demo.deciding import Worked, labels_of
from watchfloor.operations.enforcement.appeals import file_appeal
from watchfloor.operations.enforcement.endpoints import put_endpoint
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.statements import build_statements
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.review.actors import TRUTH
from watchfloor.operations.review.actors.seed_catalogue import PLATFORM
from watchfloor.operations.review.models import Decision
from watchfloor.operations.review.services import Answer, claim, submit

COMPLAINTS = (
    "I wrote this about my own club, and everybody there laughed.",
    "The address is that of my shop. It stands on the door.",
    "This was a quotation. I was the one it was said to.",
    "Please look again: the picture shows a statue.",
)


def seed_endpoint(*, cast: Cast, at: datetime) -> None:
    """Write the endpoint of the invented platform; its address comes when the demo's receiver listens."""
    put_endpoint(slug=PLATFORM, url="", by=cast.admin, now=at)


def seed_appeals(
    *, wrong: Sequence[Worked], right: Sequence[Worked], cast: Cast, at: datetime, rng: random.Random
) -> None:
    """File appeals: two against wrong decisions and one against a right one are looked at; two are open."""
    for number, case in enumerate((*wrong[:2], *right[:1])):
        filed_at = at + timedelta(minutes=7 * number)
        complain(case=case, cast=cast, at=filed_at, number=number)
        look_again(cast.appeals, at=filed_at + timedelta(minutes=3), rng=rng)
    later = at + timedelta(minutes=60)
    for number, case in enumerate((*right[1:2], *wrong[2:3]), 3):
        complain(case=case, cast=cast, at=later + timedelta(minutes=number), number=number)


def complain(*, case: Worked, cast: Cast, at: datetime, number: int) -> None:
    """File an appeal against the decision of a case, by the person it concerns."""
    file_appeal(
        case_id=case.case_id,
        kind="internal_complaint",
        complainant_role="user",
        note=COMPLAINTS[number % len(COMPLAINTS)],
        by=cast.engineer,
        now=at,
        client_key=f"complaint-{case.case_id}",
    )


def look_again(
    people: Sequence[Reviewer], *, at: datetime, rng: random.Random, until: datetime | None = None
) -> bool:
    """Return whether one of the people was served an appeal and answered it as the case really is."""
    queue = queue_of(APPEALS)
    labels = labels_of(queue)
    for reviewer in people:
        claimed = claim(reviewer=reviewer, now=at, queues=[queue.pk])
        if claimed is None:
            continue
        truth = str(claimed.content.get(TRUTH, ""))
        said = truth if truth in labels else labels[0]
        ended = until or at + timedelta(seconds=rng.uniform(60, 150))
        submit(lease_token=claimed.token, answer=Answer(labels=(said,)), now=ended)
        return True
    return False


def follow_decisions(*, now: datetime) -> None:
    """Let restrictions, deliveries, appeals and statements follow what was decided so far."""
    while follow_all(now=now):
        pass
    build_statements(now=now)


def appealable(*, decided_since: datetime, until: datetime, most: int) -> list[Decision]:
    """Return decisions of English comments that found a violation, stand, and nobody appealed or audited."""
    rows = Decision.objects.filter(
        queue__group="community-text",
        queue__purpose="production",
        case__language="en",
        case__gold_id="",
        decided_at__gte=decided_since,
        decided_at__lt=until,
        violative=True,
        enforced=True,
        withdrawn_at__isnull=True,
        superseded_by__isnull=True,
    ).exclude(case__in=Audit.objects.exclude(dispute_state="none").values("case"))
    return list(rows.filter(appeals=None).order_by("-decided_at", "id")[:most])
