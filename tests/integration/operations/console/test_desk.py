"""The console's requests: a case at a time, answers that arrive once, and what keeps a case away."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from watchfloor.operations.console.emptiness import why_empty
from watchfloor.operations.people.models import Certification
from watchfloor.operations.review.models import ActivityInterval, Draft, Lease, Review
from watchfloor.operations.review.services import claim, expire_leases


def test_a_case_comes_with_its_form_its_guide_and_its_content(console):
    console.floor.enqueue(console.queue, content={"text": "Hello <b>there</b>", "shade": "blue"})
    page = console.next().content.decode()
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in page
    assert "shade" in page
    assert 'value="scam" data-key="1"' in page
    assert "Deceives for gain." in page


def test_what_a_simulated_case_really_is_is_never_shown(console):
    console.floor.enqueue(
        console.queue, content={"text": "x", "simulated_truth": "spam.scam", "simulated": True}
    )
    page = console.next().content.decode()
    assert "spam.scam" not in page
    assert "Simulated content" in page


def test_a_case_that_is_held_comes_again_before_a_new_one(console):
    console.floor.enqueue(console.queue, 2)
    first = console.take()
    assert console.take() == first
    second = console.next(first).content.decode()
    assert first not in second
    assert Lease.objects.filter(reviewer=console.reviewer).count() == 2


def test_an_answer_is_recorded_with_what_the_page_measured(console):
    console.floor.enqueue(console.queue)
    token = console.take()
    Lease.objects.filter(pk=token).update(claimed_at=timezone.now() - timedelta(seconds=90))
    said = console.act(
        token, "submit", label="scam", handled_ms="20000", active_ms="15000", media_ms="", visible_ms="9000",
        first_render_at=timezone.now().isoformat(),
    )  # fmt: skip
    assert said.status_code == 200
    assert said.json()["finished"] == 1
    review = Review.objects.get()
    assert (review.labels, review.action) == (["scam"], "remove")
    assert 19_000 <= review.handle_ms <= 21_000
    assert review.active_ms == 15_000
    assert review.media_ms is None
    assert review.first_render_at is not None


def test_an_answer_that_is_sent_twice_arrives_once(console):
    [case] = console.floor.enqueue(console.queue)
    token = console.take()
    assert console.act(token, "submit", label="scam", case=str(case)).status_code == 200
    again = console.act(token, "submit", label="scam", case=str(case))
    assert (again.status_code, again.json()["again"]) == (200, True)
    assert Review.objects.count() == 1


def test_faults_name_their_field_and_the_lease_holds(console):
    console.floor.enqueue(console.queue)
    token = console.take()
    said = console.act(token, "submit", label="unheard-of")
    assert said.status_code == 422
    assert list(said.json()["errors"]) == ["label"]
    assert console.act(token, "submit").status_code == 422
    assert Lease.objects.filter(pk=token).exists()


def test_an_answer_to_a_lease_that_ended_is_refused_and_its_draft_comes_back(console):
    console.floor.enqueue(console.queue)
    token = console.take()
    assert console.act(token, "draft", label="nudity").status_code == 200
    expire_leases(now=timezone.now() + timedelta(days=1))
    late = console.act(token, "submit", label="nudity")
    assert (late.status_code, late.json()["stale"]) == (409, True)
    assert Draft.objects.get().draft == {"label": ["nudity"]}
    assert '{"label": ["nudity"]}' in console.next().content.decode()


def test_nobody_ends_the_lease_of_somebody_else(console):
    console.floor.enqueue(console.queue)
    other = console.floor.reviewer("otto")
    taken = claim(reviewer=other, now=console.floor.now)
    for act in ("submit", "skip", "release", "escalate", "renew", "begin", "draft"):
        assert console.act(str(taken.token), act, label="scam").status_code == 409
    assert console.act(str(uuid4()), "submit", label="scam").status_code == 409
    assert Lease.objects.filter(pk=taken.token, reviewer=other).exists()


@pytest.mark.parametrize(
    ("act", "sent", "outcome"),
    [
        ("skip", {"reason": "language"}, "skipped"),
        ("release", {}, "returned"),
        ("escalate", {"reason": "unclear"}, "escalated"),
        ("hold", {"hours": "4", "reason": "waits"}, "returned"),
    ],
)
def test_a_case_leaves_the_desk_in_other_ways(console, act, sent, outcome):
    console.floor.enqueue(console.queue)
    assert console.act(console.take(), act, **sent).status_code == 200
    assert Review.objects.get().outcome == outcome
    assert not Lease.objects.exists()


def test_a_case_is_sent_to_another_queue_but_not_to_nowhere(console):
    other = console.floor.queue("second")
    console.floor.enqueue(console.queue)
    token = console.take()
    refused = console.act(token, "send", to="no-such-place", reason="r")
    assert refused.status_code == 400
    assert "no-such-place" in refused.json()["message"]
    assert console.act(token, "send", to=other.slug, reason="r").status_code in {200, 404}


def test_a_minute_gives_everything_back_and_nothing_comes_meanwhile(console):
    console.floor.enqueue(console.queue, 3)
    console.next(console.take())
    assert console.client.post("/console/minute/").status_code == 200
    assert not Lease.objects.exists()
    assert ActivityInterval.objects.get(reviewer=console.reviewer).state == "wellness"
    assert claim(reviewer=console.reviewer, now=timezone.now()) is None
    console.take()  # coming back ends it
    assert ActivityInterval.objects.get(reviewer=console.reviewer).state in {"available", "handling"}


def test_stopping_gives_everything_back_and_ends_the_day(console):
    console.floor.enqueue(console.queue, 2)
    console.next(console.take())
    console.client.post("/console/leave/", {"stop": "1"})
    assert not Lease.objects.exists()
    assert not ActivityInterval.objects.exists()


def test_an_empty_desk_says_honestly_why(console):
    now = timezone.now()
    assert why_empty(reviewer=console.reviewer, now=now).kind == "no_backlog"
    [case] = console.floor.enqueue(console.queue)
    taken = claim(reviewer=console.reviewer, now=now)
    assert taken.case_id == case
    console.act(str(taken.token), "skip", reason="other")
    assert why_empty(reviewer=console.reviewer, now=now).kind == "seen"
    assert 'data-empty="seen"' in console.next().content.decode()
    type(console.reviewer).objects.filter(pk=console.reviewer.pk).update(languages=["pt"])
    console.queue.languages = ["en"]
    console.queue.save(update_fields=["languages"])
    empty = why_empty(reviewer=console.reviewer, now=now)
    assert empty.kind == "no_queue"
    assert [one.obstacle for one in empty.closed] == ["language"]


def test_a_missing_certification_is_named_and_a_sealed_queue_is_not(console):
    console.floor.queue("sealed", data_boundary=console.floor.boundary)
    console.floor.configure(console.queue, certification_required=True)
    empty = why_empty(reviewer=console.reviewer, now=console.floor.now)
    assert [(one.title, one.obstacle) for one in empty.closed] == [("Text", "certification")]
    version = console.queue.versions.order_by("-version").first()
    Certification.objects.create(
        reviewer=console.reviewer, policy=version.policy_slug, policy_version=version.policy_number,
        granted_at=console.floor.now,
    )  # fmt: skip
    assert why_empty(reviewer=console.reviewer, now=console.floor.now).closed == ()


def test_a_case_costs_the_same_number_of_queries_however_much_it_holds(
    console, django_assert_max_num_queries
):
    talk = [{"from": "a", "text": f"line {n}", "media": [{"url": "/console/media/x.svg"}]} for n in range(80)]
    console.floor.enqueue(console.queue, 1, content={"messages": talk})
    with django_assert_max_num_queries(30):
        assert b"line 79" in console.next().content


def test_who_has_no_profile_or_no_right_is_told(floor, signed_in, client):
    assert client.get("/console/").status_code == 302
    analyst, _ = signed_in("ana", "analyst")
    assert analyst.get("/console/").status_code == 403
    reviewer, _ = signed_in("ron", "reviewer")
    assert "not linked to a reviewer" in reviewer.get("/console/").content.decode()
    assert reviewer.post("/console/next/").status_code == 404


def test_media_is_drawn_for_who_is_signed_in_and_from_nowhere_else(console, client, settings):
    assert client.get("/console/media/pictures/hills/3/0.svg").status_code == 302
    drawn = console.client.get("/console/media/pictures/hills/3/0.svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert console.client.get("/console/media/pictures/nothing/3/0.svg").status_code == 404
    whole = console.client.get("/console/media/sounds/3/2.wav")
    part = console.client.get("/console/media/sounds/3/2.wav", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    settings.WATCHFLOOR_MEDIA_ORIGINS = ("https://media.example.org",)
    console.floor.enqueue(
        console.queue,
        content={
            "media": [{"url": "https://media.example.org/a.png"}, {"url": "https://other.example/b.png"}]
        },
    )
    page = console.next()
    assert 'data-src="https://media.example.org/a.png"' in page.content.decode()
    assert 'data-src="https://other.example/b.png"' not in page.content.decode()
    assert "https://media.example.org" in page["Content-Security-Policy"]
    assert "media.example.org" not in console.client.get("/")["Content-Security-Policy"]
