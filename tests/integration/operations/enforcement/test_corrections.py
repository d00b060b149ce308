"""A decision is corrected, withdrawn or opened again: always by something new, never by an overwrite."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from watchfloor.operations.record.models import AuditEntry, Event
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.review.corrections import DecisionStateError, correct, reopen, withdraw
from watchfloor.operations.review.errors import AnswerRejectedError
from watchfloor.operations.review.models import Decision, Pending, QueueDelta, Review
from watchfloor.operations.review.services import Answer, claim, escalate, submit

SCAM, FINE = Answer(labels=("scam",)), Answer(labels=("fine",))


def decided(floor, queue, reviewer, answer=SCAM, **values):
    (case_id,) = floor.enqueue(queue, **values)
    taken = claim(reviewer=reviewer, now=floor.now)
    assert taken.case_id == case_id
    submit(lease_token=taken.token, answer=answer, now=floor.now + timedelta(minutes=1))
    return case_id


def test_a_correction_is_a_new_review_and_a_new_version_of_the_decision(floor):
    case_id = decided(floor, floor.queue("one"), floor.reviewer("ann"))
    at = floor.now + timedelta(hours=1)
    corrected = correct(
        case_id=case_id, reviewer=floor.reviewer("qa"), answer=FINE, reason="No scam.", by=floor.by, now=at
    )
    first = Decision.objects.get(case=case_id, version=0)
    assert (corrected.version, corrected.supersedes, corrected.rule) == (1, first, "correction_wins")
    assert (corrected.labels, corrected.action, corrected.violative) == (["fine"], "none", False)
    assert Review.objects.get(case=case_id, kind="correction").turn is None
    assert (first.labels, first.violative) == (["scam"], True)


def test_the_fact_of_a_correction_names_its_version_and_its_reviewer(floor):
    case_id = decided(floor, floor.queue("one"), floor.reviewer("ann"))
    at = floor.now + timedelta(hours=1)
    corrected = correct(
        case_id=case_id, reviewer=floor.reviewer("qa"), answer=FINE, reason="", by=floor.by, now=at
    )
    row = Event.objects.get(fact="decision", key=str(corrected.pk)).payload
    assert (row["decision_version"], row["reviewer_id"], row["team_id"]) == (1, "qa", "dublin-a")
    assert row["supersedes"] == str(corrected.supersedes_id)
    assert QueueDelta.objects.filter(backlog=0, in_review=0).count() == 0
    assert AuditEntry.objects.get(action="correct decision").before["labels"] == ["scam"]


def test_an_escalated_parent_follows_the_correction_of_its_child(floor):
    above = floor.queue("above")
    below = floor.queue("below", settings={"escalation_queue": above})
    (parent_id,) = floor.enqueue(below)
    taken = claim(reviewer=floor.reviewer("ann"), now=floor.now, queues=[below.pk])
    escalate(lease_token=taken.token, reason="unsure", now=floor.now)
    up = claim(reviewer=floor.reviewer("bob"), now=floor.now, queues=[above.pk])
    submit(lease_token=up.token, answer=SCAM, now=floor.now)
    correct(case_id=up.case_id, reviewer=None, answer=FINE, reason="", by=floor.by, now=floor.now)
    last = Decision.objects.filter(case=parent_id).order_by("-version").first()
    assert (last.version, last.labels) == (1, ["fine"])


def test_an_answer_outside_the_policy_corrects_nothing(floor):
    case_id = decided(floor, floor.queue("one"), floor.reviewer("ann"))
    with pytest.raises(AnswerRejectedError):
        correct(
            case_id=case_id,
            reviewer=None,
            answer=Answer(labels=("unheard",)),
            reason="",
            by=floor.by,
            now=floor.now,
        )
    assert Decision.objects.filter(case=case_id).count() == 1


def test_a_withdrawn_decision_stands_no_more_and_is_withdrawn_once(floor):
    case_id = decided(floor, floor.queue("one"), floor.reviewer("ann"))
    decision = Decision.objects.get(case=case_id)
    at = floor.now + timedelta(hours=2)
    withdraw(decision_id=decision.pk, by=floor.by, reason="Wrong account.", now=at)
    last = Event.objects.filter(fact="decision", key=str(decision.pk)).order_by("-id").first()
    assert last.payload["withdrawn_at"].startswith("2026-03-02T11:00")
    with pytest.raises(DecisionStateError):
        withdraw(decision_id=decision.pk, by=floor.by, reason="", now=at)


def test_a_reopened_case_goes_to_somebody_new_whose_decision_supersedes(floor):
    queue, ann = floor.queue("one"), floor.reviewer("ann")
    case_id = decided(floor, queue, ann)
    at = floor.now + timedelta(days=3)
    reopen(case_id=case_id, reason="New evidence.", by=floor.by, now=at)
    assert claim(reviewer=ann, now=at) is None
    taken = claim(reviewer=floor.reviewer("bob"), now=at)
    submit(lease_token=taken.token, answer=FINE, now=at + timedelta(minutes=1))
    first, second = Decision.objects.filter(case=case_id).order_by("version")
    assert (second.version, second.supersedes, second.labels) == (1, first, ["fine"])
    assert not Pending.objects.exists()
    row = Event.objects.get(fact="decision", key=str(second.pk)).payload
    assert (row["decision_version"], row["supersedes"]) == (1, str(first.pk))


def test_an_open_case_is_not_reopened(floor):
    (case_id,) = floor.enqueue(floor.queue("one"))
    with pytest.raises(DecisionStateError):
        reopen(case_id=case_id, reason="", by=floor.by, now=floor.now)


def test_whoever_lacks_the_permission_or_the_reach_changes_no_decision(floor):
    queue = floor.queue("secret", data_boundary=floor.boundary)
    case_id = decided(floor, queue, floor.reviewer("ann", data_boundary=floor.boundary))
    with pytest.raises(NotPermittedError):
        correct(
            case_id=case_id, reviewer=None, answer=FINE, reason="", by=floor.viewer("analyst"), now=floor.now
        )
    outside = floor.viewer("auditor")
    with pytest.raises(NotFoundError):
        correct(case_id=case_id, reviewer=None, answer=FINE, reason="", by=outside, now=floor.now)
    inside = floor.viewer("auditor", data_boundary="enclave")
    correct(case_id=case_id, reviewer=None, answer=FINE, reason="", by=inside, now=floor.now)


def test_corrections_at_once_become_versions_in_a_row(committed_floor):
    floor = committed_floor()
    case_id = decided(floor, floor.queue("one"), floor.reviewer("ann"))

    def one(_):
        try:
            return correct(
                case_id=case_id, reviewer=None, answer=FINE, reason="", by=Viewer.system(), now=floor.now
            ).version
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        versions = sorted(pool.map(one, range(6)))
    assert versions == [1, 2, 3, 4, 5, 6]
