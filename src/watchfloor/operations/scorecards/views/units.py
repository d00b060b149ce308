"""One unit's card, a reviewer's own, and what is said about them: comments, disputes, answers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.warehouse import seen_from
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.scorecards import words
from watchfloor.operations.scorecards.charts import funnel_chart
from watchfloor.operations.scorecards.exclusions import audits_of
from watchfloor.operations.scorecards.models import FigureDispute, UnitComment
from watchfloor.operations.scorecards.selectors import ScoreBoard, UnitCard, own_card, unit_card
from watchfloor.operations.scorecards.services import answer_dispute, comment, dispute
from watchfloor.operations.scorecards.views.shown import explained, summary_shown, tabs
from watchfloor.operations.shell.asked import asked_for


@require_GET
@page("scorecards.view")
def detail(request: PageRequest, kind: str, slug: str) -> HttpResponse:
    """Show one unit: each figure with what the evidence says, its trend, and what is disputed."""
    context: dict[str, Any] = {
        "tabs": tabs(request, kind),
        "kind": kind,
        "slug": slug,
        "kind_name": words.kind_names().get(kind, kind),
        "periods": list(words.period_names().items()),
    }
    try:
        card, whole = _card(request, kind, slug)
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        return render(request, "scorecards/unit.html", context | {"problem": error}, status=422)
    may_answer = request.viewer.can("quality.view")
    context |= _shown(card, whole) | {
        "comments": list(UnitComment.objects.filter(kind=kind, slug=slug)[:50]),
        "may_comment": True,
        "may_answer": may_answer,
        "contract_url": _contract_url(request, kind, slug),
    }
    return render(request, "scorecards/unit.html", context)


@require_GET
@page("cases.work")
def mine(request: PageRequest) -> HttpResponse:
    """Show the signed-in reviewer's own card; nobody else by name, and no rank."""
    context: dict[str, Any] = {
        "is_own": True,
        "kind": "reviewer",
        "kind_name": words.kind_names()["reviewer"],
        "periods": list(words.period_names().items()),
        "tabs": tabs(request, "mine"),
    }
    try:
        card, whole = own_card(request.viewer.user_id or 0, request.GET.get("period", ""), now=timezone.now())
    except NotFoundError as error:
        return render(request, "scorecards/unit.html", context | {"unknown": error})
    except WatchfloorError as error:
        return render(request, "scorecards/unit.html", context | {"problem": error}, status=422)
    context |= _shown(card, whole) | {"slug": card.unit.slug}
    return render(request, "scorecards/unit.html", context)


@require_POST
@page("cases.work", writes=True)
def dispute_own(request: PageRequest) -> HttpResponse:
    """Dispute a figure of the own card."""
    code = Reviewer.objects.filter(user_id=request.viewer.user_id or 0).values_list("code", flat=True).first()
    if code is None:
        raise Http404
    card, whole = own_card(request.viewer.user_id or 0, request.POST.get("period", ""), now=timezone.now())
    return _disputed(request, card, whole, back=reverse("scorecards:mine"))


@require_POST
@page("scorecards.view", writes=True)
def say(request: PageRequest, kind: str, slug: str) -> HttpResponse:
    """Comment on a unit, or dispute one of its figures."""
    back = reverse("scorecards:unit", args=[kind, slug])
    if request.POST.get("act") == "dispute":
        card, whole = _card(request, kind, slug)
        return _disputed(request, card, whole, back=back)
    try:
        comment(kind, slug, text=request.POST.get("text", ""), by=request.viewer, now=timezone.now())
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        messages.error(request, str(error))
    return redirect(f"{back}?period={request.POST.get('period', '')}#comments")


@require_POST
@page("scorecards.view", writes=True)
def answer(request: PageRequest, dispute_id: int) -> HttpResponse:
    """Answer a dispute about a figure."""
    found = FigureDispute.objects.filter(pk=dispute_id).first()
    if found is None:
        raise Http404
    try:
        answer_dispute(
            dispute_id,
            ruling=request.POST.get("ruling", ""),
            answer=request.POST.get("answer", ""),
            by=request.viewer,
            now=timezone.now(),
        )
        messages.success(request, gettext("The dispute is answered."))
    except (NotFoundError, NotPermittedError):
        raise
    except WatchfloorError as error:
        messages.error(request, str(error))
    return redirect("scorecards:unit", found.kind, found.slug)


def _card(request: PageRequest, kind: str, slug: str) -> tuple[UnitCard, ScoreBoard]:
    asked, now = asked_for(request), timezone.now()
    asked.require_knowledge()
    return unit_card(
        kind,
        slug,
        request.GET.get("period") or request.POST.get("period", ""),
        viewer=request.viewer,
        now=now,
        operation=asked.operation,
        known_at=asked.known_at,
        seen_at=seen_from(asked, now=now),
    )


def _shown(card: UnitCard, whole: ScoreBoard) -> dict[str, Any]:
    figures = [explained(each, card, whole, at=at) for at, each in enumerate(card.figures)]
    disputes = FigureDispute.objects.filter(kind=card.unit.kind, slug=card.unit.slug)[:30]
    names = words.dispute_names()
    funnel = next((one for metric in whole.card.metrics if (one := whole.funnel(metric)) is not None), None)
    now = timezone.now()
    return {
        "card": card,
        "board": whole,
        "period_name": whole.span.name,
        "figures": figures,
        "summary": summary_shown(card),
        "audits": audits_of(card.unit, whole.span),
        "disputes": [
            {"it": each, "state": names[each.state], "late": each.state == "open" and each.due_at < now}
            for each in disputes
        ],
        "funnel": funnel,
        "funnel_name": next((f["name"] for f in figures if funnel and f["metric"] == funnel.metric), ""),
        "funnel_spec": funnel_chart(
            funnel,
            words=(gettext("effective observations"), "", gettext("limit")),
            only=card.unit.slug,
            height=230,
        )
        if funnel and any(point.slug == card.unit.slug for point in funnel.points)
        else None,
    }


def _disputed(request: PageRequest, card: UnitCard, whole: ScoreBoard, *, back: str) -> HttpResponse:
    figure = card.figure(request.POST.get("metric", ""))
    if figure is None:
        raise Http404
    try:
        dispute(
            card.unit.kind,
            card.unit.slug,
            metric=figure.measure.metric,
            span=whole.span,
            value=figure.cell.estimate.value if figure.cell else None,
            reason=request.POST.get("reason", ""),
            by=request.viewer,
            now=timezone.now(),
        )
        messages.success(request, gettext("The dispute is filed. Somebody else answers it within five days."))
    except WatchfloorError as error:
        messages.error(request, str(error))
    return redirect(f"{back}?period={whole.span.name}#disputes")


def _contract_url(request: PageRequest, kind: str, slug: str) -> str:
    if kind != "vendor" or not request.viewer.can("contracts.view"):
        return ""
    return f"{reverse('scorecards:contracts')}?vendor={slug}"
