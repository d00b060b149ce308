"""The change log: what took effect when, newest first, by day."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from watchfloor.kernel import Period, PeriodError, parse_period
from watchfloor.operations.insights.change_facts import LoggedChange, changes_of_log
from watchfloor.operations.insights.change_words import kind_names, object_names, told
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.selectors import ChangeFilters, change_kinds, changes
from watchfloor.operations.shell.asked import asked_for

_PAGE = 60


@page("changes.view")
def change_log(request: PageRequest) -> HttpResponse:
    """Show the changes that the address's filters keep."""
    asked, now = asked_for(request), timezone.now()
    problem: PeriodError | None = None
    period: Period | None = None
    try:
        if written := request.GET.get("period", ""):
            period = parse_period(written, now=asked.at or now)
    except PeriodError as error:
        problem = error
    if asked.at is not None and period is None:
        period = Period(asked.at - timedelta(days=36_500), asked.at)
    kind, search = request.GET.get("kind", ""), request.GET.get("q", "")
    rows: Sequence[LoggedChange] | QuerySet[ChangeEvent]
    if asked.is_live:
        filters = ChangeFilters(object_kind=kind or None, period=period, search=search or None)
        rows = changes(viewer=request.viewer, filters=filters)
        kinds = change_kinds(viewer=request.viewer)
    else:
        rows, kinds = changes_of_log(asked, kind=kind, period=period, search=search)
    shown = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    names, happened = object_names(), kind_names()
    entries: list[Any] = list(shown.object_list)
    lines = [
        {
            "change": entry,
            "object": names.get(entry.object_kind, str(entry.object_kind)),
            "kind": happened.get(entry.kind, str(entry.kind)),
            "told": said,
        }
        for entry, said in zip(entries, told(entries, is_live=asked.is_live), strict=True)
    ]
    days = [(day, list(group)) for day, group in groupby(lines, key=lambda line: line["change"].at.date())]
    return render(
        request,
        "insights/changes.html",
        {
            "days": days,
            "page": shown,
            "kinds": [(one, names.get(one, one)) for one in kinds],
            "kind": kind,
            "q": search,
            "period": request.GET.get("period", ""),
            "problem": problem,
        },
    )
