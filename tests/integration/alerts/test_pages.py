"""The pages of alerts: what stands first, an alert taken on, a rule tried and saved, the wallboard."""

from datetime import timedelta

import pytest
from django.conf import settings

from watchfloor.operations.alerts.evaluating import evaluate
from watchfloor.operations.alerts.explaining import explain_waiting
from watchfloor.operations.alerts.models import Alert, AlertRule

pytestmark = pytest.mark.django_db
VIOLENCE = "video-violence"


@pytest.fixture
def standing(late_rule, decide, now):
    """Return an alert that stands, explained."""
    decide(queue=VIOLENCE, since=now - timedelta(days=7, hours=12), hours=12, an_hour=20, late=0.1)
    decide(queue=VIOLENCE, since=now - timedelta(hours=12), hours=12, an_hour=20, late=0.5)
    for minute in range(2):
        late_rule.refresh_from_db()
        evaluate(
            operation=settings.WATCHFLOOR_OPERATION, now=now + timedelta(minutes=minute), only=[late_rule]
        )
    explain_waiting(operation=settings.WATCHFLOOR_OPERATION, now=now)
    return Alert.objects.get()


def _text(answer):
    assert answer.status_code == 200, answer.content[:2000]
    return answer.content.decode()


def test_what_stands_is_said_first_and_shown_on_the_floor_and_its_queue(standing, sign_in):
    client = sign_in("strategist")
    listed = _text(client.get("/alerts/"))
    assert "1 alert stands, 1 of them with nobody who has it" in listed
    assert "against 90.0%" in listed
    assert f"/alerts/{standing.pk}/" in _text(client.get("/"))
    assert f"/alerts/{standing.pk}/" in _text(client.get(f"/queues/{VIOLENCE}/"))
    page = _text(client.get(f"/alerts/{standing.pk}/"))
    assert "Where the change comes from" in page
    assert "points" in page


def test_who_does_not_reach_the_queue_sees_no_alert_of_it(standing, sign_in):
    client = sign_in("team_lead", queue_group="elsewhere")
    assert "Nothing is out of order" in _text(client.get("/alerts/"))
    assert client.get(f"/alerts/{standing.pk}/").status_code == 404
    assert client.post(f"/alerts/{standing.pk}/resolve/", {"reason": "x"}).status_code == 404
    assert sign_in("reviewer").get("/alerts/").status_code == 403


def test_an_alert_is_taken_on_acted_on_and_ended_on_its_page(standing, sign_in):
    client, path = sign_in("strategist"), f"/alerts/{standing.pk}/"
    assert client.post(f"{path}acknowledge/", {"plan": ""}).status_code == 422
    assert client.post(f"{path}acknowledge/", {"plan": "Move ten people"}).status_code == 302
    action = {
        "what": "Ten people from spam",
        "due_at": "2090-01-01T08:00",
        "check_at": "2090-01-02T08:00",
        "expected": "95",
    }
    assert client.post(f"{path}action/", action).status_code == 422, "too far ahead"
    soon = (standing.fired_at + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
    assert client.post(f"{path}action/", action | {"due_at": soon, "check_at": soon}).status_code == 302
    assert standing.actions.get().expected == pytest.approx(0.95)
    assert client.post(f"{path}resolve/", {"reason": "It was a drill"}).status_code == 302
    page = _text(client.get(path))
    assert "It was a drill" in page
    assert "Ten people from spam" in page


FORM = {
    "title": "Late again", "slug": "late-again", "kind": "level", "metric_id": "sla_attainment",
    "by": "queue", "window_seconds": "21600", "every_seconds": "60", "comparison": "below", "level": "0.9",
    "needed": "1",
    "looked": "2", "min_n": "20", "severity": "high", "route": "rule", "time_zone": "Europe/Dublin",
    "deduplicate": "unit", "cool_down_minutes": "60",
}  # fmt: skip


def test_a_rule_is_tried_on_the_past_before_it_is_saved(standing, sign_in):
    client = sign_in("strategist")
    tried = _text(client.post("/alerts/rules/new/", FORM | {"act": "preview"}))
    assert "It would have fired once in four weeks" in tried
    assert "preview-chart" in tried
    assert not AlertRule.objects.filter(slug="late-again").exists()
    assert client.post("/alerts/rules/new/", FORM | {"act": "save"}).status_code == 302
    shown = _text(client.get("/alerts/rules/late-again/"))
    assert "is below 90.0% in 1 of 2 looks" in shown
    assert client.post("/alerts/rules/new/", FORM | {"act": "save"}).status_code == 422
    client.post("/alerts/rules/late-again/move/", {"act": "8h"})
    assert "asleep" in _text(client.get("/alerts/rules/"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"needed": "3"}, "3 of the last 2 evaluations cannot be"),
        ({"by": "reviewer"}, "reviewer"),
        ({"scope": "queue"}, "dimension:value"),
        ({"scope": "queue:nowhere"}, "There is no queue nowhere"),
        ({"scope": "purpose:training"}, "set off no alert"),
        ({"kind": "burst"}, "all above 0"),
        ({"kind": "budget_burn", "metric_id": "intake", "burn_pairs": "6x6h"}, "no error budget"),
        ({"kind": "budget_burn", "burn_pairs": "fast"}, "is no burn rate"),
        ({"time_zone": "Mars/Olympus"}, "no time zone"),
        ({"quiet_from": "22:00"}, "Quiet hours have one end"),
        ({"metric_id": "no-such"}, "no-such"),
        ({"level": "nan"}, "number"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_part_that_is_wrong(demo, sign_in, wrong, said):
    answer = sign_in("strategist").post("/alerts/rules/new/", FORM | wrong | {"act": "save"})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_the_wallboard_shows_queues_and_alerts_and_nobody_by_name(standing, sign_in):
    client = sign_in("strategist")
    board = _text(client.get("/alerts/wallboard/?queue=video-violence"))
    assert "wall-tile" in board
    assert "1 alert" in board
    assert standing.owner not in board
    assert "wall-page" in _text(client.get("/alerts/wallboard/parts/"))
    assert "No alert stands" in _text(sign_in("team_lead", queue_group="elsewhere").get("/alerts/wallboard/"))


def test_the_list_costs_the_same_however_many_stand(standing, sign_in, django_assert_max_num_queries):
    client = sign_in("strategist")
    client.get("/alerts/")
    for number in range(20):
        Alert.objects.create(
            rule=standing.rule, queue=standing.queue, dedup_key=f"k{number}", severity="low", rank=3,
            owner="x", metric_id="sla_attainment", cell=standing.cell, fired_at=standing.fired_at,
            seen_at=standing.fired_at,
        )  # fmt: skip
    with django_assert_max_num_queries(25):
        assert client.get("/alerts/").content.count(b"<a data-open") == 21
