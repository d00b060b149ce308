"""Over real exported facts: gold, training and audits are in the record and in no production metric."""

from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from django.db.models import Sum

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.export import export_all_events
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer
from watchfloor.operations.quality.drawing import SETTLE
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.quality.services import (
    audit,
    build_training,
    dispute,
    draw_audits,
    enrol,
    judge_training,
    mix_gold,
    rule_dispute,
)
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.review.models import Decision, QueueMinute
from watchfloor.operations.review.pulse import Pulse
from watchfloor.operations.review.services import Answer, claim, escalate, submit

SCAM, FINE, NUDITY = Answer(labels=("scam",)), Answer(labels=("fine",)), Answer(labels=("nudity",))
NEXT_DAY = datetime(2026, 3, 3, tzinfo=UTC) + SETTLE
CATALOGUE = Catalogue.load()


@pytest.fixture
def store(tmp_path):
    return FactStore(tmp_path / "facts", "quality")


@pytest.fixture
def export(store):
    def exported():
        for _ in export_all_events(dsn=database_dsn(), store=store, clock=lambda: NEXT_DAY):
            pass

    return exported


@pytest.fixture
def figures(store):
    def asked():
        query = Query(
            # What audits and gold are there to say is quality's own.
            tuple(d.id for d in CATALOGUE.values() if not d.code.startswith("Q")),
            Period(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)),
        )
        engine = DuckDBEngine(threads=1, memory_limit="500MB")
        found = answer(query, catalogue=CATALOGUE, store=store, engine=engine, now=NEXT_DAY, rollups="never")
        return {
            cell.metric: (cell.numerator, cell.denominator, cell.estimate, cell.n) for cell in found.cells
        }

    return asked


@pytest.fixture
def counted():
    def asked(queue):
        Pulse().beat(now=NEXT_DAY)
        return QueueMinute.objects.filter(queue=queue).aggregate(Sum("enqueued"), Sum("decided"))

    return asked


def rows_of(store, fact):
    return [row for path in store.snapshot().files(fact) for row in pq.ParquetFile(path).read().to_pylist()]


def work_of_quality(quality, first, second):
    """Mix and answer hidden gold, train somebody, and audit with a dispute."""
    fresh = quality.floor.reviewer("fresh")
    mix_gold(now=quality.now + timedelta(minutes=5), rng=quality.rng)
    hidden = claim(reviewer=fresh, now=quality.now + timedelta(minutes=6))
    submit(lease_token=hidden.token, answer=SCAM, now=quality.now + timedelta(minutes=7))
    trainee = quality.floor.reviewer("trainee")
    enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now)
    build_training(
        queue=quality.queue,
        policy=quality.floor.policy,
        count=1,
        by=quality.floor.by,
        now=quality.now,
        rng=quality.rng,
    )
    practice = claim(reviewer=trainee, now=quality.now, queues=[quality.training.pk])
    done = submit(lease_token=practice.token, answer=SCAM, now=quality.now + timedelta(minutes=1))
    judge_training(review=done.review_id, now=quality.now)
    draw_audits(design=quality.design(plan={"count": 1}), now=NEXT_DAY)
    audited = audit(
        audit_id=Audit.objects.get().pk,
        auditor=first,
        answer=NUDITY,
        verdict="incorrect",
        severity="major",
        cause="policy_unclear",
        now=NEXT_DAY,
    )
    opened = dispute(audit_id=audited.pk, reviewer=audited.reviewer, reason="No.", now=NEXT_DAY)
    rule_dispute(
        dispute_id=opened.pk, ruling="upheld", note="Rule 3.", by=quality.viewer(second), now=NEXT_DAY
    )
    return hidden.case_id, practice.case_id


def test_no_metric_moves_when_gold_training_and_audits_enter_the_record(
    committed_quality, export, figures, counted, store
):
    quality = committed_quality()
    first, second = quality.person("a1"), quality.person("a2")
    reviewer = quality.floor.reviewer("r1")
    case = quality.decided(reviewer, FINE).case_id
    quality.gold(case, first, second)
    mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    quality.floor.now += timedelta(minutes=2)
    for _ in range(3):
        quality.decided(reviewer, SCAM)
    export()
    before, floor_before = figures(), counted(quality.queue)
    assert {before[name][2].value for name in ("reviews", "completed", "intake")} == {4}

    hidden, practice = work_of_quality(quality, first, second)
    export()

    assert figures() == before
    assert counted(quality.queue) == floor_before == {"enqueued__sum": 4, "decided__sum": 4}
    reviews = {row["case_id"]: row for row in rows_of(store, "review") if row["kind"] == "first"}
    assert (reviews[str(hidden)]["purpose"], reviews[str(practice)]["purpose"]) == ("qa", "training")
    assert reviews[str(hidden)]["gold_id"] == reviews[str(practice)]["gold_id"]
    assert {row["case_id"]: row["enforced"] for row in rows_of(store, "decision")} == {
        str(one.case_id): one.case_id not in (hidden, practice) for one in Decision.objects.all()
    }


def test_gold_and_training_that_are_sent_up_stay_out_of_production(committed_quality, export, figures):
    quality = committed_quality()
    first, second = quality.person("a1"), quality.person("a2")
    reviewer, expert = quality.floor.reviewer("r1"), quality.floor.reviewer("expert")
    above = quality.floor.queue("above")
    for queue in (quality.queue, quality.training):
        quality.floor.configure(queue, escalation_queue=above)
    quality.gold(quality.decided(reviewer, FINE).case_id, first, second)
    mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    quality.floor.now += timedelta(minutes=2)
    for _ in range(2):
        quality.decided(reviewer, SCAM)
    export()
    before = figures()
    later = quality.now + timedelta(minutes=5)
    trainee = quality.floor.reviewer("trainee")
    enrol(reviewers=[trainee], queue=quality.queue, by=quality.floor.by, now=quality.now)
    mix_gold(now=later, rng=quality.rng)
    build_training(
        queue=quality.queue,
        policy=quality.floor.policy,
        count=1,
        by=quality.floor.by,
        now=later,
        rng=quality.rng,
    )
    for queue in (quality.queue, quality.training):
        taken = claim(reviewer=trainee, now=later, queues=[queue.pk])
        escalate(lease_token=taken.token, reason="Unsure.", now=later)
        taken = claim(reviewer=expert, now=later, queues=[above.pk])
        submit(lease_token=taken.token, answer=SCAM, now=later + timedelta(seconds=9))
    export()
    assert figures() == before


def test_an_audit_is_one_row_that_says_how_it_stands_now(committed_quality, export, store):
    quality = committed_quality()
    first, second = quality.person("a1"), quality.person("a2")
    reviewer = quality.floor.reviewer("r1")
    quality.gold(quality.decided(reviewer, FINE).case_id, first, second)
    mix_gold(now=quality.now + timedelta(minutes=1), rng=quality.rng)
    quality.floor.now += timedelta(minutes=2)
    for _ in range(3):
        quality.decided(reviewer, FINE)
    work_of_quality(quality, first, second)
    export()
    (row,) = rows_of(store, "audit")
    assert (row["verdict"], row["severity"], row["cause"], row["dispute_state"]) == (
        "correct",
        None,
        None,
        "upheld",
    )
    assert row["pi"] == pytest.approx(1 / 4)
    # An upheld dispute says that the reviewer was right, and the auditor was not.
    assert row["answer_labels"] == row["truth_labels"] == ["fine"]
    assert (row["answer_violative"], row["truth_violative"]) == (False, False)
    assert row["answer_families"] == ["fine"]
    assert row["auditor_verdict"] == "incorrect"
    (gold,) = rows_of(store, "gold_case")
    assert (gold["gold_version"], gold["queue_id"]) == (1, "spam-comments")
    assert (gold["labels"], gold["violative"]) == (["scam"], True)
    (stratum,) = rows_of(store, "audit_stratum")
    assert (stratum["population"], stratum["size"], stratum["queue_id"]) == (4, 1, "spam-comments")
