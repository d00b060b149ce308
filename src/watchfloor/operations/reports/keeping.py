"""Keeps a business review under its hash, and builds it again from the facts as they were known then."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import get_language, override

from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.reports.models import FreezeEntry, Report
from watchfloor.operations.reports.pack import review
from watchfloor.operations.reports.services import require_everything
from watchfloor.operations.scorecards.periods import span_of
from watchfloor.operations.shell.documents import Document


def document_of(report: Report, *, viewer: Viewer) -> Document:
    """Return a kept review as the viewer may see it, from the facts as they were known when it was kept."""
    drawn_at = report.drawn_at or report.made_at
    with override(report.spec["language"]):
        return review(
            period=report.spec["period"],
            viewer=viewer,
            operation=report.operation,
            now=drawn_at,
            known_at=drawn_at,
        )


@transaction.atomic
def keep(*, period: str, operation: str, by: Viewer, now: datetime) -> Report:
    """Return the review of the last whole period, kept and published under its hash.

    Raises:
        NotPermittedError: the viewer may not publish reports.
        ReportReachError: the viewer sees a part of the operation alone.

    """
    require_everything(by)
    document = review(period=period, viewer=by, operation=operation, now=now, known_at=now)
    span = span_of(period, now=now).period
    report = Report.objects.create(
        kind="review",
        title=document.title,
        operation=operation,
        starts_on=span.start.date(),
        ends_on=(span.end - timedelta(days=1)).date(),
        spec={"period": period, "language": get_language() or "en"},
        drawn_at=now,
        digest=document.digest,
        state="published",
        made_by=by.name,
        made_at=now,
        frozen_at=now,
        published_by=by.name,
        published_at=now,
    )
    FreezeEntry.objects.create(report=report, at=now, by=by.name, act="published", digest=report.digest)
    audit(
        actor=by.name,
        action="published report",
        object_kind="report",
        object_id=str(report.pk),
        after={"digest": report.digest},
        now=now,
    )
    return report
