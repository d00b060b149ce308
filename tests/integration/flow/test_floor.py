"""The floor's numbers follow what services do, at the cost of what changed."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.viewers import GrantScope, Viewer
from watchfloor.operations.queues.models import Queue, QueueVersion
from watchfloor.operations.queues.services import Settings, configure
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.review.actors.seed import seed_demo
from watchfloor.operations.review.counters import QueuePlan
from watchfloor.operations.review.floor import CHANNEL, FloorRow, floor_rows, row_as_json
from watchfloor.operations.review.pulse import Pulse
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, release, submit
from watchfloor.science.simulation.world import DemoWorld

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
SLUG = "comment-harassment-en"
EVERYONE = Viewer.system()


@pytest.fixture
def world(db: None) -> DemoWorld:
    return seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)


def floor_row(now: datetime = NOW, slug: str = SLUG) -> FloorRow:
    (row,) = floor_rows(viewer=EVERYONE, now=now, slugs=[slug])
    return row


def enqueue(count: int, *, at: datetime = NOW, severity: str = "medium") -> None:
    enqueue_batch(cases=[NewCase(queue=SLUG, language="en", severity_hint=severity)] * count, now=at)


def reviewer_of(queue: str, world: DemoWorld) -> Reviewer:
    code = next(
        person.code
        for person in world.reviewers
        if queue in person.queues and person.active and not person.data_boundary
    )
    return Reviewer.objects.get(code=code)


def test_the_seed_is_written_once_and_rebuilds_the_same_world(world: DemoWorld) -> None:
    again = seed_demo(now=NOW + timedelta(days=3), progress=lambda _: None, seed=99, days=10)

    assert again == world
    assert Queue.objects.count() == len(world.queues)


def test_counts_follow_enqueue_claim_release_and_submit(world: DemoWorld) -> None:
    pulse = Pulse()
    reviewer = reviewer_of(SLUG, world)
    queue_ids = [Queue.objects.get(slug=SLUG).pk]
    enqueue(3)
    pulse.beat(now=NOW)
    row = floor_row()
    assert (row.backlog, row.in_review, row.active_reviewers) == (3, 0, 0)
    assert row.oldest_enqueued_at == NOW
    assert row.oldest_deadline_at == NOW + timedelta(seconds=world.queue(SLUG).sla_seconds[2])

    claimed = claim(reviewer=reviewer, now=NOW + timedelta(seconds=1), queues=queue_ids)
    assert claimed is not None
    pulse.beat(now=NOW + timedelta(seconds=2))
    row = floor_row()
    assert (row.backlog, row.in_review, row.active_reviewers) == (2, 1, 1)

    release(lease_token=claimed.token, now=NOW + timedelta(seconds=3))
    claimed = claim(reviewer=reviewer, now=NOW + timedelta(seconds=4), queues=queue_ids)
    assert claimed is not None
    submit(
        lease_token=claimed.token,
        answer=Answer(labels=("harassment.no_violation",)),
        now=NOW + timedelta(seconds=40),
    )
    pulse.beat(now=NOW + timedelta(seconds=41))
    row = floor_row(NOW + timedelta(seconds=41))
    assert (row.backlog, row.in_review) == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_arrivals_decisions_and_attainment_are_counted_from_settled_events() -> None:
    world = seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    reviewer = reviewer_of(SLUG, world)
    pulse = Pulse()
    queue = Queue.objects.get(slug=SLUG)
    eight_hours = replace(
        Settings.of(QueueVersion.objects.get(queue=queue, effective_to=None)),
        sla_seconds={"default": 8 * 3600},
    )
    configure(
        queue=queue, settings=eight_hours, by=EVERYONE, now=NOW, effective_from=NOW - timedelta(hours=2)
    )
    enqueue(2, at=NOW - timedelta(minutes=90))
    enqueue(3, at=NOW - timedelta(minutes=30))
    for seconds in (10, 20):
        claimed = claim(reviewer=reviewer, now=NOW - timedelta(seconds=60 - seconds), queues=[queue.pk])
        assert claimed is not None
        submit(
            lease_token=claimed.token,
            answer=Answer(labels=("harassment.no_violation",)),
            now=NOW - timedelta(seconds=55 - seconds),
        )
    for hour, volume in ((9, 40.0), (10, 60.0)):
        QueuePlan.objects.create(
            queue=queue, interval_start_at=NOW.replace(hour=hour, minute=0), volume=volume
        )

    # A transaction in any database of the server keeps later events unsettled, so the count may wait for it.
    until = time.monotonic() + 30
    while floor_row().decided_1h != 2 and time.monotonic() < until:
        pulse.beat(now=NOW)
        time.sleep(0.05)
    pulse.beat(now=NOW)

    row = floor_row()
    assert (row.arrivals_1h, row.decided_1h) == (3, 2)
    assert row.plan_1h == pytest.approx(40 / 2 + 60 / 2)
    assert row.sla_attainment is None

    # All five fall due after eight hours: two were decided in time, three are open and late.
    due = floor_row(NOW + timedelta(hours=10)).sla_attainment
    assert due is not None
    assert (due.value, due.n) == (pytest.approx(2 / 5), 5)
    assert (due.low, due.high) == (pytest.approx(0.117621, abs=1e-6), pytest.approx(0.769276, abs=1e-6))


def test_overdue_cases_are_a_share_of_the_waiting(world: DemoWorld) -> None:
    enqueue(3, at=NOW - timedelta(days=2))
    enqueue(1)
    Pulse().beat(now=NOW)

    assert floor_row().share_overdue == pytest.approx(0.75)
    assert floor_row(slug="live-realtime").share_overdue is None


def test_a_viewer_sees_only_the_queues_in_reach(world: DemoWorld) -> None:
    lead = Viewer(name="lead", grants=(GrantScope("team_lead", queue_group="community-text"),))

    rows = floor_rows(viewer=lead, now=NOW)

    assert {row.group for row in rows} == {"community-text"}
    assert "message-reports-eu" not in {
        row.queue_slug
        for row in floor_rows(viewer=Viewer(name="x", grants=(GrantScope("analyst"),)), now=NOW)
    }


def test_reading_the_floor_takes_a_handful_of_queries(
    world: DemoWorld, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator] # a fixture of pytest-django
        rows = floor_rows(viewer=EVERYONE, now=NOW)
    assert len(rows) == len(world.queues)
    assert json.loads(json.dumps([row_as_json(row) for row in rows]))


@pytest.mark.django_db(transaction=True)
def test_a_beat_notifies_the_changed_queues_and_no_other() -> None:
    seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    pulse = Pulse()
    pulse.beat(now=NOW)
    with psycopg.connect(database_dsn(), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        enqueue(2)
        assert pulse.beat(now=NOW) == [SLUG]
        assert pulse.beat(now=NOW) == []
        notices = list(listener.notifies(timeout=1, stop_after=1))
    assert [json.loads(notice.payload) for notice in notices] == [[SLUG]]
    connection.close()
