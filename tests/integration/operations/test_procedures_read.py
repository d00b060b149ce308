"""A queue that requires its procedure to be read serves those alone who confirmed the version in force."""

import pytest
from django.db import connection
from django.urls import reverse

from watchfloor.operations.console.emptiness import why_empty
from watchfloor.operations.launches.boundary_test import run_boundary_test
from watchfloor.operations.launches.round_trip import run_round_trip
from watchfloor.operations.queues.configuring import QueueError
from watchfloor.operations.queues.sops import NewSop, acknowledge, publish_sop, unread_procedures
from watchfloor.operations.review.errors import NotServableError
from watchfloor.operations.review.sending import send_to
from watchfloor.operations.review.services import claim

BY_CLASS, BY_DEADLINE = 0.0, 1.0


def required(floor, queue, *, text="Look, then decide."):
    """Return a new version of the queue's procedure, in force and required."""
    sop = publish_sop(queue=queue, new=NewSop(title="How to", text=text), by=floor.by, now=floor.now)
    floor.configure(queue, sop_version=sop.version, sop_required=True)
    return sop


@pytest.mark.parametrize("share", [BY_CLASS, BY_DEADLINE], ids=["first of all lanes", "lane by lane"])
def test_who_has_not_read_the_procedure_in_force_is_not_served(floor, share):
    queue = floor.queue("comments", settings={"starvation_share": share})
    floor.enqueue(queue, 3)
    reviewer = floor.reviewer("r1")
    first = required(floor, queue)
    assert claim(reviewer=reviewer, now=floor.now) is None
    acknowledge(sop=first, reviewer=reviewer, now=floor.now)
    assert claim(reviewer=reviewer, now=floor.now) is not None
    second = required(floor, queue, text="Look twice.")
    assert claim(reviewer=reviewer, now=floor.now) is None
    acknowledge(sop=second, reviewer=reviewer, now=floor.now)
    assert claim(reviewer=reviewer, now=floor.now) is not None


def test_other_queues_go_on_serving_meanwhile(floor):
    asking, plain = floor.queue("comments"), floor.queue("video")
    floor.enqueue(asking, severity_hint="critical")
    [case] = floor.enqueue(plain)
    required(floor, asking)
    assert claim(reviewer=floor.reviewer("r1"), now=floor.now).case_id == case


def test_no_claim_looks_for_readers_where_no_queue_asks(floor):
    queue = floor.queue("comments")
    publish_sop(queue=queue, new=NewSop(title="How to", text="Look."), by=floor.by, now=floor.now)
    floor.configure(queue, sop_version=1)
    floor.enqueue(queue, 2)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL track_functions = 'pl'")
        assert claim(reviewer=floor.reviewer("r1"), now=floor.now) is not None
        cursor.execute("SELECT pg_stat_get_xact_function_calls('review_has_read'::regproc)")
        assert cursor.fetchone()[0] in (None, 0)


def test_a_procedure_must_be_in_force_before_it_is_required(floor):
    queue = floor.queue("comments")
    with pytest.raises(QueueError, match="none that was published is in force"):
        floor.configure(queue, sop_required=True)


def test_a_case_is_not_sent_to_who_has_not_read_the_procedure(floor):
    queue = floor.queue("comments")
    [case] = floor.enqueue(queue)
    sop, reviewer = required(floor, queue), floor.reviewer("r1")
    with pytest.raises(NotServableError, match="has not read its procedure"):
        send_to(by=floor.by, reason="r", now=floor.now, case_id=case, reviewer=reviewer)
    acknowledge(sop=sop, reviewer=reviewer, now=floor.now)
    assert send_to(by=floor.by, reason="r", now=floor.now, case_id=case, reviewer=reviewer) == case


def test_an_empty_desk_names_the_procedure_to_read(floor):
    queue = floor.queue("comments")
    reviewer, sop = floor.reviewer("r1"), required(floor, queue)
    floor.enqueue(queue)
    empty = why_empty(reviewer=reviewer, now=floor.now)
    assert [(one.slug, one.obstacle, one.sop_version) for one in empty.closed] == [
        ("comments", "procedure", 1)
    ]
    assert unread_procedures(reviewer=reviewer, among=[queue]) == [sop]
    acknowledge(sop=sop, reviewer=reviewer, now=floor.now)
    assert why_empty(reviewer=reviewer, now=floor.now).closed == ()
    assert unread_procedures(reviewer=reviewer, among=[queue]) == []


def test_the_launch_tests_serve_a_reader_and_refuse_who_has_not_read(floor):
    queue = floor.queue("comments")
    required(floor, queue)
    assert run_round_trip(queue=queue, now=floor.now).passed
    outcome = run_boundary_test(queue=queue, now=floor.now)
    assert outcome.passed
    tried = {one["who"]: one["refused"] for one in outcome.evidence["attempts"]}
    assert tried["a reviewer who has not read the procedure"] is True


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_console_leads_to_the_procedure(floor, client, django_user_model, language):
    from watchfloor.operations.people.models import Grant

    queue = floor.queue("comments")
    floor.enqueue(queue)
    user = django_user_model.objects.create_user("ron@example.org", name="Ron")
    Grant.objects.create(user=user, role="reviewer")
    reviewer = floor.reviewer("r1", user=user)
    sop = required(floor, queue)
    client.force_login(user)
    client.cookies["watchfloor_language"] = language
    link = f'href="{reverse("queues:sop", args=[queue.slug])}"'
    assert link in client.get("/console/").content.decode()
    assert link in client.post("/console/next/").content.decode()
    acknowledge(sop=sop, reviewer=reviewer, now=floor.now)
    assert link not in client.get("/console/").content.decode()
    assert 'data-token="' in client.post("/console/next/").content.decode()
