"""The wellbeing pages: rules for everyone, one's own page, sums of teams, private records for one role."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from watchfloor.operations.people.models import Reviewer, User
from watchfloor.operations.record.models import Event
from watchfloor.operations.review.services import enter_state
from watchfloor.operations.wellbeing.models import (
    Cap,
    Incident,
    OptOut,
    Override,
    OwnPresentation,
    Rhythm,
    Topic,
)
from watchfloor.operations.wellbeing.services import record_exposure

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(demo, sign_in):
    """Return a client who is a reviewer, and the reviewer."""
    client = sign_in("reviewer")
    user = User.objects.latest("pk")
    reviewer = Reviewer.objects.filter(user=None, active=True).order_by("code").first()
    Reviewer.objects.filter(pk=reviewer.pk).update(user=user)
    Topic.objects.get_or_create(slug="hate", defaults={"name": "Hate"})
    Topic.objects.get_or_create(slug="self-harm", defaults={"name": "Suicide and self-harm"})
    return client, reviewer


def see(reviewer, now, times, wellness_class="severe"):
    for step in range(times):
        at = now + timedelta(seconds=step)
        record_exposure(
            reviewer_id=reviewer.pk,
            reviewer_code=reviewer.code,
            site_id=reviewer.team.site.slug,
            team_id=reviewer.team.slug,
            wellness_class=wellness_class,
            started_at=at,
            ended_at=at,
            visible_seconds=30,
            blurred=True,
            sound_on=False,
            now=at,
        )


def test_the_rules_say_first_that_no_cap_is_set(demo, sign_in):
    page = sign_in("reviewer").get("/wellbeing/").content.decode()
    assert "No exposure cap is set." in page
    assert "Psychological Research 2026" in page
    assert "/wellbeing/caps/" not in page


def test_the_rules_are_there_in_chinese(demo, sign_in):
    page = sign_in("analyst").get("/wellbeing/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "尚未设定接触上限。" in page
    assert "没有可引用的安全剂量" in page


def test_a_cap_is_set_and_removed_on_the_page(demo, sign_in):
    client = sign_in("wellbeing")
    values = {"wellness_class": "severe", "span": "day", "measure": "cases", "most": 40}
    assert client.post("/wellbeing/caps/", values).status_code == 302
    cap = Cap.objects.get()
    page = client.get("/wellbeing/").content.decode()
    assert "Severe: at most 40 cases a day" in page
    assert "No exposure cap is set." not in page
    assert client.post(f"/wellbeing/caps/{cap.pk}/remove/").status_code == 302
    assert not Cap.objects.exists()


def test_a_wrong_number_is_refused_with_its_reason(demo, sign_in):
    values = {"wellness_class": "severe", "span": "day", "measure": "cases", "most": -1}
    answer = sign_in("wellbeing").post("/wellbeing/caps/", values)
    assert answer.status_code == 422
    assert "most" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("caps/", {"wellness_class": "severe", "span": "day", "measure": "cases", "most": 1}),
        ("rhythm/", {"cool_down_cases": 1, "cool_down_minutes": 15}),
        ("presentation/", {"wellness_class": "severe"}),
        ("contacts/", {"name": "A", "kind": "peer", "reach": "1"}),
    ],
)
@pytest.mark.parametrize("role", ["reviewer", "team_lead", "site_lead", "analyst", "strategist"])
def test_only_those_who_may_change_the_rules(sign_in, role, path, values):
    assert sign_in(role).post(f"/wellbeing/{path}", values).status_code == 403


def test_own_choices_are_kept_and_shown(me, now):
    client, reviewer = me
    assert client.post("/wellbeing/mine/topics/", {"topic": ["hate", "no-such"]}).status_code == 302
    assert list(OptOut.objects.values_list("reviewer", "topic")) == [(reviewer.pk, "hate")]
    client.post("/wellbeing/mine/presentation/", {"wellness_class": "severe", "grey": "no"})
    own = OwnPresentation.objects.get()
    assert (own.reviewer_id, own.grey, own.muted) == (reviewer.pk, False, None)
    client.post("/wellbeing/mine/told/", {"told": "It stays with me.", "wants_contact": "on"})
    assert Incident.objects.get().told == "It stays with me."
    answer = client.get("/wellbeing/mine/")
    page = answer.content.decode()
    assert 'value="hate" checked' in page
    assert "It stays with me." not in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_is_left_stands_on_ones_own_page(me, sign_in, now):
    client, reviewer = me
    sign_in("wellbeing").post(
        "/wellbeing/caps/", {"wellness_class": "severe", "span": "week", "measure": "cases", "most": 40}
    )
    see(reviewer, now - timedelta(seconds=10), 3)
    page = client.get("/wellbeing/mine/").content.decode()
    assert "37 of 40 cases left" in page


def test_somebody_without_a_profile_is_told_so(demo, sign_in):
    page = sign_in("administrator").get("/wellbeing/mine/").content.decode()
    assert "Your account reviews no cases" in page
    assert sign_in("administrator").post("/wellbeing/mine/told/", {}).status_code == 404


EVERYONE_ELSE = [
    "reviewer",
    "auditor",
    "team_lead",
    "site_lead",
    "vendor_manager",
    "strategist",
    "analyst",
    "engineer",
    "regulator",
    "administrator",
]


@pytest.mark.parametrize("role", EVERYONE_ELSE)
def test_what_is_kept_of_one_person_opens_to_the_wellbeing_role_alone(me, sign_in, role):
    client, reviewer = me
    client.post("/wellbeing/mine/topics/", {"topic": ["hate"]})
    client.post("/wellbeing/mine/told/", {"told": "Words."})
    incident = Incident.objects.get()
    other = sign_in(role)
    for path in (
        "/wellbeing/people/",
        f"/wellbeing/people/?code={reviewer.code}",
        f"/wellbeing/people/{reviewer.code}/",
        "/wellbeing/records/",
        f"/wellbeing/records/{incident.pk}/",
    ):
        assert other.get(path).status_code == 403, path
    for path in (
        f"/wellbeing/people/{reviewer.code}/caps/",
        f"/wellbeing/people/{reviewer.code}/override/",
        f"/wellbeing/records/{incident.pk}/follow-up/",
    ):
        assert other.post(path, {}).status_code == 403, path


def test_a_superuser_meets_no_private_model_in_the_administration(me):
    from django.contrib import admin

    assert not [model for model in admin.site._registry if model._meta.app_label == "wellbeing"]


def test_the_administration_tells_nothing_of_what_one_person_saw_or_when_they_rested(me, now):
    client, reviewer = me
    see(reviewer, now, 1)
    enter_state(reviewer=reviewer, state="wellness", now=now - timedelta(minutes=5))
    enter_state(reviewer=reviewer, state="available", now=now)
    client.post("/wellbeing/mine/topics/", {"topic": ["hate"]})
    enter_state(reviewer=reviewer, state="wellness", now=now + timedelta(minutes=1))
    root = User.objects.create_superuser(email="root@example.org", password=None)
    browser = Client()
    browser.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    events = browser.get("/admin/record/event/", {"o": "-1"}).content.decode()
    assert "exposure" not in events.split('id="result_list"')[-1]
    assert f"{reviewer.code}/" in events  # the time at work stands there
    rested = Event.objects.filter(fact="activity_interval", payload__state="wellness").get()
    assert browser.get(f"/admin/record/event/{rested.pk}/change/").status_code == 302
    assert reviewer.code not in browser.get("/admin/review/activityinterval/").content.decode()
    assert browser.get(f"/admin/people/reviewer/{reviewer.pk}/delete/").status_code == 403
    assert browser.get(f"/wellbeing/people/{reviewer.code}/").status_code == 403


def test_the_wellbeing_role_reads_a_person_and_raises_a_cap_with_a_reason(me, sign_in, now):
    client, reviewer = me
    client.post("/wellbeing/mine/topics/", {"topic": ["hate"]})
    role = sign_in("wellbeing")
    assert role.get(f"/wellbeing/people/?code={reviewer.code}").status_code == 302
    path = f"/wellbeing/people/{reviewer.code}/"
    assert "Hate" in role.get(path).content.decode()
    values = {"wellness_class": "severe", "span": "day", "measure": "cases", "most": 50, "hours": 2}
    assert role.post(f"{path}override/", {**values, "reason": "short"}).status_code == 422
    assert role.post(f"{path}override/", {**values, "reason": "An attack is under way."}).status_code == 302
    assert Override.objects.get().reviewer == reviewer
    assert "An attack is under way." in client.get("/wellbeing/mine/").content.decode()


def test_the_wellbeing_role_of_one_site_does_not_reach_another(me, sign_in):
    _, reviewer = me
    elsewhere = type(reviewer.team.site).objects.exclude(pk=reviewer.team.site.pk).first()
    role = sign_in("wellbeing", site=elsewhere)
    assert role.get(f"/wellbeing/people/{reviewer.code}/").status_code == 404


@pytest.mark.parametrize("state", ["wellness", "break"])
def test_a_lead_does_not_see_that_somebody_takes_time_for_themself(me, sign_in, now, state):
    _, reviewer = me
    enter_state(reviewer=reviewer, state=state, now=now - timedelta(minutes=47))
    page = sign_in("team_lead").get("/console/team/").content.decode()
    assert reviewer.code in page
    assert "On a break" in page
    assert "Wellness time" not in page
    assert "47" not in page.split(f">{reviewer.code}<")[1].split("</tr>")[0]


def test_a_record_is_followed_up(me, sign_in):
    client, _ = me
    client.post("/wellbeing/mine/told/", {"told": "Words."})
    incident = Incident.objects.get()
    role = sign_in("wellbeing")
    assert "Words." in role.get(f"/wellbeing/records/{incident.pk}/").content.decode()
    role.post(f"/wellbeing/records/{incident.pk}/follow-up/", {"state": "in_contact", "note": "Called."})
    assert "Called." in role.get(f"/wellbeing/records/{incident.pk}/").content.decode()
    assert "In contact" in client.get("/wellbeing/mine/").content.decode()


def test_sums_of_teams_hide_what_too_few_people_stand_behind(demo, sign_in, now):
    reviewers = list(Reviewer.objects.filter(active=True).select_related("team__site").order_by("code"))
    by_team = {}
    for reviewer in reviewers:
        by_team.setdefault(reviewer.team, []).append(reviewer)
    team, members = max(by_team.items(), key=lambda pair: len(pair[1]))
    small = next(other for other in by_team if other.site == team.site and other != team)
    last_week = now - timedelta(days=now.weekday() + 3)
    for reviewer in members[:6]:
        see(reviewer, last_week, 2)
    page = sign_in("analyst").get("/wellbeing/teams/").content.decode()
    assert team.name in page
    assert "12" in page
    see(by_team[small][0], last_week, 1)
    page = sign_in("analyst").get("/wellbeing/teams/").content.decode()
    assert page.count("too few people") == 2
    assert "13" in page


def test_a_person_sets_and_takes_back_a_rhythm_of_their_own(me):
    client, reviewer = me
    given = {"max_consecutive": 3, "cool_down_cases": 2, "cool_down_minutes": 20}
    assert client.post("/wellbeing/mine/rhythm/", given).status_code == 302
    assert (own := Rhythm.objects.get(reviewer=reviewer)).max_consecutive == 3
    assert reviewer.code not in own.set_by
    assert 'value="3"' in client.get("/wellbeing/mine/").content.decode()
    refused = client.post("/wellbeing/mine/rhythm/", given | {"max_consecutive": 0}, follow=True)
    assert "nothing was changed" in refused.content.decode()
    client.post("/wellbeing/mine/rhythm/", given | {"max_consecutive": ""})
    assert not Rhythm.objects.filter(reviewer=reviewer).exists()


def test_a_rhythm_that_the_wellbeing_role_set_is_not_loosened(me):
    client, reviewer = me
    Rhythm.objects.create(
        scope="person", reviewer=reviewer, max_consecutive=2, set_by="care", set_at=timezone.now()
    )
    given = {"max_consecutive": 50, "cool_down_cases": 0, "cool_down_minutes": 1}
    client.post("/wellbeing/mine/rhythm/", given)
    assert Rhythm.objects.get(reviewer=reviewer).max_consecutive == 2
    assert "The wellbeing role set it for you" in client.get("/wellbeing/mine/").content.decode()
