"""Whatever the demo enqueues can be taken: each queue and language has people for it on every day."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.review.actors.seed import seed_demo
from watchfloor.operations.review.models import Pending
from watchfloor.operations.review.services import NewCase, claim, enqueue, release
from watchfloor.science.simulation.world import DemoWorld
from watchfloor.science.simulation.world import Reviewer as Described

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
# By then a case's own site has had its turn, and the others may help out.
LATER = NOW + timedelta(hours=6)
# Two blind reviews, a third that settles them, and one who skipped before.
PEOPLE_A_CASE_MAY_NEED = 4


def trained(world: DemoWorld, *, queue: str, language: str, weekday: int) -> list[Described]:
    return [
        person
        for person in world.reviewers
        if person.active
        and queue in person.queues
        and language in person.languages
        and weekday not in person.days_off
    ]


def test_on_every_day_enough_people_may_claim_what_arrives_in_each_queue_and_language() -> None:
    world = seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    queues = {queue.slug: queue.pk for queue in Queue.objects.all()}
    people = {person.code: person for person in Reviewer.objects.all()}
    refused, few = set(), []
    for queue in world.production_queues:
        for language in queue.languages:
            enqueue(case=NewCase(queue=queue.slug, language=language, severity_hint="low"), now=NOW)
            asked: dict[str, bool] = {}
            for weekday in range(7):
                on_duty = trained(world, queue=queue.slug, language=language, weekday=weekday)
                for person in on_duty[:: max(1, len(on_duty) // PEOPLE_A_CASE_MAY_NEED)]:
                    if person.code not in asked:
                        claimed = claim(reviewer=people[person.code], now=LATER, queues=[queues[queue.slug]])
                        asked[person.code] = claimed is not None
                        if claimed:
                            release(lease_token=claimed.token, now=LATER)
                if sum(asked.get(person.code, False) for person in on_duty) < PEOPLE_A_CASE_MAY_NEED:
                    few.append((queue.slug, language, weekday))
            refused |= {(queue.slug, language, code) for code, may in asked.items() if not may}
            Pending.objects.all().delete()
    assert refused == set()
    assert few == []


def test_live_content_and_minor_safety_are_served_before_others_of_their_severity() -> None:
    world = seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    lifts = {
        queue.slug: queue.current_version.priority_lift
        for queue in Queue.objects.select_related("current_version")
    }
    assert lifts == {queue.slug: queue.priority_lift for queue in world.queues}
    enqueue(case=NewCase(queue="live-realtime", language="en", severity_hint="low"), now=NOW)
    assert Pending.objects.get().priority == 1
