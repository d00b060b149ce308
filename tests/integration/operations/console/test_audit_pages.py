"""The quality workbench: blind until one's own answer is given, then compared, judged, disputed."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from watchfloor.operations.people.models import Grant, Reviewer, User
from watchfloor.operations.quality.drawing import SETTLE
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.quality.services import NewDesign, create_design, draw_audits
from watchfloor.operations.review.services import Answer, claim, submit

NEXT_DAY = datetime(2026, 3, 3, tzinfo=UTC) + SETTLE


@pytest.fixture
def auditor(console):
    user = User.objects.create_user("ann@example.org", name="ann")
    Grant.objects.create(user=user, role="auditor", data_boundary="*")
    Reviewer.objects.create(
        code="ann", user=user, team=console.floor.team_a, hired_on="2024-01-08", languages=["en"]
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def audit(console):
    console.floor.enqueue(console.queue, content={"text": "the audited text"})
    taken = claim(reviewer=console.reviewer, now=console.floor.now)
    submit(lease_token=taken.token, answer=Answer(labels=("nudity",)), now=console.floor.now)
    new = NewDesign(slug="daily", title="Daily", queues=[console.queue], plan={"share": 1.0})
    draw_audits(
        design=create_design(new=new, seed=7, by=console.floor.by, now=console.floor.now), now=NEXT_DAY
    )
    return Audit.objects.get()


def test_the_other_answer_is_shown_only_after_ones_own(auditor, audit):
    path = f"/console/audits/{audit.pk}/"
    assert str(audit.case_id) in auditor.get("/console/audits/").content.decode()
    auditor.post(path + "take/")
    page = auditor.get(path).content.decode()
    assert "the audited text" in page
    assert "Two answers" not in page
    assert "rita" not in page
    assert auditor.post(path + "answer/", {"label": "unheard-of"}).status_code == 422
    auditor.post(path + "answer/", {"label": "scam"})
    page = auditor.get(path).content.decode()
    assert "Two answers" in page
    assert "Nudity · Restrict by age" in page
    refused = auditor.post(path + "verdict/", {"verdict": "incorrect"})
    assert refused.status_code == 409
    auditor.post(
        path + "verdict/", {"verdict": "incorrect", "severity": "major", "cause": "human", "note": "See 2."}
    )
    audit.refresh_from_db()
    assert (audit.state, audit.verdict, audit.severity, audit.cause) == (
        "done",
        "incorrect",
        "major",
        "human",
    )
    assert "n = 1" in auditor.get("/console/audits/").content.decode()  # calibration


def test_the_audited_person_disputes_and_quality_rules(auditor, audit, console):
    path = f"/console/audits/{audit.pk}/"
    auditor.post(path + "answer/", {"label": "scam"})
    auditor.post(path + "verdict/", {"verdict": "incorrect", "severity": "minor", "cause": "training"})
    own = console.client.get("/console/audits/mine/").content.decode()
    assert "Dispute it" in own
    assert console.client.post(path + "dispute/", {"note": ""}).status_code == 409
    assert console.client.post(path + "dispute/", {"note": "Section 3 says so."}).status_code == 302
    assert "Section 3 says so." in auditor.get("/console/audits/").content.decode()
    assert auditor.post(path + "rule/", {"ruling": "upheld", "note": ""}).status_code == 409
    auditor.post(path + "rule/", {"ruling": "upheld", "note": "Section 3 does say so."})
    audit.refresh_from_db()
    assert audit.dispute_state == "upheld"
    assert "The dispute is closed." in console.client.get("/console/audits/mine/").content.decode()


def test_only_auditors_see_the_workbench(console, audit, signed_in):
    assert console.client.get("/console/audits/").status_code == 403
    assert console.client.get(f"/console/audits/{audit.pk}/").status_code == 403
    far, _ = signed_in("far", "auditor", queue_group="other")
    assert far.get(f"/console/audits/{audit.pk}/").status_code == 404
    assert far.post(f"/console/audits/{audit.pk}/take/").status_code == 404
