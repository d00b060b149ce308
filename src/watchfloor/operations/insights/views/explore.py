"""Explore: metrics × dimensions × period × grain × filters, as a table, a chart and files."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import Answer
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.dimension_values import values_of
from watchfloor.operations.cells.figures import name_of, unit_name
from watchfloor.operations.cells.grains import GRAINS
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import catalogue, seen_from
from watchfloor.operations.insights.answers import (
    MAX_ROWS,
    chart_of,
    interval_text,
    rows_of,
)
from watchfloor.operations.insights.cases_behind import bucket_period, cases_behind
from watchfloor.operations.insights.conventions import conventions
from watchfloor.operations.insights.downloads import csv_of, workbook_of
from watchfloor.operations.insights.explore_table import dimension_names, table_html
from watchfloor.operations.insights.logical_figures import with_logical
from watchfloor.operations.insights.question import Question, read_question
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell.asked import asked_for

_FAMILIES = ("efficiency", "quality", "people", "capacity")
_MOST_BOXES = 24


def _within(request: PageRequest, question: Question) -> dict[str, tuple[str, ...]]:
    """Return the question's filters within the viewer's reach; a logical queue as what it stands for."""
    where = with_logical(question.where, viewer=request.viewer)
    return within_reach(where, viewer=request.viewer, is_live=asked_for(request).is_live)


def _answered(request: PageRequest) -> tuple[Question, Period, Answer]:
    asked, now = asked_for(request), timezone.now()
    asked.require_knowledge()
    question = read_question(request.GET, catalogue=catalogue(), is_live=asked.is_live)
    seen_at = seen_from(asked, now=now)
    where = with_logical(question.where, viewer=request.viewer)
    query = question.query(asked=asked, now=seen_at, where=where)
    found = ask_as(
        query, viewer=request.viewer, operation=asked.operation, now=seen_at, known_at=asked.known_at
    )
    return question, query.period, found


@page("metrics.view")
def explore(request: PageRequest) -> HttpResponse:
    """Show the answer to the address's question, or why there is none."""
    context: dict[str, Any] = _choices(request)
    try:
        question, period, found = _answered(request)
    except WatchfloorError as error:
        context |= {"problem": error, "definitions": _definitions(request)}
        return render(request, "insights/explore.html", context, status=422)
    rows = rows_of(found.cells, question=question, period=period)
    definitions = [catalogue()[name] for name in question.metrics]
    context |= {
        "question": question,
        "answer": found,
        "rows": table_html(rows[:MAX_ROWS], question=question, period=period, request=request),
        "row_count": len(rows),
        "cut": max(0, len(rows) - MAX_ROWS),
        "charts": [
            (f"chart-{at}", chart)
            for at, definition in enumerate(definitions)
            if (chart := chart_of(rows, question=question, definition=definition, at=at))
        ],
        "single": _single(rows, definitions) if len(rows) == 1 else [],
        "definitions": [_lineage(definition, found) for definition in definitions],
        "period": period,
    }
    return render(request, "insights/explore.html", context)


@page("metrics.view")
def download(request: PageRequest, form: str) -> HttpResponse:
    """Send the answer as `csv` or `xlsx`."""
    try:
        question, _, found = _answered(request)
    except WatchfloorError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    name = f"watchfloor-{asked_for(request).operation}-{'-'.join(question.metrics)}"
    if form == "csv":
        body: str | bytes = csv_of(found.cells, question=question)
        kind = "text/csv; charset=utf-8"
    else:
        title = ", ".join(name_of(catalogue()[metric]) for metric in question.metrics)
        source = f"{asked_for(request).operation}, facts version {found.version}, {request.get_full_path()}"
        body = workbook_of(found.cells, question=question, title=title, made_at=timezone.now(), source=source)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@page("metrics.view")
def values(request: PageRequest, name: str) -> HttpResponse:
    """Answer what a filter by one dimension offers: boxes for few values, a list to type into for many."""
    if name not in DIMENSIONS:
        raise Http404
    context: dict[str, Any] = {"name": name, "title": dimension_names().get(name, name)}
    try:
        found = values_of(name, viewer=request.viewer, asked=asked_for(request))
    except WatchfloorError as error:
        return render(request, "insights/explore_values.html", {**context, "problem": str(error)})
    written = [one.partition(":") for one in request.GET.getlist("where")]
    chosen = {value.strip() for of, _, kept in written if of == name for value in kept.split(",")}
    context |= {"values": found, "many": len(found.offered) > _MOST_BOXES, "chosen": chosen}
    return render(request, "insights/explore_values.html", context)


@page("cases.view")
def cases(request: PageRequest) -> HttpResponse:
    """Answer the cases behind one figure."""
    asked, now = asked_for(request), timezone.now()
    context: dict[str, Any] = {}
    try:
        asked.require_knowledge()
        question = read_question(request.GET, catalogue=catalogue(), is_live=asked.is_live)
        period = bucket_period(request.GET, question=question)
        where = _within(request, question)
        definition = catalogue()[question.metrics[0]]
        context = {
            "name": name_of(definition),
            "scope": [f"{name}={', '.join(values)}" for name, values in sorted(question.where.items())],
            "period": period,
            "cases": cases_behind(
                definition, period=period, where=where, asked=asked, now=seen_from(asked, now=now)
            ),
        }
    except WatchfloorError as error:
        context["problem"] = error
    return render(request, "insights/cases.html", context)


def _choices(request: PageRequest) -> dict[str, Any]:
    names = dimension_names()
    families = {
        "efficiency": gettext("Efficiency"),
        "quality": gettext("Quality"),
        "people": gettext("People"),
        "capacity": gettext("Capacity"),
    }
    chosen = request.GET.getlist("m") or ["aht"]
    by = request.GET.getlist("by") or ([] if "m" in request.GET else ["queue"])
    return {
        "families": [
            (
                families[family],
                [(d.id, name_of(d), d.id in chosen) for d in catalogue().values() if d.family == family],
            )
            for family in _FAMILIES
            if any(d.family == family for d in catalogue().values())
        ],
        "chosen": [name_of(catalogue()[name]) if name in catalogue() else name for name in chosen],
        "dimensions": [(name, names.get(name, name), name in by) for name in DIMENSIONS],
        "by_names": [names.get(name, name) for name in by],
        "periods": [
            ("24h", gettext("24 hours")),
            ("7d", gettext("7 days")),
            ("28d", gettext("28 days")),
            ("all", gettext("All")),
        ],
        "grains": [
            ("", gettext("None")),
            *zip(GRAINS, (gettext("Hour"), gettext("Day"), gettext("Week"), gettext("Month")), strict=True),
        ],
        "asked_period": request.GET.get("period") or ("7d" if asked_for(request).is_live else "all"),
        "asked_grain": request.GET.get("grain", ""),
        "filters": [
            (
                written,
                names.get(written.partition(":")[0], written.partition(":")[0]),
                written.partition(":")[2],
                [w for w in request.GET.getlist("where") if w != written],
            )
            for written in request.GET.getlist("where")
            if written.partition(":")[2]
        ],
    }


def _definitions(request: PageRequest) -> list[dict[str, Any]]:
    return [_lineage(catalogue()[name], None) for name in request.GET.getlist("m") if name in catalogue()]


def _lineage(definition: Any, found: Answer | None) -> dict[str, Any]:
    language = get_language() or "en"
    note = found.notes.get(definition.id, "") if found is not None and hasattr(found.notes, "get") else ""
    return {
        "it": definition,
        "name": name_of(definition),
        **{
            part: getattr(definition, part).in_language(language)
            for part in ("description", "formula", "trap", "guard")
        },
        "coverage": definition.coverage.meaning.in_language(language) if definition.coverage else "",
        "unit": unit_name(definition.unit),
        **conventions(definition),
        "source": note,
        "sql": found.sql if found else (),
        "version": found.version if found else None,
    }


def _single(rows: Any, definitions: Any) -> list[dict[str, Any]]:
    return [
        {"name": name_of(definition), "cell": cell, "interval": interval_text(cell)}
        for definition, cell in zip(definitions, rows[0].cells, strict=True)
        if cell is not None
    ]
