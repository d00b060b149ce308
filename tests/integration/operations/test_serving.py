"""One case from its enqueue to its decision, and everything that may go otherwise."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from watchfloor.facts.schemas import TABLES
from watchfloor.operations.people.models import Certification
from watchfloor.operations.people.tenure import tenure_band
from watchfloor.operations.queues.models import TemplateVersion
from watchfloor.operations.record.models import Event
from watchfloor.operations.review.errors import AnswerRejectedError, BatchRejectedError, StaleLeaseError
from watchfloor.operations.review.models import Case, Decision, Lease, Pending, QueueDelta, Review
from watchfloor.operations.review.services import (
    Answer,
    NewCase,
    Timing,
    claim,
    end_activity,
    enqueue,
    enqueue_batch,
    enter_state,
    escalate,
    expire_leases,
    release,
    skip,
    submit,
)

SCAM = Answer(labels=("scam",))
FINE = Answer(labels=("fine",))


def counters(queue):
    rows = QueueDelta.objects.filter(queue=queue).values_list("backlog", "in_review")
    return tuple(map(sum, zip(*rows, strict=True)))


def assert_facts_are_complete():
    for event in Event.objects.all():
        table = TABLES[event.fact]
        assert set(event.payload) <= set(table.by_name), event.fact
        missing = [c.name for c in table.columns if c.required and event.payload.get(c.name) is None]
        assert missing == [], event.fact
        for column in table.columns:
            if column.one_of and event.payload.get(column.name) is not None:
                assert event.payload[column.name] in column.one_of


def test_a_case_reviewed_once_is_decided_by_that_answer(floor):
    queue = floor.queue("comments")
    (case_id,) = floor.enqueue(queue, object_id="post-1", content={"text": "hello"})
    assert counters(queue) == (1, 0)
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    assert taken is not None
    assert (taken.case_id, taken.turn, taken.content, taken.queue) == (
        case_id,
        0,
        {"text": "hello"},
        "comments",
    )
    assert counters(queue) == (0, 1)
    timing = Timing(active_ms=18_000, idle_ms=2_000)
    result = submit(
        lease_token=taken.token, answer=SCAM, now=floor.now + timedelta(seconds=30), timing=timing
    )
    decision = Decision.objects.get(case_id=case_id)
    assert (decision.rule, decision.labels, decision.action, decision.violative) == (
        "last_turn",
        ["scam"],
        "remove",
        True,
    )
    review = Review.objects.get(pk=result.review_id)
    assert (review.handle_ms, review.active_ms, review.outcome, review.blind) == (
        28_000,
        18_000,
        "submitted",
        False,
    )
    assert counters(queue) == (0, 0)
    assert not Pending.objects.exists()
    assert not Lease.objects.exists()
    assert_facts_are_complete()
    fact = Event.objects.get(fact="decision").payload
    assert fact["queue_id"] == "comments"
    assert fact["site_id"] == "dublin"
    assert fact["decided_at"] == "2026-03-02T09:00:30.000Z"
    shown = Event.objects.get(fact="review").payload
    assert (shown["policy_version"], shown["template_version"], shown["queue_version"]) == (1, 1, 1)


def test_a_label_that_finds_nothing_decides_without_violation(floor):
    floor.enqueue(floor.queue("comments"))
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    submit(lease_token=taken.token, answer=FINE, now=floor.now)
    assert Decision.objects.get().violative is False
    assert Decision.objects.get().action == "none"


def test_two_blind_reviews_that_agree_decide(floor):
    queue = floor.queue("comments", mode="double_review")
    floor.enqueue(queue)
    first, second = floor.reviewer("r1"), floor.reviewer("r2")
    taken = claim(reviewer=first, now=floor.now)
    assert submit(lease_token=taken.token, answer=SCAM, now=floor.now).next_turn == 1
    assert claim(reviewer=first, now=floor.now) is None, "nobody reviews a case twice"
    taken = claim(reviewer=second, now=floor.now)
    assert taken.turn == 1
    result = submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    assert result.rule == "majority"
    assert list(Review.objects.order_by("turn").values_list("kind", "blind")) == [
        ("first", False),
        ("second", True),
    ]


def test_two_blind_reviews_that_differ_are_settled_by_a_third(floor):
    floor.enqueue(floor.queue("comments", mode="double_review"))
    for code, answer in (("r1", SCAM), ("r2", FINE), ("r3", FINE)):
        taken = claim(reviewer=floor.reviewer(code), now=floor.now)
        result = submit(lease_token=taken.token, answer=answer, now=floor.now)
    assert result.rule == "third_breaks_tie"
    assert Decision.objects.get().labels == ["fine"]
    assert_facts_are_complete()


def test_a_sampled_queue_doubles_about_its_share(floor):
    queue = floor.queue("comments", mode="sampled_double", settings={"double_share": 0.3})
    floor.enqueue(queue, 200)
    reviewer = floor.reviewer("r1")
    doubled = 0
    while taken := claim(reviewer=reviewer, now=floor.now):
        doubled += submit(lease_token=taken.token, answer=FINE, now=floor.now).next_turn == 1
    assert 35 <= doubled <= 85


def test_the_most_urgent_case_goes_first_across_queues(floor):
    sla = {"default": 3600, "high": 7200, "critical": 7200}
    slow = floor.queue("slow", settings={"sla_seconds": sla})
    fast = floor.queue("fast", settings={"sla_seconds": {"default": 60}})
    (ordinary,) = floor.enqueue(slow)
    (soon,) = floor.enqueue(fast)
    (high,) = floor.enqueue(slow, severity_hint="high")
    (critical,) = floor.enqueue(slow, severity_hint="critical")
    (later,) = floor.enqueue(fast, enqueued_at=floor.now + timedelta(seconds=5))
    reviewer = floor.reviewer("r1")
    order = [claim(reviewer=reviewer, now=floor.now, most=5).case_id for _ in range(5)]
    assert order == [critical, high, soon, later, ordinary]


def test_a_lifted_queue_is_served_before_others_of_its_severity(floor):
    plain = floor.queue("comments")
    lifted = floor.queue("live", settings={"priority_lift": 2})
    (high,) = floor.enqueue(plain, severity_hint="high")
    floor.enqueue(plain, severity_hint="medium")
    (low,) = floor.enqueue(lifted, severity_hint="low", enqueued_at=floor.now + timedelta(minutes=1))
    (critical,) = floor.enqueue(lifted, severity_hint="high", enqueued_at=floor.now + timedelta(minutes=1))

    served = [claim(reviewer=floor.reviewer(f"r{n}"), now=floor.now).case_id for n in range(3)]

    assert served == [critical, high, low]
    assert Case.objects.get(pk=low).priority == 1


@pytest.mark.parametrize(
    ("queue_changes", "settings", "reviewer_changes"),
    [
        ({"languages": ("en",)}, {}, {"languages": ["es"]}),
        ({}, {"required_skills": ("video",)}, {}),
        ({}, {"certification_required": True}, {}),
        ({}, {"site_shares": {"manila": 1.0}}, {}),
        ({"data_boundary": "enclave"}, {}, {}),
        ({}, {}, {"active": False}),
    ],
    ids=["language", "skill", "certification", "site", "boundary", "switched off"],
)
def test_nobody_claims_what_they_may_not_work_on(floor, queue_changes, settings, reviewer_changes):
    if "data_boundary" in queue_changes:
        queue_changes = queue_changes | {"data_boundary": floor.boundary}
    queue = floor.queue("comments", settings=settings, **queue_changes)
    floor.enqueue(queue)
    assert claim(reviewer=floor.reviewer("outside", **reviewer_changes), now=floor.now) is None
    able = floor.reviewer(
        "able",
        languages=["en", "es"],
        skills=["video"],
        team=floor.team_b if settings.get("site_shares") else floor.team_a,
        data_boundary=floor.boundary,
    )
    Certification.objects.create(reviewer=able, policy="spam", policy_version=1, granted_at=floor.now)
    assert claim(reviewer=able, now=floor.now) is not None


def test_a_certification_counts_until_it_expires_and_for_its_version_only(floor):
    queue = floor.queue("comments", settings={"certification_required": True})
    floor.enqueue(queue)
    reviewer = floor.reviewer("r1")
    held = Certification.objects.create(
        reviewer=reviewer, policy="spam", policy_version=2, granted_at=floor.now
    )
    assert claim(reviewer=reviewer, now=floor.now) is None
    held.policy_version, held.expires_at = 1, floor.now
    held.save()
    assert claim(reviewer=reviewer, now=floor.now) is None
    held.expires_at = floor.now + timedelta(days=1)
    held.save()
    assert claim(reviewer=reviewer, now=floor.now) is not None


@pytest.mark.parametrize(("state", "served"), [("paused", False), ("retired", False), ("recovering", True)])
def test_only_serving_queues_are_claimed_from(floor, state, served):
    queue = floor.queue("comments")
    floor.enqueue(queue)
    queue.state = state
    queue.save(update_fields=["state"])
    assert (claim(reviewer=floor.reviewer("r1"), now=floor.now) is not None) is served


def test_a_stale_token_is_refused_and_writes_nothing(floor):
    floor.enqueue(floor.queue("comments"))
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    before = Event.objects.count()
    for token, now in ((uuid4(), floor.now), (taken.token, taken.expires_at)):
        with pytest.raises(StaleLeaseError, match="no longer holds"):
            submit(lease_token=token, answer=SCAM, now=now)
    assert Event.objects.count() == before
    submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    with pytest.raises(StaleLeaseError):
        submit(lease_token=taken.token, answer=SCAM, now=floor.now)


@pytest.mark.parametrize(
    "answer",
    [Answer(labels=("unheard",)), Answer(labels=("scam",), action="explode"), Answer(fields={"note": 3})],
    ids=["label", "action", "field"],
)
def test_an_answer_that_does_not_fit_leaves_the_lease(floor, answer):
    schema = {"properties": {"note": {"type": "string"}}}
    template = TemplateVersion.objects.create(
        template=floor.template.template, version=2, schema=schema, created_at=floor.now
    )
    floor.enqueue(floor.queue("comments", settings={"template_version": template}))
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    with pytest.raises(AnswerRejectedError):
        submit(lease_token=taken.token, answer=answer, now=floor.now)
    assert submit(lease_token=taken.token, answer=SCAM, now=floor.now).decision_id


def test_a_skipped_case_goes_to_somebody_else_and_a_released_one_to_anybody(floor):
    floor.enqueue(floor.queue("comments"))
    first, second = floor.reviewer("r1"), floor.reviewer("r2")
    release(lease_token=claim(reviewer=first, now=floor.now).token, now=floor.now)
    skip(lease_token=claim(reviewer=first, now=floor.now).token, reason="unsure", now=floor.now)
    assert claim(reviewer=first, now=floor.now) is None
    taken = claim(reviewer=second, now=floor.now)
    assert taken.turn == 0
    submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    assert sorted(Review.objects.values_list("outcome", flat=True)) == ["returned", "skipped", "submitted"]
    assert_facts_are_complete()


def test_an_expired_lease_leaves_a_timeout_and_the_case_waits_again(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue)
    reviewer = floor.reviewer("r1")
    taken = claim(reviewer=reviewer, now=floor.now)
    assert expire_leases(now=taken.expires_at - timedelta(seconds=1)) == 0
    assert expire_leases(now=taken.expires_at) == 1
    assert Review.objects.get().outcome == "timeout"
    assert counters(queue) == (1, 0)
    assert claim(reviewer=reviewer, now=taken.expires_at) is not None


def test_an_escalated_case_is_decided_by_its_child(floor):
    senior = floor.queue("senior", settings={"required_skills": ("video",)})
    queue = floor.queue("comments", settings={"escalation_queue": senior})
    (case_id,) = floor.enqueue(queue, object_id="post-1")
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    escalate(lease_token=taken.token, reason="beyond me", now=floor.now)
    taken = claim(reviewer=floor.reviewer("r2", skills=["video"]), now=floor.now)
    assert Case.objects.get(pk=taken.case_id).parent_id == case_id
    submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    decided = Decision.objects.order_by("case__enqueued_at")
    assert {str(each.case_id): each.labels for each in decided} == {
        str(case_id): ["scam"],
        str(taken.case_id): ["scam"],
    }
    assert_facts_are_complete()


def test_without_an_escalation_queue_another_reviewer_gets_the_case_first(floor):
    queue = floor.queue("comments")
    (case_id, *_) = floor.enqueue(queue, 3)
    first = floor.reviewer("r1")
    escalate(lease_token=claim(reviewer=first, now=floor.now).token, reason="", now=floor.now)
    floor.enqueue(queue, severity_hint="high")
    assert claim(reviewer=first, now=floor.now).case_id != case_id
    assert claim(reviewer=floor.reviewer("r2"), now=floor.now).case_id == case_id


def test_a_batch_sent_again_makes_nothing_new(floor):
    queue = floor.queue("comments")
    cases = [NewCase(queue="comments", client_key=f"k{i}") for i in (1, 2, 2)]
    first = enqueue_batch(cases=cases, now=floor.now, client="app")
    again = enqueue_batch(cases=cases, now=floor.now + timedelta(hours=1), client="app")
    assert [each.created for each in first] == [True, True, False]
    assert not any(each.created for each in again)
    assert [each.case_id for each in first] == [each.case_id for each in again]
    assert Case.objects.count() == Event.objects.filter(fact="case").count() == 2
    assert counters(queue) == (2, 0)
    assert enqueue(case=cases[0], now=floor.now, client="other").created, "keys belong to their client"


def test_one_wrong_case_rejects_the_batch_and_names_every_fault(floor):
    floor.queue("comments", languages=("en",))
    closed = floor.queue("closed")
    closed.state = "retired"
    closed.save(update_fields=["state"])
    cases = [
        NewCase(queue="comments"),
        NewCase(queue="nowhere"),
        NewCase(queue="comments", language="xx", severity_hint="huge", risk_score=1.5),
        NewCase(queue="closed", market="EUR", media_seconds=-1, object_id="a\x00b"),
    ]
    with pytest.raises(BatchRejectedError, match="3 of 4") as refused:
        enqueue_batch(cases=cases, now=floor.now)
    assert {(item.index, item.field) for item in refused.value.items} == {
        (1, "queue"),
        (2, "language"),
        (2, "severity_hint"),
        (2, "risk_score"),
        (3, "queue"),
        (3, "market"),
        (3, "media_seconds"),
        (3, "object_id"),
    }
    assert not Case.objects.exists()


def test_activity_becomes_facts_without_gaps(floor):
    floor.enqueue(floor.queue("comments"), 2)
    reviewer = floor.reviewer("r1")
    enter_state(reviewer=reviewer, state="available", now=floor.now)
    taken = claim(reviewer=reviewer, now=floor.now + timedelta(seconds=10))
    submit(lease_token=taken.token, answer=SCAM, now=floor.now + timedelta(seconds=40))
    enter_state(reviewer=reviewer, state="break", now=floor.now + timedelta(seconds=45))
    end_activity(reviewer=reviewer, now=floor.now + timedelta(seconds=60))
    rows = [event.payload for event in Event.objects.filter(fact="activity_interval").order_by("id")]
    assert [row["state"] for row in rows] == ["available", "handling", "available", "break"]
    assert [row["ended_at"] for row in rows[:-1]] == [row["started_at"] for row in rows[1:]]
    assert len({row["interval_id"] for row in rows}) == 4
    assert_facts_are_complete()


def test_the_database_bands_tenure_as_the_code_does(floor):
    today = floor.now.date()
    with connection.cursor() as cursor:
        for days in (0, 30, 31, 90, 91, 180, 181, 365, 366, 4000):
            first = today - timedelta(days=days)
            cursor.execute("SELECT review_tenure_band(%s, %s)", [first, today])
            assert cursor.fetchone()[0] == tenure_band(first_production_on=first, today=today)


def test_tenure_counts_from_the_first_production_case(floor):
    floor.enqueue(floor.queue("training", purpose="training"))
    reviewer = floor.reviewer("r1")
    submit(lease_token=claim(reviewer=reviewer, now=floor.now).token, answer=SCAM, now=floor.now)
    reviewer.refresh_from_db()
    assert reviewer.first_production_on is None
    assert Decision.objects.get().enforced is False
    floor.enqueue(floor.queue("comments"))
    submit(lease_token=claim(reviewer=reviewer, now=floor.now).token, answer=SCAM, now=floor.now)
    reviewer.refresh_from_db()
    assert reviewer.first_production_on == floor.now.date()
