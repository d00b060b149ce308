"""Every page: who may see it, what it costs, what it says when there is nothing to say."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from watchfloor.facts.store import FactStore
from watchfloor.operations.people.models import DataBoundary, Reviewer, Site
from watchfloor.operations.queues.models import Queue

PAGES = (
    "/",
    "/queues/",
    "/explore/",
    "/imports/",
    "/people/",
    "/people/reviewers/",
    "/policies/",
    "/changes/",
)
SignIn = Callable[..., Client]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_the_sign_in_page(path: str, client: Client) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_on_an_empty_operation(sign_in: SignIn, language: str, facts: FactStore) -> None:
    client = sign_in()
    client.cookies["watchfloor_language"] = language
    for path in PAGES:
        assert client.get(path).status_code == 200, path


def test_every_page_opens_on_the_demo(sign_in: SignIn, demo: list[Queue], facts: FactStore) -> None:
    client = sign_in()
    details = [
        f"/queues/{demo[0].slug}/",
        "/policies/violence/",
        "/people/sites/manila/",
        f"/floor/{demo[0].slug}/",
    ]
    parts = [
        f"/queue-parts/{demo[0].slug}/live/",
        "/queue-parts/video-violence/metrics/?days=7",
        "/floor/summary",
    ]
    for path in (*PAGES, *details, *parts):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("role", "path"),
    [("reviewer", "/"), ("regulator", "/people/"), ("auditor", "/imports/"), ("wellbeing", "/explore/")],
)
def test_a_role_that_may_not_look_is_refused(role: str, path: str, sign_in: SignIn) -> None:
    response = sign_in(role).get(path)
    assert response.status_code == 403
    assert "Your roles do not let you see this" in response.content.decode()


def test_a_grant_for_one_group_shows_only_its_queues(
    sign_in: SignIn, demo: list[Queue], facts: FactStore
) -> None:
    group = demo[0].group
    page = sign_in("analyst", queue_group=group).get("/").content.decode()
    for queue in demo:
        assert (f'id="q-{queue.slug}"' in page) == (queue.group == group)
    outside = next(queue for queue in demo if queue.group != group)
    assert sign_in("analyst", queue_group=group).get(f"/queues/{outside.slug}/").status_code == 404


def test_a_grant_without_a_boundary_does_not_see_inside_one(
    sign_in: SignIn, demo: list[Queue], facts: FactStore
) -> None:
    inside = Queue.objects.exclude(data_boundary=None).values_list("slug", flat=True)
    page = sign_in("analyst", data_boundary="").get("/").content.decode()
    assert inside
    assert not any(f'id="q-{slug}"' in page for slug in inside)


def test_the_floor_answers_first_and_puts_the_late_queue_on_top(
    sign_in: SignIn, demo: list[Queue], facts: FactStore
) -> None:
    page = sign_in().get("/").content.decode()
    assert "hold cases past their deadline" in page
    assert page.index('data-level="late"') < page.index('data-level="empty"')
    assert "Simulated operation." in page


def test_the_floor_asks_the_same_number_of_questions_whatever_the_number_of_queues(
    sign_in: SignIn, demo: list[Queue], facts: FactStore, django_assert_max_num_queries: Any
) -> None:
    client = sign_in()
    client.get("/")
    with django_assert_max_num_queries(9):
        client.get("/")


@pytest.mark.parametrize("path", ["/queues/", "/people/reviewers/", "/policies/", "/changes/"])
def test_a_list_does_not_ask_once_a_row(
    path: str, sign_in: SignIn, demo: list[Queue], django_assert_max_num_queries: Any
) -> None:
    client = sign_in()
    client.get(path)
    with django_assert_max_num_queries(12):
        client.get(path)


def test_scripts_and_styles_come_from_here_alone(sign_in: SignIn) -> None:
    policy = dict(part.split(" ", 1) for part in sign_in().get("/")["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


def test_no_page_carries_inline_styles_or_handlers(
    sign_in: SignIn, demo: list[Queue], facts: FactStore
) -> None:
    client = sign_in()
    for path in PAGES:
        page = client.get(path).content.decode()
        assert " style=" not in page, path
        assert " onclick=" not in page, path


def test_an_address_that_cannot_be_read_is_said_and_the_present_shown(
    sign_in: SignIn, facts: FactStore
) -> None:
    page = sign_in().get("/?at=yesterday-ish").content.decode()
    assert "Part of the address could not be read:" in page
    assert "Back to now" not in page


def test_a_past_instant_is_shown_from_the_facts(
    sign_in: SignIn, demo: list[Queue], facts: FactStore, now: datetime
) -> None:
    page = sign_in().get("/", {"at": now.isoformat()}).content.decode()
    assert "Back to now" in page
    assert 'id="q-video-violence"' in page


def test_what_does_not_exist_has_a_page_of_its_own(sign_in: SignIn) -> None:
    response = sign_in().get("/nothing/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_a_person_stands_without_speed_or_rank(sign_in: SignIn, demo: list[Queue]) -> None:
    client = sign_in()
    code = Reviewer.objects.order_by("code").values_list("code", flat=True)[0]
    page = client.get(f"/people/reviewers/{code}/").content.decode().lower()
    assert "certifications" in page
    assert not any(word in page for word in ("handle time", "throughput", "per hour", "rank"))


def test_the_past_hides_a_boundary_as_the_present_does(
    sign_in: SignIn, demo: list[Queue], facts: FactStore, now: datetime
) -> None:
    Queue.objects.filter(slug="video-violence").update(data_boundary=DataBoundary.objects.get())
    asked = {"at": now.isoformat()}
    assert 'id="q-video-violence"' in sign_in("analyst").get("/", asked).content.decode()
    assert (
        'id="q-video-violence"' not in sign_in("analyst", data_boundary="").get("/", asked).content.decode()
    )


def test_a_grant_for_one_site_answers_what_a_site_can_say(
    sign_in: SignIn, demo: list[Queue], facts: FactStore
) -> None:
    client = sign_in("analyst", site=Site.objects.get(slug="manila"))
    body = client.get("/explore/figures.csv?m=aht&by=site&period=2d").content.decode()
    assert "manila" in body
    assert "dublin" not in body
    parts = client.get("/queue-parts/video-violence/metrics/?days=7")
    assert "cannot be split or restricted" in parts.content.decode()


def test_the_change_log_is_told_in_chinese(sign_in: SignIn, demo: list[Queue], facts: FactStore) -> None:
    client = sign_in()
    client.cookies["watchfloor_language"] = "zh-hans"
    page = client.get("/changes/").content.decode()
    assert "本运营空间为模拟" in page
    assert "takes effect" not in page
    assert "configured." not in page
