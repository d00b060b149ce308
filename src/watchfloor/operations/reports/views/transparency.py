"""The list of reports, and one transparency report: first what keeps it from being filed."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.reports import selectors, services
from watchfloor.operations.reports.dsa import terms
from watchfloor.operations.reports.dsa.files import workbook_of, zip_of
from watchfloor.operations.reports.forms import RestateForm
from watchfloor.operations.reports.models import Report
from watchfloor.operations.reports.selectors import Standing, sees_everything
from watchfloor.operations.reports.words import act_names, cause_names, state_names, step_names
from watchfloor.operations.shell import formats

_FORMS = {
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_REPORTS = 200


@require_GET
@page("reports.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the reports that the viewer may see."""
    names = state_names()
    rows = [
        {"report": one, "state": names[one.state]}
        for one in selectors.reports(viewer=request.viewer)[:MOST_REPORTS]
    ]
    may_make = sees_everything(request.viewer, "reports.publish")
    return render(request, "reports/list.html", {"rows": rows, "may_make": may_make})


@require_GET
@page("reports.view")
def show(request: PageRequest, report_id: UUID) -> HttpResponse:
    """Show one report: findings, figures, bridge, accuracy, sheets and its log."""
    return _shown(request, selectors.transparency(report_id, viewer=request.viewer))


def _shown(request: PageRequest, report: Report, problem: WatchfloorError | None = None) -> HttpResponse:
    found = selectors.standing(report)
    may_make = sees_everything(request.viewer, "reports.publish")
    acts = act_names()
    context: dict[str, Any] = {
        "report": report,
        "state": state_names()[report.state],
        "problem": problem,
        "may_make": may_make,
        "steps": _steps(report) if may_make and report.state == "draft" else [],
        "log": [(entry, acts[entry.act]) for entry in report.log.all()],
    }
    if found is not None:
        context |= _told(found)
    return render(request, "reports/transparency.html", context, status=422 if problem else 200)


def _steps(report: Report) -> list[tuple[str, str]]:
    is_live = bool(report.counted and report.counted["knows_sources"])
    return [(part, name) for part, name in step_names().items() if part != "labels" or not is_live]


def _told(found: Standing) -> dict[str, Any]:
    counted = found.report.counted or {}
    bridge = counted["bridge"]
    own = [one for one in counted["measures"] if one["source"] == "own"]
    measures = sum(one["n"] for one in own)
    accuracy = counted["accuracy"]
    return {
        "found": found,
        "errors": found.errors,
        "warnings": [one for one in found.findings if one.weight == "warning"],
        "measures": measures,
        "illegal": sum(one["n"] for one in own if one["is_illegal"]),
        "detected": sum(one["n"] for one in own if one["is_detected"]),
        "complaints": (counted["appeals"].get("complaints") or {}).get("n"),
        "knows_sources": counted["knows_sources"],
        "bridge": bridge,
        "bridge_rows": _bridge_rows(bridge) if bridge else [],
        "accuracy": [_estimates(name, accuracy[side]) for side, name in _sides() if accuracy[side]],
        "method": accuracy["method"],
        "sheets": [(number, sheet, _filled(sheet)) for number, sheet in enumerate(found.sheets, 1)],
    }


def _sides() -> list[tuple[str, str]]:
    return [("people", gettext("Decisions by people")), ("machine", gettext("Decisions by automated means"))]


def _estimates(name: str, scopes: dict[str, Any]) -> dict[str, Any]:
    rows = []
    for scope, one in scopes.items():
        row: dict[str, Any] = {"scope": gettext("All languages") if scope == terms.TOTAL_NUMBER else scope}
        for measure in ("accuracy", "precision", "recall"):
            held = one.get(measure)
            row[measure] = held and {
                "value": formats.share(held["value"]),
                "interval": f"{formats.share(held['low'])} – {formats.share(held['high'])}",
                "n": held["n"],
            }
        rows.append(row)
    return {"name": name, "rows": rows}


def _bridge_rows(bridge: dict[str, Any]) -> list[dict[str, Any]]:
    names = cause_names()
    rows: list[dict[str, Any]] = [{"name": names["measures"], "n": bridge["measures"], "sum": True}]
    rows += [{"name": names[cause], "n": -n} for cause, n in bridge["without"].items() if n]
    if bridge["lagging"]:
        rows.append({"name": names["lagging"], "n": bridge["lagging"]})
    if bridge["residual"]:
        rows.append({"name": names["residual"], "n": bridge["residual"], "wrong": True})
    rows.append({"name": names["statements"], "n": bridge["statements"], "sum": True})
    return rows


def _filled(sheet: Any) -> int:
    return sum(value is not None for row in sheet.rows for value in row)


@require_GET
@page("reports.view")
def sheet(request: PageRequest, report_id: UUID, number: int) -> HttpResponse:
    """Show one sheet as it will be filed, with the findings in their cells."""
    report = selectors.transparency(report_id, viewer=request.viewer)
    found = selectors.standing(report)
    if found is None or not 1 <= number <= len(found.sheets):
        raise Http404
    held = found.sheets[number - 1]
    shown = [at for at, title in enumerate(held.header) if not title.startswith("Contextual information: ")]
    wrong = {one.cell: one for one in found.findings if one.sheet == held.name and one.cell}
    context = {
        "report": report,
        "sheet": held,
        "header": [held.header[at] for at in shown],
        "rows": [[row[at] for at in shown] for row in held.rows],
        "wrong": sorted(wrong.items()),
        "hidden": len(held.header) - len(shown),
        "sheets": list(enumerate(found.sheets, 1)),
        "number": number,
    }
    return render(request, "reports/sheet.html", context)


@require_GET
@page("reports.view")
def download(request: PageRequest, report_id: UUID, file: str) -> HttpResponse:
    """Send the report as CSV files in a zip, or as a workbook."""
    report = selectors.transparency(report_id, viewer=request.viewer)
    found = selectors.standing(report)
    if found is None:
        raise Http404
    made_at = report.frozen_at or report.drawn_at or report.made_at
    body = zip_of(found.sheets) if file == "zip" else workbook_of(found.sheets, made_at=made_at)
    draft = "draft-" if report.state == "draft" else ""
    name = f"{draft}transparency-report-{report.starts_on}-{report.ends_on}.{file}"
    response = HttpResponse(body, content_type=_FORMS[file])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Report-Digest"] = found.digest
    return response


@require_POST
@page("reports.publish")
def act(request: PageRequest, report_id: UUID) -> HttpResponse:
    """Draw, freeze, publish or restate the report; show it again with what stood in the way."""
    report = selectors.transparency(report_id, viewer=request.viewer)
    now, by, wanted = timezone.now(), request.viewer, request.POST.get("act", "")
    try:
        if wanted == "draw":
            services.draw(report=report, by=by, now=now)
        elif wanted == "freeze":
            services.freeze(report=report, by=by, now=now)
        elif wanted == "publish":
            services.publish(report=report, by=by, now=now)
        elif wanted == "restate":
            form = RestateForm(request.POST)
            reason = form.cleaned_data["reason"] if form.is_valid() else ""
            report = services.restate(report=report, reason=reason, by=by, now=now)
    except WatchfloorError as error:
        return _shown(request, report, problem=error)
    return redirect("reports:transparency", report.pk)
