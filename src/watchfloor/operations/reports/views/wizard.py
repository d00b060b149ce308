"""Drafting a transparency report, and typing in what no record of moderation holds."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.reports import selectors, services
from watchfloor.operations.reports.dsa import terms
from watchfloor.operations.reports.forms import STEPS, NewReportForm, ProviderForm
from watchfloor.operations.reports.models import Report
from watchfloor.operations.reports.words import field_names, step_names
from watchfloor.operations.shell.asked import asked_for


@page("reports.publish")
def new(request: PageRequest) -> HttpResponse:
    """Draft a report of the operation that the address names."""
    asked = asked_for(request)
    form = NewReportForm(request.POST or None)
    problem: WatchfloorError | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            report = services.draft(
                title=given["service"],
                operation=asked.operation,
                starts_on=given["starts_on"],
                ends_on=given["ends_on"],
                inputs={"provider": given["provider"], "service": given["service"]},
                by=request.viewer,
                now=timezone.now(),
            )
        except WatchfloorError as error:
            problem = error
        else:
            return redirect("reports:transparency", report.pk)
    status = 422 if problem or (request.method == "POST" and form.errors) else 200
    return render(
        request, "reports/new.html", {"form": form, "problem": problem, "asked": asked}, status=status
    )


@page("reports.publish")
def step(request: PageRequest, report_id: UUID, part: str) -> HttpResponse:
    """Show one step with what was typed, or keep what is typed now."""
    if part not in STEPS:
        raise Http404
    report = selectors.transparency(report_id, viewer=request.viewer)
    problem: WatchfloorError | None = None
    form = STEPS[part](request.POST if request.method == "POST" else _held(report, part))
    if request.method == "POST" and form.is_valid():
        try:
            services.type_in(report=report, changes=_typed(form, part), by=request.viewer)
            if part == "labels":
                services.draw(report=report, by=request.viewer, now=timezone.now())
        except WatchfloorError as error:
            problem = error
        else:
            return redirect("reports:transparency", report.pk)
    names = step_names()
    fields = [
        {
            "name": name,
            "field": form[name],
            "title": _titles().get(name, name),
            "kind": _kind(form.fields[name]),
        }
        for name in form.fields
    ]
    context: dict[str, Any] = {
        "report": report,
        "part": part,
        "name": names[part],
        "fields": fields,
        "form": form,
        "problem": problem,
        "shows_errors": request.method == "POST",
    }
    wrong = request.method == "POST"
    return render(request, "reports/step.html", context, status=422 if wrong else 200)


def _kind(field: forms.Field) -> str:
    if isinstance(field, forms.BooleanField):
        return "tick"
    if isinstance(field, forms.DateField):
        return "date"
    if isinstance(field, forms.IntegerField):
        return "number"
    return "text" if field.max_length == 160 else "area"  # type: ignore[attr-defined]  # of texts alone


def _typed(form: forms.Form, part: str) -> dict[str, Any]:
    if part == "provider":
        return ProviderForm.typed(form)
    if part in ("recipients", "words"):
        return {part: form.cleaned_data}
    return form.cleaned_data


def _held(report: Report, part: str) -> dict[str, Any]:
    held = report.inputs
    if part == "provider":
        return {"is_hosting": True, **held, **held.get("suspensions", {})}
    if part == "orders":
        lines = [
            "; ".join(
                [
                    one["category"],
                    one["keyword"],
                    one["scope"],
                    *("" if v is None else str(v) for v in one["values"]),
                ]
            )
            for one in held.get("orders", [])
        ]
        return {"orders": "\n".join(lines)}
    if part == "labels":
        lines = [
            "; ".join(
                [
                    name,
                    one["category"],
                    one["keyword"],
                    "law" if one["is_illegal"] else "terms",
                    one["restriction"],
                ]
            )
            for name, one in held.get("assigned", {}).items()
        ]
        return {"assigned": "\n".join(lines)}
    return dict(held.get(part, {}))


def _titles() -> dict[str, str]:
    return {**terms.QUALITATIVE, **field_names()}
