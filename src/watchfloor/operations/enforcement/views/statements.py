"""The pages of statements of reasons: what is faulty first, one statement, and building anew."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchfloor.operations.enforcement import selectors
from watchfloor.operations.enforcement.statements import rebuild_statements
from watchfloor.operations.enforcement.views.frame import one_of, one_page, tabs
from watchfloor.operations.enforcement.vocabulary import STATEMENT_STATES
from watchfloor.operations.enforcement.words import statement_state_names
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.shell.asked import asked_for

_ATTENTION = ("faulty", "rejected", "ready", "accepted")


@require_GET
@page("statements.export")
def overview(request: PageRequest) -> HttpResponse:
    """List the statements that the filter keeps; the faulty ones unless asked otherwise."""
    context: dict[str, Any] = {"tabs": tabs(request.viewer, "statements")}
    if asked_for(request).is_live:
        context |= _listed(request)
    return render(request, "enforcement/statements.html", context)


def _listed(request: PageRequest) -> dict[str, Any]:
    counts = dict.fromkeys(STATEMENT_STATES, 0) | selectors.statement_counts(viewer=request.viewer)
    wished = request.GET.get("state")
    first = next((state for state in _ATTENTION if counts[state]), "")
    state = first if wished is None else one_of(wished, STATEMENT_STATES)
    shown = one_page(selectors.statements(viewer=request.viewer, state=state), request)
    names = statement_state_names()
    return {
        "counts": counts,
        "state": state,
        "states": list(names.items()),
        "page": shown,
        "rows": [
            {
                "statement": each,
                "state": names[each.state],
                "title": title_of(each.decision.case.queue),
                "category": str(each.payload.get("category", "")).removeprefix("STATEMENT_CATEGORY_"),
                "trouble": len(each.faults) + len(each.errors),
            }
            for each in shown
        ],
        "database": settings.WATCHFLOOR_STATEMENTS_URL,
    }


@require_GET
@page("statements.export")
def detail(request: PageRequest, statement_id: int) -> HttpResponse:
    """Show one statement: what it says, what is wrong with it, and how far it is."""
    found = selectors.statement(viewer=request.viewer, statement_id=statement_id)
    context = {
        "tabs": tabs(request.viewer, "statements"),
        "statement": found,
        "state": statement_state_names()[found.state],
        "title": title_of(found.decision.case.queue),
        "fields": [(name, _shown(value)) for name, value in found.payload.items()],
        "body": json.dumps(found.payload, ensure_ascii=False, indent=2),
        "sees_case": request.viewer.can("cases.view"),
    }
    return render(request, "enforcement/statement.html", context)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return json.dumps(value) if isinstance(value, dict) else str(value)


@require_POST
@page("statements.export")
def rebuild(request: PageRequest) -> HttpResponse:
    """Build the faulty and the rejected statements anew."""
    rebuild_statements(by=request.viewer, now=timezone.now())
    return redirect("enforcement:statements")
