"""Queues are made, changed by two callers, moved and read over the API."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from watchfloor.operations.people.access import Reach, issue_token
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.sops import NewSop, publish_sop

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def caller(floor: Any) -> Callable[..., Call]:
    """Return a client of the API by name, with one role; it answers status and body."""

    def named(name: str, role: str = "strategist", **reach: str) -> Call:
        _, token = issue_token(
            slug=name, name=name, roles=[role], by=floor.by, now=floor.now, reach=Reach(**reach)
        )

        def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            answer = Client().generic(
                method,
                f"/api/v1{path}",
                data=json.dumps(body) if body is not None else "",
                content_type="application/json",
                headers={"Authorization": f"Bearer {token}"},
            )
            return answer.status_code, answer.json()

        return call

    return named


def test_a_queue_is_made_configured_and_moved_past_its_guards(
    floor: Any, caller: Callable[..., Call]
) -> None:
    del floor
    ada = caller("ada")
    body = {"slug": "new-queue", "title": "New", "group": "text", "surface": "comment"}
    assert ada("POST", "/queues", body)[0] == 201
    assert ada("POST", "/queues", body | {"slug": "templates"})[0] == 422
    status, made = ada("POST", "/queues/new-queue/changes", {"changes": {"policy": "spam v1"}})
    assert (status, made["code"] if "code" in made else made["state"]) == (201, "applied")
    status, refused = ada("POST", "/queues/new-queue/transition", {"to": "live"})
    assert (status, refused["code"]) == (422, "queue")
    assert ada("POST", "/queues/new-queue/transition", {"to": "configured"})[1]["state"] == "configured"


def test_one_caller_proposes_and_another_approves(floor: Any, caller: Callable[..., Call]) -> None:
    floor.queue("comments")
    ada, bo = caller("ada"), caller("bo")
    status, request = ada(
        "POST", "/queues/comments/changes", {"changes": {"lease_seconds": 900}, "note": "Longer"}
    )
    assert (status, request["state"]) == (201, "proposed")
    path = f"/queue-changes/{request['id']}"
    assert [each["id"] for each in bo("GET", "/queue-changes")[1]] == [request["id"]]
    assert ada("POST", f"{path}/approve")[0] == 403
    status, applied = bo("POST", f"{path}/approve")
    assert (status, applied["state"], applied["version"]) == (200, "applied", 2)
    assert bo("POST", f"{path}/reject", {"reason": "Too late"})[0] == 409
    assert ada("POST", f"{path}/withdraw")[0] == 409
    status, back = bo("POST", "/queues/comments/roll-back", {"to_version": 1, "reason": "Worse"})
    assert (status, back["version"]) == (200, 3)
    assert ada("GET", path)[1]["state"] == "rolled_back"


def test_what_lies_outside_a_callers_reach_does_not_exist(floor: Any, caller: Callable[..., Call]) -> None:
    floor.queue("comments")
    _, request = caller("ada")("POST", "/queues/comments/changes", {"changes": {"lease_seconds": 900}})
    outside, analyst = caller("outside", queue_group="video"), caller("ann", "analyst")
    assert outside("GET", f"/queue-changes/{request['id']}")[0] == 404
    assert outside("POST", f"/queue-changes/{request['id']}/approve")[0] == 404
    assert outside("POST", "/queues/comments/changes", {"changes": {}})[0] == 404
    assert analyst("POST", f"/queue-changes/{request['id']}/approve")[0] == 403
    assert analyst("PUT", "/logical-queues/x", {"title": "X", "conditions": {"language": ["de"]}})[0] == 403


def test_logical_queues_form_and_procedure_are_read(floor: Any, caller: Callable[..., Call]) -> None:
    queue = floor.queue("comments", languages=("de",))
    ada = caller("ada")
    status, logical = ada(
        "PUT", "/logical-queues/german", {"title": "German", "conditions": {"language": ["de"]}}
    )
    assert (status, logical["queues"]) == (200, ["comments"])
    assert ada("GET", "/logical-queues")[1] == [logical]
    assert ada("GET", "/logical-queues/german")[1] == logical
    form = ada("GET", "/queues/comments/form")[1]
    assert [label["code"] for label in form["labels"]] == ["scam", "nudity", "fine"]
    assert ada("GET", "/queues/comments/sop")[0] == 404
    publish_sop(queue=queue, new=NewSop("How", "Look."), by=floor.by, now=floor.now)
    floor.configure(Queue.objects.get(pk=queue.pk), sop_version=1)
    assert ada("GET", "/queues/comments/sop")[1]["text"] == "Look."
