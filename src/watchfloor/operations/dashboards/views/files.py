"""A dashboard as a file: what this viewer sees of it, as a workbook or a PDF."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.dashboards.documents import document_of
from watchfloor.operations.dashboards.selectors import dashboard_of
from watchfloor.operations.dashboards.views.board import span_of
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.shell.documents.typeset import pdf_of
from watchfloor.operations.shell.documents.workbook import workbook_of

KINDS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@page("metrics.view")
def download(request: PageRequest, slug: str, form: str) -> HttpResponse:
    """Send the dashboard as `xlsx` or `pdf`."""
    if form not in KINDS:
        return HttpResponse(
            gettext("A dashboard is sent as xlsx or pdf."),
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    dashboard = dashboard_of(slug, viewer=request.viewer)
    try:
        document = document_of(
            dashboard,
            viewer=request.viewer,
            asked=asked_for(request),
            now=timezone.now(),
            span=span_of(request, dashboard),
            address=request.build_absolute_uri(),
        )
        body = pdf_of(document) if form == "pdf" else workbook_of(document)
    except WatchfloorError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(body, content_type=KINDS[form])
    response["Content-Disposition"] = f'attachment; filename="{dashboard.slug}.{form}"'
    return response
