"""The jobs run, the API stays within reach, and the administration only shows."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from watchfloor.operations.people.access import Reach, issue_token
from watchfloor.operations.people.models import User
from watchfloor.operations.quality import tasks
from watchfloor.operations.quality.drawing import SETTLE
from watchfloor.operations.quality.models import Audit, AuditDraw, Dispute
from watchfloor.operations.quality.services import audit, certify, dispute, draw_audits, enrol
from watchfloor.operations.review.services import Answer

SCAM, FINE = Answer(labels=("scam",)), Answer(labels=("fine",))
NEXT_DAY = datetime(2026, 3, 3, tzinfo=UTC) + SETTLE
MODELS = [model for model in admin.site._registry if model._meta.app_label == "quality"]


@pytest.fixture
def worked(quality):
    """Some of everything that quality keeps."""
    first, second = quality.person("a1"), quality.person("a2")
    reviewer = quality.floor.reviewer("r1")
    quality.gold(quality.decided(reviewer).case_id, first, second)
    draw_audits(design=quality.design(), now=NEXT_DAY)
    audit(
        audit_id=Audit.objects.get().pk,
        auditor=quality.person("a3"),
        answer=SCAM,
        verdict="incorrect",
        severity="major",
        cause="tool",
        now=NEXT_DAY,
    )
    dispute(audit_id=Audit.objects.get().pk, reviewer=reviewer, reason="No.", now=NEXT_DAY)
    enrol(reviewers=[reviewer], queue=quality.queue, by=quality.floor.by, now=quality.now)
    certify(reviewer=reviewer, policy_version=quality.floor.policy, by=quality.floor.by, now=quality.now)
    return quality


@pytest.fixture
def caller(quality):
    def make(*roles, **reach):
        _, token = issue_token(
            slug="app",
            name="App",
            roles=list(roles),
            by=quality.floor.by,
            now=quality.now,
            reach=Reach(**reach),
        )
        client = Client(raise_request_exception=False)
        headers = {"Authorization": f"Bearer {token}"}

        def call(path, body=None):
            address = f"/api/v1/quality{path}"
            if body is None:
                return client.get(address, headers=headers)
            return client.post(address, json.dumps(body), content_type="application/json", headers=headers)

        return call

    return make


def test_every_job_runs_and_the_clocks_move_what_is_due(worked):
    quality = worked
    quality.floor.configure(quality.queue, audit_share=0.5)
    tasks.expire_gold(timestamp=0)
    tasks.mix_gold(timestamp=0)
    tasks.judge_training(timestamp=0)
    tasks.recertify(timestamp=0)
    tasks.draw_audits(timestamp=0)
    tasks.run_dispute_clocks(timestamp=0)
    assert Dispute.objects.get().level == "adjudicator"
    assert AuditDraw.objects.count() > 1


def test_the_api_tells_draws_with_their_probabilities_and_hides_blind_answers(worked, caller):
    quality = worked
    quality.floor.now += timedelta(days=1)
    quality.decided(quality.floor.reviewer("r2"))
    draw_audits(
        design=quality.design("second", starts_at=NEXT_DAY - SETTLE), now=NEXT_DAY + timedelta(days=1)
    )
    call = caller("analyst")
    assert [one["slug"] for one in call("/designs").json()] == ["daily", "second"]
    (draw,) = call("/designs/daily/draws").json()
    assert draw["strata"] == [{"stratum": "", "population": 1, "size": 1, "pi": 1.0}]
    assert (draw["audited"], draw["wrong"]) == (1, 1)
    done, waiting = call("/audits").json()
    assert (done["verdict"], done["audited"]) == ("incorrect", {"labels": ["fine"], "action": "none"})
    assert (waiting["state"], waiting["audited"]) == ("waiting", None)
    assert [one["audit_id"] for one in call(f"/audits?after={done['audit_id']}").json()] == [
        waiting["audit_id"]
    ]
    assert [one["state"] for one in call("/audits?state=done&design=daily&queue=spam-comments").json()] == [
        "done"
    ]


def test_the_api_lists_and_nominates_gold(worked, caller):
    quality = worked
    call = caller("strategist")
    (gold,) = call("/gold?state=standing&label=scam").json()
    assert (gold["truth"]["labels"], gold["queue"]) == (["scam"], "spam-comments")
    case = quality.decided(quality.floor.reviewer("r3")).case_id
    made = call("/gold", {"case_id": str(case)})
    assert (made.status_code, made.json()["truth"]) == (201, None)
    assert call("/gold", {"case_id": str(case)}).json()["code"] == "gold"
    assert call("/certified?policy=spam&version=1").status_code == 200
    assert call("/certified?policy=spam&version=9").status_code == 404


@pytest.mark.parametrize("path", ["/gold", "/designs", "/designs/daily/draws", "/audits"])
def test_the_api_needs_its_permission_and_keeps_to_the_reach(worked, caller, path):
    assert caller("engineer")(path).status_code == 403
    narrow = caller("analyst", queue_group="video")(path)
    assert narrow.status_code == 404 or narrow.json() == []


def test_a_list_of_audits_costs_the_same_for_one_and_many(worked, caller):
    quality = worked
    call, reviewer = caller("analyst"), quality.floor.reviewer("many")
    with CaptureQueriesContext(connection) as for_one:
        assert len(call("/audits").json()) == 1
    quality.floor.now += timedelta(days=1)
    for _ in range(5):
        quality.decided(reviewer)
    draw_audits(
        design=quality.design("second", starts_at=NEXT_DAY - SETTLE), now=NEXT_DAY + timedelta(days=1)
    )
    with CaptureQueriesContext(connection) as for_many:
        assert len(call("/audits").json()) == 6
    assert len(for_many) <= len(for_one)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_administration_shows_and_changes_nothing(worked, model, django_assert_max_num_queries):
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.org"))
    options = model._meta
    client.get(reverse("admin:index"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse(f"admin:{options.app_label}_{options.model_name}_changelist"))
    assert page.status_code == 200
    assert client.get(reverse(f"admin:{options.app_label}_{options.model_name}_add")).status_code == 403
    if row := model._default_manager.first():
        shown = client.get(reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk]))
        assert shown.status_code == 200
