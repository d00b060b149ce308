"""The simulated present goes through the services, adds up, and goes on after a stop."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchfloor.facts.export import dead_letters, export_all_events
from watchfloor.facts.store import FactStore
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.review.actors.live import Stage
from watchfloor.operations.review.actors.pause import last_seen_alive, take_pause_out
from watchfloor.operations.review.actors.seed import seed_demo
from watchfloor.operations.review.counters import QueuePlan
from watchfloor.operations.review.models import (
    ActivityInterval,
    Case,
    Decision,
    Lease,
    Pending,
    QueuePulse,
    Review,
)
from watchfloor.operations.review.pulse import Pulse
from watchfloor.operations.review.services import NewCase, enqueue_batch, expire_leases

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def play(stage: Stage, *, start: datetime, seconds: int, step: int = 5) -> datetime:
    now = start
    for _ in range(seconds // step):
        now += timedelta(seconds=step)
        stage.play(now=now)
    return now


def test_five_minutes_of_the_floor_add_up_in_the_tables_the_counters_and_the_facts(tmp_path: Path) -> None:
    world = seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    stage = Stage.enter(world, now=NOW)
    now = play(stage, start=NOW, seconds=300)
    Pulse().beat(now=now)

    waiting, held, decided = Pending.objects.count(), Lease.objects.count(), Decision.objects.count()
    assert stage.counts["enqueued"] > 30
    assert stage.counts["submitted"] > 5
    assert Case.objects.filter(parent=None).count() == stage.counts["enqueued"]
    assert waiting + held + decided == Case.objects.count()
    pulses = QueuePulse.objects.values_list("backlog", "in_review")
    assert (sum(row[0] for row in pulses), sum(row[1] for row in pulses)) == (waiting, held)

    store = FactStore(tmp_path / "facts", "demo")
    list(export_all_events(dsn=database_dsn(), store=store, clock=lambda: now))
    facts = store.snapshot()
    assert dead_letters(store=store) == ()
    assert facts.row_count("case") == Case.objects.count()
    assert facts.row_count("review") == Review.objects.count()
    assert facts.row_count("decision") == decided
    assert facts.row_count("change_event") == ChangeEvent.objects.count()
    assert facts.row_count("forecast") == QueuePlan.objects.count()


def test_after_a_long_stop_deadlines_are_moved_and_people_go_on_with_their_cases() -> None:
    world = seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    cases = [NewCase(queue="message-reports-eu", language="es", severity_hint="low")] * 40
    enqueue_batch(cases=cases, now=NOW)
    now = play(Stage.enter(world, now=NOW), start=NOW, seconds=120)
    alive_at = last_seen_alive()
    assert alive_at is not None
    deadlines = dict(Pending.objects.values_list("case_id", "deadline_at"))
    held = set(Lease.objects.values_list("case_id", flat=True))
    back = now + timedelta(hours=9)

    stage = Stage.enter(world, now=back)

    moved = dict(Pending.objects.values_list("case_id", "deadline_at"))
    assert {moved[case] - deadlines[case] for case in deadlines} == {back - alive_at}
    assert {person.holding.token for person in stage.people if person.holding} == set(
        Lease.objects.values_list("token", flat=True)
    )
    assert held == set(Lease.objects.values_list("case_id", flat=True))
    change = ChangeEvent.objects.get(object_kind="operation", kind="paused")
    assert "stood still for 540 minutes" in change.summary
    assert not ActivityInterval.objects.filter(started_at__lt=back).exists()
    play(stage, start=back, seconds=900)
    assert stage.counts["enqueued"] < 900
    # The stop is nobody's handle time, and every turn ends once.
    reviews = Review.objects.filter(submitted_at__gte=back)
    assert reviews.filter(case_id__in=held).count() >= len(held)
    assert max(reviews.values_list("handle_ms", flat=True)) < 3_600_000
    assert Decision.objects.count() == Decision.objects.values("case").distinct().count()


def test_a_short_stop_moves_nothing() -> None:
    world = seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    now = play(Stage.enter(world, now=NOW), start=NOW, seconds=60)

    Stage.enter(world, now=now + timedelta(seconds=40))

    assert not ChangeEvent.objects.filter(kind="paused").exists()


def test_leases_that_ran_out_while_nobody_was_there_do_not_hide_the_stop() -> None:
    world = seed_demo(now=NOW, progress=lambda _: None, seed=7, days=60)
    cases = [NewCase(queue="message-reports-eu", language="es", severity_hint="low")] * 40
    enqueue_batch(cases=cases, now=NOW)
    now = play(Stage.enter(world, now=NOW), start=NOW, seconds=120)
    deadlines = dict(Case.objects.values_list("id", "deadline_at"))
    back = now + timedelta(hours=9)
    assert expire_leases(now=back) > 0

    pause = take_pause_out(now=back)

    assert pause > timedelta(hours=8, minutes=55)
    for pending in Pending.objects.all():
        assert pending.deadline_at == deadlines[pending.case_id] + pause
    assert take_pause_out(now=back + timedelta(seconds=10)) == timedelta(0)
    Stage.enter(world, now=back + timedelta(seconds=20))
    assert ChangeEvent.objects.filter(kind="paused").count() == 1
