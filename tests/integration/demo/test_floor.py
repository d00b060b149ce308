"""The demo's floor has life on every page, written once, with audit entries and facts behind it."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from watchfloor.facts.export import dead_letters, export_all_events
from watchfloor.facts.store import FactStore
from watchfloor.operations.demo.floor import open_floor
from watchfloor.operations.enforcement.models import Appeal, Delivery, Restriction, Statement
from watchfloor.operations.launches.models import Incident, Launch
from watchfloor.operations.people.models import Certification
from watchfloor.operations.quality.models import Audit, AuditDesign, Dispute, GoldCase, Training
from watchfloor.operations.queues.models import ChangeRequest, Queue, QueueVersion, TemplateVersion
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.record.models import AuditEntry, ChangeEvent
from watchfloor.operations.review.models import Case, Decision, Lease, Review
from watchfloor.operations.routing.models import RuleSet, Strategy
from watchfloor.operations.wellbeing.models import Cap, Contact, OptOut, Rhythm, Tally

pytestmark = pytest.mark.postgres


def test_every_page_of_the_floor_has_life_and_the_facts_follow(opened: Any, tmp_path: Path) -> None:
    _gold_stands_with_its_reasons()
    _training_has_a_beginning_a_middle_and_an_end(opened)
    _audits_are_drawn_judged_open_and_disputed_at_every_stage()
    _what_follows_decisions_is_there()
    _launches_are_live_and_half_way(opened)
    _people_are_protected()
    _changes_wait_for_a_second_person(opened)
    _everything_left_its_entry_and_its_fact(opened, tmp_path)
    _a_second_start_writes_nothing(opened)


def _gold_stands_with_its_reasons() -> None:
    states = Counter(GoldCase.objects.values_list("state", flat=True))
    assert states["standing"] >= 24
    assert states["nominated"] == 2
    assert states["contested"] == 1
    for gold in GoldCase.objects.filter(state="standing"):
        assert gold.adjudications.count() == 2
        assert gold.rationale
        assert gold.difficulty is not None
    labels = {gold.truth["labels"][0] for gold in GoldCase.objects.filter(state="standing")}
    assert len(labels) == 6


def _training_has_a_beginning_a_middle_and_an_end(opened: Any) -> None:
    states = dict(Training.objects.values_list("reviewer__code", "state"))
    assert sorted(states.values()) == ["graduated", "training", "training"]
    middle = Training.objects.get(reviewer=opened.cast.trainees[1])
    assert middle.answers.count() >= 8
    graduate = opened.cast.trainees[0]
    assert Certification.objects.filter(reviewer=graduate, policy="harassment").exists()
    soon = Certification.objects.filter(expires_at__lt=opened.now + timedelta(days=30))
    assert soon.count() == 2


def _audits_are_drawn_judged_open_and_disputed_at_every_stage() -> None:
    assert set(AuditDesign.objects.values_list("kind", flat=True)) == {"simple", "stratified"}
    states = Counter(Audit.objects.values_list("state", flat=True))
    assert states["waiting"] >= 4
    assert states["done"] >= 20
    assert {"correct", "incorrect"} <= set(Audit.objects.values_list("verdict", flat=True))
    stages = set(Dispute.objects.values_list("level", "outcome"))
    assert {("qa", ""), ("reviewer", ""), ("adjudicator", ""), ("policy", "")} <= stages
    assert {("qa", "upheld"), ("reviewer", "rejected"), ("adjudicator", "grey"), ("policy", "grey")} <= stages


def _what_follows_decisions_is_there() -> None:
    outcomes = Counter(Appeal.objects.values_list("state", "outcome"))
    assert outcomes["open", ""] == 2
    assert outcomes["decided", "reversed"] >= 1
    assert outcomes["decided", "upheld"] >= 1
    overturned = Appeal.objects.filter(outcome="reversed").exclude(correction=None)
    for one in overturned.select_related("correction"):
        assert one.correction is not None
        assert one.correction.supersedes_id == one.decision_id
    assert Delivery.objects.count() > 40
    assert Restriction.objects.filter(lifted_at=None).count() > 30
    assert Restriction.objects.exclude(lifted_at=None).exists()
    assert Statement.objects.filter(state="ready").count() > 10


def _launches_are_live_and_half_way(opened: Any) -> None:
    states = dict(Launch.objects.values_list("queue__slug", "queue__state"))
    assert states["appeal-community-text"] == "live"
    half = Launch.objects.get(queue__slug="comment-harassment-pt")
    assert half.queue.state == "template_aligned"
    gates = Counter(half.gates.values())
    assert gates["pass"] >= 7
    assert gates["fail"] + gates["unknown"] >= 4
    incident = Incident.objects.get(closed_at=None)
    assert incident.queue.state == "recovering"
    assert incident.opened_at < opened.now


def _people_are_protected() -> None:
    assert set(Cap.objects.values_list("wellness_class", flat=True)) == {"elevated", "severe"}
    assert Rhythm.objects.get().max_consecutive == 20
    assert OptOut.objects.count() == 1
    assert Contact.objects.count() == 3
    assert {"elevated", "severe"} <= set(Tally.objects.values_list("wellness_class", flat=True))
    severe = QueueVersion.objects.filter(wellness_class="severe", effective_to=None)
    assert any(version.topics for version in severe)


def _changes_wait_for_a_second_person(opened: Any) -> None:
    states = Counter(ChangeRequest.objects.values_list("state", flat=True))
    assert states == {"proposed": 2, "approved": 1, "rejected": 1}
    assert dict(RuleSet.objects.values_list("version", "state")) == {1: "active", 2: "draft"}
    bursts = Strategy.objects.get(slug="reply-bursts")
    assert (bursts.state, bursts.throttle_per_hour) == ("canary", 40)
    assert bursts.ends_at is not None
    assert bursts.ends_at > opened.now
    assert Case.objects.filter(strategy_id="reply-bursts").count() > 5
    bound = QueueVersion.objects.values("template_version")
    drafts = TemplateVersion.objects.exclude(pk__in=bound)
    assert drafts.filter(template__slug="comment-harassment-en").exists()


def _everything_left_its_entry_and_its_fact(opened: Any, tmp_path: Path) -> None:
    done = set(AuditEntry.objects.values_list("object_kind", "action"))
    assert {
        ("gold_case", "nominate"),
        ("gold_case", "adjudicate"),
        ("training", "graduated"),
        ("audit", "audit"),
        ("audit", "rule dispute"),
        ("appeal", "settle appeal"),
        ("launch", "check"),
        ("exposure_cap", "set"),
        ("endpoint", "create endpoint"),
        ("routing", "draft"),
    } <= done
    assert not Lease.objects.exists()
    assert not Review.objects.filter(submitted_at__gt=opened.now).exists()
    store = FactStore(tmp_path / "facts", "demo")
    list(export_all_events(dsn=database_dsn(), store=store, clock=lambda: opened.now))
    facts = store.snapshot()
    assert dead_letters(store=store) == ()
    assert facts.row_count("case") == Case.objects.count()
    assert facts.row_count("decision") == Decision.objects.count()
    assert facts.row_count("review") == Review.objects.count()
    assert facts.row_count("appeal") == Appeal.objects.count()
    assert facts.row_count("gold_case") == GoldCase.objects.filter(state="standing").count()
    assert facts.row_count("audit") == Audit.objects.filter(state="done").count()
    assert facts.row_count("change_event") == ChangeEvent.objects.count()


def _a_second_start_writes_nothing(opened: Any) -> None:
    def written() -> list[int]:
        models = (Case, Review, GoldCase, Audit, Appeal, Launch, Queue, ChangeEvent, AuditEntry)
        return [model.objects.count() for model in models]

    before = written()
    assert not open_floor(now=opened.now + timedelta(days=1), progress=lambda _: None, seed=7)
    assert written() == before
    said = ChangeEvent.objects.get(object_kind="operation", kind="floor_opened")
    assert "simulated" in said.summary
