"""Writes an audit as a fact, whole, whenever it changes; rows of one audit are merged by its key."""

import json

from watchfloor.operations.quality.models import Audit
from watchfloor.operations.record.services import write_event


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
        },
    )
