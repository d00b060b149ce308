"""Appeals come in and are answered: filed with a case of their own for somebody new, or settled by hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.appeal_settling import settle, write_appeal_fact
from watchfloor.operations.enforcement.models import Appeal
from watchfloor.operations.enforcement.reaching import case_reach
from watchfloor.operations.enforcement.vocabulary import APPEAL_KINDS, APPEAL_OUTCOMES, COMPLAINANT_ROLES
from watchfloor.operations.queues.models import ACCEPTING_STATES, Queue
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.cases import NewCase
from watchfloor.operations.review.closing import close_waiting
from watchfloor.operations.review.corrections import earlier_reviewers
from watchfloor.operations.review.enqueueing import enqueue
from watchfloor.operations.review.models import Case, Decision

LONGEST_NOTE = 10_000
SETTLING = "decisions.correct"


class AppealError(WatchfloorError):
    """The appeal cannot be filed or settled as asked."""


class AppealStateError(AppealError):
    """The appeal, or the decision, does not stand where it would have to."""

    status = 409


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody files: against which case or decision, as what, in whose role, and in their words."""

    kind: str = "internal_complaint"
    complainant_role: str = "user"
    note: str = ""
    case_id: UUID | None = None
    decision_id: UUID | None = None
    settlement_body: str = ""
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """The appeal, and whether this call filed it."""

    appeal: Appeal
    created: bool


def file_appeal(
    *,
    case_id: UUID | None = None,
    decision_id: UUID | None = None,
    kind: str,
    complainant_role: str,
    note: str = "",
    by: Viewer,
    now: datetime,
    client_key: str | None = None,
    settlement_body: str = "",
) -> Filed:
    """Return the appeal filed, or the one that the client's key filed before.

    It opens a case in the appeal queue of the decision's queue group, for somebody who worked on none of the
    cases it came from. Out of court the settlement body decides: no case is opened, and the outcome is
    recorded by hand.

    Raises:
        NotFoundError: there is no such case or decision within reach.
        AppealError: kind or role is unknown, the note is too long, or no queue takes the appeal.
        AppealStateError: the case has no enforced decision, or the same appeal is open.

    """
    by.require("appeals.file")
    if client_key is not None and (
        known := Appeal.objects.filter(client=by.name, client_key=client_key).first()
    ):
        return Filed(known, created=False)
    complaint = Complaint(kind, complainant_role, note, case_id, decision_id, settlement_body, client_key)
    _refuse_misfit(complaint)
    try:
        with transaction.atomic():
            return Filed(_file(complaint, by, now), created=True)
    except IntegrityError as error:
        if known := _filed_before(by, client_key):
            return Filed(known, created=False)
        raise AppealStateError(
            f"A {kind} by a {complainant_role} against this decision is open already.",
            remedy="Wait for its outcome.",
        ) from error


def _filed_before(by: Viewer, client_key: str | None) -> Appeal | None:
    if client_key is None:
        return None
    return Appeal.objects.filter(client=by.name[:80], client_key=client_key).first()


def _refuse_misfit(complaint: Complaint) -> None:
    for name, value, known in (
        ("kind", complaint.kind, APPEAL_KINDS),
        ("complainant_role", complaint.complainant_role, COMPLAINANT_ROLES),
    ):
        if value not in known:
            raise AppealError(f"{name} {value!r} is unknown.", remedy=f"Use one of {', '.join(known)}.")
    if len(complaint.note) > LONGEST_NOTE:
        raise AppealError(
            f"The note has {len(complaint.note)} characters, more than {LONGEST_NOTE}.", remedy="Shorten it."
        )
    if (complaint.case_id is None) == (complaint.decision_id is None):
        raise AppealError("An appeal names a case or a decision.", remedy="Give exactly one of the two.")


def _file(complaint: Complaint, by: Viewer, now: datetime) -> Appeal:
    case, decision = _appealed(complaint, by)
    appeal_id = fresh_id(now=now)
    opened = None
    if complaint.kind != "out_of_court":
        opened = _open_case(case, complaint, appeal_id, now)
    appeal = Appeal.objects.create(
        id=appeal_id,
        client=by.name[:80],
        client_key=complaint.client_key,
        case=case,
        decision=decision,
        kind=complaint.kind,
        subject=subject_of(case=case, decision=decision, complainant_role=complaint.complainant_role),
        complainant_role=complaint.complainant_role,
        note=complaint.note,
        filed_at=now,
        appeal_case_id=opened,
        settlement_body=complaint.settlement_body[:160],
    )
    write_appeal_fact(appeal)
    audit(
        actor=by.name,
        action="file appeal",
        object_kind="appeal",
        object_id=str(appeal.pk),
        after={"case": str(case.pk), "decision": str(decision.pk), "kind": complaint.kind},
        now=now,
        place=place_of(case.queue),
    )
    return appeal


def _appealed(complaint: Complaint, by: Viewer) -> tuple[Case, Decision]:
    named = Q(pk=complaint.case_id) if complaint.case_id else Q(decisions__pk=complaint.decision_id)
    case = (
        Case.objects.filter(case_reach(viewer=by, permission="appeals.file"), named)
        .select_related("queue__data_boundary", "queue_version")
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if case is None:
        raise NotFoundError("There is no such case or decision.", remedy="Check the id and your access.")
    last = case.decisions.order_by("-version").first()
    if last is None or not last.enforced or last.withdrawn_at is not None:
        raise AppealStateError(
            f"Case {case.pk} has no decision in force that an appeal could be against.",
            remedy="Appeal a decision that was enforced and still stands.",
        )
    if complaint.decision_id and complaint.decision_id != last.pk:
        raise AppealStateError(
            f"Decision {complaint.decision_id} was superseded by {last.pk}.",
            remedy="Appeal the one in force.",
        )
    return case, last


def appeal_queue_of(case: Case) -> Queue:
    """Return the queue that takes appeals against the case: of its group and boundary, and its language.

    Raises:
        AppealError: there is none.

    """
    takes = Queue.objects.filter(
        purpose="appeal",
        group=case.queue.group,
        data_boundary=case.queue.data_boundary,
        state__in=ACCEPTING_STATES,
        current_version__isnull=False,
    ).order_by("slug")
    fitting = [queue for queue in takes if not queue.languages or case.language in queue.languages]
    if not fitting:
        raise AppealError(
            f"No queue takes appeals of group {case.queue.group!r} in language {case.language or 'none'!r}.",
            remedy="Open a queue with purpose `appeal` in that group and data boundary.",
        )
    return fitting[0]


def _open_case(case: Case, complaint: Complaint, appeal_id: UUID, now: datetime) -> UUID:
    queue = appeal_queue_of(case)
    content: dict[str, Any] = {
        **case.content,
        "appeal": {
            "kind": complaint.kind,
            "complainant_role": complaint.complainant_role,
            "note": complaint.note,
        },
    }
    opened = NewCase(
        queue=queue.slug,
        client_key=f"appeal/{appeal_id}",
        object_id=case.object_id,
        strategy_id=case.strategy_id,
        severity_hint=case.severity_hint,
        risk_score=case.risk_score,
        language=case.language,
        market=case.market,
        media_seconds=case.media_seconds,
        content=content,
        parent_case_id=case.pk,
        excluded_reviewers=tuple(earlier_reviewers(case)),
        source="appeal",
        author_id=case.author_id,
        topics=tuple(case.topics),
        wellness_class=case.wellness_class,
    )
    return enqueue(case=opened, now=now).case_id


_SUBJECT_OF_ACTION = {
    "suspend_service": "service",
    "terminate_service": "service",
    "restrict_contact": "service",
    "lock_account": "account",
    "suspend_account": "account",
    "terminate_account": "account",
    "demonetise": "monetisation",
}


def subject_of(*, case: Case, decision: Decision, complainant_role: str) -> str:
    """Return what is complained about, in the classes of the DSA's transparency report."""
    if not decision.violative:
        flagged = case.source == "trusted_flagger" or complainant_role == "trusted_flagger"
        return "no_action_flagger" if flagged else "no_action"
    return _SUBJECT_OF_ACTION.get(decision.action, "visibility")


@transaction.atomic
def settle_appeal(
    *,
    appeal_id: UUID,
    outcome: str,
    by: Viewer,
    now: datetime,
    implemented: bool | None = None,
) -> Appeal:
    """Return an open appeal, settled by hand: taken back, set aside, or ruled upon by a settlement body.

    An appeal with a case of its own is settled by that case; by hand it is only taken back or set aside. Its
    case is then closed where it still waits; one in somebody's hands is finished, and decides nothing here.
    What a settlement body reverses is put into effect by a correction.

    Raises:
        NotFoundError: there is no such appeal within reach.
        AppealError: the outcome is unknown, or is not for a person to give here.
        AppealStateError: it is settled already.

    """
    within = case_reach(viewer=by, permission=SETTLING, prefix="case__")
    appeal = Appeal.objects.filter(within, pk=appeal_id).select_for_update(of=("self",)).first()
    if appeal is None:
        raise NotFoundError(f"There is no appeal {appeal_id}.", remedy="Check the id and your access.")
    if appeal.state != "open":
        raise AppealStateError(f"Appeal {appeal_id} was settled: {appeal.outcome}.", remedy="File a new one.")
    allowed = APPEAL_OUTCOMES if appeal.kind == "out_of_court" else ("withdrawn", "omitted")
    if outcome not in allowed:
        raise AppealError(
            f"Outcome {outcome!r} cannot be given by hand to a {appeal.kind}.",
            remedy=f"Use one of {', '.join(allowed)}; otherwise its case decides.",
        )
    settle(
        appeal=appeal, outcome=outcome, ruling=None, correction=None, by=by, now=now, implemented=implemented
    )
    if appeal.appeal_case_id is not None:
        close_waiting(case_id=appeal.appeal_case_id, reason=f"Appeal {appeal.pk} {outcome}", by=by, now=now)
    return appeal
