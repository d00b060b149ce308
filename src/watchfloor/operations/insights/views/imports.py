"""Imports: every log that came in, how its rows add up, what was noticed, what was turned away."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from watchfloor.facts.imports import (
    ImportReport,
    NoSuchImportError,
    list_imports,
    read_import,
    rejected_rows_csv,
)
from watchfloor.operations.cells.warehouse import store_of
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell.asked import asked_for, known_operations


@page("imports.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the imports, newest first: of every operation, or of the one log looked at."""
    asked = asked_for(request)
    names = known_operations() if asked.is_live else [asked.operation]
    found = [(name, report) for name in names for report in list_imports(store_of(name))]
    found.sort(key=lambda pair: pair[1].finished_at or pair[1].started_at, reverse=True)
    states = state_names()
    return render(
        request,
        "insights/imports.html",
        {
            "reports": [
                {
                    "operation": name,
                    "report": report,
                    "state": states.get(report.state, report.state),
                    "noticed": sum(1 for one in report.observations if one.count),
                }
                for name, report in found
            ],
            "all_operations": asked.is_live,
        },
    )


@page("imports.view")
def detail(request: PageRequest, import_id: str) -> HttpResponse:
    """Show one import: the equation of its rows, its observations, its files."""
    report = _report(request, import_id)
    observations = sorted(report.observations, key=lambda one: (one.count == 0, one.source, -one.count))
    return render(
        request,
        "insights/import.html",
        {
            "report": report,
            "state": state_names().get(report.state, report.state),
            "equation": equation(report),
            "rejected": _ranked(report.rejected),
            "duplicates": _ranked(report.duplicates),
            "noticed": [one for one in observations if one.count],
            "clean": [one for one in observations if not one.count],
            "facts": [
                (table, [(count, fact_words().get(kind, kind)) for kind, count in counts.items()])
                for table, counts in sorted(report.facts.items())
            ],
        },
    )


@page("imports.view")
def rejected(request: PageRequest, import_id: str) -> StreamingHttpResponse:
    """Send the rejected rows with their reasons as CSV, line by line."""
    report = _report(request, import_id)
    lines = rejected_rows_csv(store_of(asked_for(request).operation), report.id)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{report.id}-rejected.csv"'
    return response


def _report(request: PageRequest, import_id: str) -> ImportReport:
    try:
        return read_import(store_of(asked_for(request).operation), import_id)
    except NoSuchImportError as error:
        raise Http404(str(error)) from error


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def state_names() -> dict[str, str]:
    """Return the words for an import's states."""
    return {
        "checked": gettext("Checked, nothing written"),
        "loaded": gettext("Loaded"),
        "unchanged": gettext("Nothing new"),
        "started": gettext("Not finished"),
    }


def fact_words() -> dict[str, str]:
    """Return the words for what an import did to the facts."""
    return {"new": gettext("new"), "corrected": gettext("corrected")}


def equation(report: ImportReport) -> list[dict[str, Any]]:
    """Return the terms of rows read = loaded + duplicates + rejected, each as part of a bar 100 wide."""
    terms = (
        ("loaded", gettext("loaded"), report.rows_loaded),
        ("duplicates", gettext("duplicates"), report.rows_duplicate),
        ("rejected", gettext("rejected"), report.rows_rejected),
    )
    total, start = report.rows_read or 1, 0.0
    parts = []
    for name, title, rows in terms:
        width = rows / total * 100
        parts.append(
            {
                "name": name,
                "title": title,
                "rows": rows,
                "share": rows / total,
                "x": f"{start:.3f}",
                "width": f"{width:.3f}",
            }
        )
        start += width
    return parts
