"""What happened to a case, oldest first: all that was recorded, as far as the viewer may see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils.translation import gettext

from watchfloor.operations.console.words import (
    error_severity_names,
    kind_names,
    level_names,
    outcome_names,
    rule_names,
    ruling_names,
    verdict_names,
)
from watchfloor.operations.policies.words import action_names
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Case
from watchfloor.operations.review.selectors import CaseView


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a case."""

    at: datetime
    icon: str
    title: str
    labels: tuple[str, ...] = ()
    action: str = ""
    detail: str = ""
    who: str = ""
    seconds: float | None = None
    level: str = ""


def history_of(*, view: CaseView, viewer: Viewer) -> list[Step]:
    """Return the steps of a case that the viewer may see, oldest first."""
    steps = [
        Step(view.case.enqueued_at, "imports", gettext("Arrived"), detail=view.case.strategy_id),
        *_reviews(view, viewer),
        *_decisions(view),
        *_children(view.case),
    ]
    if viewer.can("decisions.view") or viewer.can("appeals.view"):
        steps.extend(_restrictions(view.case))
    if viewer.can("appeals.view"):
        steps.extend(_appeals(view.case))
    if viewer.can("quality.view"):
        steps.extend(_audits(view.case))
    return sorted(steps, key=lambda step: step.at)


def _reviews(view: CaseView, viewer: Viewer) -> Iterator[Step]:
    kinds, outcomes, actions = kind_names(), outcome_names(), action_names()
    for review in view.reviews:
        if review.kind == "audit" and not viewer.can("quality.view"):
            continue
        submitted = review.outcome == "submitted"
        yield Step(
            at=review.submitted_at,
            icon="user",
            title=f"{kinds.get(review.kind, review.kind)} · {outcomes.get(review.outcome, review.outcome)}",
            labels=tuple(review.labels),
            action=actions.get(review.action, "") if submitted else "",
            detail=review.reason,
            who=review.reviewer.code if review.reviewer and viewer.can("people.view") else "",
            seconds=review.handle_ms / 1000,
        )


def _decisions(view: CaseView) -> Iterator[Step]:
    rules, actions = rule_names(), action_names()
    for decision in view.decisions:
        yield Step(
            at=decision.decided_at,
            icon="check",
            title=gettext("Decision {n}").format(n=decision.version + 1),
            labels=tuple(decision.labels),
            action=actions.get(decision.action, decision.action),
            detail=rules.get(decision.rule, decision.rule)
            + ("" if decision.enforced else f" · {gettext('not enforced')}"),
            level="idle" if decision.withdrawn_at else "ok",
        )
        if decision.withdrawn_at:
            yield Step(decision.withdrawn_at, "close", gettext("Decision withdrawn"), level="soon")


def _children(case: Case) -> Iterator[Step]:
    for child in case.children.order_by("enqueued_at", "id").select_related("queue"):
        yield Step(child.enqueued_at, "arrow", gettext("Sent up"), detail=child.queue.slug)


def _restrictions(case: Case) -> Iterator[Step]:
    for row in _rows("enforcement", "Restriction", decision__case=case):
        detail = " – ".join(filter(None, (str(row.scope), str(row.ends_at.date()) if row.ends_at else "")))
        yield Step(row.starts_at, "pause", f"{gettext('Restriction')} · {row.type}", detail=detail)


def _appeals(case: Case) -> Iterator[Step]:
    for row in _rows("enforcement", "Appeal", case=case):
        yield Step(row.filed_at, "alert", gettext("Appeal filed"), detail=str(row.kind), level="soon")
        if row.decided_at:
            yield Step(row.decided_at, "check", gettext("Appeal settled"), detail=str(row.outcome))


def _audits(case: Case) -> Iterator[Step]:
    verdicts, severities = verdict_names(), error_severity_names()
    for audit in case.audits.filter(audited_at__isnull=False).order_by("audited_at", "id"):
        assert audit.audited_at is not None  # noqa: S101 -- the filter says so
        verdict = verdicts.get(audit.verdict, audit.verdict)
        found = severities.get(audit.severity, "")
        yield Step(audit.audited_at, "flask", f"{gettext('Audit')} · {verdict}", detail=found)
        yield from _dispute(getattr(audit, "dispute", None))


def _dispute(dispute: Any) -> Iterator[Step]:
    """Yield each step of the dispute about an audit: filed, ruled upon, escalated, lapsed."""
    if dispute is None:
        return
    rulings, levels = ruling_names(), level_names()
    for step in dispute.steps.order_by("at", "id"):
        ruling = rulings.get(step.ruling, step.ruling)
        yield Step(
            step.at,
            "audits",
            f"{gettext('Dispute')} · {ruling}",
            detail=levels.get(step.level, step.level),
            level="soon" if step.ruling == "filed" else "",
        )


def _rows(app: str, model: str, **wanted: Any) -> list[Any]:
    """Return the rows of a model of another feature; none where the feature keeps none."""
    try:
        found: Any = apps.get_model(app, model)
    except LookupError:
        return []
    return list(found.objects.filter(**wanted).order_by("pk"))
