"""One case with everything that was recorded about it, and the search that finds it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from watchfloor.operations.console.content import shown
from watchfloor.operations.console.history import history_of
from watchfloor.operations.console.words import case_state_names, page_words
from watchfloor.operations.enforcement.lifting import PERMISSION as LIFTING
from watchfloor.operations.enforcement.lifting import RestrictionStateError, lift_restriction
from watchfloor.operations.enforcement.selectors import restrictions_in_force
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.quality.selectors import gold_cases
from watchfloor.operations.quality.words import gold_state_names
from watchfloor.operations.queues.models import WELLNESS_CLASSES
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.review.selectors import CaseFilters, CaseView, case_view, cases, state_of
from watchfloor.operations.routing.selectors import reports_of
from watchfloor.operations.wellbeing.presentation import DEFAULTS

MOST_FOUND = 50


@require_GET
@page("cases.view")
def search(request: PageRequest) -> HttpResponse:
    """Show the cases of an id, an object or a client's key; without one, the newest."""
    wanted = request.GET.get("q", "").strip()[:200]
    queue = request.GET.get("queue", "").strip()
    rows = cases(viewer=request.viewer, filters=CaseFilters(queue=queue or None))
    if wanted:
        exact = _uuid(wanted)
        if exact and rows.filter(pk=exact).exists():
            return redirect("console:case", case_id=exact)
        rows = rows.filter(Q(object_id=wanted) | Q(client_key=wanted) | Q(author_id=wanted))
    names = case_state_names()
    found: list[Any] = list(rows[: MOST_FOUND + 1])
    return render(
        request,
        "console/cases.html",
        {
            "rows": [
                {
                    "case": row,
                    "queue": title_of(row.queue),
                    "state": names[_state(row)],
                }
                for row in found[:MOST_FOUND]
            ],
            "is_cut": len(found) > MOST_FOUND,
            "wanted": wanted,
            "queue": queue,
        },
    )


@require_GET
@page("cases.view")
def detail(request: PageRequest, case_id: UUID) -> HttpResponse:
    """Show one case."""
    return _detail(request, case_id)


@require_POST
@page(LIFTING)
def lift(request: PageRequest, case_id: UUID, restriction_id: int) -> HttpResponse:
    """Lift a restriction of the case before its end; a refusal stands on the page."""
    try:
        lift_restriction(
            restriction_id=restriction_id,
            reason=request.POST.get("reason", ""),
            by=request.viewer,
            now=timezone.now(),
        )
    except RestrictionStateError as error:
        return _detail(request, case_id, problem=str(error), status=409)
    return redirect("console:case", case_id=case_id)


def _detail(request: PageRequest, case_id: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    view = case_view(viewer=request.viewer, case_id=case_id)
    case = view.case
    wellness = max(
        (case.queue_version.wellness_class, case.wellness_class or "standard"), key=WELLNESS_CLASSES.index
    )
    return render(
        request,
        "console/case_page.html",
        {
            "case": case,
            "queue_title": title_of(case.queue),
            "state": case_state_names()[view.state],
            "state_key": view.state,
            "words": page_words(),
            "severity": severity_names().get(case.severity_hint, ""),
            "content": shown(
                case.content,
                reader=get_language() or "en",
                language=case.language,
                origins=settings.WATCHFLOOR_MEDIA_ORIGINS,
            ),
            "wellness": wellness,
            "look": DEFAULTS[wellness],
            "reports": reports_of(case_id=case.pk),
            "history": history_of(view=view, viewer=request.viewer),
            **_gold(view, request),
            "restrictions": restrictions_in_force(viewer=request.viewer, case_id=case.pk, now=timezone.now()),
            "parent_url": reverse("console:case", args=[case.parent_id]) if case.parent_id else "",
            "problem": problem,
        },
        status=status,
    )


def _gold(view: CaseView, request: PageRequest) -> dict[str, Any]:
    """Return the golden case made of this one, for those who may see it, or whether one may be made."""
    case, viewer = view.case, request.viewer
    if not viewer.can("quality.view"):
        return {}
    held = (
        gold_cases(viewer=viewer).filter(case_id=case.pk).exclude(state__in=("expired", "rejected")).first()
    )
    is_own = not case.gold_id and case.queue.purpose != "training"
    may = held is None and is_own and bool(view.decisions) and viewer.can("quality.change")
    return {"gold": held, "gold_state": gold_state_names()[held.state] if held else "", "may_nominate": may}


def _state(row: Any) -> str:
    """Return where a case of the selector stands, by its annotations."""
    return state_of(
        waiting=row.is_waiting,
        held=row.is_held,
        aside=row.is_aside,
        decided=row.is_decided,
        sent_up=row.is_sent_up,
    )


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
