"""The business review: as of now, or kept under its hash and built again from the same facts."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.reports import selectors
from watchfloor.operations.reports.keeping import document_of, keep
from watchfloor.operations.reports.pack import review
from watchfloor.operations.scorecards.words import period_names
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.shell.documents.page import html_of
from watchfloor.operations.shell.documents.typeset import pdf_of
from watchfloor.operations.shell.documents.workbook import workbook_of

_FORMS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
@page("reports.view")
def current(request: PageRequest) -> HttpResponse:
    """Show the review of the last whole period."""
    asked, period = asked_for(request), request.GET.get("period", "week")
    context: dict[str, Any] = {
        "period": period,
        "periods": list(period_names().items()),
        "may_make": selectors.sees_everything(request.viewer, "reports.publish"),
    }
    try:
        document = review(
            period=period,
            viewer=request.viewer,
            operation=asked.operation,
            now=asked.at or timezone.now(),
            known_at=asked.known_at,
        )
    except WatchfloorError as error:
        return render(request, "reports/review.html", context | {"problem": error}, status=422)
    return render(request, "reports/review.html", context | {"document": document, "body": html_of(document)})


@require_GET
@page("reports.view")
def kept(request: PageRequest, report_id: UUID) -> HttpResponse:
    """Show a kept review, built again from the facts of its day within the viewer's grants."""
    report = selectors.kept_review(report_id, viewer=request.viewer)
    context: dict[str, Any] = {"report": report, "log": report.log.all()}
    try:
        document = document_of(report, viewer=request.viewer)
    except WatchfloorError as error:
        return render(request, "reports/review.html", context | {"problem": error}, status=422)
    context |= {
        "document": document,
        "body": html_of(document),
        "is_same": document.digest == report.digest,
    }
    return render(request, "reports/review.html", context)


@require_GET
@page("reports.view")
def pack(request: PageRequest, report_id: UUID, file: str) -> HttpResponse:
    """Send a kept review as PDF or workbook."""
    report = selectors.kept_review(report_id, viewer=request.viewer)
    try:
        document = document_of(report, viewer=request.viewer)
        body = pdf_of(document) if file == "pdf" else workbook_of(document)
    except WatchfloorError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(body, content_type=_FORMS[file])
    response["Content-Disposition"] = f'attachment; filename="business-review-{report.ends_on}.{file}"'
    response["X-Report-Digest"] = document.digest
    return response


@require_POST
@page("reports.publish")
def keep_current(request: PageRequest) -> HttpResponse:
    """Keep the review of now under its hash, published to those who may see reports."""
    asked, period = asked_for(request), request.POST.get("period", "week")
    try:
        report = keep(period=period, operation=asked.operation, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return render(request, "reports/review.html", {"problem": error}, status=422)
    return redirect("reports:review_kept", report.pk)
