"""Who is served what, in which order: classes, starvation, sites, care, canary, consensus."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from watchfloor.operations.queues.models import TemplateVersion
from watchfloor.operations.record.models import Event
from watchfloor.operations.review.configuration import rules_shown
from watchfloor.operations.review.errors import AnswerRejectedError
from watchfloor.operations.review.heads import raise_first, raise_heads
from watchfloor.operations.review.models import Case, Decision, Lane, Pending, Review
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue, release, submit
from watchfloor.operations.wellbeing.models import OptOut

SCAM, FINE = Answer(labels=("scam",)), Answer(labels=("fine",))


def take(reviewer, now):
    """Claim and answer; return the case, or None."""
    taken = claim(reviewer=reviewer, now=now)
    if taken is not None:
        submit(lease_token=taken.token, answer=SCAM, now=now)
    return taken


def test_low_classes_get_their_share_while_high_ones_wait(floor):
    queue = floor.queue("comments", settings={"starvation_share": 0.1})
    floor.enqueue(queue, 150, severity_hint="critical")
    old = {"enqueued_at": floor.now - timedelta(hours=2)}
    floor.enqueue(queue, 30, severity_hint="low", **old)
    reviewer = floor.reviewer("r1")
    classes = Counter(take(reviewer, floor.now).severity_hint for _ in range(100))
    assert 9 <= classes["low"] <= 11


def test_without_the_guard_the_highest_class_is_always_first(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue, 40, severity_hint="critical")
    floor.enqueue(queue, 5, severity_hint="low", enqueued_at=floor.now - timedelta(hours=2))
    reviewer = floor.reviewer("r1")
    assert {take(reviewer, floor.now).severity_hint for _ in range(40)} == {"critical"}


def test_cases_are_apportioned_to_sites_by_their_shares(floor):
    queue = floor.queue("comments", settings={"site_shares": {"dublin": 0.7, "manila": 0.3}})
    floor.enqueue(queue, 200)
    sites = Counter(Pending.objects.values_list("site", flat=True))
    assert 139 <= sites["dublin"] <= 141
    here, there = floor.reviewer("r1"), floor.reviewer("r2", team=floor.team_b)
    served = [take(person, floor.now) is not None for person in (here, there) for _ in range(200)]
    assert sum(served) == 200
    by_site = Counter(Review.objects.values_list("reviewer__code", flat=True))
    assert by_site == {"r1": sites["dublin"], "r2": sites["manila"]}


def test_other_sites_take_over_in_their_order_as_the_deadline_comes_near(floor):
    settings = {
        "site_shares": {"dublin": 1.0, "manila": 0.0},
        "sla_seconds": {"default": 1000},
        "overflow_after": 0.5,
    }
    queue = floor.queue("comments", settings={**settings, "site_overflow": ("manila",)})
    floor.enqueue(queue)
    there = floor.reviewer("r2", team=floor.team_b)
    assert claim(reviewer=there, now=floor.now + timedelta(seconds=499)) is None
    taken = claim(reviewer=there, now=floor.now + timedelta(seconds=501))
    release(lease_token=taken.token, now=floor.now + timedelta(seconds=502))
    floor.configure(queue, site_overflow=("dublin",))
    assert claim(reviewer=there, now=floor.now + timedelta(seconds=999)) is None, "not on the list"
    assert claim(reviewer=there, now=floor.now + timedelta(seconds=1001)) is not None, "past its deadline"


def test_topics_that_a_person_avoids_are_never_served_to_them(floor):
    queue = floor.queue("comments")
    avoided = floor.queue("avoided", settings={"topics": ("self_harm",)})
    floor.enqueue(avoided, 2)
    floor.enqueue(queue, 3, topics=("self_harm", "minors"))
    (plain,) = floor.enqueue(queue, enqueued_at=floor.now + timedelta(minutes=4))
    reviewer = floor.reviewer("r1")
    OptOut.objects.create(reviewer=reviewer, topic="self_harm")
    assert take(reviewer, floor.now).case_id == plain
    assert take(reviewer, floor.now) is None
    assert take(floor.reviewer("r2"), floor.now) is not None


def test_a_canary_template_is_shown_to_its_share_and_checks_its_own_answers(floor):
    strict = TemplateVersion.objects.create(
        template=floor.template.template, version=2, schema={"required": ["note"]}, created_at=floor.now
    )
    queue = floor.queue("comments", settings={"canary_template_version": strict, "canary_share": 0.5})
    floor.enqueue(queue, 60)
    reviewer = floor.reviewer("r1")
    seen = Counter()
    while taken := claim(reviewer=reviewer, now=floor.now):
        seen[taken.template_version] += 1
        if taken.template_version == 2:
            with pytest.raises(AnswerRejectedError, match="note"):
                submit(lease_token=taken.token, answer=SCAM, now=floor.now)
        answer = Answer(labels=("scam",), fields={"note": "x"})
        submit(lease_token=taken.token, answer=answer, now=floor.now)
    assert seen[1] + seen[2] == 60
    assert 15 <= seen[2] <= 45
    shown = Counter(e.payload["template_version"] for e in Event.objects.filter(fact="review"))
    assert shown == seen


def test_a_case_of_consensus_is_asked_until_enough_agree(floor):
    settings = {"consensus_required": 2, "consensus_of": 3}
    floor.enqueue(floor.queue("comments", mode="consensus", settings=settings), 2)
    people = [floor.reviewer(f"r{i}") for i in range(3)]
    given = {0: (SCAM, SCAM), 1: (SCAM, FINE, FINE)}
    for case, answers in given.items():
        for person, answer in zip(people, answers, strict=False):
            taken = claim(reviewer=person, now=floor.now)
            done = submit(lease_token=taken.token, answer=answer, now=floor.now)
        assert (case, done.rule) == (case, "majority")
    assert sorted(Decision.objects.values_list("labels", flat=True)) == [["fine"], ["scam"]]
    assert not Pending.objects.exists()


def test_a_hidden_golden_case_is_decided_by_one_answer_and_enforces_nothing(floor):
    floor.queue("comments", mode="double_review")
    case = NewCase(queue="comments", language="en", purpose="qa", gold_id="gold-7")
    enqueue(case=case, now=floor.now)
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    assert "gold" not in repr(taken)
    submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    assert Decision.objects.get().enforced is False
    fact = Event.objects.get(fact="review").payload
    assert (fact["gold_id"], fact["purpose"]) == ("gold-7", "qa")


def test_a_claim_and_a_submit_are_one_statement_each(floor, django_assert_num_queries):
    floor.enqueue(floor.queue("comments"), 2)
    reviewer = floor.reviewer("r1")
    first = claim(reviewer=reviewer, now=floor.now)
    submit(lease_token=first.token, answer=SCAM, now=floor.now)
    assert rules_shown(first.token) is not None
    with django_assert_num_queries(0):  # Django's own; the calls go past its cursor
        taken = claim(reviewer=reviewer, now=floor.now)
        submit(lease_token=taken.token, answer=SCAM, now=floor.now)


def test_heads_only_say_where_to_begin(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue, 3, severity_hint="high", enqueued_at=floor.now)
    reviewer = floor.reviewer("r1")
    raise_heads(queue_ids=[queue.pk])
    raise_first()
    assert Lane.objects.get().has_heads
    first = take(reviewer, floor.now)
    raise_heads(queue_ids=[queue.pk])
    raise_first()
    (urgent,) = floor.enqueue(queue, severity_hint="critical")
    assert take(reviewer, floor.now).case_id == urgent, "a new case lowers the head"
    while take(reviewer, floor.now):
        pass
    raise_heads(queue_ids=[queue.pk])
    raise_first()
    floor.enqueue(queue, severity_hint="low")
    assert take(reviewer, floor.now) is not None
    assert first.case_id in set(Case.objects.values_list("id", flat=True))


def test_heads_that_a_restored_copy_brought_along_are_lowered(floor):
    queue = floor.queue("comments")
    floor.enqueue(queue)
    raise_heads(queue_ids=[queue.pk])
    pass_over(f"review_lane_{Lane.objects.get().pk}_class", "review_first_head")
    reviewer = floor.reviewer("r1")
    assert claim(reviewer=reviewer, now=floor.now) is None
    raise_heads(queue_ids=[queue.pk], anew=True)
    raise_first(anew=True)
    assert claim(reviewer=reviewer, now=floor.now) is not None


def pass_over(*heads):
    """Let probing begin behind every case."""
    with connection.cursor() as cursor:
        for head in heads:
            cursor.execute("SELECT setval(%s, 9000000000000000000)", [head])


@pytest.mark.parametrize("by_lanes", [False, True])
def test_one_look_at_the_first_cases_serves_in_the_order_of_the_lanes(floor, by_lanes):
    queues = [floor.queue(f"q{n}", settings={"starvation_share": 0.0}) for n in range(3)]
    for n in range(60):
        hint = ("critical", "high", "low")[n % 7 % 3]
        floor.enqueue(
            queues[n % 3], severity_hint=hint, enqueued_at=floor.now - timedelta(minutes=n * 37 % 60)
        )
    waiting = list(Pending.objects.values_list("case", flat=True))  # in the order of serving
    reviewer = floor.reviewer("r1")
    if by_lanes:
        pass_over("review_first_head")
    assert [take(reviewer, floor.now).case_id for _ in waiting] == waiting


def test_a_case_behind_many_that_the_person_may_not_have_is_found(floor):
    floor.enqueue(
        floor.queue("others", settings={"certification_required": True}), 40, severity_hint="critical"
    )
    (mine,) = floor.enqueue(floor.queue("comments"), severity_hint="low")
    assert take(floor.reviewer("r1"), floor.now).case_id == mine
    assert take(floor.reviewer("r2"), floor.now) is None
