"""Keeps training and audits within the budget of production, and counts what auditors are shown.

An audit shows the same content as the review did. It opens only where the auditor's budget still holds it;
what was shown is counted when it is answered, given back, or ruled upon.
"""

from collections.abc import Mapping
from datetime import datetime
from math import inf

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.errors import AuditRestsError
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.record.statements import call
from watchfloor.operations.review.recording import NOT_MEASURED, Timing
from watchfloor.operations.wellbeing.care import WELLNESS_CLASSES
from watchfloor.operations.wellbeing.selectors import left_for
from watchfloor.operations.wellbeing.services import record_exposure

MINUTES_A_CASE = 1.0
"""What a case is reckoned to take where a budget counts minutes; the claim measures, this only plans."""


def room_for(reviewer: Reviewer, *, now: datetime) -> Mapping[str, float]:
    """Return how many cases of each class the person's budgets still hold; infinite without a cap."""
    left = left_for(reviewer, now)
    room = dict.fromkeys(WELLNESS_CLASSES, inf)
    for budget in left.budgets:
        cases = budget.left if budget.measure == "cases" else budget.left // MINUTES_A_CASE
        room[budget.wellness_class] = min(room[budget.wellness_class], cases)
    return room | dict.fromkeys(left.closed, 0.0)


def class_of(audit: Audit) -> str:
    """Return the wellness class that an audit shows: the higher of the case's and of its queue version's."""
    version = audit.review.queue_version if audit.review else audit.case.queue_version
    classes = (version.wellness_class, audit.case.wellness_class or "standard")
    return max(classes, key=WELLNESS_CLASSES.index)


def require_room(audit: Audit, *, auditor: Reviewer, now: datetime) -> None:
    """Let the audit pass if the auditor's budget holds it, besides the audits in their hands.

    Raises:
        AuditRestsError: a limit of its class is reached, severe content pauses, or they take a minute.

    """
    wellness_class = class_of(audit)
    left = left_for(auditor, now)
    if left.on_break:
        raise AuditRestsError("You take a minute; no audit is given to you.", remedy="Come back first.")
    if wellness_class == "standard":
        return
    call(_SETTLE, (auditor.pk, now))
    held = Audit.objects.filter(auditor=auditor, state="taken").exclude(pk=audit.pk)
    in_hand = sum(class_of(each) == wellness_class for each in held.select_related(*_CLASSED))
    if room_for(auditor, now=now)[wellness_class] - in_hand < 1:
        raise AuditRestsError(
            f"Your limit for {wellness_class} content is reached, so audits of it rest for you.",
            remedy="Take one of another queue, or come back when the limit frees up.",
        )


_SETTLE = "SELECT wellbeing_closed(%s::bigint, %s::timestamptz)"
"""Waits for the person's other claims, so that two at once do not both see the last place of a budget."""

_CLASSED = ("case__queue_version", "review__queue_version")


def note_shown(
    audit: Audit, *, auditor: Reviewer, since: datetime, now: datetime, timing: Timing = NOT_MEASURED
) -> None:
    """Count what the audit showed: as long as the page measured, else a minute, within the time taken."""
    measured = timing.visible_ms
    seconds = 60 * MINUTES_A_CASE if measured is None else measured / 1000
    record_exposure(
        reviewer_id=auditor.pk,
        reviewer_code=auditor.code,
        site_id=auditor.team.site.slug,
        team_id=auditor.team.slug,
        wellness_class=class_of(audit),
        started_at=since,
        ended_at=now,
        visible_seconds=min(seconds, max(0.0, (now - since).total_seconds())),
        blurred=timing.blurred,
        sound_on=timing.sound_on,
        now=now,
    )
