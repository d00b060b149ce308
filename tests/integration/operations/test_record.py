"""What happened stays as it was written: triggers, the chain of hashes, the events' order."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from watchfloor.operations.record.models import AuditEntry, AuditSeal, ChangeEvent, Event
from watchfloor.operations.record.sealing import ChainBrokenError, seal, verify_chain
from watchfloor.operations.record.services import UnknownFactError, audit, record_change, write_event
from watchfloor.operations.review.models import Case, Decision, Review
from watchfloor.operations.review.services import Answer, claim, submit


def run(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.fixture
def decided(floor):
    floor.enqueue(floor.queue("comments"))
    taken = claim(reviewer=floor.reviewer("r1"), now=floor.now)
    submit(lease_token=taken.token, answer=Answer(labels=("scam",)), now=floor.now)
    return floor


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("review_review", "action"),
        ("review_case", "object_id"),
        ("review_decision", "action"),
        ("record_event", "fact"),
        ("record_changeevent", "summary"),
        ("record_auditentry", "actor"),
    ],
)
def test_the_database_refuses_to_change_or_delete(decided, table, column):
    for sql in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match="append-only"):
            run(sql)


@pytest.mark.parametrize(
    "table",
    [
        "record_event",
        "record_changeevent",
        "record_auditentry",
        "record_auditseal",
        "review_review",
        "review_case",
        "review_decision",
        "queues_queueversion",
        "queues_templateversion",
    ],
)
def test_the_database_refuses_to_empty(decided, table):
    with pytest.raises(IntegrityError, match=f"TRUNCATE on {table} is refused"):
        run(f"SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL watchfloor.emptying = 'off'; TRUNCATE {table} CASCADE")


def test_of_a_configuration_only_its_end_may_change(decided):
    assert run("UPDATE queues_queueversion SET effective_to = now()") == 1
    for change in ("priority_lift = 3", "sla_seconds = '{}'", "effective_from = now()"):
        with pytest.raises(IntegrityError, match="append-only"):
            run(f"UPDATE queues_queueversion SET {change}")
    for table in ("queues_queueversion", "queues_templateversion"):
        with pytest.raises(IntegrityError, match="append-only"):
            run(f"DELETE FROM {table}")


def test_only_callback_and_withdrawal_of_a_decision_may_change(decided):
    assert run("UPDATE review_decision SET callback_status = 'delivered', withdrawn_at = now()") == 1
    for column in ("labels = '{}'", "rule = 'majority'", "violative = false", "decided_at = now()"):
        with pytest.raises(IntegrityError):
            run(f"UPDATE review_decision SET {column}")
    with pytest.raises(IntegrityError):
        run("DELETE FROM review_decision")


def test_events_leave_only_by_pruning_and_only_old_ones(decided):
    count = Event.objects.count()
    assert run("SELECT record_prune_events('1'::xid8)") == [(0,)]
    ((current,),) = run("SELECT (pg_current_xact_id()::text::bigint + 1)::text::xid8")
    assert run("SELECT record_prune_events(%s::xid8)", current) == [(count,)]
    write_event(fact="change_event", key="k", payload={"event_id": "k"}, at=decided.now)
    with pytest.raises(IntegrityError):
        run("DELETE FROM record_event")


def test_events_carry_the_number_of_their_transaction(decided):
    numbers = set(Event.objects.values_list("xid", flat=True))
    ((current,),) = run("SELECT pg_current_xact_id()::text::bigint")
    assert numbers == {current}


def test_an_event_of_an_unknown_fact_or_column_is_refused(floor):
    with pytest.raises(UnknownFactError, match="no fact"):
        write_event(fact="gossip", key="k", payload={}, at=floor.now)
    with pytest.raises(UnknownFactError, match="tone"):
        write_event(fact="review", key="k", payload={"tone": "sharp"}, at=floor.now)


def test_a_change_is_a_fact_of_its_own(floor):
    change = record_change(
        object_kind="model",
        object_id="text-classifier",
        object_version=3,
        kind="incident",
        at=floor.now,
        author="ops",
        summary="Outage",
        detail={"minutes": 20},
    )
    fact = Event.objects.get(key=str(change.pk)).payload
    assert (fact["kind"], fact["at"], fact["detail_json"]) == (
        "incident",
        "2026-03-02T09:00:00.000Z",
        '{"minutes": 20}',
    )


@pytest.fixture
def chain(transactional_db, committed_floor):
    floor = committed_floor()
    for step in range(5):
        audit(
            actor="a", action="do", object_kind="thing", object_id=str(step), after={"n": step}, now=floor.now
        )
    seal(now=floor.now)
    return floor


def test_an_intact_chain_verifies_and_tells_what_waits(chain):
    audit(actor="a", action="do", object_kind="thing", object_id="late", now=chain.now)
    report = verify_chain()
    assert (report.sealed, report.waiting) == (AuditSeal.objects.count(), 1)
    assert seal(now=chain.now + timedelta(hours=1)) == 1
    assert verify_chain().digest != report.digest


def without_triggers(sql):
    run("ALTER TABLE record_auditentry DISABLE TRIGGER append_only")
    run("ALTER TABLE record_auditseal DISABLE TRIGGER append_only")
    try:
        run(sql)
    finally:
        run("ALTER TABLE record_auditseal ENABLE TRIGGER append_only")
        run("ALTER TABLE record_auditentry ENABLE TRIGGER append_only")


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE record_auditentry SET actor = 'somebody else' WHERE object_id = '2'",
        "UPDATE record_auditentry SET after = '{\"n\": 99}' WHERE object_id = '2'",
        "DELETE FROM record_auditseal WHERE position = 3",
    ],
    ids=["actor", "content", "link"],
)
def test_a_forged_trail_does_not_verify(chain, forgery):
    without_triggers(forgery)
    with pytest.raises(ChainBrokenError, match="Link"):
        verify_chain()


def test_the_models_say_what_they_are(decided):
    assert str(Case.objects.get()) == str(Review.objects.get().case_id)
    assert "comments" in str(AuditEntry.objects.filter(object_kind="queue").first())
    assert str(ChangeEvent.objects.first())
    assert "decision of" in str(Decision.objects.get())


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE policies_label SET severity = 'low'",
        "DELETE FROM policies_label",
        "UPDATE policies_policyversion SET text = 'other'",
        "DELETE FROM policies_policyversion",
    ],
)
def test_a_published_policy_stays_as_it_was(floor, sql):
    with pytest.raises(IntegrityError, match="refused"):
        run(sql)
