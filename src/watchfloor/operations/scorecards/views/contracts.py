"""Contracts: the list, one with its months, its form, publication, the statement's files, invoice checks."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.models import Site, Vendor
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.scorecards import contract_words
from watchfloor.operations.scorecards.contract_documents import statement_document
from watchfloor.operations.scorecards.contracts import (
    contract_of,
    contracts,
    draw_up,
    may_change,
    months_of,
    publish,
    require_change,
)
from watchfloor.operations.scorecards.forms import DEFAULTS, METRICS, read_contract
from watchfloor.operations.scorecards.invoice_files import read_invoice, sample_csv
from watchfloor.operations.scorecards.invoices import bridge, record_check, should_be
from watchfloor.operations.scorecards.models import InvoiceCheck, VendorContract
from watchfloor.operations.scorecards.statements import Statement, statement
from watchfloor.operations.scorecards.views.shown import tabs
from watchfloor.operations.shell.documents.typeset import pdf_of
from watchfloor.operations.shell.documents.workbook import workbook_of

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
@page("contracts.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the contracts within reach."""
    rows = contracts(viewer=request.viewer, vendor=request.GET.get("vendor", ""))
    context = {
        "tabs": tabs(request, "contracts"),
        "rows": [{"it": row, "state": contract_words.state_names()[row.state]} for row in rows],
        "may_change": may_change(request.viewer),
        "vendor": request.GET.get("vendor", ""),
    }
    return render(request, "scorecards/contracts.html", context)


@require_GET
@page("contracts.view")
def detail(request: PageRequest, contract_id: int) -> HttpResponse:
    """Show one contract: its month by evidence, credits, what the invoice should be, and the checks made."""
    row, now = contract_of(contract_id, viewer=request.viewer), timezone.now()
    months = months_of(row, until=now.date())
    context: dict[str, Any] = {
        "tabs": tabs(request, "contracts"),
        "row": row,
        "state": contract_words.state_names()[row.state],
        "terms": contract_words.terms(row),
        "months": [f"{month:%Y-%m}" for month in reversed(months[-18:])],
        "may_change": may_change(request.viewer),
        "checks": [
            {"it": check, "off": check.invoiced - check.computed}
            for check in InvoiceCheck.objects.filter(contract__number=row.number)[:20]
        ],
        "lines": [
            {"it": line, "name": name_of(catalogue()[line.metric_id]), "text": contract_words.line_text(line)}
            for line in row.lines.all()
            if line.metric_id in catalogue()
        ],
    }
    if months and row.state != "draft":
        try:
            found = _statement(request, row)
            context |= {"statement": contract_words.statement_shown(found), "month": f"{found.month:%Y-%m}"}
        except WatchfloorError as error:
            return render(request, "scorecards/contract.html", context | {"problem": error}, status=422)
    return render(request, "scorecards/contract.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("contracts.change")
def new(request: PageRequest) -> HttpResponse:
    """Show the form of a contract or its next version, and write the draft."""
    require_change(request.viewer)
    context: dict[str, Any] = {
        "tabs": tabs(request, "contracts"),
        "vendors": list(Vendor.objects.all()),
        "sites": list(Site.objects.filter(vendor__isnull=False).select_related("vendor")),
        "metrics": [(name, name_of(catalogue()[name])) for name in METRICS if name in catalogue()],
        "values": request.POST if request.method == "POST" else DEFAULTS,
        "numbers": range(1, 5),
    }
    if request.method == "POST":
        try:
            drawn = draw_up(
                read_contract(request.POST), catalogue=catalogue(), by=request.viewer, now=timezone.now()
            )
        except WatchfloorError as error:
            return render(request, "scorecards/contract_form.html", context | {"problem": error}, status=422)
        return redirect("scorecards:contract", drawn.pk)
    return render(request, "scorecards/contract_form.html", context)


@require_POST
@page("contracts.change", writes=True)
def publication(request: PageRequest, contract_id: int) -> HttpResponse:
    """Publish a draft."""
    row = contract_of(contract_id, viewer=request.viewer)
    try:
        publish(row.pk, catalogue=catalogue(), by=request.viewer, now=timezone.now())
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        context = {
            "tabs": tabs(request, "contracts"),
            "row": row,
            "problem": error,
            "state": contract_words.state_names()[row.state],
            "terms": contract_words.terms(row),
            "may_change": True,
        }
        return render(request, "scorecards/contract.html", context, status=422)
    return redirect("scorecards:contract", row.pk)


@require_GET
@page("contracts.view")
def download(request: PageRequest, contract_id: int, form: str) -> HttpResponse:
    """Send the month as `pdf` or `xlsx`, or as the `csv` that the invoice should be."""
    if form not in _KINDS:
        raise Http404
    row = contract_of(contract_id, viewer=request.viewer)
    try:
        found = _statement(request, row)
    except WatchfloorError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    if form == "csv":
        body: str | bytes = sample_csv(should_be(found))
    else:
        document = statement_document(found, now=timezone.now(), language=get_language() or "en")
        body = pdf_of(document) if form == "pdf" else workbook_of(document)
    response = HttpResponse(body, content_type=_KINDS[form])
    response["Content-Disposition"] = f'attachment; filename="{row.number}-{found.month:%Y-%m}.{form}"'
    return response


@require_POST
@page("contracts.change", writes=True)
def check(request: PageRequest, contract_id: int) -> HttpResponse:
    """Check an uploaded invoice against the month; a file that cannot be read is refused whole."""
    require_change(request.viewer)
    row = contract_of(contract_id, viewer=request.viewer)
    sent = request.FILES.get("invoice")
    try:
        found = _statement(request, row)
        name = str(sent.name) if sent is not None else ""
        lines = read_invoice(sent.read() if sent is not None else b"", name=name or "The file")
        kept = record_check(
            found, lines, bridge(lines, found), file_name=name, by=request.viewer, now=timezone.now()
        )
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        context = {
            "tabs": tabs(request, "contracts"),
            "row": row,
            "problem": error,
            "state": contract_words.state_names()[row.state],
            "terms": contract_words.terms(row),
            "back": True,
        }
        return render(request, "scorecards/contract.html", context, status=422)
    return redirect("scorecards:check", kept.pk)


@require_GET
@page("contracts.view")
def checked(request: PageRequest, check_id: int) -> HttpResponse:
    """Show a check: the bridge from invoiced to computed, each difference with its cells."""
    kept = InvoiceCheck.objects.select_related("contract__vendor").filter(pk=check_id).first()
    if kept is None:
        raise Http404
    row = contract_of(kept.contract_id, viewer=request.viewer)
    context = {
        "tabs": tabs(request, "contracts"),
        "row": row,
        "check": kept,
        "off": kept.invoiced - kept.computed,
        "bridge": contract_words.bridge_shown(kept, url=_cells_url),
    }
    return render(request, "scorecards/check.html", context)


def _statement(request: PageRequest, row: VendorContract) -> Statement:
    """Return the month asked for; the last one that is over by default."""
    now = timezone.now()
    months = months_of(row, until=now.date())
    written = request.GET.get("month") or request.POST.get("month", "")
    if written:
        try:
            month = date.fromisoformat(f"{written[:7]}-01")
        except ValueError as error:
            raise Http404 from error
    else:
        over = [each for each in months if each < now.date().replace(day=1)]
        month = (over or months or [now.date().replace(day=1)])[-1]
    return statement(row, month, now=now)


def _cells_url(metric: str, site: str, first: date, after: date) -> str:
    query = urlencode(
        {
            "m": metric,
            "where": f"site:{site}",
            "from": first.isoformat(),
            "to": after.isoformat(),
            "grain": "day",
        }
    )
    return f"{reverse('insights:explore')}?{query}"
