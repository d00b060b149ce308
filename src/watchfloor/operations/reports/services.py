"""Drafts, draws, freezes and publishes transparency reports; every act is in log and audit trail."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from watchfloor.kernel import Period
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.reports.dsa.counting import count
from watchfloor.operations.reports.errors import ReportFindingsError, ReportReachError, ReportStateError
from watchfloor.operations.reports.models import FreezeEntry, Report
from watchfloor.operations.reports.selectors import sees_everything, standing


def period_of(starts_on: date, ends_on: date) -> Period:
    """Return the half-open period, in UTC, of days that are both counted."""
    return Period(
        datetime.combine(starts_on, time(), tzinfo=UTC),
        datetime.combine(ends_on + timedelta(days=1), time(), tzinfo=UTC),
    )


def require_everything(by: Viewer) -> None:
    """Refuse whoever does not see the whole operation.

    Raises:
        NotPermittedError: the viewer may not make reports.
        ReportReachError: the viewer sees a part of the operation alone.

    """
    by.require("reports.publish")
    if not sees_everything(by, "reports.publish"):
        raise ReportReachError(
            f"{by.name} sees a part of the operation; a report would file that part as the whole.",
            remedy="Ask for a grant without limits of queue group, site, market and data boundary.",
        )


@transaction.atomic
def draft(
    *, title: str, operation: str, starts_on: date, ends_on: date, by: Viewer, now: datetime,
    inputs: Mapping[str, Any] | None = None,
) -> Report:  # fmt: skip
    """Write a draft, with its numbers drawn from the facts as they are known now.

    Raises:
        NotPermittedError: the viewer may not make reports.
        ReportReachError: the viewer sees a part of the operation alone.
        ReportStateError: the period has not begun.

    """
    require_everything(by)
    if period_of(starts_on, ends_on).start >= now:
        raise ReportStateError(
            f"The period begins on {starts_on}, which has not come.", remedy="Choose a period that has begun."
        )
    report = Report.objects.create(
        kind="transparency",
        title=title,
        operation=operation,
        starts_on=starts_on,
        ends_on=ends_on,
        inputs=dict(inputs or {}),
        made_by=by.name,
        made_at=now,
    )
    _draw(report, by=by, now=now)
    return report


@transaction.atomic
def type_in(*, report: Report, changes: Mapping[str, Any], by: Viewer) -> Report:
    """Return the draft with inputs changed; the others stay."""
    require_everything(by)
    held = _open(report)
    held.inputs = {**held.inputs, **changes}
    held.save(update_fields=["inputs"])
    return held


@transaction.atomic
def draw(*, report: Report, by: Viewer, now: datetime) -> Report:
    """Return the draft with its numbers drawn anew from the facts as they are known now."""
    require_everything(by)
    held = _open(report)
    _draw(held, by=by, now=now)
    return held


def _draw(report: Report, *, by: Viewer, now: datetime) -> None:
    report.counted = count(
        operation=report.operation,
        period=period_of(report.starts_on, report.ends_on),
        assigned=report.inputs.get("assigned", {}),
        known_at=now,
    )
    report.drawn_at, report.facts_version = now, report.counted["facts_version"]
    report.save(update_fields=["counted", "drawn_at", "facts_version"])
    _log(report, "drawn", by=by, now=now)


@transaction.atomic
def freeze(*, report: Report, by: Viewer, now: datetime) -> Report:
    """Return the report frozen: its bytes are fixed under their hash.

    Raises:
        ReportFindingsError: the rules find errors, or the period has not ended.

    """
    require_everything(by)
    held = _open(report)
    if period_of(held.starts_on, held.ends_on).end > now:
        raise ReportFindingsError(
            f"The period ends on {held.ends_on}, which is not over.",
            remedy="Freeze it when the period is over.",
        )
    found = standing(held)
    if found is None or found.errors:
        n = len(found.errors) if found else 0
        raise ReportFindingsError(
            f"The rules find {n} errors in the report.", remedy="Settle each of them; warnings may stay."
        )
    held.state, held.frozen_at, held.digest = "frozen", now, found.digest
    held.save(update_fields=["state", "frozen_at", "digest"])
    _log(held, "frozen", by=by, now=now)
    return held


@transaction.atomic
def publish(*, report: Report, by: Viewer, now: datetime) -> Report:
    """Return the frozen report published: whoever may see reports sees it from now on."""
    require_everything(by)
    held = Report.objects.select_for_update().get(pk=report.pk)
    if held.state != "frozen":
        raise ReportStateError(
            f"The report is {held.state}; only a frozen one is published.", remedy="Freeze it first."
        )
    held.state, held.published_by, held.published_at = "published", by.name, now
    held.save(update_fields=["state", "published_by", "published_at"])
    _log(held, "published", by=by, now=now)
    return held


@transaction.atomic
def restate(*, report: Report, reason: str, by: Viewer, now: datetime) -> Report:
    """Return a new draft that takes the place of a frozen report, and says why."""
    require_everything(by)
    if report.state == "draft":
        raise ReportStateError("A draft needs no restatement.", remedy="Change the draft.")
    fresh = Report.objects.create(
        kind=report.kind,
        title=report.title,
        operation=report.operation,
        starts_on=report.starts_on,
        ends_on=report.ends_on,
        inputs=report.inputs,
        made_by=by.name,
        made_at=now,
        restates=report,
    )
    _log(report, "restated", by=by, now=now, note=reason)
    _draw(fresh, by=by, now=now)
    return fresh


def _open(report: Report) -> Report:
    held = Report.objects.select_for_update().get(pk=report.pk)
    if held.state != "draft":
        raise ReportStateError(
            f"The report is {held.state}: nothing of it changes any more.",
            remedy="Restate it in a new report.",
        )
    return held


def _log(report: Report, act: str, *, by: Viewer, now: datetime, note: str = "") -> None:
    found = standing(report)
    digest = report.digest or (found.digest if found else "")
    FreezeEntry.objects.create(
        report=report,
        at=now,
        by=by.name,
        act=act,
        digest=digest,
        facts_version=report.facts_version,
        note=note,
    )
    audit(
        actor=by.name,
        action=f"{act} report",
        object_kind="report",
        object_id=str(report.pk),
        after={"digest": digest, "facts_version": report.facts_version, "note": note},
        now=now,
    )
