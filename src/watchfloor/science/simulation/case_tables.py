"""The facts case, review and decision, as columns."""

import json

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.columns import (
    MISSING_MS,
    AnyColumn,
    Coded,
    Ids,
    Instants,
    Lists,
    Numbers,
    lookup,
)
from watchfloor.science.simulation.engine import CORRECTION, SUBMITTED
from watchfloor.science.simulation.facets import Facets

I64 = NDArray[np.int64]
KINDS = ("first", "second", "third", "correction")
OUTCOMES = ("submitted", "skipped", "timeout", "returned", "escalated")
RULES = ("last_turn", "majority", "correction_wins", "third_breaks_tie")
WITHDRAWN_SHARE = 0.003


def case_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact case for every decided case, in order of arrival."""
    number = np.flatnonzero(facets.decided)
    cases = facets.cases
    media = cases.media_seconds[number]
    return {
        "case_id": Ids("c", number),
        "object_id": Ids("o", cases.object_number[number]),
        **facets.queue_columns(number, at_ms=cases.at_ms[number]),
        "enqueued_at": facets.instants(cases.at_ms[number]),
        "deadline_at": facets.instants(cases.deadline_ms[number]),
        "priority": Numbers(cases.priority[number]),
        "severity_hint": lookup(cases.severity[number], facets.severities),
        "risk_score": Numbers(cases.risk[number]),
        "media_seconds": Numbers(media, np.isnan(media)),
        "parent_case_id": facets.none(len(number)),
    }


def review_table(facets: Facets, *, rows: I64) -> dict[str, AnyColumn]:
    """Return the fact review for the given rows of the run, in the order in which the turns ended."""
    out, cases = facets.run.outputs, facets.cases
    case = out.review_case[rows].astype(np.int64)
    reviewer = out.review_reviewer[rows].astype(np.int64)
    kind = out.review_kind[rows].astype(np.int64)
    assigned, submitted = out.review_assigned_ms[rows], out.review_submitted_ms[rows]
    handle = out.review_handle_ms[rows].astype(np.int64)
    label = out.review_label[rows].astype(np.int64)
    queue = cases.queue[case]
    rng = np.random.default_rng([facets.seed, 6])
    rendered = np.minimum(assigned + 300 + rng.integers(0, 1_200, len(rows)), submitted)
    active = (handle * (0.86 + 0.12 * rng.random(len(rows), dtype=np.float32))).astype(np.int64)
    media = np.minimum(np.nan_to_num(cases.media_seconds[case]) * 1000.0, handle * 0.9).astype(np.int64)
    slugs, action = facets.label_columns(label)
    answers = tuple(json.dumps({"label": slug}, separators=(",", ":")) for slug in slugs)
    return {
        "review_id": Ids("r", rows),
        "case_id": Ids("c", case),
        "kind": Coded(kind.astype(np.int32), KINDS),
        "turn": Numbers(np.where(kind == CORRECTION, 0, kind), kind == CORRECTION),
        "reviewer_id": facets.reviewer_column(reviewer),
        **facets.person_columns(reviewer, at_ms=submitted),
        **facets.queue_columns(case, at_ms=submitted),
        "assigned_at": facets.instants(assigned),
        "first_render_at": facets.instants(rendered),
        "submitted_at": facets.instants(submitted),
        "handle_ms": Numbers(handle),
        "active_ms": Numbers(active),
        "media_ms": Numbers(media, np.isnan(cases.media_seconds[case])),
        "outcome": Coded(out.review_outcome[rows].astype(np.int32), OUTCOMES),
        "answer_json": Coded(label.astype(np.int32), answers),
        "labels": Lists(label.astype(np.int32), slugs),
        "action": action,
        "policy_version": Numbers(facets.version_at(queue, at_ms=assigned, part="policy_version")),
        "template_version": Numbers(facets.version_at(queue, at_ms=assigned, part="template_version")),
        "sop_version": Numbers(facets.version_at(queue, at_ms=assigned, part="sop_version")),
        "blind": Numbers((kind == 1) | (cases.double[case] & (kind == 0))),
        "gold_id": facets.none(len(rows)),
    }


def decision_table(facets: Facets, *, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return the fact decision, corrections included, in the order in which decisions were made."""
    out, cases = facets.run.outputs, facets.cases
    number = np.arange(len(out.decision_case), dtype=np.int64)
    case = out.decision_case.astype(np.int64)
    review = out.decision_review.astype(np.int64)
    version = out.decision_version.astype(np.int64)
    label = out.decision_label.astype(np.int64)
    decided_ms = out.review_submitted_ms[review]
    reviewer = out.review_reviewer[review].astype(np.int64)
    first = np.full(len(cases), -1, dtype=np.int64)
    first[case[version == 0]] = number[version == 0]
    corrected = np.zeros(len(cases), dtype=bool)
    corrected[case[version > 0]] = True
    violative = np.array([item.violative for item in facets.model.labels])[label]
    slugs, action = facets.label_columns(label)
    return {
        "decision_id": Ids("d", number),
        "case_id": Ids("c", case),
        "decision_version": Numbers(version),
        "deciding_review_id": Ids("r", review),
        "reviewer_id": facets.reviewer_column(reviewer),
        **facets.person_columns(reviewer, at_ms=decided_ms),
        **facets.queue_columns(case, at_ms=decided_ms),
        "rule": Coded(out.decision_rule.astype(np.int32), RULES),
        "enqueued_at": facets.instants(cases.at_ms[case]),
        "deadline_at": facets.instants(cases.deadline_ms[case]),
        "decided_at": facets.instants(decided_ms),
        "labels": Lists(label.astype(np.int32), slugs),
        "action": action,
        "violative": Numbers(violative),
        "callback_status": Coded((rng.random(len(number)) < 0.002).astype(np.int32), ("delivered", "failed")),
        "enforced": Numbers(violative),
        "supersedes": Ids("d", np.where(version > 0, first[case], -1)),
        "withdrawn_at": _withdrawn(facets, decided_ms=decided_ms, corrected=corrected[case], rng=rng),
        "automated": Numbers(np.zeros(len(number), dtype=bool)),
    }


def _withdrawn(
    facets: Facets, *, decided_ms: I64, corrected: NDArray[np.bool_], rng: np.random.Generator
) -> Instants:
    """Return when decisions were withdrawn: rarely, after hours, and only where no correction came."""
    at_ms = decided_ms + (rng.exponential(9.0, len(decided_ms)) * 3_600_000).astype(np.int64)
    horizon_ms = round(facets.end.timestamp() * 1000) - facets.offset_ms
    withdrawn = (rng.random(len(decided_ms)) < WITHDRAWN_SHARE) & ~corrected & (at_ms < horizon_ms)
    return Instants(np.where(withdrawn, at_ms + facets.offset_ms, MISSING_MS))


def submitted_rows(facets: Facets, *, rows: I64) -> I64:
    """Return those of the run's rows that ended by an answer."""
    kept: I64 = rows[facets.run.outputs.review_outcome[rows] == SUBMITTED]
    return kept
