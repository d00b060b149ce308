"""A restriction is lifted by hand with a reason; an appeal that is taken back needs no second look."""

import json
from datetime import timedelta

import pytest

from watchfloor.operations.enforcement.appeals import file_appeal, settle_appeal
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.lifting import RestrictionStateError, lift_restriction
from watchfloor.operations.enforcement.models import Delivery, Endpoint, Restriction
from watchfloor.operations.enforcement.sending import deliver_due
from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.record.models import AuditEntry, Event
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.review.models import Decision, Pending, QueueDelta
from watchfloor.operations.review.selectors import case_view
from watchfloor.operations.review.services import claim

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "The account holder proved the licence."


@pytest.fixture
def floor(committed_floor):
    return committed_floor()


@pytest.fixture
def restricted(floor, decide):
    decide(floor, floor.queue("one", settings={"callback_endpoint": "product"}))
    follow_all(now=floor.now)
    return Restriction.objects.get()


def test_a_lifted_restriction_is_audited_and_told_and_its_decision_stands(floor, restricted, serve, rng):
    told = serve()
    Endpoint.objects.update(url=told.url)
    deliver_due(now=floor.now, rng=rng)
    later = floor.now + timedelta(hours=2)
    lifted = lift_restriction(restriction_id=restricted.pk, reason=WHY, by=floor.by, now=later)
    assert lifted.lifted_at == later
    assert Decision.objects.get().withdrawn_at is None
    entry = AuditEntry.objects.get(action="lift restriction")
    assert (entry.after["reason"], entry.object_id) == (WHY, str(Decision.objects.get().case_id))
    follow_all(now=later)
    deliver_due(now=later, rng=rng)
    headers, body = told.requests[-1]
    message = json.loads(body)
    assert message["type"] == "decision.lifted"
    assert message["restrictions"][0]["lifted_at"].startswith("2026-03-02T11:00")
    assert headers["Idempotency-Key"].endswith(f".lifted.{restricted.pk}")
    assert Delivery.objects.count() == 2
    assert Event.objects.filter(fact="decision").order_by("-id")[0].payload["callback_status"] == "delivered"


def test_what_ended_is_not_lifted_twice_and_a_reason_is_asked(floor, restricted):
    with pytest.raises(RestrictionStateError, match="shorter than 10"):
        lift_restriction(restriction_id=restricted.pk, reason=" so ", by=floor.by, now=floor.now)
    lift_restriction(restriction_id=restricted.pk, reason=WHY, by=floor.by, now=floor.now)
    with pytest.raises(RestrictionStateError, match="ended at 2026-03-02"):
        lift_restriction(restriction_id=restricted.pk, reason=WHY, by=floor.by, now=floor.now)


def test_only_those_who_correct_decisions_lift_and_within_their_reach(floor, restricted):
    with pytest.raises(NotPermittedError):
        lift_restriction(restriction_id=restricted.pk, reason=WHY, by=floor.viewer("reviewer"), now=floor.now)
    elsewhere = floor.viewer("policy_manager", queue_group="elsewhere")
    with pytest.raises((NotFoundError, NotPermittedError)):
        lift_restriction(restriction_id=restricted.pk, reason=WHY, by=elsewhere, now=floor.now)


def appealed(floor, decide):
    one = decide(floor, floor.queue("one"))
    floor.queue("appeals", purpose="appeal")
    return file_appeal(
        decision_id=one.pk, kind="internal_complaint", complainant_role="user", by=floor.by, now=floor.now
    ).appeal


def test_an_appeal_that_is_taken_back_closes_its_waiting_case(floor, decide):
    appeal = appealed(floor, decide)
    settle_appeal(appeal_id=appeal.pk, outcome="withdrawn", by=floor.by, now=floor.now)
    assert not Pending.objects.exists()
    assert case_view(viewer=floor.by, case_id=appeal.appeal_case_id).state == "closed"
    deltas = QueueDelta.objects.filter(queue__slug="appeals").values_list("backlog", flat=True)
    assert sum(deltas) == 0
    assert AuditEntry.objects.filter(action="close case", object_id=str(appeal.appeal_case_id)).exists()


def test_an_appeal_case_in_hand_stays_with_its_reviewer(floor, decide):
    appeal = appealed(floor, decide)
    assert claim(reviewer=floor.reviewer("second"), now=floor.now).case_id == appeal.appeal_case_id
    settle_appeal(appeal_id=appeal.pk, outcome="withdrawn", by=floor.by, now=floor.now)
    assert case_view(viewer=floor.by, case_id=appeal.appeal_case_id).state == "in_review"


def test_the_page_of_a_case_lifts_and_says_why_not(floor, restricted, client):
    user = User.objects.create_user(email="lead@example.org", password="x" * 16)
    Grant.objects.create(user=user, role="administrator", data_boundary="*")
    client.force_login(user)
    case = f"/console/cases/{restricted.decision.case_id}/"
    act = f"{case}restrictions/{restricted.pk}/lift/"
    assert act in client.get(case).content.decode()
    refused = client.post(act, {"reason": "no"})
    assert (refused.status_code, "shorter than 10" in refused.content.decode()) == (409, True)
    assert client.post(act, {"reason": WHY}).status_code == 302
    assert act not in client.get(case).content.decode()
