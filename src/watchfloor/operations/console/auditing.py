"""What an auditor's page shows: the audited case as a form, the two answers side by side, and calibration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import get_language

from watchfloor.operations.console.asking import Ask, ask_of
from watchfloor.operations.console.content import Shown, shown
from watchfloor.operations.console.feedback import in_words
from watchfloor.operations.console.guide import Guide, guide_of
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.exposure import class_of
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.quality.selectors import AuditView, audits
from watchfloor.operations.queues.models import QueueVersion
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.wellbeing.presentation import DEFAULTS, Presentation
from watchfloor.operations.wellbeing.selectors import presentation_for
from watchfloor.science.uncertainty import wilson

OPENED = ("answered", "done")
LEAST_OF_OTHERS = 5
"""Audits of others below which their share is not shown: it would speak of one person."""


@dataclass(frozen=True, slots=True)
class AuditDesk:
    """An audit with everything that its page shows; veiled content comes once somebody takes the audit."""

    view: AuditView
    ask: Ask
    shown: Shown
    guide: Guide
    look: Presentation
    is_veiled: bool
    queue_title: str
    own: str
    audited: str


@dataclass(frozen=True, slots=True)
class Found:
    """How often errors were found: wrong of audited, with the interval of the share."""

    wrong: int
    audited: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """Share of audits that found an error."""
        return self.wrong / self.audited if self.audited else None


@dataclass(frozen=True, slots=True)
class Calibration:
    """One queue: what this auditor finds, what the others find, and whether the intervals are apart."""

    queue: str
    own: Found
    others: Found | None
    overturned: int

    @property
    def is_apart(self) -> bool:
        """Whether the two intervals do not meet, which is worth a talk about the policy."""
        if self.others is None:
            return False
        return self.own.low > self.others.high or self.own.high < self.others.low


def audit_desk(*, view: AuditView, reviewer: Reviewer | None) -> AuditDesk:
    """Return the page of an audit; the audited answer is in it only once the audit is revealed."""
    audit = view.audit
    case = audit.case
    version = QueueVersion.objects.get(
        pk=audit.review.queue_version_id if audit.review else case.queue_version_id
    )
    ask = ask_of(queue_version_id=version.pk, template_version_id=version.template_version_id)
    wellness = class_of(audit)
    return AuditDesk(
        view=view,
        ask=ask,
        shown=shown(
            case.content,
            reader=get_language() or "en",
            language=case.language,
            origins=settings.WATCHFLOOR_MEDIA_ORIGINS,
        ),
        guide=guide_of(version=version),
        look=presentation_for(reviewer=reviewer, wellness_class=wellness) if reviewer else DEFAULTS[wellness],
        is_veiled=wellness != "standard" and not (audit.state in OPENED or is_mine(audit, reviewer)),
        queue_title=title_of(audit.queue),
        own=_worded(view.own, ask),
        audited=_worded(view.audited, ask),
    )


def _worded(answer: Mapping[str, Any] | None, ask: Ask) -> str:
    return "" if answer is None else in_words(answer, ask=ask)


def calibration(*, viewer: Viewer, reviewer: Reviewer) -> list[Calibration]:
    """Return, by queue, how often the auditor finds errors beside all other auditors together."""
    rows = audits(viewer=viewer).filter(state="done").order_by()
    own = Q(auditor=reviewer)
    wrong = Q(verdict="incorrect")
    counted = (
        rows.values("queue", "queue__slug", "queue__title", "queue__title_zh_hans")
        .annotate(
            own=Count("pk", filter=own),
            own_wrong=Count("pk", filter=own & wrong),
            others=Count("pk", filter=~own),
            others_wrong=Count("pk", filter=~own & wrong),
            overturned=Count("pk", filter=own & Q(dispute_state="upheld")),
        )
        .filter(own__gt=0)
        .order_by("queue__slug")
    )
    chinese = (get_language() or "en").startswith("zh")
    return [
        Calibration(
            queue=(chinese and row["queue__title_zh_hans"]) or row["queue__title"],
            own=_found(row["own_wrong"], row["own"]),
            others=_found(row["others_wrong"], row["others"]) if row["others"] >= LEAST_OF_OTHERS else None,
            overturned=row["overturned"],
        )
        for row in counted
    ]


def _found(wrong: int, audited: int) -> Found:
    low, high = _interval(wrong, audited)
    return Found(wrong=wrong, audited=audited, low=low, high=high)


def _interval(wrong: int, audited: int) -> tuple[float, float]:
    found = wilson(successes=wrong, trials=audited)
    return float(found.low), float(found.high)


def is_mine(audit: Audit, reviewer: Reviewer | None) -> bool:
    """Return whether the audit is in this auditor's hands."""
    return reviewer is not None and audit.auditor_id == reviewer.pk
