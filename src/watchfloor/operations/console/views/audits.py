"""The quality workbench: blind audits of drawn units, verdicts, disputes and calibration."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.quality.selectors import audit_queue


@require_GET
@page("quality.audit")
def overview(request: PageRequest) -> HttpResponse:
    """Show what waits for this auditor."""
    return render(request, "console/audits.html", {"audits": list(audit_queue(request.viewer)[:50])})
