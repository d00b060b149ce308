"""Changes of a queue: two people, one instant, nothing overwritten, and a way back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from watchfloor.operations.queues.changes import (
    ChangeStateError,
    StaleChangeError,
    apply_due,
    approve_change,
    change_settings,
    propose_change,
    reject_change,
    roll_back,
    withdraw_change,
)
from watchfloor.operations.queues.models import ChangeRequest, Queue, QueueVersion
from watchfloor.operations.queues.services import QueueError
from watchfloor.operations.record.models import AuditEntry, ChangeEvent
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer


@pytest.fixture
def queue(floor: Any) -> Queue:
    found: Queue = floor.queue("comments")
    return found


@pytest.fixture
def ada(floor: Any) -> Viewer:
    return Viewer(name="ada", grants=floor.viewer("strategist").grants)


@pytest.fixture
def bo(floor: Any) -> Viewer:
    return Viewer(name="bo", grants=floor.viewer("strategist").grants)


def in_force(queue: Queue) -> QueueVersion:
    version = Queue.objects.select_related("current_version").get(pk=queue.pk).current_version
    assert version is not None
    return version


def test_a_change_that_another_person_approves_takes_effect_and_stands_in_the_change_log(
    floor: Any, queue: Queue, ada: Viewer, bo: Viewer
) -> None:
    request = propose_change(
        queue=queue, changes={"lease_seconds": 900, "priority_lift": 0}, by=ada, now=floor.now, note="Longer"
    )
    assert request.changes == {"lease_seconds": {"before": 600, "after": 900}}
    assert in_force(queue).lease_seconds == 600
    approved = approve_change(request_id=request.pk, by=bo, now=floor.now + timedelta(hours=1))
    version = in_force(queue)
    assert (approved.state, version.lease_seconds, version.version) == ("applied", 900, 2)
    assert version.effective_from == floor.now + timedelta(hours=1)
    assert queue.versions.get(version=1).effective_to == version.effective_from
    logged = ChangeEvent.objects.get(object_id="comments", object_version=2)
    assert (logged.author, logged.detail["approved_by"]) == ("ada", "bo")
    assert list(
        AuditEntry.objects.filter(action__contains="change").order_by("id").values_list("action", "actor")
    ) == [
        ("propose_change", "ada"),
        ("approve_change", "bo"),
        ("apply_change", "bo"),
    ]


def test_nobody_approves_their_own_change(floor: Any, queue: Queue, ada: Viewer) -> None:
    request = propose_change(queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now)
    with pytest.raises(NotPermittedError, match="cannot approve it"):
        approve_change(request_id=request.pk, by=ada, now=floor.now)


def test_an_approved_change_waits_for_its_instant(floor: Any, queue: Queue, ada: Viewer, bo: Viewer) -> None:
    due = floor.now + timedelta(days=1)
    request = propose_change(
        queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now, effective_at=due
    )
    approve_change(request_id=request.pk, by=bo, now=floor.now)
    assert apply_due(now=due - timedelta(seconds=1)) == []
    assert in_force(queue).lease_seconds == 600
    assert [each.state for each in apply_due(now=due)] == ["applied"]
    assert in_force(queue).effective_from == due
    assert apply_due(now=due) == []


def test_two_changes_of_different_settings_both_hold_and_a_second_of_the_same_one_does_not_overwrite(
    floor: Any, queue: Queue, ada: Viewer, bo: Viewer
) -> None:
    first, second, third = (
        propose_change(queue=queue, changes=changes, by=ada, now=floor.now)
        for changes in ({"lease_seconds": 900}, {"priority_lift": 1}, {"lease_seconds": 300})
    )
    approve_change(request_id=first.pk, by=bo, now=floor.now)
    approve_change(request_id=second.pk, by=bo, now=floor.now)
    version = in_force(queue)
    assert (version.lease_seconds, version.priority_lift, version.version) == (900, 1, 3)
    with pytest.raises(StaleChangeError, match="lease_seconds changed"):
        approve_change(request_id=third.pk, by=bo, now=floor.now)


def test_a_change_that_went_stale_before_its_instant_fails_with_its_reason(
    floor: Any, queue: Queue, ada: Viewer, bo: Viewer
) -> None:
    due = floor.now + timedelta(hours=2)
    request = propose_change(
        queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now, effective_at=due
    )
    approve_change(request_id=request.pk, by=bo, now=floor.now)
    floor.configure(queue, lease_seconds=1200)
    (failed,) = apply_due(now=due)
    assert failed.state == "failed"
    assert "lease_seconds changed" in failed.reason
    assert in_force(queue).lease_seconds == 1200


def test_a_rejection_needs_a_reason_and_settles_the_request(
    floor: Any, queue: Queue, ada: Viewer, bo: Viewer
) -> None:
    request = propose_change(queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now)
    with pytest.raises(QueueError, match="needs its reason"):
        reject_change(request_id=request.pk, by=bo, now=floor.now, reason=" ")
    assert reject_change(request_id=request.pk, by=bo, now=floor.now, reason="Too long").reason == "Too long"
    with pytest.raises(ChangeStateError, match="is rejected"):
        approve_change(request_id=request.pk, by=bo, now=floor.now)


def test_only_its_author_withdraws_a_change(floor: Any, queue: Queue, ada: Viewer, bo: Viewer) -> None:
    request = propose_change(queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now)
    with pytest.raises(NotPermittedError):
        withdraw_change(request_id=request.pk, by=bo, now=floor.now)
    assert withdraw_change(request_id=request.pk, by=ada, now=floor.now).state == "withdrawn"


def test_going_back_writes_the_old_settings_as_a_new_version_and_marks_what_it_undid(
    floor: Any, queue: Queue, ada: Viewer, bo: Viewer
) -> None:
    request = propose_change(queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now)
    approve_change(request_id=request.pk, by=bo, now=floor.now)
    version = roll_back(queue=queue, to_version=1, by=bo, now=floor.now, reason="Reviewers ran out of time")
    assert (version.version, version.lease_seconds) == (3, 600)
    assert ChangeRequest.objects.get(pk=request.pk).state == "rolled_back"
    assert ChangeEvent.objects.get(object_version=3).detail["rolled_back_to"] == 1
    with pytest.raises(NotFoundError):
        roll_back(queue=queue, to_version=9, by=bo, now=floor.now, reason="x")


def test_a_queue_that_takes_no_cases_yet_is_changed_at_once(floor: Any, queue: Queue, ada: Viewer) -> None:
    Queue.objects.filter(pk=queue.pk).update(state="configured")
    queue.state = "configured"
    assert isinstance(
        change_settings(queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now), QueueVersion
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lease_second": 1}, "There is no setting"),
        ({"lease_seconds": "long"}, "whole seconds"),
        ({"policy": "spam"}, "write it like"),
        ({"calendar": "mars"}, "There is no calendar"),
        ({"sla_rules": [{"seconds": 60, "clock": "business"}]}, "no calendar is chosen"),
        ({"sla_rules": [{"seconds": 60, "market": ["de"]}]}, "not of the form"),
        ({"sla_rules": [{"seconds": 60}, {"seconds": 90, "severity": ["high"]}]}, "never asked"),
        ({"site_overflow": ["atlantis"]}, "no site 'atlantis'"),
        ({"consensus_required": 2, "consensus_of": 3}, "consensus mode"),
        ({"canary_share": 0.1}, "none is chosen"),
        ({"canary_template": "plain v1"}, "is the one in force"),
        ({"gold_share": 1.5}, "between 0 and 1"),
        ({"training_queue": "comments"}, "own training queue"),
        ({"sop_version": 4}, "has not been published"),
        ({"topics": ["Self harm"]}, "no plain word"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_what_is_wrong(
    floor: Any, queue: Queue, ada: Viewer, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(QueueError) as refused:
        propose_change(queue=queue, changes=changes, by=ada, now=floor.now)
    assert said in str(refused.value)


def test_who_may_not_approve_or_lies_outside_does_not_learn_of_the_change(
    floor: Any, queue: Queue, ada: Viewer
) -> None:
    request = propose_change(queue=queue, changes={"lease_seconds": 900}, by=ada, now=floor.now)
    with pytest.raises(NotPermittedError):
        approve_change(request_id=request.pk, by=floor.viewer("analyst"), now=floor.now)
    with pytest.raises(NotFoundError):
        approve_change(
            request_id=request.pk, by=floor.viewer("strategist", queue_group="video"), now=floor.now
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_one_applies_the_change_and_the_other_is_told(
    committed_floor: Callable[[], Any],
) -> None:
    floor = committed_floor()
    queue = floor.queue("comments")
    grants = floor.viewer("strategist").grants
    request = propose_change(
        queue=queue, changes={"lease_seconds": 900}, by=Viewer(name="ada", grants=grants), now=floor.now
    )

    def approve(name: str) -> str:
        try:
            return approve_change(
                request_id=request.pk, by=Viewer(name=name, grants=grants), now=floor.now
            ).state
        except ChangeStateError:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(approve, ["bo", "cy", "di", "ed"]))
    assert results == ["applied", "refused", "refused", "refused"]
    assert queue.versions.count() == 2
