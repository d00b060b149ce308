"""An audit from hand to verdict: taken, answered blind, judged; and the correction it may lead to.

The auditor answers before the audited answer is shown. That answer is a review of kind `audit`; the verdict
compares. An audit changes no decision: `correct_from_audit` does, as a new review.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.audit_answers import audited_answer, truth_of
from watchfloor.operations.quality.audit_facts import write_audit_fact
from watchfloor.operations.quality.errors import AuditError, AuditTakenError
from watchfloor.operations.quality.exposure import note_shown, require_room
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.quality.standing import of_queue, require_outsider, viewer_of
from watchfloor.operations.quality.vocabulary import CAUSES, ERROR_SEVERITIES, VERDICTS
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit as write_audit_entry
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.configuration import Answer
from watchfloor.operations.review.corrections import correct
from watchfloor.operations.review.models import Decision
from watchfloor.operations.review.recording import NOT_MEASURED, Timing, write_review
from watchfloor.operations.review.resolution import Answered

HOLD = timedelta(hours=4)
"""How long an auditor keeps an audit that was not answered; then another may take it."""


def audit_reach(viewer: Viewer, permission: str) -> Q:
    """Return the filter for audits within reach: by queue, market, and the site whose work is audited."""
    return of_queue(viewer, permission, market="case__market", site="reviewer__team__site__slug")


@transaction.atomic
def take_audit(*, audit_id: UUID, auditor: Reviewer, now: datetime, by: Viewer | None = None) -> Audit:
    """Return the audit, held by the auditor; its clock starts now.

    Raises:
        NotFoundError: there is no such audit within reach.
        AuditTakenError: somebody else holds it, or it is answered or done.
        NotIndependentError: the auditor worked on the case, or stands outside its boundary.
        AuditRestsError: the auditor's exposure limit is reached.

    """
    found = _locked(audit_id, by or viewer_of(auditor))
    if found.state == "taken" and found.auditor_id == auditor.pk:
        return found
    _require_free(found, auditor, now)
    require_outsider(reviewer=auditor, case=found.case, deed="audit it")
    require_room(found, auditor=auditor, now=now)
    found.state, found.auditor, found.taken_at = "taken", auditor, now
    found.save(update_fields=["state", "auditor", "taken_at"])
    return found


@transaction.atomic
def give_back_audit(*, audit_id: UUID, auditor: Reviewer, now: datetime, by: Viewer | None = None) -> Audit:
    """Return the audit to the others, unanswered; what it showed is counted.

    Raises:
        AuditTakenError: it is not in the auditor's hands.

    """
    found = _locked(audit_id, by or viewer_of(auditor))
    if found.state != "taken" or found.auditor_id != auditor.pk:
        raise AuditTakenError(f"Audit {audit_id} is not in {auditor.code}'s hands.", remedy="Take one first.")
    note_shown(found, auditor=auditor, since=found.taken_at or now, now=now)
    found.state, found.auditor, found.taken_at = "waiting", None, None
    found.save(update_fields=["state", "auditor", "taken_at"])
    return found


@transaction.atomic
def answer_audit(
    *,
    audit_id: UUID,
    auditor: Reviewer,
    answer: Answer,
    now: datetime,
    by: Viewer | None = None,
    timing: Timing = NOT_MEASURED,
) -> Audit:
    """Return the audit with the auditor's own answer written, as a review; from here the other is shown.

    An answer equal to the audited one closes the audit as correct: there is nothing to weigh.

    Raises:
        AuditTakenError: somebody else holds it, or it is answered already.
        NotIndependentError: the auditor worked on the case, or stands outside its boundary.
        AnswerRejectedError: the answer does not fit the policy or the template.

    """
    found = _locked(audit_id, by or viewer_of(auditor))
    _answer(found, auditor, answer, now, timing)
    if agrees(found):
        _close(found, verdict="correct", severity="", cause="", note="", adjudicated=None, now=now)
    return found


@transaction.atomic
def audit(
    *,
    audit_id: UUID,
    auditor: Reviewer,
    answer: Answer | None = None,
    verdict: str = "",
    severity: str = "",
    cause: str = "",
    note: str = "",
    now: datetime,
    by: Viewer | None = None,
    timing: Timing = NOT_MEASURED,
) -> Audit:
    """Return the audit with its verdict; the auditor's answer is written first where it is not yet.

    An equal answer is correct. Of two answers that differ the auditor says which holds: `incorrect` with a
    severity and a cause, or `correct` with a note, which concedes that the audited answer was right.
    Without a verdict a differing answer is incorrect.

    Raises:
        AuditError: there is no answer, or verdict, severity and cause do not fit each other.
        AuditTakenError: somebody else holds it, or it is done.

    """
    found = _locked(audit_id, by or viewer_of(auditor))
    if found.state == "answered" and found.auditor_id == auditor.pk:
        if answer is not None:
            raise AuditTakenError(f"Audit {audit_id} is answered already.", remedy="Give the verdict alone.")
    elif answer is None:
        raise AuditError("An audit needs the auditor's own answer.", remedy="Answer the case first.")
    else:
        _answer(found, auditor, answer, now, timing)
    same = agrees(found)
    said = verdict or ("correct" if same else "incorrect")
    _check_verdict(said, severity, cause, note, same=same)
    conceded = said == "correct" and not same
    adjudicated = audited_answer(found) if conceded else None
    _close(found, verdict=said, severity=severity, cause=cause, note=note, adjudicated=adjudicated, now=now)
    return found


@transaction.atomic
def correct_from_audit(
    *, audit_id: UUID, by: Viewer, now: datetime, reviewer: Reviewer | None = None
) -> Decision:
    """Return the decision that supersedes the case's last one, as the audit found it right.

    Raises:
        AuditError: the audit finds no error, is in dispute, was corrected before, or the decision is right.

    """
    found = _locked(audit_id, by)
    truth = truth_of(found)
    if found.state != "done" or found.verdict != "incorrect" or truth is None:
        raise AuditError(f"Audit {audit_id} finds no error.", remedy="Correct what an audit found wrong.")
    if found.dispute_state == "open":
        raise AuditError(f"Audit {audit_id} is in dispute.", remedy="Wait until the dispute is ruled.")
    if found.correction_decision_id is not None:
        raise AuditError(f"Audit {audit_id} led to a correction already.", remedy="See the case.")
    last = found.case.decisions.order_by("-version").first()
    if last is None or Answered(tuple(last.labels), last.action).agrees_with(truth):
        raise AuditError(f"The decision of case {found.case_id} is right as it stands.", remedy="Leave it.")
    decision = correct(
        case_id=found.case_id,
        reviewer=reviewer or found.auditor,
        answer=Answer(labels=truth.labels, action=truth.action),
        reason=f"Audit {found.pk}: {found.cause or 'error'}.",
        by=by,
        now=now,
    )
    found.correction_decision_id = decision.pk
    found.save(update_fields=["correction_decision_id"])
    return decision


def agrees(found: Audit) -> bool:
    """Return whether the auditor's answer is the audited one: the same labels and action."""
    own, audited = found.audit_review, audited_answer(found)
    if own is None:
        return False
    return Answered(tuple(own.labels), own.action).agrees_with(
        Answered(tuple(audited["labels"]), audited["action"])
    )


def _locked(audit_id: UUID, by: Viewer) -> Audit:
    rows: QuerySet[Audit] = Audit.objects.select_for_update(of=("self",)).select_related(
        "case__queue__data_boundary",
        "case__queue_version",
        "design",
        "review__queue_version",
        "audit_review",
        "auditor",
        "queue__data_boundary",
    )
    if not Audit.objects.filter(audit_reach(by, "quality.audit"), pk=audit_id).exists():
        raise NotFoundError(f"There is no audit {audit_id}.", remedy="Check the id and your access.")
    return rows.get(pk=audit_id)


def _require_free(found: Audit, auditor: Reviewer, now: datetime) -> None:
    held = found.state == "taken" and found.taken_at is not None and now < found.taken_at + HOLD
    if found.state == "waiting" or (found.state == "taken" and (found.auditor_id == auditor.pk or not held)):
        return
    raise AuditTakenError(
        f"Audit {found.pk} is {found.state}" + (" by somebody else." if found.state == "taken" else "."),
        remedy="Take another one.",
    )


def _answer(found: Audit, auditor: Reviewer, answer: Answer, now: datetime, timing: Timing) -> None:
    _require_free(found, auditor, now)
    require_outsider(reviewer=auditor, case=found.case, deed="audit it")
    mine = found.auditor_id == auditor.pk and found.taken_at is not None
    if not mine:
        require_room(found, auditor=auditor, now=now)
    since = found.taken_at if mine and found.taken_at else now
    review = write_review(
        case=found.case,
        kind="audit",
        reviewer=auditor,
        answer=answer,
        assigned_at=since,
        now=now,
        blind=found.design.blind,
        timing=timing,
        queue_version=found.review.queue_version if found.review else None,
    )
    note_shown(found, auditor=auditor, since=since, now=now, timing=timing)
    found.state, found.auditor, found.audit_review = "answered", auditor, review
    found.taken_at = found.taken_at if mine else now
    found.save(update_fields=["state", "auditor", "audit_review", "taken_at"])


def _check_verdict(verdict: str, severity: str, cause: str, note: str, *, same: bool) -> None:
    if verdict not in VERDICTS:
        raise AuditError(f"Verdict {verdict!r} is unknown.", remedy=f"Use {' or '.join(VERDICTS)}.")
    if verdict == "incorrect" and same:
        raise AuditError("Both answers are the same; that is correct.", remedy="Say correct.")
    if verdict == "correct" and (severity or cause):
        raise AuditError("A correct answer has no severity and no cause.", remedy="Leave both out.")
    if verdict == "correct" and not same and not note.strip():
        raise AuditError("A differing answer is conceded with a note.", remedy="Say why it was right.")
    if verdict == "incorrect" and severity not in ERROR_SEVERITIES:
        raise AuditError(f"Severity {severity!r} is unknown.", remedy=f"Use {', '.join(ERROR_SEVERITIES)}.")
    if verdict == "incorrect" and cause not in CAUSES:
        raise AuditError(f"Cause {cause!r} is unknown.", remedy=f"Use {', '.join(CAUSES)}.")


def _close(
    found: Audit,
    *,
    verdict: str,
    severity: str,
    cause: str,
    note: str,
    adjudicated: dict[str, Any] | None,
    now: datetime,
) -> None:
    found.state, found.verdict, found.severity, found.cause = "done", verdict, severity, cause
    found.note, found.audited_at, found.adjudicated_answer = note.strip(), now, adjudicated
    found.save()
    write_audit_entry(
        actor=found.auditor.code if found.auditor else "quality",
        action="audit",
        object_kind="audit",
        object_id=str(found.pk),
        after={"verdict": verdict, "severity": severity, "cause": cause},
        now=now,
        place=place_of(found.queue),
    )
    write_audit_fact(found)
