"""One answer for many: the console shows how many and which look alike, and answers those that were kept."""

from datetime import timedelta

from watchfloor.operations.review.models import Case, Pending, Review


def test_the_cases_that_look_alike_are_listed_with_their_number(console):
    console.floor.enqueue(console.queue, 3, object_id="post-1", content={"text": "<b>win</b> a prize"})
    console.floor.enqueue(
        console.queue, object_id="post-2", enqueued_at=console.floor.now + timedelta(minutes=1)
    )
    said = console.act(console.take(), "alike").json()
    assert said["count"] == 2
    assert "2 waiting cases look like this one" in said["html"]
    assert said["html"].count("&lt;b&gt;win&lt;/b&gt; a prize") == 2


def test_without_look_alikes_there_is_nothing_to_list(console):
    console.floor.enqueue(console.queue)
    assert console.act(console.take(), "alike").json() == {"ok": True, "count": 0, "html": ""}


def test_grave_cases_are_refused_in_words(console):
    console.floor.enqueue(console.queue, 2, object_id="post-1", severity_hint="critical")
    said = console.act(console.take(), "alike")
    assert (said.status_code, "answered alone" in said.json()["refused"]) == (200, True)


def test_those_that_were_kept_get_the_same_answer_and_the_others_wait(console):
    console.floor.enqueue(console.queue, 4, object_id="post-1")
    token = console.take()
    ids = [str(one) for one in Pending.objects.order_by("enqueued_at").values_list("case_id", flat=True)]
    taken_meanwhile = ids[1]
    Pending.objects.filter(case_id=taken_meanwhile).delete()
    said = console.act(token, "submit", label="scam", alike=ids[:2]).json()
    assert (said["answered"], said["left"], said["finished"]) == (2, 1, 2)
    assert Review.objects.filter(labels=["scam"]).count() == 2
    assert Pending.objects.count() == 1
    assert Case.objects.count() == 4


def test_somebody_elses_lease_lists_nothing(console, signed_in):
    console.floor.enqueue(console.queue, 2, object_id="post-1")
    token = console.take()
    client, user = signed_in("other", "reviewer")
    console.floor.reviewer("other", user=user)
    assert client.post(f"/console/leases/{token}/alike/").status_code == 409
