"""Writes an audit as a fact, whole, whenever it changes; rows of one audit are merged by its key."""

import json
from typing import Any

from watchfloor.operations.quality.audit_answers import audited_answer, meaning_of, truth_of
from watchfloor.operations.quality.models import Audit, AuditDraw
from watchfloor.operations.record.services import write_event
from watchfloor.operations.review.resolution import Answered


def write_audit_fact(audit: Audit) -> None:
    """Write the audit as it stands to the outbox, in the caller's transaction; nothing before its verdict."""
    if audit.audited_at is None:
        return
    answer = audit.adjudicated_answer
    if answer is None and audit.audit_review is not None:
        answer = {"labels": sorted(audit.audit_review.labels), "action": audit.audit_review.action}
    write_event(
        fact="audit",
        key=str(audit.pk),
        payload={
            **audit.dimensions,
            "audit_id": str(audit.pk),
            "review_id": str(audit.audit_review_id) if audit.audit_review_id else None,
            "unit_kind": audit.unit_kind,
            "unit_id": str(audit.unit_id),
            "case_id": str(audit.case_id),
            "auditor_id": audit.auditor.code if audit.auditor else None,
            "unit_at": audit.unit_at,
            "audited_at": audit.audited_at,
            "design_id": f"{audit.design.slug}/seed-{audit.design.seed}",
            "stratum": audit.stratum or None,
            "pi": audit.pi,
            "verdict": audit.verdict or None,
            "severity": audit.severity or None,
            "cause": audit.cause or None,
            "dispute_state": audit.dispute_state,
            "adjudicated_answer": json.dumps(answer, ensure_ascii=False) if answer is not None else None,
            **_both_answers(audit),
            "auditor_verdict": {"upheld": "incorrect", "rejected": "correct"}.get(audit.dispute_state),
        },
    )


def _both_answers(audit: Audit) -> dict[str, Any]:
    """Return what the audited unit says and what holds, as the fact keeps them."""
    audited, held = audited_answer(audit), truth_of(audit)
    answers = {"answer": Answered(tuple(audited["labels"]), audited["action"]), "truth": held}
    found: dict[str, Any] = {}
    for side, answer in answers.items():
        if answer is not None:
            meaning = meaning_of(audit, answer)
            found |= {
                f"{side}_labels": meaning.labels,
                f"{side}_families": meaning.families,
                f"{side}_action": meaning.action,
                f"{side}_violative": meaning.violative,
            }
    return found


def write_stratum_facts(draw: AuditDraw) -> None:
    """Write every stratum of a drawing to the outbox, those that gave no unit too."""
    queues = list(draw.design.queues.order_by("slug"))
    for one in draw.strata:
        name = one["stratum"] or "all"
        write_event(
            fact="audit_stratum",
            key=f"{draw.pk}/{name}",
            payload={
                "draw_id": f"{draw.design.slug}/{draw.frame_start.isoformat()}",
                "design_id": f"{draw.design.slug}/seed-{draw.design.seed}",
                "stratum": name,
                "queue_id": queues[0].slug if len(queues) == 1 else None,
                "purpose": queues[0].purpose if queues else "production",
                "frame_start_at": draw.frame_start,
                "frame_end_at": draw.frame_end,
                "population": one["population"],
                "size": one["size"],
                "pi": one["pi"],
            },
        )
