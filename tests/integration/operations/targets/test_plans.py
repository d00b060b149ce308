"""A plan from its draft to targets in force: negotiated, guarded, approved by another, all at once."""

from datetime import UTC, datetime

import pytest

from watchfloor.kernel import Period, Scope
from watchfloor.metrics import Catalogue
from watchfloor.operations.record.models import AuditEntry
from watchfloor.operations.record.viewers import GrantScope, NotPermittedError, Viewer
from watchfloor.operations.targets.approval import approve, publish, send_back, withdraw
from watchfloor.operations.targets.errors import GuardError, OverlapError, TargetError
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.plan_record import StalePlanError
from watchfloor.operations.targets.plans import Outline, Unit, accept, change_lines, comment, draw_up, propose
from watchfloor.operations.targets.publishing import NewTarget, write_target
from watchfloor.operations.targets.resolver import applied

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
ANA = Viewer(name="ana", grants=(GrantScope("strategist"),))
BEN = Viewer(name="ben", grants=(GrantScope("strategist"),))
LEE = Viewer(name="lee", grants=(GrantScope("team_lead"),))
SLA, AHT = (Catalogue.standard()[name] for name in ("sla_attainment", "aht"))
SLUGS = ("hate", "scam", "spam")


def plan_of(definition=SLA, *, weights=(0.5, 0.3, 0.2), values=(0.95, 0.9, 0.97), kind="floor", **more):
    units = [
        Unit({"queue": [slug]}, weight, baseline=0.9, n=500)
        for slug, weight in zip(SLUGS, weights, strict=True)
    ]
    history = Period(datetime(2026, 4, 1, tzinfo=UTC), NOW)
    outline = Outline("July", kind, history, effective_from=JULY, by=["queue"], **more)
    plan = draw_up(outline, units, definition=definition, by=ANA, now=NOW)
    changes = {
        f"queue={slug}": {"value": value}
        for slug, value in zip(SLUGS, values, strict=True)
        if value is not None
    }
    return change_lines(plan.pk, changes, revision=1, definition=definition, by=ANA, now=NOW)


def proposed(**more):
    plan = plan_of(**more)
    return propose(plan.pk, revision=plan.revision, definition=SLA, by=ANA, now=NOW)


def test_a_plan_becomes_targets_when_another_person_approves():
    plan = proposed()
    approve(plan.pk, revision=plan.revision, definition=SLA, by=BEN, now=NOW)
    written = publish(plan.pk, definition=SLA, by=BEN, now=NOW)
    assert [target.value for target in written] == [0.95, 0.9, 0.97]
    found = applied(metric_id="sla_attainment", scope=Scope.of({"queue": ["scam"]}), at=JULY)
    assert (found.value, found.target.approver, found.target.plan_id) == (0.9, "ben", plan.pk)
    trace = (
        AuditEntry.objects.filter(object_kind="target_plan").order_by("pk").values_list("action", flat=True)
    )
    assert [action.partition(".")[2] for action in trace] == [
        "drawn_up", "changed", "proposed", "approved", "published",
    ]  # fmt: skip


def test_nobody_approves_what_they_proposed():
    plan = proposed()
    with pytest.raises(TargetError, match="cannot approve it too"):
        approve(plan.pk, revision=plan.revision, definition=SLA, by=ANA, now=NOW)
    with pytest.raises(NotPermittedError):
        approve(plan.pk, revision=plan.revision, definition=SLA, by=LEE, now=NOW)


def test_what_changed_meanwhile_is_neither_overwritten_nor_approved():
    plan = proposed()
    change = {"queue=spam": {"value": 0.9}}
    change_lines(plan.pk, change, revision=plan.revision, definition=SLA, by=LEE, now=NOW)
    with pytest.raises(StalePlanError, match="revision 3"):
        approve(plan.pk, revision=plan.revision, definition=SLA, by=BEN, now=NOW)
    with pytest.raises(StalePlanError):
        change_lines(plan.pk, change, revision=plan.revision, definition=SLA, by=ANA, now=NOW)


def test_a_comment_asks_for_a_value_that_the_owner_accepts():
    plan = proposed()
    said = comment(plan.pk, text="Two new hires.", by=LEE, now=NOW, key="queue=scam", asked_value=0.88)
    plan = accept(said.pk, definition=SLA, by=ANA, now=NOW)
    assert plan.lines.get(scope_key="queue=scam").value == 0.88
    only_words = comment(plan.pk, text="Fine.", by=LEE, now=NOW)
    with pytest.raises(TargetError, match="asks for no value"):
        accept(only_words.pk, definition=SLA, by=ANA, now=NOW)


def test_a_plan_goes_back_with_its_reason_or_is_given_up():
    plan = proposed()
    plan = send_back(plan.pk, reason="Too steep.", by=BEN, now=NOW)
    assert (plan.state, plan.comments.get().text) == ("draft", "Too steep.")
    assert withdraw(plan.pk, by=ANA, now=NOW).state == "withdrawn"
    with pytest.raises(TargetError, match="is withdrawn"):
        propose(plan.pk, revision=plan.revision, definition=SLA, by=ANA, now=NOW)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"weights": (0.5, 0.3, 0.1)}, r"sum to 0\.9"),
        ({"weights": (1.2, -0.2, 0.0)}, "weight of queue=scam"),
        ({"values": (95, 0.9, 0.9)}, "“queue=hate”.*not between 0 and 1"),
        ({"kind": "ceiling"}, "rewards the wrong way"),
    ],
)
def test_an_impossible_plan_is_refused_naming_the_unit(more, words):
    with pytest.raises(GuardError, match=words):
        plan_of(**more)
    assert not Target.objects.exists()


def test_a_plan_with_an_empty_unit_cannot_be_proposed():
    plan = plan_of(values=(0.9, None, 0.9))
    with pytest.raises(TargetError, match="1 of 3 units have no value, the first is “queue=scam”"):
        propose(plan.pk, revision=plan.revision, definition=SLA, by=ANA, now=NOW)


def test_a_speed_target_needs_quality_and_wellbeing_beside_it():
    plan = plan_of(AHT, kind="ceiling", values=(60, 50, 40))
    with pytest.raises(GuardError, match="about speed"):
        propose(plan.pk, revision=plan.revision, definition=AHT, by=ANA, now=NOW)
    for metric, kind, value in (("skip_rate", "ceiling", 0.1), ("occupancy", "ceiling", 0.9)):
        new = NewTarget({}, kind, value, effective_from=NOW)
        definition = Catalogue.standard()[metric]
        write_target(new, definition=definition, by=ANA, now=NOW)
    with pytest.raises(GuardError, match="lacks a floor on quality"):
        propose(plan.pk, revision=plan.revision, definition=AHT, by=ANA, now=NOW)


def test_one_refused_unit_publishes_none():
    new = NewTarget({"queue": ["spam"]}, "floor", 0.99, effective_from=NOW, contractual=True)
    write_target(new, definition=SLA, by=ANA, now=NOW)
    plan = proposed()
    approve(plan.pk, revision=plan.revision, definition=SLA, by=BEN, now=NOW)
    with pytest.raises(OverlapError, match="contract holds"):
        publish(plan.pk, definition=SLA, by=BEN, now=NOW)
    assert Target.objects.count() == 1
