"""Reads what was kept when all is over: the tables, the facts, the counters."""

import json
from collections import defaultdict
from typing import Any

from benchmarks.reliability.history import (
    Kept,
    KeptAppeal,
    KeptAudit,
    KeptCase,
    KeptDecision,
    KeptReview,
    Receipt,
)

COLUMNS = {
    "case": "case_id, queue_id, language",
    "review": "review_id, case_id, turn, outcome, labels, action",
    "decision": "decision_id, case_id, decision_version, rule, labels, action, callback_status",
    "appeal": "appeal_id, case_id, decision_id, kind, outcome",
    "audit": "audit_id, unit_id, verdict, dispute_state",
}


def read_kept(*, store: Any, receipts: list[Receipt]) -> Kept:
    """Return what the tables, the facts and the receiver hold."""
    from django.db.models import Sum

    from watchfloor.operations.enforcement.models import Appeal, Delivery
    from watchfloor.operations.people.models import Reviewer
    from watchfloor.operations.quality.models import Audit
    from watchfloor.operations.review.models import Case, Decision, Held, Lease, Pending, QueuePulse, Review

    places: dict[str, list[str]] = defaultdict(list)
    tables = {"pending": Pending, "lease": Lease, "held": Held, "decided": Decision}
    for place, table in tables.items():
        for case in set(table._default_manager.values_list("case_id", flat=True)):
            places[str(case)].append(place)
    cases, reviews, decisions = (
        list(table._default_manager.values())  # type: ignore[attr-defined]  # every model has one
        for table in (Case, Review, Decision)
    )
    codes = dict(Reviewer.objects.values_list("pk", "code"))
    appeals, audits = list(Appeal.objects.order_by("id")), list(Audit.objects.order_by("id"))
    told = {str(one) for one in Delivery.objects.values_list("decision_id", flat=True)}
    calling = set(
        Decision.objects.exclude(case__queue__current_version__callback_endpoint="")
        .filter(enforced=True)
        .values_list("pk", flat=True)
    )
    queue_names = dict(Case.objects.values_list("pk", "queue__slug"))
    pulses = QueuePulse.objects.aggregate(waiting=Sum("backlog"), held=Sum("in_review"))
    waiting = Pending.objects.count() + Held.objects.count()
    facts = {fact: _fact_rows(store, fact) for fact in COLUMNS}
    return Kept(
        cases={
            str(each["id"]): KeptCase(
                parent=str(each["parent_id"]) if each["parent_id"] else None,
                places=tuple(places[str(each["id"])]),
            )
            for each in cases
        },
        reviews={
            str(each["id"]): KeptReview(
                case=str(each["case_id"]),
                turn=each["turn"],
                reviewer=codes.get(each["reviewer_id"], ""),
                outcome=each["outcome"],
                labels=tuple(each["labels"]),
                action=each["action"],
            )
            for each in reviews
        },
        decisions={
            str(each["id"]): KeptDecision(
                case=str(each["case_id"]),
                version=each["version"],
                rule=each["rule"],
                review=str(each["deciding_review_id"]) if each["deciding_review_id"] else None,
                labels=tuple(each["labels"]),
                action=each["action"],
                supersedes=str(each["supersedes_id"]) if each["supersedes_id"] else None,
                is_told=each["id"] in calling or str(each["id"]) in told,
            )
            for each in decisions
        },
        appeals={str(each.pk): _appeal(each) for each in appeals},
        audits=_audits(audits),
        receipts=tuple(receipts),
        rows={
            "case": {
                str(each["id"]): _text([queue_names[each["id"]], each["language"] or None]) for each in cases
            },
            "review": {
                str(each["id"]): _text(
                    [str(each["case_id"]), each["turn"], each["outcome"], each["labels"], each["action"]]
                )
                for each in reviews
            },
            "decision": {
                str(each["id"]): _text(
                    [
                        str(each["case_id"]),
                        *(each[name] for name in ("version", "rule", "labels", "action", "callback_status")),
                    ]
                )
                for each in decisions
            },
            "appeal": {
                str(each.pk): _text([str(each.case_id), str(each.decision_id), each.kind, each.outcome])
                for each in appeals
            },
            "audit": {
                str(each.pk): _text([str(each.unit_id), each.verdict, each.dispute_state])
                for each in audits
                if each.audited_at
            },
        },
        facts={fact: {str(row[0]): _text(list(row[1:])) for row in rows} for fact, rows in facts.items()},
        fact_rows={fact: len(rows) for fact, rows in facts.items()},
        counters={
            "waiting and the floor's backlog": (waiting, pulses["waiting"] or 0),
            "leases and the floor's in review": (Lease.objects.count(), pulses["held"] or 0),
        },
    )


def _appeal(appeal: Any) -> KeptAppeal:
    return KeptAppeal(
        key=appeal.client_key or "",
        case=str(appeal.case_id),
        decision=str(appeal.decision_id),
        opened=_named(appeal.appeal_case_id),
        outcome=appeal.outcome,
        ruling=_named(appeal.ruling_id),
        correction=_named(appeal.correction_id),
    )


def _audits(audits: list[Any]) -> dict[str, KeptAudit]:
    from watchfloor.operations.quality.models import Dispute

    disputes = {
        each.audit_id: (each.level, each.outcome, tuple(step.ruling for step in each.steps.order_by("id")))
        for each in Dispute.objects.prefetch_related("steps")
    }
    return {
        str(each.pk): KeptAudit(
            each.state, each.verdict, each.dispute_state, *disputes.get(each.pk, ("", "", ()))
        )
        for each in audits
    }


def _named(key: Any) -> str | None:
    return str(key) if key else None


def _fact_rows(store: Any, fact: str) -> list[tuple[Any, ...]]:
    import duckdb

    files = store.snapshot().files(fact)
    if not files:
        return []
    return duckdb.connect().execute(f"SELECT {COLUMNS[fact]} FROM read_parquet({files!r})").fetchall()


def _text(values: list[Any]) -> str:
    return json.dumps([None if value in ("", []) else value for value in values])
