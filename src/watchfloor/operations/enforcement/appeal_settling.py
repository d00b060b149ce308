"""Settles appeals: by the decision of the appeal's own case, or by hand. Each appeal is settled once.

Where the second look differs, the first case is corrected. When that correction is refused (the label no
longer exists in the queue, say), the appeal is settled all the same and shows that the correction is still
owed.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.models import Appeal
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit, write_event
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.configuration import Answer
from watchfloor.operations.review.corrections import correct
from watchfloor.operations.review.models import Case, Decision
from watchfloor.operations.review.recording import case_dimensions

REVERSING = ("reversed", "partially_reversed")
_SETTLER = Viewer.system("appeals")

_logger = logging.getLogger("watchfloor.appeals")


def settle_appeals(*, rows: Sequence[dict[str, Any]], now: datetime) -> int:
    """Return how many open appeals the decisions settled; `rows` are those followed now."""
    by_case = {row["case_id"]: row["decision_id"] for row in rows}
    waiting = (
        Appeal.objects.select_for_update(of=("self",))
        .filter(appeal_case__in=by_case, state="open")
        .order_by("filed_at", "id")
    )
    settled = 0
    for appeal in waiting:
        ruling = Decision.objects.select_related(
            "deciding_review__reviewer", "deciding_review__queue_version"
        ).get(pk=by_case[appeal.appeal_case_id])
        _settle_by(appeal, ruling, now)
        settled += 1
    return settled


def outcome_of(*, appealed: Decision, ruling: Decision) -> str:
    """Return what the second look says of the decision appealed.

    The same action and labels uphold it. Finding a violation where there was none, or none where there was
    one, reverses it. Anything between, such as a milder action, reverses it in part.
    """
    same = appealed.action == ruling.action and set(appealed.labels) == set(ruling.labels)
    if same:
        return "upheld"
    return "reversed" if bool(appealed.violative) != bool(ruling.violative) else "partially_reversed"


def _settle_by(appeal: Appeal, ruling: Decision, now: datetime) -> None:
    standing = Decision.objects.filter(case_id=appeal.case_id).order_by("-version").first()
    outcome = outcome_of(appealed=appeal.decision, ruling=ruling)
    correction = None
    agrees = (
        standing is not None
        and standing.withdrawn_at is None
        and (standing.action == ruling.action and set(standing.labels) == set(ruling.labels))
    )
    if outcome in REVERSING and not agrees:
        correction = _correct(appeal, ruling, now)
    settle(appeal=appeal, outcome=outcome, ruling=ruling, correction=correction, by=_SETTLER, now=now)


def _correct(appeal: Appeal, ruling: Decision, now: datetime) -> Decision | None:
    review = ruling.deciding_review
    fields = (
        {}
        if review is None
        else {name: value for name, value in review.answer.items() if name not in {"labels", "action"}}
    )
    answer = Answer(labels=tuple(ruling.labels), action=ruling.action, fields=fields)
    try:
        with transaction.atomic():
            return correct(
                case_id=appeal.case_id,
                reviewer=review.reviewer if review else None,
                answer=answer,
                reason=f"Appeal {appeal.pk}",
                by=_SETTLER,
                now=now,
                queue_version=review.queue_version if review else None,
            )
    except WatchfloorError as error:
        _logger.warning("Appeal %s is settled, but its correction was refused: %s", appeal.pk, error)
        return None


def settle(
    *,
    appeal: Appeal,
    outcome: str,
    ruling: Decision | None,
    correction: Decision | None,
    by: Viewer,
    now: datetime,
    implemented: bool | None = None,
) -> None:
    """Write the outcome of an open appeal that the caller has locked, with its fact and its audit entry."""
    appeal.state, appeal.outcome, appeal.decided_at = "decided", outcome, now
    appeal.ruling, appeal.correction, appeal.implemented = ruling, correction, implemented
    appeal.save(update_fields=["state", "outcome", "decided_at", "ruling", "correction", "implemented"])
    write_appeal_fact(appeal)
    case = Case.objects.select_related("queue__data_boundary").get(pk=appeal.case_id)
    audit(
        actor=by.name,
        action="settle appeal",
        object_kind="appeal",
        object_id=str(appeal.pk),
        before={"state": "open"},
        after={
            "outcome": outcome,
            "ruling": str(ruling.pk) if ruling else None,
            "correction": str(correction.pk) if correction else None,
        },
        now=now,
        place=place_of(case.queue),
    )


def write_appeal_fact(appeal: Appeal) -> None:
    """Write the appeal as its fact's row; a later event of the same appeal replaces the earlier."""
    case = Case.objects.select_related("queue", "queue_version").get(pk=appeal.case_id)
    write_event(
        fact="appeal",
        key=str(appeal.pk),
        payload={
            **case_dimensions(case, case.queue_version),
            "appeal_id": str(appeal.pk),
            "case_id": str(appeal.case_id),
            "decision_id": str(appeal.decision_id),
            "kind": appeal.kind,
            "complainant_role": appeal.complainant_role,
            "filed_at": appeal.filed_at,
            "decided_at": appeal.decided_at,
            "outcome": appeal.outcome or None,
        },
        at=appeal.decided_at or appeal.filed_at,
    )
