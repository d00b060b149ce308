"""Disputes about audits: from the reviewer to quality assurance, an adjudicator and the owner of the policy.

Each level has a clock. Where it runs out the dispute moves on by itself: upwards when somebody owed a ruling,
closed when the reviewer did not answer one. `grey` says that the policy does not decide the case: it counts
for nobody, and its cause is the policy.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.audit_answers import audited_answer
from watchfloor.operations.quality.audit_facts import write_audit_fact
from watchfloor.operations.quality.auditing import audit_reach
from watchfloor.operations.quality.errors import DisputeError, NotIndependentError
from watchfloor.operations.quality.exposure import note_shown
from watchfloor.operations.quality.models import Audit, Dispute, DisputeStep
from watchfloor.operations.quality.standing import plain, require_outsider, reviewer_of
from watchfloor.operations.quality.vocabulary import CLOCKS
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit as write_audit_entry
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.configuration import Answer, answer_rules

PERMISSION_AT = {"qa": "quality.audit", "adjudicator": "quality.audit", "policy": "policies.change"}
RULINGS_AT = {
    "qa": ("upheld", "rejected", "referred"),
    "adjudicator": ("upheld", "rejected", "grey", "referred"),
    "policy": ("upheld", "rejected", "grey"),
}
"""What each level may rule: `upheld` says the reviewer was right, `referred` sends it one level up."""
RULING_TAKES = timedelta(minutes=1)
"""How long a ruling is reckoned to show the content; the page does not measure it."""
ABOVE = {"qa": "adjudicator", "adjudicator": "policy"}


@transaction.atomic
def dispute(*, audit_id: UUID, reviewer: Reviewer, reason: str, now: datetime) -> Dispute:
    """Return the dispute opened by the reviewer whose work was audited; quality assurance is to rule on it.

    Raises:
        NotFoundError: the audit is not of the reviewer's own work.
        DisputeError: it finds no error, was disputed or corrected before, is too old, or has no reason.

    """
    found = _locked_audit(audit_id)
    if found is None or found.reviewer_id != reviewer.pk:
        raise NotFoundError(f"There is no audit {audit_id} of your work.", remedy="Check the id.")
    if found.state != "done" or found.verdict != "incorrect" or found.audited_at is None:
        raise DisputeError(f"Audit {audit_id} finds no error.", remedy="Dispute an audit that does.")
    if found.dispute_state != "none":
        raise DisputeError(f"Audit {audit_id} was disputed already.", remedy="Follow that dispute.")
    if found.correction_decision_id is not None:
        raise DisputeError(f"Audit {audit_id} led to a correction.", remedy="Ask for an appeal of the case.")
    window = CLOCKS["reviewer"]
    if now >= found.audited_at + window:
        raise DisputeError(
            f"Audit {audit_id} is older than {window.total_seconds() / 3600:.0f} h.",
            remedy="Speak with quality assurance.",
        )
    if not reason.strip():
        raise DisputeError("A dispute needs its reason.", remedy="Say which rule makes your answer right.")
    opened = Dispute.objects.create(
        audit=found,
        level="qa",
        due_at=now + CLOCKS["qa"],
        reason=reason.strip(),
        opened_by=reviewer.code,
        opened_at=now,
    )
    _step(opened, "reviewer", "filed", reviewer.code, reason, now)
    found.dispute_state = "open"
    _save(found, "dispute", reviewer.code, {"dispute": "open"}, now)
    return opened


@transaction.atomic
def rule_dispute(
    *,
    dispute_id: int,
    ruling: str,
    note: str,
    by: Viewer,
    now: datetime,
    answer: Answer | None = None,
) -> Dispute:
    """Return the dispute after a ruling at the level where it stands.

    A rejection by quality assurance goes back to the reviewer, who may escalate it; every other ruling closes
    it, save `referred`, which sends it up. An adjudicator, or the policy's owner, may say with `answer` what
    is right where neither was.

    Raises:
        NotFoundError: there is no such dispute within reach.
        DisputeError: it is closed, waits for the reviewer, or the level may not rule so.
        NotIndependentError: the person worked on the case, audited it, or ruled before.

    """
    found, audited = _locked_dispute(dispute_id)
    level = found.level
    if found.closed_at is not None or level not in RULINGS_AT:
        raise DisputeError(
            f"Dispute {dispute_id} waits for no ruling: it is {found.outcome or 'with the reviewer'}.",
            remedy="Rule on one that is due.",
        )
    permission = PERMISSION_AT[level]
    by.require(permission)
    if not Audit.objects.filter(audit_reach(by, permission), pk=audited.pk).exists():
        raise NotFoundError(f"There is no dispute {dispute_id}.", remedy="Check the id and your access.")
    if ruling not in RULINGS_AT[level]:
        raise DisputeError(
            f"Level {level} cannot rule {ruling!r}.", remedy=f"Rule one of {', '.join(RULINGS_AT[level])}."
        )
    if not note.strip():
        raise DisputeError("A ruling needs its reason.", remedy="Say which rule decides.")
    _require_independent(found, audited, by)
    given = _settled(audited, answer)
    _step(found, level, ruling, by.name, note, now, answer=given)
    if (judge := reviewer_of(by)) is not None:
        note_shown(audited, auditor=judge, since=now - RULING_TAKES, now=now)
    if ruling == "referred":
        _move(found, ABOVE[level], now)
    elif ruling == "rejected" and level == "qa":
        _move(found, "reviewer", now)
    else:
        _close(found, audited, ruling, now, answer=given)
    _save(audited, "rule dispute", by.name, {"level": level, "ruling": ruling}, now)
    return found


@transaction.atomic
def escalate_dispute(*, dispute_id: int, reviewer: Reviewer, note: str, now: datetime) -> Dispute:
    """Return the dispute sent to an adjudicator by the reviewer, who does not accept the rejection.

    Raises:
        DisputeError: it is not the reviewer's turn.

    """
    found, audited = _locked_dispute(dispute_id)
    _require_turn(found, audited, reviewer)
    _step(found, "reviewer", "escalated", reviewer.code, note, now)
    _move(found, "adjudicator", now)
    _save(audited, "escalate dispute", reviewer.code, {"level": "adjudicator"}, now)
    return found


@transaction.atomic
def accept_ruling(*, dispute_id: int, reviewer: Reviewer, now: datetime) -> Dispute:
    """Return the dispute closed as rejected: the reviewer accepts.

    Raises:
        DisputeError: it is not the reviewer's turn.

    """
    found, audited = _locked_dispute(dispute_id)
    _require_turn(found, audited, reviewer)
    _step(found, "reviewer", "accepted", reviewer.code, "", now)
    _close(found, audited, "rejected", now)
    _save(audited, "accept ruling", reviewer.code, {"outcome": "rejected"}, now)
    return found


def run_dispute_clocks(*, now: datetime) -> int:
    """Return how many disputes moved because their clock ran out.

    The reviewer's ends the dispute as rejected; the others' send it up. At the policy's level there is
    nobody above: the dispute stays there, overdue for all to see.
    """
    due = Dispute.objects.filter(closed_at__isnull=True, due_at__lte=now).exclude(level="policy")
    moved = 0
    for pk in list(due.order_by("due_at", "id").values_list("pk", flat=True)):
        moved += _run_clock(pk, now)
    return moved


@transaction.atomic
def _run_clock(dispute_id: int, now: datetime) -> int:
    found, audited = _locked_dispute(dispute_id)
    if found.closed_at is not None or found.due_at is None or found.due_at > now or found.level == "policy":
        return 0
    level = found.level
    _step(found, level, "lapsed", "quality", "", now)
    if level == "reviewer":
        _close(found, audited, "rejected", now)
    else:
        _move(found, ABOVE[level], now)
    _save(audited, "dispute clock", "quality", {"level": level, "now": found.level}, now)
    return 1


def _close(
    found: Dispute, audited: Audit, outcome: str, now: datetime, *, answer: dict[str, object] | None = None
) -> None:
    found.outcome, found.closed_at, found.due_at = outcome, now, None
    found.save(update_fields=["outcome", "closed_at", "due_at"])
    audited.dispute_state = outcome
    if outcome == "upheld":
        audited.verdict, audited.severity, audited.cause = "correct", "", ""
        audited.adjudicated_answer = audited_answer(audited)
    elif outcome == "grey":
        audited.verdict, audited.severity, audited.cause = "", "", "policy_unclear"
        audited.adjudicated_answer = None
    elif answer is not None:
        audited.adjudicated_answer = answer


def _move(found: Dispute, level: str, now: datetime) -> None:
    found.level, found.due_at = level, now + CLOCKS[level]
    found.save(update_fields=["level", "due_at"])


def _settled(audited: Audit, answer: Answer | None) -> dict[str, object] | None:
    if answer is None:
        return None
    version = audited.review.queue_version_id if audited.review else audited.case.queue_version_id
    settled = answer_rules(version).settle(answer)
    return plain(settled.labels, settled.action)


def _require_independent(found: Dispute, audited: Audit, by: Viewer) -> None:
    own = reviewer_of(by)
    require_outsider_of_turns(own, audited)
    if found.level == "qa":
        return  # the auditor may see the error and uphold
    if own is not None and own.pk == audited.auditor_id:
        raise NotIndependentError(f"{by.name} made the audit.", remedy="Leave the ruling to somebody else.")
    if found.steps.filter(by=by.name).exists():
        raise NotIndependentError(f"{by.name} ruled on it before.", remedy="Leave it to somebody else.")


def require_outsider_of_turns(own: Reviewer | None, audited: Audit) -> None:
    """Refuse who reviewed the case in production; an audit of it is no bar at the first level.

    Raises:
        NotIndependentError: the person reviewed the case, or stands outside its boundary.

    """
    if own is None or own.pk == audited.auditor_id:
        return
    require_outsider(reviewer=own, case=audited.case, deed="rule on it")


def _require_turn(found: Dispute, audited: Audit, reviewer: Reviewer) -> None:
    if found.closed_at is not None or found.level != "reviewer" or audited.reviewer_id != reviewer.pk:
        raise DisputeError(
            f"Dispute {found.pk} does not wait for {reviewer.code}.", remedy="Wait for the ruling."
        )


def _step(
    found: Dispute,
    level: str,
    ruling: str,
    by: str,
    note: str,
    now: datetime,
    *,
    answer: dict[str, object] | None = None,
) -> None:
    DisputeStep.objects.create(
        dispute=found, level=level, ruling=ruling, by=by, note=note.strip(), answer=answer, at=now
    )


def _save(audited: Audit, action: str, actor: str, after: dict[str, object], now: datetime) -> None:
    audited.save()
    write_audit_entry(
        actor=actor,
        action=action,
        object_kind="audit",
        object_id=str(audited.pk),
        after=after,
        now=now,
        place=place_of(audited.queue),
    )
    write_audit_fact(audited)


def _locked_audit(audit_id: UUID) -> Audit | None:
    return (
        Audit.objects.select_for_update(of=("self",))
        .select_related("case__queue", "design", "review", "audit_review", "auditor", "queue__data_boundary")
        .filter(pk=audit_id)
        .first()
    )


def _locked_dispute(dispute_id: int) -> tuple[Dispute, Audit]:
    """Return the dispute and its audit, both locked: the audit first, as everywhere."""
    audit_id = Dispute.objects.filter(pk=dispute_id).values_list("audit_id", flat=True).first()
    audited = _locked_audit(audit_id) if audit_id else None
    if audited is None:
        raise NotFoundError(f"There is no dispute {dispute_id}.", remedy="Check the id.")
    return Dispute.objects.select_for_update().get(pk=dispute_id), audited
