"""Reviews outside the turns: audits and corrections."""

from datetime import timedelta

import pytest

from watchfloor.facts.schemas import TABLES
from watchfloor.operations.record.models import Event
from watchfloor.operations.review.errors import AnswerRejectedError
from watchfloor.operations.review.models import Case, Pending, QueueDelta, Review
from watchfloor.operations.review.recording import ReviewKindError
from watchfloor.operations.review.services import Answer, Timing, claim, submit, write_review

SCAM = Answer(labels=("scam",))


def decided_case(floor):
    floor.enqueue(floor.queue("comments"))
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    return Case.objects.get(pk=taken.case_id)


def test_an_audit_is_a_review_without_a_turn_that_moves_no_case(floor):
    case = decided_case(floor)
    deltas = QueueDelta.objects.count()
    review = write_review(
        case=case,
        kind="audit",
        reviewer=floor.reviewer("qa", team=floor.team_b),
        answer=Answer(labels=("fine",)),
        assigned_at=floor.now,
        now=floor.now + timedelta(seconds=30),
        blind=True,
        timing=Timing(idle_ms=10_000),
    )
    kept = Review.objects.get(pk=review.pk)
    assert (kept.kind, kept.turn, kept.handle_ms, kept.action, kept.blind) == (
        "audit",
        None,
        20_000,
        "none",
        True,
    )
    fact = Event.objects.get(key=str(review.pk)).payload
    table = TABLES["review"]
    assert set(fact) <= set(table.by_name)
    assert (fact["queue_id"], fact["site_id"], fact["policy_version"]) == ("comments", "manila", 1)
    assert QueueDelta.objects.count() == deltas
    assert not Pending.objects.exists()


def test_a_correction_may_come_from_the_operation_itself(floor):
    review = write_review(
        case=decided_case(floor),
        kind="correction",
        reviewer=None,
        answer=Answer(labels=("fine",)),
        assigned_at=floor.now,
        now=floor.now,
        blind=False,
    )
    assert Event.objects.get(key=str(review.pk)).payload.get("reviewer_id") is None


def test_a_turn_and_an_answer_that_does_not_fit_are_refused(floor):
    case = decided_case(floor)
    given = {"case": case, "reviewer": None, "assigned_at": floor.now, "now": floor.now, "blind": False}
    with pytest.raises(ReviewKindError, match="belongs to a lease"):
        write_review(kind="first", answer=SCAM, **given)
    with pytest.raises(AnswerRejectedError):
        write_review(kind="audit", answer=Answer(labels=("unheard",)), **given)
    assert Review.objects.count() == 1
