"""The facts of quality: audits of a designed sample, the audits' own reviews, appeals and golden cases."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

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
DECISION_AUDITS_A_QUEUE_DAY = 9.0
ACTED_SHARE_OF_AUDITS = 0.4
AUDITOR_ERROR_SHARE = 0.02
REAUDITED_SHARE = 0.06
# Of the errors found: no dispute, open, upheld, rejected, grey.
DISPUTE_SHARES = (0.82, 0.05, 0.04, 0.07, 0.02)
UPHELD, REJECTED, GREY = 2, 3, 4
APPEAL_SHARE = 0.03
GOLD_A_QUEUE = 6
CAUSES = ("policy_unclear", "training", "tool", "human", "gold_wrong")
_CAUSE_SHARES = (0.24, 0.3, 0.08, 0.34, 0.04)
APPEAL_OUTCOMES = ("upheld", "reversed", "partially_reversed", "withdrawn")


@dataclass(frozen=True)
class Units:
    """What may be audited: reviews, or decisions; one element a unit."""

    kind: str
    ids: Ids
    case: I64
    said: I64
    reviewer: I64
    at_ms: I64
    audits_a_queue_day: float

    def __len__(self) -> int:
        return len(self.case)


def audit_tables(
    facets: Facets, *, rows: I64, rng: np.random.Generator
) -> Iterator[tuple[dict[str, AnyColumn], dict[str, AnyColumn], dict[str, AnyColumn]]]:
    """Yield the facts audit, review (the audits' own) and audit_stratum: of reviews, then of decisions.

    The sample is stratified by queue and by whether the answer acts: each unit enters with the recorded
    probability `pi`, which is the stratum's audits a day over its units a day, independent of all else.
    """
    out = facets.run.outputs
    pool = submitted_rows(facets, rows=rows)
    reviews = Units(
        kind="review",
        ids=Ids("r", pool),
        case=out.review_case[pool].astype(np.int64),
        said=out.review_label[pool].astype(np.int64),
        reviewer=out.review_reviewer[pool].astype(np.int64),
        at_ms=out.review_submitted_ms[pool],
        audits_a_queue_day=AUDITS_A_QUEUE_DAY,
    )
    first = np.flatnonzero(out.decision_version == 0)
    deciding = out.decision_review[first].astype(np.int64)
    decisions = Units(
        kind="decision",
        ids=Ids("d", first),
        case=out.decision_case[first].astype(np.int64),
        said=out.decision_label[first].astype(np.int64),
        reviewer=out.review_reviewer[deciding].astype(np.int64),
        at_ms=out.review_submitted_ms[deciding],
        audits_a_queue_day=DECISION_AUDITS_A_QUEUE_DAY,
    )
    number = 0
    for units in (reviews, decisions):
        chosen = _drawn(facets, units, rng=rng)
        yield (*_audited(facets, units, chosen, first_number=number, rng=rng), _strata(facets, units, chosen))
        number += len(chosen.row)


@dataclass(frozen=True)
class _Drawn:
    """The sample: rows of the units, the stratum of every unit, its probability, and when it was audited."""

    row: I64
    stratum: I64
    pi: NDArray[np.float64]
    audited_ms: I64


def _drawn(facets: Facets, units: Units, *, rng: np.random.Generator) -> _Drawn:
    queues = len(facets.world.queues)
    violative = np.array([item.violative for item in facets.model.labels])
    stratum = facets.cases.queue[units.case] * 2 + violative[units.said]
    days = max((facets.end - facets.world.start).total_seconds() / 86_400, 1 / 24)
    size = np.maximum(np.bincount(stratum, minlength=queues * 2), 1)
    share = np.tile([1.0 - ACTED_SHARE_OF_AUDITS, ACTED_SHARE_OF_AUDITS], queues)
    pi = np.minimum(units.audits_a_queue_day * share * days / size, 1.0)
    delay = (rng.gamma(2.0, 0.4, len(units)) * DAY_MS).astype(np.int64) + 3_600_000
    audited_ms = units.at_ms + delay
    horizon_ms = round(facets.end.timestamp() * 1000) - facets.offset_ms
    chosen = (rng.random(len(units)) < pi[stratum]) & (audited_ms < horizon_ms)
    return _Drawn(np.flatnonzero(chosen), stratum, pi, audited_ms)


def _audited(
    facets: Facets, units: Units, drawn: _Drawn, *, first_number: int, rng: np.random.Generator
) -> tuple[dict[str, AnyColumn], dict[str, AnyColumn]]:
    cases, row = facets.cases, drawn.row
    count, case, said = len(row), units.case[row], units.said[row]
    audited_ms, queue, reviewer = drawn.audited_ms[row], cases.queue[units.case[row]], units.reviewer[row]
    right = cases.label[case]
    slipped = rng.random(count) < AUDITOR_ERROR_SHARE
    other = cases.first_label[case] + (right - cases.first_label[case] + 1) % cases.label_count[case]
    own = np.where(slipped, other, right)
    again = rng.random(count) < REAUDITED_SHARE
    dispute = np.where(own != said, rng.choice(5, count, p=DISPUTE_SHARES), 0)
    # Upheld says that the reviewer was right; a second judgement says what is.
    truth = np.where(dispute == UPHELD, said, np.where(again, right, own))
    wrong = truth != said
    judged = np.where(dispute == UPHELD, 1, np.where((dispute == REJECTED) | (again & (own == right)), 0, -1))
    judged = np.where(again & (own != right), 1, judged)
    number = np.arange(count, dtype=np.int64) + first_number
    own_review = number + 900_000_000
    auditor = _auditors(facets, queue=queue, rng=rng)
    slugs, truth_action = facets.label_columns(truth)
    _, said_action = facets.label_columns(said)
    _, own_action = facets.label_columns(own)
    families = tuple(item.parent or item.slug for item in facets.model.labels)
    violative = np.array([item.violative for item in facets.model.labels])
    answers = tuple(json.dumps({"label": slug}, separators=(",", ":")) for slug in slugs)
    severity = np.array(
        [("major", "critical", "minor").index(_weight(label.severity)) for label in facets.model.labels]
    )
    found = wrong & (dispute != GREY)
    sure = np.clip(np.where(wrong, rng.beta(6.0, 2.0, count), rng.beta(14.0, 1.2, count)), 0.5, 1.0)
    queue_columns = facets.queue_columns(case, at_ms=audited_ms)
    codes = tuple(item.code for item in facets.world.auditors)
    audits: dict[str, AnyColumn] = {
        "audit_id": Ids("q", number),
        "review_id": Ids("r", own_review),
        "unit_kind": constant(units.kind, count),
        "unit_id": Ids(units.ids.prefix, units.ids.numbers[row]),
        "case_id": Ids("c", case),
        "auditor_id": lookup(auditor, codes),
        "reviewer_id": facets.reviewer_column(reviewer),
        **facets.person_columns(reviewer, at_ms=units.at_ms[row]),
        **queue_columns,
        "unit_at": facets.instants(units.at_ms[row]),
        "audited_at": facets.instants(audited_ms),
        "design_id": constant(_design(facets, units), count),
        "stratum": lookup(drawn.stratum[row], _stratum_names(facets)),
        "pi": Numbers(drawn.pi[drawn.stratum[row]]),
        "verdict": Coded(np.where(dispute == GREY, -1, wrong).astype(np.int32), ("correct", "incorrect")),
        "severity": Coded(
            np.where(found, severity[truth], -1).astype(np.int32), ("major", "critical", "minor")
        ),
        "cause": Coded(
            np.where(found, rng.choice(len(CAUSES), count, p=_CAUSE_SHARES), -1).astype(np.int32), CAUSES
        ),
        "dispute_state": Coded(dispute.astype(np.int32), ("none", "open", "upheld", "rejected", "grey")),
        "adjudicated_answer": Coded(truth.astype(np.int32), answers),
        "answer_labels": Lists(said.astype(np.int32), slugs),
        "answer_families": Lists(said.astype(np.int32), families),
        "answer_action": said_action,
        "answer_violative": Numbers(violative[said]),
        "answer_confidence": Numbers(np.round(sure, 2), np.full(count, units.kind != "review")),
        "truth_labels": Lists(truth.astype(np.int32), slugs),
        "truth_families": Lists(truth.astype(np.int32), families),
        "truth_action": truth_action,
        "truth_violative": Numbers(violative[truth]),
        "auditor_verdict": Coded(judged.astype(np.int32), ("correct", "incorrect")),
    }
    sites = facets.world.auditors
    base = np.maximum(cases.base_ms[case], 4_000.0)
    handle = (base * (0.8 + 0.5 * rng.random(count))).astype(np.int64)
    reviews: dict[str, AnyColumn] = {
        "review_id": Ids("r", own_review),
        "case_id": Ids("c", case),
        "kind": constant("audit", count),
        "turn": Numbers(np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)),
        "reviewer_id": lookup(auditor, codes),
        "site_id": lookup(auditor, tuple(item.site for item in sites)),
        "team_id": lookup(auditor, tuple(item.team for item in sites)),
        "employer_kind": lookup(auditor, tuple(item.employer_kind for item in sites)),
        "tenure_band": constant("366+", count),
        **queue_columns,
        "assigned_at": facets.instants(audited_ms - handle),
        "first_render_at": facets.instants(audited_ms - handle + 400),
        "submitted_at": facets.instants(audited_ms),
        "handle_ms": Numbers(handle),
        "active_ms": Numbers((handle * 0.93).astype(np.int64)),
        "media_ms": Numbers(handle, np.ones(count, dtype=bool)),
        "outcome": Coded(np.zeros(count, dtype=np.int32), OUTCOMES),
        "answer_json": Coded(own.astype(np.int32), answers),
        "labels": Lists(own.astype(np.int32), slugs),
        "action": own_action,
        "policy_version": Numbers(facets.version_at(queue, at_ms=audited_ms, part="policy_version")),
        "template_version": Numbers(facets.version_at(queue, at_ms=audited_ms, part="template_version")),
        "sop_version": Numbers(facets.version_at(queue, at_ms=audited_ms, part="sop_version")),
        "blind": Numbers(np.ones(count, dtype=bool)),
        "gold_id": facets.none(count),
    }
    return audits, reviews


def _strata(facets: Facets, units: Units, drawn: _Drawn) -> dict[str, AnyColumn]:
    """Return the fact audit_stratum: every day's drawing, how many units each stratum had and gave."""
    names = _stratum_names(facets)
    day = units.at_ms // DAY_MS
    days = int(day.max(initial=0)) + 1
    place = day * len(names) + drawn.stratum
    population = np.bincount(place, minlength=days * len(names))
    size = np.bincount(place[drawn.row], minlength=days * len(names))
    held = np.flatnonzero(population)
    stratum, at = held % len(names), held // len(names)
    queue = stratum // 2
    design = _design(facets, units)
    return {
        "draw_id": lookup(at, tuple(f"{design}/{number}" for number in range(days))),
        "design_id": constant(design, len(held)),
        "stratum": lookup(stratum, names),
        "queue_id": lookup(queue, tuple(item.slug for item in facets.world.queues)),
        "purpose": lookup(queue, tuple(item.purpose for item in facets.world.queues)),
        "frame_start_at": facets.instants(at * DAY_MS),
        "frame_end_at": facets.instants((at + 1) * DAY_MS),
        "population": Numbers(population[held]),
        "size": Numbers(size[held]),
        "pi": Numbers(drawn.pi[stratum]),
    }


def _design(facets: Facets, units: Units) -> str:
    return f"{units.kind}s-by-queue-and-action/seed-{facets.seed}"


def _stratum_names(facets: Facets) -> tuple[str, ...]:
    both = ("pass", "act")
    return tuple(f"queue={item.slug}|answer={each}" for item in facets.world.queues for each in both)


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
