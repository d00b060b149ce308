"""The gates: what the tests behind them leave, catch and expire by, and that no step goes round them."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from watchfloor.operations.launches.gates import evaluate
from watchfloor.operations.launches.models import Launch, LaunchCheck
from watchfloor.operations.launches.selectors import launch_view, launches
from watchfloor.operations.launches.services import (
    LaunchError,
    Opening,
    close_incident,
    open_incident,
    open_launch,
    open_through,
    run_check,
    settle,
    sign_staffing,
    start_canary,
)
from watchfloor.operations.launches.staffing import Forecast
from watchfloor.operations.people.models import Reviewer, Team
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import NewQueue, QueueError, transition
from watchfloor.operations.record.models import AuditEntry, Event
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.review.models import Case, Decision, Lease, Pending, QueueDelta, Review
from watchfloor.operations.review.services import claim

pytestmark = pytest.mark.django_db

SOURCE = Path(__file__).resolve().parents[4] / "src" / "watchfloor"
KEPT = (Case, Pending, Lease, Review, Decision, QueueDelta, Event, Reviewer, Team)


def gate(launching, number):
    (found,) = evaluate(
        queue=launching.queue, launch=launching.launch, now=launching.later(), numbers=[number]
    )
    return found


@pytest.fixture
def enclosed(floor, launching):
    """A launch inside a data boundary, configured, asking for a certification and a language."""
    new = NewQueue(
        slug="inside",
        title="Inside",
        group="text",
        surface="comment",
        mode="double_review",
        languages=("en",),
        data_boundary=floor.boundary,
    )
    launching.launch = open_launch(opening=Opening(new=new), by=floor.by, now=floor.now)
    launching.configure()
    return launching


def test_a_case_goes_round_and_nothing_of_it_remains(enclosed):
    before = [model.objects.count() for model in KEPT]
    trail = AuditEntry.objects.count()
    check = run_check(launch=enclosed.launch, gate=4, by=enclosed.by, now=enclosed.later())
    assert (check.status, check.reason) == ("pass", "")
    steps = Counter(step["step"] for step in check.evidence["steps"])
    assert steps == {"enqueue": 1, "assign": 2, "submit": 2, "logical": 1, "decide": 1, "callback": 1}
    called = check.evidence["steps"][-1]
    assert (called["status"], called["signature_holds"], called["reviews"]) == (204, True, 2)
    assert [model.objects.count() for model in KEPT] == before
    assert AuditEntry.objects.count() == trail + 1
    assert enclosed.queue.state == "template_aligned"
    assert gate(enclosed, 4).status == "pass"


def test_outsiders_are_refused_at_every_door_and_an_insider_is_served(enclosed):
    check = run_check(launch=enclosed.launch, gate=5, by=enclosed.by, now=enclosed.later())
    assert (check.status, check.reason) == ("pass", "")
    doors = Counter(attempt["door"] for attempt in check.evidence["attempts"])
    assert doors["claim"] == 5  # switched off, two sides of the boundary, no certification, no language
    for door in ("see the case", "search for the object", "read the table behind the pages"):
        assert doors[door] == 2
    assert check.evidence["control"] == {"who": "insider", "claimed": True}


def test_a_hole_in_the_boundary_is_found(enclosed):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('review_serves'::regproc)")
        (written,) = cursor.fetchone()
        condition = "(q.data_boundary_id IS NULL OR q.data_boundary_id = boundary)"
        assert condition in written
        cursor.execute(written.replace(condition, "true").replace("%", "%%"))
    check = run_check(launch=enclosed.launch, gate=5, by=enclosed.by, now=enclosed.later())
    assert check.status == "fail"
    assert "outside every boundary got through" in check.reason
    assert gate(enclosed, 5).status == "fail"


def test_a_queue_that_nobody_can_be_served_from_fails_the_round_trip(launching, floor):
    launching.configure()
    shares = {"site_shares": {"manila": 1.0}}
    settle(launch=launching.launch, changes=shares, by=launching.by, now=launching.later())
    floor.manila.active = False
    floor.manila.save()
    check = run_check(launch=launching.launch, gate=4, by=launching.by, now=launching.later())
    assert check.status == "fail"
    assert "Nobody was assigned" in check.reason


def test_results_expire_with_the_configuration_and_with_time(enclosed):
    run_check(launch=enclosed.launch, gate=4, by=enclosed.by, now=enclosed.later())
    settle(launch=enclosed.launch, changes={"intake_share": 0.5}, by=enclosed.by, now=enclosed.later())
    assert gate(enclosed, 4).status == "pass"  # the share of the canary changes nothing of the way
    settle(launch=enclosed.launch, changes={"lease_seconds": 90}, by=enclosed.by, now=enclosed.later())
    assert gate(enclosed, 4).status == "unknown"
    run_check(launch=enclosed.launch, gate=4, by=enclosed.by, now=enclosed.later())
    assert gate(enclosed, 4).status == "pass"
    enclosed.later(days=31)
    assert gate(enclosed, 4).status == "unknown"


def test_results_are_written_once(enclosed):
    check = run_check(launch=enclosed.launch, gate=4, by=enclosed.by, now=enclosed.later())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        LaunchCheck.objects.filter(pk=check.pk).update(status="pass")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        LaunchCheck.objects.filter(pk=check.pk).delete()


def test_too_few_people_are_signed_and_still_refused(launching):
    launching.configure()
    launching.targets()
    with pytest.raises(LaunchError, match="no test"):
        run_check(launch=launching.launch, gate=9, by=launching.by, now=launching.now)
    few = Forecast(arrivals_per_hour=100, handle_seconds=60, forecast_error=0.2, full_time=3, shrinkage=0.3)
    sign_staffing(launch=launching.launch, forecast=few, by=launching.by, now=launching.later())
    found = gate(launching, 9)
    assert found.status == "fail"
    assert "limit" in found.reason


def test_critical_labels_need_care_and_care_needs_limits(launching):
    launching.configure()
    assert gate(launching, 15).status == "pass"
    settle(
        launch=launching.launch,
        changes={"wellness_class": "severe"},
        by=launching.by,
        now=launching.later(),
    )
    assert gate(launching, 15).status == "fail"


def test_a_queue_without_alerts_on_deadline_and_quality_is_held_up(launching):
    found = gate(launching, 13)
    assert (found.status, found.hard, found.blocks) == ("fail", True, True)


def test_no_step_up_goes_round_the_gates(launching):
    launching.configure()
    for to in ("canary", "live"):
        with pytest.raises(QueueError):
            transition(queue=launching.queue, to=to, by=launching.by, now=launching.later())
    Queue.objects.filter(pk=launching.queue.pk).update(state="calibrated")
    with pytest.raises(QueueError, match="Gate 3") as refused:
        transition(queue=launching.queue, to="canary", by=launching.by, now=launching.later())
    assert any("Gate 4" in fault for fault in refused.value.faults)
    with pytest.raises(QueueError):
        start_canary(launch=launching.launch, share=0.1, by=launching.by, now=launching.later())
    assert launching.queue.current_version.intake_share == 1.0  # taken back with the refusal


def test_one_place_writes_a_queues_state():
    writes = re.compile(r"Queue\.objects[^\n]*update\([^)]*state=|\bstate = queue\.state = |queue\.state = ")
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.glob("operations/**/*.py")
        if writes.search(path.read_text(encoding="utf-8"))
    }
    # The rehearsal's transaction is taken back.
    assert found <= {"operations/queues/services.py", "operations/launches/rehearsal.py"}


def test_a_pause_costs_nothing_unless_something_was_changed(launching, floor):
    queue = floor.queue("standing")
    transition(queue=queue, to="paused", by=floor.by, now=launching.later())
    transition(queue=queue, to="live", by=floor.by, now=launching.later())
    transition(queue=queue, to="paused", by=floor.by, now=launching.later())
    floor.configure(queue, lease_seconds=120)
    with pytest.raises(QueueError, match="Gate"):
        transition(queue=queue, to="live", by=floor.by, now=launching.later())


def test_an_incident_has_a_reason_and_ends_when_the_backlog_is_down(launching, floor):
    queue = floor.queue("standing")
    with pytest.raises(QueueError, match="incident"):
        transition(queue=queue, to="recovering", by=floor.by, now=launching.later())
    incident = open_incident(
        queue=queue, reason="The feed stood still.", overdue_at_most=1, by=floor.by, now=launching.later()
    )
    assert Queue.objects.get(slug="standing").state == "recovering"
    with pytest.raises(LaunchError, match="open incident"):
        open_incident(queue=queue, reason="Again.", by=floor.by, now=launching.later())
    floor.enqueue(queue, 2)
    late = launching.later(days=2)
    with pytest.raises(LaunchError, match="past their deadline"):
        close_incident(incident=incident, finding="Done.", by=floor.by, now=late)
    with pytest.raises(QueueError, match="Close the incident"):
        transition(queue=Queue.objects.get(slug="standing"), to="live", by=floor.by, now=late)
    assert claim(reviewer=floor.reviewer("ana"), now=late, queues=[queue.pk])
    Pending.objects.filter(queue=queue).delete()
    closed = close_incident(incident=incident, finding="Worked down.", by=floor.by, now=late)
    assert closed.closed_by == floor.by.name
    assert Queue.objects.get(slug="standing").state == "live"


def test_a_training_queue_opens_by_its_own_gates_alone(launching):
    launching.configure()
    training, pilot = launching.beside()
    assert (training.state, pilot.state) == ("live", "live")
    assert (training.purpose, pilot.purpose) == ("training", "monitor")
    held = Launch.objects.get(queue=training)
    assert set(held.gates) == {"1", "2", "4", "5", "14", "15"}
    with pytest.raises(LaunchError, match="decides about content"):
        open_through(launch=launching.launch, by=launching.by, now=launching.later())


def test_launches_lie_within_the_grants_of_who_looks(enclosed, floor):
    inside = floor.viewer("strategist", data_boundary="enclave")
    outside = floor.viewer("strategist")
    elsewhere = floor.viewer("strategist", queue_group="video", data_boundary="*")
    assert {one.queue.slug for one in launches(viewer=inside)} == {"clips", "inside"}
    assert {one.queue.slug for one in launches(viewer=outside)} == {"clips"}
    with pytest.raises(NotFoundError):
        launch_view(viewer=outside, slug="inside", now=enclosed.now)
    for viewer in (outside, elsewhere, floor.viewer("analyst", data_boundary="*")):
        with pytest.raises(NotPermittedError):
            run_check(launch=enclosed.launch, gate=4, by=viewer, now=enclosed.later())
    with pytest.raises(NotPermittedError):
        launches(viewer=floor.viewer("reviewer"))


def test_a_launch_is_looked_at_with_few_queries_however_long_its_history(
    enclosed, django_assert_max_num_queries
):
    for _ in range(5):
        run_check(launch=enclosed.launch, gate=4, by=enclosed.by, now=enclosed.later())
    with django_assert_max_num_queries(40):
        launch_view(viewer=enclosed.by, slug="inside", now=enclosed.now)
    with django_assert_max_num_queries(1):
        assert [one.queue.title for one in launches(viewer=enclosed.by)]
