"""Disputes: from the reviewer to quality assurance, an adjudicator and the policy, each within a clock."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.operations.quality.drawing import SETTLE
from watchfloor.operations.quality.errors import AuditError, DisputeError, NotIndependentError
from watchfloor.operations.quality.models import Audit, Dispute
from watchfloor.operations.quality.selectors import disputes, own_audits
from watchfloor.operations.quality.services import (
    accept_ruling,
    audit,
    correct_from_audit,
    dispute,
    draw_audits,
    escalate_dispute,
    rule_dispute,
    run_dispute_clocks,
)
from watchfloor.operations.quality.vocabulary import CLOCKS
from watchfloor.operations.record.models import Event
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.review.services import Answer

SCAM, FINE, NUDITY = Answer(labels=("scam",)), Answer(labels=("fine",)), Answer(labels=("nudity",))
NOW = datetime(2026, 3, 3, tzinfo=UTC) + SETTLE


@pytest.fixture
def reviewer(quality):
    return quality.floor.reviewer("r1")


@pytest.fixture
def found(quality, reviewer):
    quality.decided(reviewer, FINE)
    draw_audits(design=quality.design(), now=NOW)
    return audit(
        audit_id=Audit.objects.get().pk,
        auditor=quality.person("ann"),
        answer=SCAM,
        verdict="incorrect",
        severity="critical",
        cause="human",
        now=NOW,
    )


def rule(quality, opened, ruling, who, *, at=NOW, answer=None):
    by = quality.viewer(quality.people[who]) if who in quality.people else quality.viewer(quality.person(who))
    return rule_dispute(dispute_id=opened.pk, ruling=ruling, note="Rule 3.", by=by, now=at, answer=answer)


def opened_by(reviewer, found, *, at=NOW):
    return dispute(audit_id=found.pk, reviewer=reviewer, reason="It quotes a warning.", now=at)


def facts():
    rows = Event.objects.filter(fact="audit").order_by("id")
    return [(one.payload["verdict"], one.payload["dispute_state"]) for one in rows]


def test_a_dispute_upheld_makes_the_reviewer_right_and_the_facts_say_so(quality, reviewer, found):
    opened = opened_by(reviewer, found)
    assert (opened.level, opened.due_at) == ("qa", NOW + CLOCKS["qa"])
    closed = rule(quality, opened, "upheld", "ann")
    assert closed.outcome == "upheld"
    found.refresh_from_db()
    assert (found.verdict, found.severity, found.cause) == ("correct", "", "")
    assert found.adjudicated_answer == {"labels": ["fine"], "action": "none"}
    assert facts() == [("incorrect", "none"), ("incorrect", "open"), ("correct", "upheld")]


def test_a_rejection_goes_back_to_the_reviewer_who_escalates_to_somebody_new(quality, reviewer, found):
    opened = opened_by(reviewer, found)
    assert rule(quality, opened, "rejected", "ben").level == "reviewer"
    assert (
        escalate_dispute(dispute_id=opened.pk, reviewer=reviewer, note="No.", now=NOW).level == "adjudicator"
    )
    for who in ("ann", "ben"):  # who audited, and who ruled
        with pytest.raises(NotIndependentError):
            rule(quality, opened, "upheld", who)
    closed = rule(quality, opened, "rejected", "cem", answer=NUDITY)
    found.refresh_from_db()
    assert (closed.outcome, found.verdict, found.dispute_state) == ("rejected", "incorrect", "rejected")
    assert found.adjudicated_answer == {"labels": ["nudity"], "action": "age_restrict"}
    assert [step.ruling for step in closed.steps.all()] == ["filed", "rejected", "escalated", "rejected"]


def test_the_policys_owner_may_find_the_case_grey_and_it_counts_for_nobody(quality, reviewer, found):
    opened = opened_by(reviewer, found)
    rule(quality, opened, "referred", "ben")
    rule(quality, opened, "referred", "cem")
    with pytest.raises(NotPermittedError):
        rule(quality, opened, "grey", "dan")
    owner = quality.viewer(quality.person("owner", role="strategist"))
    closed = rule_dispute(dispute_id=opened.pk, ruling="grey", note="Silent on quotes.", by=owner, now=NOW)
    assert closed.outcome == "grey"
    found.refresh_from_db()
    assert (found.verdict, found.cause, found.dispute_state) == ("", "policy_unclear", "grey")
    assert facts()[-1] == (None, "grey")
    with pytest.raises(AuditError):
        correct_from_audit(audit_id=found.pk, by=quality.floor.by, now=NOW)


def test_no_correction_while_a_dispute_is_open(quality, reviewer, found):
    opened = opened_by(reviewer, found)
    with pytest.raises(AuditError, match="in dispute"):
        correct_from_audit(audit_id=found.pk, by=quality.floor.by, now=NOW)
    rule(quality, opened, "rejected", "ben")
    accept_ruling(dispute_id=opened.pk, reviewer=reviewer, now=NOW)
    assert correct_from_audit(audit_id=found.pk, by=quality.floor.by, now=NOW).action == "remove"


def test_only_the_reviewer_disputes_in_time_with_a_reason_and_once(quality, reviewer, found):
    with pytest.raises(NotFoundError):
        opened_by(quality.floor.reviewer("else"), found)
    with pytest.raises(DisputeError, match="older"):
        opened_by(reviewer, found, at=NOW + CLOCKS["reviewer"])
    with pytest.raises(DisputeError, match="reason"):
        dispute(audit_id=found.pk, reviewer=reviewer, reason=" ", now=NOW)
    opened_by(reviewer, found)
    with pytest.raises(DisputeError, match="already"):
        opened_by(reviewer, found)
    assert own_audits(reviewer=reviewer).get() == found


def test_a_level_rules_only_what_it_may(quality, reviewer, found):
    opened = opened_by(reviewer, found)
    with pytest.raises(DisputeError, match="cannot rule"):
        rule(quality, opened, "grey", "ben")
    with pytest.raises(DisputeError, match="does not wait"):
        accept_ruling(dispute_id=opened.pk, reviewer=reviewer, now=NOW)
    assert disputes(viewer=quality.floor.viewer("team_lead", site="manila")).count() == 0
    assert disputes(viewer=quality.floor.viewer("team_lead", site="dublin")).get() == opened


def test_a_clock_that_runs_out_moves_the_dispute_up_and_stops_at_the_policy(quality, reviewer, found):
    opened = opened_by(reviewer, found)
    at = NOW + CLOCKS["qa"]
    assert run_dispute_clocks(now=at - timedelta(seconds=1)) == 0
    assert run_dispute_clocks(now=at) == 1
    assert Dispute.objects.get().level == "adjudicator"
    at += CLOCKS["adjudicator"]
    assert run_dispute_clocks(now=at) == 1
    assert Dispute.objects.get().level == "policy"
    at += CLOCKS["policy"] * 2
    assert run_dispute_clocks(now=at) == 0
    assert Dispute.objects.get().due_at < at
    assert opened.steps.filter(ruling="lapsed").count() == 2


def test_a_reviewer_who_does_not_answer_a_rejection_accepts_it(quality, reviewer, found):
    opened = opened_by(reviewer, found)
    rule(quality, opened, "rejected", "ben")
    assert run_dispute_clocks(now=NOW + CLOCKS["reviewer"]) == 1
    found.refresh_from_db()
    assert (Dispute.objects.get().outcome, found.dispute_state) == ("rejected", "rejected")
