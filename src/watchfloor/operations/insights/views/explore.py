"""Explore: metrics × dimensions × period × grain × filters, in eight views, and as files."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from watchfloor.kernel import WatchfloorError
from watchfloor.metrics import Answer
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.operations.cells.dimension_values import values_of
from watchfloor.operations.cells.figures import name_of, unit_name
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import catalogue, seen_from
from watchfloor.operations.insights.answers import MAX_ROWS, interval_text
from watchfloor.operations.insights.calls import calls_of
from watchfloor.operations.insights.cases_behind import bucket_period, cases_behind
from watchfloor.operations.insights.conventions import conventions
from watchfloor.operations.insights.dimension_words import dimension_names
from watchfloor.operations.insights.downloads import csv_of
from watchfloor.operations.insights.explore_choices import choices
from watchfloor.operations.insights.explore_table import table_html
from watchfloor.operations.insights.logical_figures import with_logical
from watchfloor.operations.insights.question import DEFAULT_METRICS, Question, read_question
from watchfloor.operations.insights.sights.document import document_of, filters_of, flat_blocks
from watchfloor.operations.insights.sights.looking import look
from watchfloor.operations.insights.sights.parts import Sight, key_of, status_words
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.shell.documents.typeset import pdf_of
from watchfloor.operations.shell.documents.workbook import workbook_of

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_MOST_BOXES = 24


def _within(request: PageRequest, question: Question) -> dict[str, tuple[str, ...]]:
    """Return the question's filters within the viewer's reach; a logical queue as what it stands for."""
    where = with_logical(question.where, viewer=request.viewer)
    return within_reach(where, viewer=request.viewer, is_live=asked_for(request).is_live)


def _seen(request: PageRequest) -> Sight:
    asked = asked_for(request)
    asked.require_knowledge()
    question = read_question(request.GET, catalogue=catalogue(), is_live=asked.is_live)
    return look(question, viewer=request.viewer, asked=asked, now=timezone.now())


@page("metrics.view")
def explore(request: PageRequest) -> HttpResponse:
    """Show the answer to the address's question, or why there is none."""
    context: dict[str, Any] = choices(request)
    try:
        sight = _seen(request)
    except WatchfloorError as error:
        context |= {"problem": error, "definitions": _definitions(request)}
        return render(request, "insights/explore.html", context, status=422)
    rows, names, asked = sight.rows, dimension_names(), asked_for(request)
    context |= {
        "sight": sight,
        "question": sight.question,
        "answer": sight.answer,
        "rows": table_html(rows[:MAX_ROWS], sight=sight, request=request),
        "row_count": len(rows),
        "cut": max(0, len(rows) - MAX_ROWS),
        "row_names": [names.get(name, name) for name in sight.question.by],
        "pictures": [(f"chart-{at}", picture) for at, picture in enumerate(sight.pictures)],
        "single": _single(sight) if len(rows) == 1 and not sight.tables else [],
        "definitions": [_lineage(definition, sight.answer) for definition in _asked_for(sight)],
        "column_names": [{"name": name_of(each), "version": each.version} for each in sight.definitions],
        "period": sight.period,
        "filters_said": filters_of(sight),
        "calls": calls_of(
            sight.question,
            period=sight.period,
            asked=asked,
            origin=request.build_absolute_uri("/").rstrip("/"),
        ),
    }
    return render(request, "insights/explore.html", context)


@page("metrics.view")
def download(request: PageRequest, form: str) -> HttpResponse:
    """Send the answer as `csv`, `xlsx` or `pdf`."""
    asked = asked_for(request)
    try:
        sight = _seen(request)
        title = ", ".join(name_of(definition) for definition in _asked_for(sight))
        document = document_of(
            sight, title=title, asked=asked, made_at=timezone.now(), address=request.build_absolute_uri()
        )
        if form == "csv":
            body: str | bytes = csv_of(sight.answer.cells, question=sight.question)
        elif form == "pdf":
            body = pdf_of(document)
        else:
            body = workbook_of(replace(document, blocks=(*document.blocks, *flat_blocks(sight))))
    except WatchfloorError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    name = f"watchfloor-{asked.operation}-{'-'.join(read_metrics(request))}"
    response = HttpResponse(body, content_type=FORMS[form])
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


def read_metrics(request: PageRequest) -> list[str]:
    """Return the metrics that the address names, for the name of a file."""
    return [name for name in request.GET.getlist("m") if name in catalogue()] or list(DEFAULT_METRICS)


def _asked_for(sight: Sight) -> list[Definition]:
    """Return the definitions that people asked for: variants of a view stand for one of them."""
    found = {each.id: each for each in sight.definitions}
    if sight.question.view in ("percentiles", "distribution"):
        first = sight.definitions[0].id.partition("_at_p")[0]
        return [catalogue()[first]]
    return list(found.values())


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


def _single(sight: Sight) -> list[dict[str, Any]]:
    words, found = status_words(), []
    for definition, cell in zip(sight.definitions, sight.rows[0].cells, strict=True):
        if cell is None:
            continue
        judged = sight.judged.get(key_of(cell))
        found.append(
            {
                "name": name_of(definition),
                "cell": cell,
                "interval": interval_text(cell),
                "judged": judged,
                "status": words.get(judged.status, "") if judged else "",
            }
        )
    return found
