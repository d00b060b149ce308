"""What may happen to a case in hand besides an answer: put aside, sent on, taken back, fetched ahead."""

from datetime import timedelta

import pytest

from watchfloor.operations.record.models import AuditEntry, Event
from watchfloor.operations.record.viewers import NotPermittedError
from watchfloor.operations.review.errors import (
    AnswerRejectedError,
    BulkRefusedError,
    NotServableError,
    StaleLeaseError,
)
from watchfloor.operations.review.models import (
    Case,
    Decision,
    Held,
    Lease,
    Pending,
    QueueDelta,
    Review,
)
from watchfloor.operations.review.services import (
    Answer,
    bulk_submit,
    claim,
    claim_many,
    draft_of,
    end_activity,
    enter_state,
    escalate,
    expire_leases,
    hold,
    look_alikes,
    renew,
    return_leases,
    save_draft,
    send_to,
    start_lease,
    submit,
    take_back,
)

SCAM = Answer(labels=("scam",))


def counters(queue):
    rows = QueueDelta.objects.filter(queue=queue).values_list("backlog", "in_review")
    return tuple(map(sum, zip(*rows, strict=True)))


def test_nobody_holds_more_than_three_cases(floor):
    floor.enqueue(floor.queue("comments"), 5)
    reviewer = floor.reviewer("r1")
    assert len(claim_many(reviewer=reviewer, now=floor.now, count=5)) == 3
    assert claim(reviewer=reviewer, now=floor.now) is None
    assert claim(reviewer=floor.reviewer("r2"), now=floor.now) is not None


def test_a_case_fetched_ahead_counts_from_its_beginning(floor):
    floor.enqueue(floor.queue("comments"), 2)
    reviewer = floor.reviewer("r1")
    enter_state(reviewer=reviewer, state="available", now=floor.now)
    first, second = claim_many(reviewer=reviewer, now=floor.now, count=2)
    assert (first.is_prefetched, second.is_prefetched) == (False, True)
    submit(lease_token=first.token, answer=SCAM, now=floor.now + timedelta(seconds=60))
    begun = floor.now + timedelta(seconds=70)
    assert start_lease(lease_token=second.token, now=begun) == begun + timedelta(seconds=600)
    done = submit(lease_token=second.token, answer=SCAM, now=begun + timedelta(seconds=5))
    assert Review.objects.get(pk=done.review_id).handle_ms == 5_000
    states = [e.payload["state"] for e in Event.objects.filter(fact="activity_interval").order_by("id")]
    assert states == ["handling", "available", "handling"], "no time passed before the first claim"


def test_a_case_fetched_ahead_and_never_begun_leaves_no_trace_when_it_runs_out(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue)
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now, ahead=True)
    assert expire_leases(now=taken.expires_at) == 1
    assert not Review.objects.exists()
    assert counters(queue) == (1, 0)


def test_a_lease_is_renewed_while_it_holds_and_not_after(floor):
    floor.enqueue(floor.queue("comments"))
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    later = floor.now + timedelta(seconds=599)
    assert renew(lease_token=taken.token, now=later) == later + timedelta(seconds=600)
    with pytest.raises(StaleLeaseError):
        renew(lease_token=taken.token, now=later + timedelta(seconds=600))


def test_a_case_put_aside_comes_back_to_the_person_who_held_it(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue)
    holder, other = floor.reviewer("r1"), floor.reviewer("r2")
    taken = claim(reviewer=holder, now=floor.now)
    until = floor.now + timedelta(hours=1)
    hold(lease_token=taken.token, until=until, reason="asks the author", now=floor.now, by=floor.by)
    assert counters(queue) == (1, 0)
    assert Held.objects.get().reason == "asks the author"
    assert claim(reviewer=holder, now=floor.now) is None
    expire_leases(now=until)
    assert claim(reviewer=other, now=until) is None
    assert claim(reviewer=holder, now=until) is not None
    with pytest.raises(NotServableError, match="put aside"):
        hold(lease_token=Lease.objects.get().token, until=floor.now, reason="", now=until)


def test_a_case_sent_to_a_person_waits_for_them_until_its_deadline_is_near(floor):
    queue = floor.queue("comments", settings={"sla_seconds": {"default": 1000}})
    (case_id,) = floor.enqueue(queue)
    named, other = floor.reviewer("r1"), floor.reviewer("r2")
    send_to(case_id=case_id, reviewer=named, by=floor.by, reason="knows the author", now=floor.now)
    assert claim(reviewer=other, now=floor.now + timedelta(seconds=700)) is None
    assert claim(reviewer=other, now=floor.now + timedelta(seconds=801)) is not None
    assert AuditEntry.objects.filter(action="send case", object_id=str(case_id)).exists()


def test_a_case_sent_to_a_person_waits_for_anybody_once_they_leave(floor):
    (case_id,) = floor.enqueue(floor.queue("comments"))
    named, other = floor.reviewer("r1"), floor.reviewer("r2")
    enter_state(reviewer=named, state="available", now=floor.now)
    lease = claim(reviewer=other, now=floor.now).token
    send_to(lease_token=lease, reviewer=named, by=floor.by, reason="", now=floor.now)
    assert claim(reviewer=other, now=floor.now) is None
    end_activity(reviewer=named, now=floor.now)
    assert claim(reviewer=other, now=floor.now).case_id == case_id


def test_a_case_is_not_sent_to_somebody_whom_the_queue_would_not_serve(floor):
    queue = floor.queue("comments", settings={"required_skills": ("video",)})
    (case_id,) = floor.enqueue(queue)
    with pytest.raises(NotServableError, match="lacks a skill"):
        send_to(case_id=case_id, reviewer=floor.reviewer("r1"), by=floor.by, reason="", now=floor.now)
    with pytest.raises(NotPermittedError):
        send_to(
            case_id=case_id,
            reviewer=floor.reviewer("r2"),
            by=floor.viewer("engineer"),
            reason="",
            now=floor.now,
        )


def test_a_case_sent_to_another_queue_is_decided_there(floor):
    queue, other = floor.queue("comments"), floor.queue("legal", settings={"required_skills": ("video",)})
    (case_id,) = floor.enqueue(queue)
    child = send_to(case_id=case_id, queue=other, by=floor.by, reason="legal", now=floor.now)
    assert (counters(queue), counters(other)) == ((0, 0), (1, 0))
    taken = claim(reviewer=floor.reviewer("r1", skills=["video"]), now=floor.now)
    assert taken.case_id == child
    submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    assert Decision.objects.get(case_id=case_id).labels == ["scam"]


def test_a_case_does_not_leave_its_boundary(floor):
    inside = floor.queue("inside", data_boundary=floor.boundary)
    outside = floor.queue("outside")
    (case_id,) = floor.enqueue(inside)
    reviewer = floor.reviewer("r1", data_boundary=floor.boundary)
    token = claim(reviewer=reviewer, now=floor.now).token
    with pytest.raises(NotServableError, match="must not leave"):
        escalate(lease_token=token, reason="", now=floor.now, to_queue=outside.pk)
    with pytest.raises(NotServableError, match="must not leave"):
        send_to(case_id=case_id, queue=outside, by=floor.by, reason="", now=floor.now)
    assert Lease.objects.filter(token=token).exists()
    assert Case.objects.count() == 1


def test_a_team_lead_takes_a_case_back(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue)
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    late = taken.expires_at + timedelta(hours=1)
    take_back(lease_token=taken.token, by=floor.by, now=late, reason="went home")
    assert Review.objects.get().outcome == "returned"
    assert counters(queue) == (1, 0)
    assert AuditEntry.objects.get(action="take back case").after["reviewer"] == "r1"
    with pytest.raises(StaleLeaseError):
        submit(lease_token=taken.token, answer=SCAM, now=floor.now)


def test_a_draft_outlives_its_lease_and_goes_with_the_answer(floor):
    floor.enqueue(floor.queue("comments"))
    reviewer = floor.reviewer("r1")
    taken = claim(reviewer=reviewer, now=floor.now)
    for text in ("a", "b"):
        save_draft(lease_token=taken.token, reviewer=reviewer, draft={"note": text}, now=floor.now)
    expire_leases(now=taken.expires_at)
    with pytest.raises(StaleLeaseError, match="Keep the draft"):
        submit(lease_token=taken.token, answer=SCAM, now=taken.expires_at)
    assert draft_of(taken.case_id, reviewer.pk) == {"note": "b"}
    again = claim(reviewer=reviewer, now=taken.expires_at)
    submit(lease_token=again.token, answer=SCAM, now=taken.expires_at)
    assert draft_of(taken.case_id, reviewer.pk) is None
    with pytest.raises(StaleLeaseError):
        save_draft(lease_token=again.token, reviewer=reviewer, draft={}, now=floor.now)


def test_returned_leases_go_back_without_a_reason(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue, 2)
    reviewer = floor.reviewer("r1")
    claim_many(reviewer=reviewer, now=floor.now, count=2)
    assert return_leases(reviewer_id=reviewer.pk, now=floor.now) == 2
    assert list(Review.objects.values_list("outcome", "reason")) == [("returned", "")]
    assert counters(queue) == (2, 0)


def test_one_answer_settles_the_cases_that_look_alike(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue, 4, object_id="post-1", content={"text": "spam"})
    later = {"enqueued_at": floor.now + timedelta(minutes=1)}
    same_text = floor.enqueue(queue, object_id="post-2", content={"text": "spam"}, **later)
    unlike = floor.enqueue(queue, object_id="post-3", content={"text": "other"}, **later)
    reviewer = floor.reviewer("r1")
    taken = claim(reviewer=reviewer, now=floor.now)
    alike = look_alikes(lease_token=taken.token, now=floor.now)
    assert len(alike) == 3
    Pending.objects.filter(case_id=alike[0]).update(excluded=[reviewer.pk])
    with pytest.raises(AnswerRejectedError):
        bulk_submit(
            lease_token=taken.token, look_alikes=alike, answer=Answer(labels=("unheard",)), now=floor.now
        )
    done = bulk_submit(
        lease_token=taken.token, look_alikes=[*alike, *same_text, *unlike], answer=SCAM, now=floor.now
    )
    assert {each.case_id for each in done.alike} == {*alike[1:], *same_text}
    assert set(done.left) == {alike[0], *unlike}
    assert Decision.objects.count() == 4
    assert counters(queue) == (2, 0)


@pytest.mark.parametrize("kind", ["severe", "critical", "training"])
def test_what_is_grave_is_answered_alone(floor, kind):
    purpose = {"purpose": "training"} if kind == "training" else {}
    wellness = {"wellness_class": "severe"} if kind == "severe" else {}
    queue = floor.queue("comments", settings=wellness, **purpose)
    hint = {"severity_hint": "critical"} if kind == "critical" else {}
    cases = floor.enqueue(queue, 2, object_id="post-1", **hint)
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    with pytest.raises(BulkRefusedError, match="answered alone"):
        look_alikes(lease_token=taken.token, now=floor.now)
    with pytest.raises(BulkRefusedError):
        bulk_submit(lease_token=taken.token, look_alikes=cases[1:], answer=SCAM, now=floor.now)
    assert Review.objects.count() == 0


def test_a_grave_case_is_left_out_of_the_look_alikes_of_a_calm_one(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue, 2, object_id="post-1")
    grave = {"enqueued_at": floor.now + timedelta(minutes=1), "object_id": "post-1"}
    cases = floor.enqueue(queue, wellness_class="severe", **grave)
    reviewer = floor.reviewer("r1")
    taken = claim(reviewer=reviewer, now=floor.now)
    assert len(look_alikes(lease_token=taken.token, now=floor.now)) == 1
    done = bulk_submit(lease_token=taken.token, look_alikes=cases, answer=SCAM, now=floor.now)
    assert done.left == tuple(cases)
