"""Audits: drawn by a design with seed and probability, answered blind by an outsider, judged, corrected."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Period
from watchfloor.operations.quality.drawing import SETTLE, draw_seed, sample_of
from watchfloor.operations.quality.errors import (
    AuditError,
    AuditTakenError,
    DesignError,
    NotIndependentError,
)
from watchfloor.operations.quality.frames import units_of
from watchfloor.operations.quality.models import Audit, AuditDesign, AuditDraw
from watchfloor.operations.quality.selectors import audit_queue, audit_view, audits, designs, draws
from watchfloor.operations.quality.services import (
    NewDesign,
    answer_audit,
    audit,
    correct_from_audit,
    create_design,
    draw_audits,
    end_design,
    ensure_queue_designs,
    give_back_audit,
    mix_gold,
    take_audit,
)
from watchfloor.operations.record.models import Event
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.review.models import Decision, Review
from watchfloor.operations.review.services import Answer, claim, submit

SCAM, FINE = Answer(labels=("scam",)), Answer(labels=("fine",))
NEXT_DAY = datetime(2026, 3, 3, tzinfo=UTC) + SETTLE


@pytest.fixture
def auditor(quality):
    return quality.person("ann")


def worked(quality, count=1, answer=FINE):
    reviewer = quality.floor.reviewer(f"r{Review.objects.count()}")
    return [quality.decided(reviewer, answer) for _ in range(count)]


def drawn(quality, answer=FINE, **design):
    worked(quality, answer=answer)
    draw_audits(design=quality.design(**design), now=NEXT_DAY)
    return Audit.objects.select_related("design").get()


def incorrect(quality, auditor, *, cause="training"):
    found = drawn(quality)
    return audit(
        audit_id=found.pk,
        auditor=auditor,
        answer=SCAM,
        verdict="incorrect",
        severity="major",
        cause=cause,
        now=NEXT_DAY,
    )


def test_a_draw_keeps_seed_plan_and_the_probability_of_each_unit(quality):
    worked(quality, 8)
    design = quality.design(plan={"count": 2})
    (draw,) = draw_audits(design=design, now=NEXT_DAY)
    assert (draw.population, draw.size, draw.plan) == (8, 2, {"count": 2})
    assert draw.seed == draw_seed(design, draw.frame_start)
    assert set(Audit.objects.values_list("pi", "stratum")) == {(0.25, "")}
    units = units_of(design, Period(draw.frame_start, draw.frame_end))
    again = sample_of(kind="simple", plan=draw.plan, units=units, seed=draw.seed)
    assert set(again.units) == {str(one) for one in Audit.objects.values_list("unit_id", flat=True)}


def test_a_frame_is_drawn_once_and_not_before_it_has_settled(quality):
    worked(quality, 3)
    design = quality.design()
    assert draw_audits(design=design, now=NEXT_DAY - timedelta(seconds=1)) == []
    assert len(draw_audits(design=design, now=NEXT_DAY)) == 1
    assert draw_audits(design=design, now=NEXT_DAY) == []
    assert [draw.size for draw in draw_audits(design=design, now=NEXT_DAY + timedelta(days=2))] == [0, 0]


def test_strata_are_drawn_apart_each_with_its_own_probability(quality):
    worked(quality, 6, FINE)
    worked(quality, 2, SCAM)
    plan = {"count": 4, "by": ["violative", "language"], "allocation": "equal", "floor": 1}
    draw_audits(design=quality.design(kind="stratified", plan=plan), now=NEXT_DAY)
    strata = {each["stratum"]: (each["population"], each["size"]) for each in AuditDraw.objects.get().strata}
    assert strata == {"violative=benign|language=en": (6, 2), "violative=violative|language=en": (2, 2)}
    found = dict(Audit.objects.values_list("stratum", "pi").distinct())
    assert found == {
        "violative=benign|language=en": pytest.approx(1 / 3),
        "violative=violative|language=en": 1.0,
    }


def test_gold_training_skips_and_other_queues_are_in_no_frame(quality, auditor):
    first, second = quality.person("g1"), quality.person("g2")
    (done,) = worked(quality)
    quality.gold(done.case_id, first, second)
    mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    quality.floor.now += timedelta(minutes=2)
    worked(quality, 2)
    mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    taken = claim(reviewer=quality.floor.reviewer("unaware"), now=quality.now + timedelta(minutes=2))
    submit(lease_token=taken.token, answer=SCAM, now=quality.now + timedelta(minutes=3))
    quality.decided(quality.floor.reviewer("t1"), queue=quality.training)
    quality.decided(quality.floor.reviewer("o1"), queue=quality.floor.queue("other"))
    design = quality.design(queues=[quality.queue, quality.training])
    (draw,) = draw_audits(design=design, now=NEXT_DAY)
    assert draw.population == 3
    assert taken.case_id not in set(Audit.objects.values_list("case_id", flat=True))


def test_decisions_are_drawn_as_units_too(quality):
    found = drawn(quality, unit_kind="decision")
    decision = Decision.objects.get()
    assert (found.unit_kind, found.unit_id) == ("decision", decision.pk)
    assert found.review_id == decision.deciding_review_id


def test_a_blind_audit_shows_the_answer_only_after_the_auditors_own(quality, auditor):
    found = drawn(quality)
    by = quality.viewer(auditor)
    take_audit(audit_id=found.pk, auditor=auditor, now=NEXT_DAY)
    before = audit_view(viewer=by, audit_id=found.pk)
    assert (before.revealed, before.audited) == (False, None)
    answer_audit(audit_id=found.pk, auditor=auditor, answer=SCAM, now=NEXT_DAY + timedelta(seconds=40))
    after = audit_view(viewer=by, audit_id=found.pk)
    assert after.revealed
    assert after.audited == {"labels": ["fine"], "action": "none"}
    assert after.own == {"labels": ["scam"], "action": "remove"}
    own = Review.objects.get(kind="audit")
    assert (own.blind, own.turn, own.reviewer, own.handle_ms) == (True, None, auditor, 40_000)


def test_an_equal_answer_is_correct_and_written_as_a_fact(quality, auditor):
    found = drawn(quality)
    done = answer_audit(audit_id=found.pk, auditor=auditor, answer=FINE, now=NEXT_DAY)
    assert (done.state, done.verdict) == ("done", "correct")
    fact = Event.objects.get(fact="audit").payload
    assert fact["pi"] == 1.0
    assert fact["design_id"] == "daily/seed-7"
    assert (fact["reviewer_id"], fact["auditor_id"]) == ("r0", "ann")
    assert (fact["unit_kind"], fact["unit_id"]) == ("review", str(found.unit_id))
    assert (fact["queue_id"], fact["site_id"], fact["purpose"]) == ("spam-comments", "dublin", "production")
    assert json.loads(fact["adjudicated_answer"]) == {"labels": ["fine"], "action": "none"}


def test_a_differing_answer_asks_for_severity_and_cause(quality, auditor):
    found = drawn(quality)
    answer_audit(audit_id=found.pk, auditor=auditor, answer=SCAM, now=NEXT_DAY)
    for wrong in ({"severity": "bad", "cause": "human"}, {"severity": "major", "cause": "mood"}, {}):
        with pytest.raises(AuditError):
            audit(audit_id=found.pk, auditor=auditor, verdict="incorrect", now=NEXT_DAY, **wrong)
    done = audit(
        audit_id=found.pk, auditor=auditor, verdict="incorrect", severity="minor", cause="tool", now=NEXT_DAY
    )
    assert (done.verdict, done.severity, done.cause) == ("incorrect", "minor", "tool")


def test_an_auditor_may_concede_with_a_note(quality, auditor):
    found = drawn(quality)
    answer_audit(audit_id=found.pk, auditor=auditor, answer=SCAM, now=NEXT_DAY)
    with pytest.raises(AuditError, match="note"):
        audit(audit_id=found.pk, auditor=auditor, verdict="correct", now=NEXT_DAY)
    done = audit(audit_id=found.pk, auditor=auditor, verdict="correct", note="Rule 3 names it.", now=NEXT_DAY)
    assert done.adjudicated_answer == {"labels": ["fine"], "action": "none"}


def test_an_audit_changes_no_decision_until_it_is_corrected(quality, auditor):
    done = incorrect(quality, auditor)
    assert [one.action for one in Decision.objects.order_by("version")] == ["none"]
    decision = correct_from_audit(audit_id=done.pk, by=quality.viewer(auditor), now=NEXT_DAY)
    assert (decision.version, decision.action, decision.rule) == (1, "remove", "correction_wins")
    assert Review.objects.filter(kind="correction").count() == 1
    with pytest.raises(AuditError, match="already"):
        correct_from_audit(audit_id=done.pk, by=quality.viewer(auditor), now=NEXT_DAY)


def test_nobody_audits_a_case_they_worked_on(quality):
    both = quality.person("both")
    quality.decided(both)
    draw_audits(design=quality.design(), now=NEXT_DAY)
    found = Audit.objects.get()
    assert not audit_queue(quality.viewer(both)).exists()
    with pytest.raises(NotIndependentError):
        take_audit(audit_id=found.pk, auditor=both, now=NEXT_DAY)
    with pytest.raises(NotIndependentError):
        answer_audit(audit_id=found.pk, auditor=both, answer=FINE, now=NEXT_DAY)


def test_an_audit_keeps_to_the_data_boundary_of_its_case(quality, auditor):
    inside = quality.floor.queue("inside", data_boundary=quality.floor.boundary)
    quality.decided(quality.floor.reviewer("in", data_boundary=quality.floor.boundary), queue=inside)
    draw_audits(design=quality.design(queues=[inside]), now=NEXT_DAY)
    found = Audit.objects.get()
    outsider = quality.floor.viewer("auditor")
    assert not audits(viewer=outsider).exists()
    assert not designs(viewer=outsider).exists()
    with pytest.raises(NotFoundError):
        draws(viewer=outsider, slug="daily")
    with pytest.raises(NotIndependentError, match="boundary"):
        take_audit(audit_id=found.pk, auditor=auditor, now=NEXT_DAY)
    assert not audit_queue(quality.viewer(auditor)).exists()


def test_auditing_needs_its_permission_and_reach(quality):
    found = drawn(quality)
    lead = quality.person("lead", role="team_lead")
    with pytest.raises(NotPermittedError):
        answer_audit(audit_id=found.pk, auditor=lead, answer=FINE, now=NEXT_DAY)
    video = quality.person("video", role="auditor", queue_group="video")
    with pytest.raises(NotFoundError):
        answer_audit(audit_id=found.pk, auditor=video, answer=FINE, now=NEXT_DAY)
    assert [
        audits(viewer=quality.floor.viewer("team_lead", site=site)).count() for site in ("dublin", "manila")
    ] == [1, 0]


def test_who_holds_an_audit_keeps_it_for_four_hours(quality, auditor):
    other = quality.person("ben")
    found = drawn(quality)
    take_audit(audit_id=found.pk, auditor=auditor, now=NEXT_DAY)
    with pytest.raises(AuditTakenError):
        answer_audit(audit_id=found.pk, auditor=other, answer=FINE, now=NEXT_DAY + timedelta(hours=3))
    take_audit(audit_id=found.pk, auditor=other, now=NEXT_DAY + timedelta(hours=4))
    give_back_audit(audit_id=found.pk, auditor=other, now=NEXT_DAY)
    with pytest.raises(AuditTakenError):
        give_back_audit(audit_id=found.pk, auditor=other, now=NEXT_DAY)
    done = answer_audit(audit_id=found.pk, auditor=auditor, answer=FINE, now=NEXT_DAY)
    with pytest.raises(AuditTakenError):
        answer_audit(audit_id=done.pk, auditor=other, answer=SCAM, now=NEXT_DAY)


def test_a_design_says_what_is_wrong_with_it(quality):
    wrong = [
        {"plan": {"share": 0.1, "count": 5}},
        {"plan": {"share": 2.0}},
        {"plan": {"count": 0}},
        {"plan": {"share": 0.1}, "kind": "stratified"},
        {"plan": {"share": 0.1, "by": ["mood"]}, "kind": "stratified"},
        {"plan": {"share": 0.1, "colour": "red"}},
        {"queues": []},
        {"frame_hours": 0},
    ]
    for values in wrong:
        with pytest.raises(DesignError):
            quality.design(**values)
    quality.design()
    with pytest.raises(DesignError, match="already"):
        quality.design()
    with pytest.raises(NotPermittedError):
        create_design(
            new=NewDesign("x", "x", [quality.queue]),
            seed=1,
            by=quality.floor.viewer("analyst"),
            now=quality.now,
        )


def test_an_ended_design_draws_no_frame_that_ends_later(quality):
    worked(quality, 2)
    design = quality.design()
    end_design(design=design, by=quality.floor.by, now=quality.now + timedelta(hours=1))
    assert draw_audits(design=design, now=NEXT_DAY) == []
    with pytest.raises(DesignError):
        end_design(design=design, by=quality.floor.by, now=NEXT_DAY)


def test_a_queues_own_share_makes_its_design_and_a_new_share_replaces_it(quality):
    assert ensure_queue_designs(now=quality.now, rng=quality.rng) == []
    quality.floor.configure(quality.queue, audit_share=0.1, qa_plan={"by": ["action"], "floor": 2})
    (design,) = ensure_queue_designs(now=quality.now, rng=quality.rng)
    assert (design.slug, design.kind) == ("spam-comments-v2", "stratified")
    assert design.plan == {"share": 0.1, "by": ["action"], "floor": 2}
    assert ensure_queue_designs(now=quality.now, rng=quality.rng) == []
    quality.floor.configure(quality.queue, audit_share=0.2)
    (newer,) = ensure_queue_designs(now=quality.now, rng=quality.rng)
    assert newer.slug == "spam-comments-v3"
    assert AuditDesign.objects.get(pk=design.pk).ends_at == quality.now


def test_the_queue_of_audits_costs_the_same_for_one_and_for_ten(quality, auditor, django_assert_num_queries):
    by = quality.viewer(auditor)
    worked(quality, 10)
    draw_audits(design=quality.design(), now=NEXT_DAY)
    with django_assert_num_queries(2):
        rows = [
            (one.queue.title, one.design.title, one.reviewer.code, one.case.language)
            for one in audit_queue(by)
        ]
    assert len(rows) == 10
