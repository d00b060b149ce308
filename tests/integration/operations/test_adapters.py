"""Reports and items in the shapes of Coop, atproto and Ozone; the payloads are written for these tests."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from watchfloor.operations.people.access import issue_token
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.models import AuditEntry
from watchfloor.operations.review.models import Case, Decision, Pending
from watchfloor.operations.review.services import Answer, claim, enter_state, submit
from watchfloor.operations.routing.models import Report, Strategy, StrategyHour
from watchfloor.operations.routing.selectors import reports_of
from watchfloor.operations.routing.services import NewRule, activate_rule_set, draft_rule_set

SPAM = "com.atproto.moderation.defs#reasonSpam"
POST = {
    "$type": "com.atproto.repo.strongRef",
    "uri": "at://did:plc:abcdefghijklmnop/app.bsky.feed.post/3kabcdefgh2x",
    "cid": "bafyreiexample",
}
COOP = {
    "reporter": {"kind": "user", "typeId": "user", "id": "u-7"},
    "reportedAt": "2026-03-01T10:30:00.000Z",
    "reportedForReason": {"policyId": "harassment", "reason": "He will not stop", "csam": False},
    "reportedItem": {
        "id": "m-1",
        "typeId": "comment",
        "data": {
            "text": "You again?",
            "language": "EN",
            "owner": {"typeId": "user", "id": "u-9"},
            "images": ["https://media.example/a.jpg"],
            "likes": 3,
        },
    },
    "reportedItemThread": [
        {"id": "m-0", "typeId": "comment", "data": {"text": "Hello", "datetime": "2026-03-01T10:00:00Z"}},
        {"id": "m-1", "typeId": "comment", "data": {"text": "You again?"}},
    ],
    "reportedItemsInThread": [{"id": "m-1", "typeId": "comment"}],
}


@pytest.fixture
def token() -> Callable[[Any], str]:
    """Issue a token to a sender of a floor."""

    def issue(floor: Any, role: str = "engineer") -> str:
        _, made = issue_token(slug="app", name="App", roles=[role], by=floor.by, now=floor.now)
        return made

    return issue


def post(token: str, path: str, body: Any, **headers: str) -> Any:
    client = Client(raise_request_exception=False)
    return client.post(
        f"/api/v1{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"X-API-KEY": token, **headers},
    )


def route(floor: Any, *, default: str = "comments") -> None:
    Queue.objects.filter(slug=default).exists() or floor.queue(default)
    harassment = {"field": "labels", "operator": "any_of", "value": ["harassment"]}
    floor.queue("harassment")
    drafted = draft_rule_set(
        rules=[NewRule("Harassment", "harassment", (harassment,))],
        default_queue=default,
        by=floor.by,
        now=floor.now,
    )
    activate_rule_set(version=drafted.version, by=floor.by, now=floor.now)


def test_a_report_in_coops_shape_becomes_a_case_with_its_content_and_its_report(floor, token):
    route(floor)
    answer = post(token(floor), "/report", COOP)
    assert answer.status_code == 201
    case, report = Case.objects.get(), Report.objects.get()
    assert str(report.report_id) == answer.json()["reportId"]
    assert (case.queue.slug, case.object_id, case.strategy_id) == (
        "harassment",
        "comment:m-1",
        "user-reports",
    )
    assert (case.author_id, case.language, case.source) == ("user:u-9", "en", "other_notification")
    assert case.content["text"] == "You again?"
    assert case.content["media"] == [{"kind": "image", "url": "https://media.example/a.jpg"}]
    assert case.content["likes"] == 3
    assert [message.get("reported", False) for message in case.content["messages"]] == [False, True]
    assert (report.reporter, report.reason, report.comment) == ("user:u-7", "harassment", "He will not stop")


def test_a_report_sent_again_is_the_same_and_another_joins_the_open_case(floor, token):
    route(floor)
    key = token(floor)
    first, again = post(key, "/report", COOP), post(key, "/report", COOP)
    assert (again.status_code, again.json()["reportId"]) == (200, first.json()["reportId"])
    other = COOP | {"reporter": {"kind": "user", "typeId": "user", "id": "u-8"}}
    joined = post(key, "/report", other).json()
    assert (joined["joined"], joined["case_id"]) == (True, first.json()["case_id"])
    assert len(reports_of(case_id=Case.objects.get().pk)) == 2
    alone = post(key, "/report?join=false", other, **{"Idempotency-Key": "k-3"}).json()
    assert (alone["joined"], Case.objects.count()) == (False, 2)


def test_reports_for_another_reason_go_to_another_queue_and_a_settled_case_is_not_joined(floor, token):
    route(floor)
    key = token(floor)
    post(key, "/report", COOP)
    post(key, "/report", COOP | {"reportedForReason": {"policyId": "spam"}})
    assert sorted(Case.objects.values_list("queue__slug", flat=True)) == ["comments", "harassment"]
    Pending.objects.all().delete()  # as a decision does
    post(key, "/report", COOP | {"reportedAt": "2026-03-02T08:00:00Z"})
    assert Case.objects.filter(queue__slug="harassment").count() == 2


def test_a_report_of_child_abuse_is_critical_and_says_so_to_the_rules(floor, token):
    route(floor)
    post(token(floor), "/report", COOP | {"reportedForReason": {"csam": True}})
    assert Case.objects.get().severity_hint == "critical"
    assert Report.objects.get().reason == "csam"


@pytest.mark.parametrize(
    "change",
    [
        {"reportedAt": "2026-03-01T10:30:00"},
        {"reportedAt": "2999-01-01T00:00:00Z"},
        {"reporter": {"kind": "bot", "typeId": "user", "id": "u"}},
        {"reportedItem": {"id": "", "typeId": "comment", "data": {}}},
        {"reportedItem": {"id": "a\x00b", "typeId": "comment", "data": {}}},
    ],
    ids=["no zone", "ahead", "no user", "no id", "null character"],
)
def test_a_report_that_cannot_be_read_says_why_and_leaves_nothing(floor, token, change):
    route(floor)
    answer = post(token(floor), "/report", COOP | change)
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert not Case.objects.exists()
    assert not Report.objects.exists()


def test_items_are_accepted_once_for_their_data_and_refused_ones_are_listed(floor, token):
    route(floor)
    Strategy.objects.create(
        slug="items",
        name="Items",
        state="on",
        throttle_per_hour=2,
        created_at=floor.now,
        approved_at=floor.now,
    )
    items = [{"id": f"i{n}", "typeId": "comment", "data": {"text": f"Text {n}"}} for n in range(2)]
    key = token(floor)
    answers = [post(key, path, {"items": items}) for path in ("/items/async/", "/items/async")]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["created"] for answer in answers] == [2, 0]
    edited = [items[0] | {"data": {"text": "Changed"}}]
    refused = post(key, "/items/async/", {"items": edited}).json()
    assert refused["created"] == 0
    assert (refused["refused"][0]["index"], refused["refused"][0]["id"]) == (0, "i0")


def test_a_report_whose_strategy_has_ended_is_refused_and_counted(floor, token):
    route(floor)
    Strategy.objects.create(slug="user-reports", name="Reports", state="ended", created_at=floor.now)
    answer = post(token(floor), "/report", COOP)
    assert (answer.status_code, answer.json()["code"]) == (409, "strategy_refused")
    assert StrategyHour.objects.get().refused == 1
    assert not Report.objects.exists()


def test_create_report_answers_in_atprotos_shape(floor, token):
    route(floor)
    body = {"reasonType": SPAM, "reason": "The same link, again", "subject": POST, "reportedBy": "did:plc:me"}
    key = token(floor)
    answer = post(key, "/xrpc/com.atproto.moderation.createReport", body)
    said = answer.json()
    assert answer.status_code == 200
    assert (said["reasonType"], said["subject"], said["reportedBy"]) == (SPAM, POST, "did:plc:me")
    assert isinstance(said["id"], int)
    assert said["createdAt"].endswith("Z")
    case = Case.objects.get()
    assert (case.object_id, case.author_id) == (POST["uri"], "did:plc:abcdefghijklmnop")
    assert post(key, "/xrpc/com.atproto.moderation.createReport", body).json()["id"] == said["id"]


def test_an_event_of_ozone_reports_an_account_and_other_events_are_refused(floor, token):
    route(floor)
    event = {
        "$type": "tools.ozone.moderation.defs#modEventReport",
        "reportType": "tools.ozone.report.defs#reasonChildSafetyGroom",
        "comment": "Writes to children",
    }
    subject = {"$type": "com.atproto.admin.defs#repoRef", "did": "did:plc:somebody"}
    body = {"event": event, "subject": subject, "createdBy": "did:plc:me"}
    key = token(floor)
    said = post(key, "/xrpc/tools.ozone.moderation.emitEvent", body).json()
    assert (said["event"], said["createdBy"]) == (event, "did:plc:me")
    case = Case.objects.get()
    assert (case.object_id, case.severity_hint) == ("did:plc:somebody", "critical")
    takedown = body | {"event": {"$type": "tools.ozone.moderation.defs#modEventTakedown"}}
    refused = post(key, "/xrpc/tools.ozone.moderation.emitEvent", takedown)
    assert (refused.status_code, refused.json()["code"]) == (422, "report_refused")
    appeal = body | {"event": event | {"reportType": "com.atproto.moderation.defs#reasonAppeal"}}
    assert "appeals" in post(key, "/xrpc/tools.ozone.moderation.emitEvent", appeal).json()["remedy"]


def test_a_muted_reporter_joins_an_open_case_and_opens_none(floor, token):
    route(floor)
    event = {
        "$type": "tools.ozone.moderation.defs#modEventReport",
        "reportType": SPAM,
        "isReporterMuted": True,
    }
    body = {"event": event, "subject": POST, "createdBy": "did:plc:muted"}
    key = token(floor)
    assert post(key, "/xrpc/tools.ozone.moderation.emitEvent", body).status_code == 409
    post(key, "/xrpc/com.atproto.moderation.createReport", {"reasonType": SPAM, "subject": POST})
    assert post(key, "/xrpc/tools.ozone.moderation.emitEvent", body).status_code == 200
    assert (Case.objects.count(), Report.objects.count()) == (1, 2)


def emitted(key: str, event: str, path: str = "/xrpc/tools.ozone.moderation.emitEvent", **more: Any) -> Any:
    named = {"$type": f"tools.ozone.moderation.defs#{event}", "comment": "Look again", **more}
    return post(key, path, {"event": named, "subject": POST, "createdBy": "did:plc:moderator"})


def test_an_escalation_of_ozone_sends_the_waiting_case_up_and_is_not_done_twice(floor, token):
    above = floor.queue("experts")
    floor.queue("comments", settings={"escalation_queue": above})
    route(floor)
    sender = token(floor)
    post(sender, "/xrpc/com.atproto.moderation.createReport", {"reasonType": SPAM, "subject": POST})
    assert emitted(sender, "modEventEscalate").status_code == 403
    key = token(floor, "team_lead")

    answer = emitted(key, "modEventEscalate")

    assert answer.status_code == 200
    assert isinstance(answer.json()["id"], int)
    child = Case.objects.get(queue=above)
    assert child.parent.object_id == POST["uri"]
    assert Pending.objects.get().case == child
    entry = AuditEntry.objects.get(pk=answer.json()["id"])
    assert entry.after == {"queue": "experts", "reason": "did:plc:moderator: Look again"}
    again = emitted(key, "modEventEscalate")
    assert (again.status_code, again.json()["code"]) == (409, "event_state")


def test_a_reversal_of_ozone_withdraws_the_decision_that_restricts_and_nothing_else(floor, token):
    floor.queue("comments")
    route(floor)
    key = token(floor)
    post(key, "/xrpc/com.atproto.moderation.createReport", {"reasonType": SPAM, "subject": POST})
    none = emitted(key, "modEventReverseTakedown")
    assert (none.status_code, none.json()["code"]) == (409, "event_state"), "nothing is decided yet"
    at = datetime.now(UTC) + timedelta(seconds=5)
    reviewer = floor.reviewer("ana")
    enter_state(reviewer=reviewer, state="available", now=at)
    taken = claim(reviewer=reviewer, now=at)
    submit(lease_token=taken.token, answer=Answer(labels=("scam",), action="remove"), now=at)

    assert emitted(key, "modEventReverseTakedown").status_code == 200

    assert Decision.objects.get().withdrawn_at is not None
    assert emitted(key, "modEventReverseTakedown").status_code == 409


@pytest.mark.parametrize(
    "subject",
    [
        {},
        {"$type": "com.atproto.repo.strongRef", "uri": "https://example.org"},
        {"$type": "com.atproto.admin.defs#repoRef", "did": "did:plc:" + "a" * 500},
        {"$type": "chat.bsky.convo.defs#messageRef", "did": "did:plc:x"},
    ],
)
def test_a_subject_that_is_no_account_and_no_record_is_refused(floor, token, subject):
    route(floor)
    body = {"reasonType": SPAM, "subject": subject}
    answer = post(token(floor), "/xrpc/com.atproto.moderation.createReport", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "report_refused")


def test_who_may_not_send_cases_may_not_report(floor, token):
    route(floor)
    assert post(token(floor, "analyst"), "/report", COOP).status_code == 403
    assert post("wf_wrong", "/report", COOP).status_code == 401
    items = {"items": [COOP["reportedItem"]]}
    assert post(token(floor, "analyst"), "/items/async/", items).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_first_reports_at_the_same_time_make_one_case(committed_floor, token):
    floor = committed_floor()
    route(floor)
    key, answers, barrier = token(floor), [], threading.Barrier(4)

    def send(number: int) -> None:
        try:
            barrier.wait(timeout=20)
            who = {"kind": "user", "typeId": "user", "id": f"u-{number}"}
            answers.append(post(key, "/report", COOP | {"reporter": who}).json())
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(answer["joined"] for answer in answers) == [False, True, True, True]
    assert (Case.objects.count(), Report.objects.count()) == (1, 4)
