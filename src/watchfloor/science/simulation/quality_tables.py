"""The facts of quality: audits of a designed sample, the audits' own reviews, appeals and golden cases."""

import json

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.case_tables import OUTCOMES, submitted_rows
from watchfloor.science.simulation.columns import (
    MISSING_MS,
    AnyColumn,
    Coded,
    Ids,
    Instants,
    Lists,
    Numbers,
    constant,
    lookup,
)
from watchfloor.science.simulation.facets import DAY_MS, Facets

I64 = NDArray[np.int64]
AUDITS_A_QUEUE_DAY = 27.0
AUDITOR_ERROR_SHARE = 0.02
APPEAL_SHARE = 0.03
GOLD_A_QUEUE = 6
CAUSES = ("policy_unclear", "training", "tool", "human", "gold_wrong")
_CAUSE_SHARES = (0.24, 0.3, 0.08, 0.34, 0.04)
APPEAL_OUTCOMES = ("upheld", "reversed", "partially_reversed", "withdrawn")


def audit_tables(
    facets: Facets, *, rows: I64, rng: np.random.Generator
) -> tuple[dict[str, AnyColumn], dict[str, AnyColumn]]:
    """Return the fact audit, and the audits' own rows of the fact review.

    The sample is stratified by queue: each submitted review enters with the recorded probability `pi`, which
    is the queue's audits a day over its reviews a day, and independent of everything else.
    """
    out, cases = facets.run.outputs, facets.cases
    pool = submitted_rows(facets, rows=rows)
    queue = cases.queue[out.review_case[pool]]
    days = max((facets.end - facets.world.start).total_seconds() / 86_400, 1 / 24)
    size = np.maximum(np.bincount(queue, minlength=len(facets.world.queues)), 1)
    pi = np.minimum(AUDITS_A_QUEUE_DAY * days / size, 1.0)
    delay = (rng.gamma(2.0, 0.4, len(pool)) * DAY_MS).astype(np.int64) + 3_600_000
    horizon_ms = round(facets.end.timestamp() * 1000) - facets.offset_ms
    audited_ms = out.review_submitted_ms[pool] + delay
    chosen = (rng.random(len(pool)) < pi[queue]) & (audited_ms < horizon_ms)
    pool, queue, audited_ms = pool[chosen], queue[chosen], audited_ms[chosen]
    case = out.review_case[pool].astype(np.int64)
    truth = cases.label[case]
    slipped = rng.random(len(pool)) < AUDITOR_ERROR_SHARE
    other = cases.first_label[case] + (truth - cases.first_label[case] + 1) % cases.label_count[case]
    adjudicated = np.where(slipped, other, truth)
    wrong = adjudicated != out.review_label[pool]
    auditor = _auditors(facets, queue=queue, rng=rng)
    reviewer = out.review_reviewer[pool].astype(np.int64)
    number = np.arange(len(pool), dtype=np.int64)
    own_review = number + 900_000_000
    slugs, action = facets.label_columns(adjudicated)
    answers = tuple(json.dumps({"label": slug}, separators=(",", ":")) for slug in slugs)
    severity = np.array(
        [("major", "critical", "minor").index(_weight(label.severity)) for label in facets.model.labels]
    )
    queue_columns = facets.queue_columns(case, at_ms=audited_ms)
    codes = tuple(item.code for item in facets.world.auditors)
    audits: dict[str, AnyColumn] = {
        "audit_id": Ids("q", number),
        "review_id": Ids("r", own_review),
        "unit_kind": constant("review", len(pool)),
        "unit_id": Ids("r", pool),
        "auditor_id": lookup(auditor, codes),
        "reviewer_id": facets.reviewer_column(reviewer),
        **facets.person_columns(reviewer, at_ms=out.review_submitted_ms[pool]),
        **queue_columns,
        "unit_at": facets.instants(out.review_submitted_ms[pool]),
        "audited_at": facets.instants(audited_ms),
        "design_id": constant(f"stratified-by-queue/seed-{facets.seed}", len(pool)),
        "stratum": lookup(queue, tuple(item.slug for item in facets.world.queues)),
        "pi": Numbers(pi[queue]),
        "verdict": Coded(wrong.astype(np.int32), ("correct", "incorrect")),
        "severity": Coded(
            np.where(wrong, severity[adjudicated], -1).astype(np.int32), ("major", "critical", "minor")
        ),
        "cause": Coded(
            np.where(wrong, rng.choice(len(CAUSES), len(pool), p=_CAUSE_SHARES), -1).astype(np.int32), CAUSES
        ),
        "dispute_state": Coded(
            np.where(wrong, rng.choice(4, len(pool), p=(0.82, 0.06, 0.05, 0.07)), 0).astype(np.int32),
            ("none", "open", "upheld", "rejected"),
        ),
        "adjudicated_answer": Coded(adjudicated.astype(np.int32), answers),
    }
    sites = facets.world.auditors
    handle = (out.review_handle_ms[pool] * (0.8 + 0.5 * rng.random(len(pool)))).astype(np.int64)
    reviews: dict[str, AnyColumn] = {
        "review_id": Ids("r", own_review),
        "case_id": Ids("c", case),
        "kind": constant("audit", len(pool)),
        "turn": Numbers(np.zeros(len(pool), dtype=np.int64), np.ones(len(pool), dtype=bool)),
        "reviewer_id": lookup(auditor, codes),
        "site_id": lookup(auditor, tuple(item.site for item in sites)),
        "team_id": lookup(auditor, tuple(item.team for item in sites)),
        "employer_kind": lookup(auditor, tuple(item.employer_kind for item in sites)),
        "tenure_band": constant("366+", len(pool)),
        **queue_columns,
        "assigned_at": facets.instants(audited_ms - handle),
        "first_render_at": facets.instants(audited_ms - handle + 400),
        "submitted_at": facets.instants(audited_ms),
        "handle_ms": Numbers(handle),
        "active_ms": Numbers((handle * 0.93).astype(np.int64)),
        "media_ms": Numbers(handle, np.ones(len(pool), dtype=bool)),
        "outcome": Coded(np.zeros(len(pool), dtype=np.int32), OUTCOMES),
        "answer_json": Coded(adjudicated.astype(np.int32), answers),
        "labels": Lists(adjudicated.astype(np.int32), slugs),
        "action": action,
        "policy_version": Numbers(facets.version_at(queue, at_ms=audited_ms, part="policy_version")),
        "template_version": Numbers(facets.version_at(queue, at_ms=audited_ms, part="template_version")),
        "sop_version": Numbers(facets.version_at(queue, at_ms=audited_ms, part="sop_version")),
        "blind": Numbers(np.ones(len(pool), dtype=bool)),
        "gold_id": facets.none(len(pool)),
    }
    return audits, reviews


def _weight(severity: str) -> str:
    return {"critical": "critical", "high": "major", "medium": "minor", "low": "minor"}[severity]


def _auditors(facets: Facets, *, queue: I64, rng: np.random.Generator) -> I64:
    """Return who audits: someone in Dublin for cases of the boundary, anyone elsewhere."""
    sites = [item.site for item in facets.world.auditors]
    inside = np.array([place for place, site in enumerate(sites) if site == "dublin"])
    bounded = np.array([item.data_boundary is not None for item in facets.world.queues])[queue]
    anyone = rng.integers(0, len(sites), len(queue))
    result: I64 = np.where(bounded, inside[rng.integers(0, len(inside), len(queue))], anyone)
    return result


def appeal_table(facets: Facets, *, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return the fact appeal: some enforced first decisions are appealed, wrong ones more often."""
    out, cases = facets.run.outputs, facets.cases
    violative = np.array([item.violative for item in facets.model.labels])
    case = out.decision_case.astype(np.int64)
    wrong = out.decision_label != cases.label[case]
    share = APPEAL_SHARE * np.where(wrong, 3.0, 1.0)
    share = share * (violative[out.decision_label] & (out.decision_version == 0))
    horizon_ms = round(facets.end.timestamp() * 1000) - facets.offset_ms
    decided_ms = out.review_submitted_ms[out.decision_review]
    filed_ms = decided_ms + (rng.exponential(1.6, len(case)) * DAY_MS).astype(np.int64) + 600_000
    row = np.flatnonzero((rng.random(len(case)) < share) & (filed_ms < horizon_ms))
    answered_ms = filed_ms[row] + (rng.gamma(2.0, 1.1, len(row)) * DAY_MS).astype(np.int64)
    answered = answered_ms < horizon_ms
    drawn = rng.random(len(row))
    reversed_ = np.where(wrong[row], drawn < 0.8, drawn < 0.06)
    outcome = np.where(reversed_, np.where(drawn < 0.05, 2, 1), np.where(drawn > 0.97, 3, 0))
    notifier = rng.random(len(row)) < 0.12
    return {
        "appeal_id": Ids("p", np.arange(len(row), dtype=np.int64)),
        "case_id": Ids("c", case[row]),
        "decision_id": Ids("d", row),
        **facets.queue_columns(case[row], at_ms=filed_ms[row]),
        "kind": constant("internal_complaint", len(row)),
        "complainant_role": Coded(notifier.astype(np.int32), ("user", "notifier")),
        "filed_at": facets.instants(filed_ms[row]),
        "decided_at": Instants(np.where(answered, answered_ms + facets.offset_ms, MISSING_MS)),
        "outcome": Coded(np.where(answered, outcome, -1).astype(np.int32), APPEAL_OUTCOMES),
    }


def gold_table(facets: Facets, *, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return the fact gold_case: a few adjudicated cases a queue."""
    cases = facets.cases
    numbers = []
    for queue in range(len(facets.world.queues)):
        pool = np.flatnonzero((cases.queue == queue) & facets.decided)
        numbers.extend(rng.choice(pool, min(GOLD_A_QUEUE, len(pool)), replace=False).tolist())
    number = np.array(sorted(numbers), dtype=np.int64)
    slugs, _ = facets.label_columns(cases.label[number])
    recorded = cases.at_ms[number] + DAY_MS
    return {
        "gold_id": Ids("g", np.arange(len(number), dtype=np.int64), 4),
        "gold_version": Numbers(np.ones(len(number), dtype=np.int64)),
        "case_id": Ids("c", number),
        "queue_id": lookup(cases.queue[number], tuple(item.slug for item in facets.world.queues)),
        "truth": Coded(
            cases.label[number].astype(np.int32),
            tuple(json.dumps({"label": slug}, separators=(",", ":")) for slug in slugs),
        ),
        "rationale": constant("Adjudicated by two experts.", len(number)),
        "difficulty": Numbers(np.round(rng.beta(2.0, 3.0, len(number)), 2)),
        "recorded_at": facets.instants(recorded),
        "expires_at": facets.instants(recorded + 180 * DAY_MS),
    }
