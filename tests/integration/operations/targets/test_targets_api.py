"""The API of targets: what is in force, which applied, a proposal, and what a caller may not see."""

from datetime import timedelta

import pytest

from watchfloor.metrics import Catalogue
from watchfloor.operations.record.models import AuditEntry
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.models import Plan
from watchfloor.operations.targets.publishing import NewTarget, write_target
from watchfloor.operations.targets.reminders import remind_of_expiry

SLA = Catalogue.standard()["sla_attainment"]


@pytest.fixture
def held(facts, now):
    for queue, value in (("queue-00", 0.9), ("queue-01", 0.95)):
        new = NewTarget(
            {"queue": [queue]}, "floor", value, owner="ana@example.org",
            effective_from=now - timedelta(days=30), effective_to=now + timedelta(days=5),
        )  # fmt: skip
        write_target(new, definition=SLA, by=Viewer.system("founder"), now=now - timedelta(days=30))


def test_targets_in_force_are_listed_within_reach(held, sign_in, now):
    assert [one["value"] for one in sign_in().get("/api/v1/targets").json()] == [0.9, 0.95]
    outside = sign_in("out", data_boundary="")
    assert [one["scope"] for one in outside.get("/api/v1/targets").json()] == [{"queue": ["queue-01"]}]
    later = (now + timedelta(days=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert outside.get("/api/v1/targets", {"at": later}).json() == []
    before = (now - timedelta(days=31)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert outside.get("/api/v1/targets", {"known_at": before}).json() == []


def test_the_one_that_applied_comes_with_its_why(held, sign_in):
    asked = {"metric": "sla_attainment", "where": ["queue:queue-01", "language:l00"]}
    found = sign_in().get("/api/v1/targets/applied", asked).json()
    assert (found["value"], found["why"]) == (0.95, ["inherited"])


def test_a_proposal_waits_for_somebody_else(facts, sign_in, now):
    body = {
        "title": "From planning", "metric": "sla_attainment", "kind": "floor",
        "effective_from": now.isoformat(),
        "units": [{"scope": {"queue": [f"queue-0{n}"]}, "value": 0.9} for n in (1, 2)],
    }  # fmt: skip
    made = sign_in().post("/api/v1/targets/plans", body, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    body["units"][0]["value"] = 95
    wrong = sign_in("ben").post("/api/v1/targets/plans", body, content_type="application/json")
    assert wrong.status_code in (400, 409, 422)
    assert Plan.objects.count() == 1


def test_owners_are_reminded_once_of_what_ends(held, now, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert remind_of_expiry(now=now) == 2
    assert remind_of_expiry(now=now) == 0
    assert "queue=queue-01" in mailoutbox[0].body
    assert AuditEntry.objects.filter(action="target.expiry_reminded").count() == 2
