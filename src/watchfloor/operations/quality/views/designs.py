"""Sampling designs: list, write, end; the draws of one with every stratum's inclusion probability."""

import secrets
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.quality import services
from watchfloor.operations.quality.forms import DesignForm
from watchfloor.operations.quality.models import AuditDesign
from watchfloor.operations.quality.selectors import design, designs, draws
from watchfloor.operations.quality.views.tabs import tabs
from watchfloor.operations.quality.words import (
    allocation_names,
    design_kind_names,
    stratum_names,
    stratum_words,
    unit_kind_names,
)
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.queues.words import title_of

PAGE_SIZE = 20


@require_GET
@page("quality.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the designs, running ones first."""
    return render(
        request,
        "quality/designs.html",
        {
            "tabs": tabs(request, "designs"),
            "rows": [_entry(one) for one in designs(viewer=request.viewer)],
            "may_change": request.viewer.can("quality.change"),
        },
    )


@require_http_methods(["GET", "POST"])
@page("quality.change")
def new(request: PageRequest) -> HttpResponse:
    """Write a design; its seed is drawn here and recorded."""
    offered = (
        queues(viewer=request.viewer, permission="quality.change")
        .exclude(purpose="training")
        .exclude(state="retired")
    )
    form = DesignForm(request.POST or None, queues=offered)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_design(
                new=form.design, seed=secrets.randbits(62), by=request.viewer, now=timezone.now()
            )
        except WatchfloorError as error:
            problem = error
        else:
            return redirect("quality:design", slug=made.slug)
    return render(
        request,
        "quality/design_new.html",
        {
            "tabs": tabs(request, "designs"),
            "form": form,
            "problem": problem,
            "queues": [(one.slug, title_of(one)) for one in offered],
            "kinds": list(design_kind_names().items()),
            "units": list(unit_kind_names().items()),
            "strata": list(stratum_names().items()),
            "allocations": list(allocation_names().items()),
            "chosen": {name: request.POST.getlist(name) for name in ("queues", "by")},
        },
        status=422 if problem or form.errors else 200,
    )


@require_GET
@page("quality.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show a design and its draws."""
    return _detail(request, design(viewer=request.viewer, slug=slug))


@require_POST
@page("quality.change")
def end(request: PageRequest, slug: str) -> HttpResponse:
    """End a design."""
    found = design(viewer=request.viewer, slug=slug)
    try:
        services.end_design(design=found, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _detail(request, found, problem=error)
    return redirect("quality:design", slug=slug)


def _detail(
    request: PageRequest, found: AuditDesign, *, problem: WatchfloorError | None = None
) -> HttpResponse:
    shown = Paginator(draws(viewer=request.viewer, slug=found.slug), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "quality/design.html",
        {
            "tabs": tabs(request, "designs"),
            **_entry(found),
            "page": shown,
            "draws": [
                (
                    draw,
                    [(one, stratum_words(one["stratum"])) for one in draw.strata if draw.population],
                )
                for draw in shown
            ],
            "may_change": request.viewer.can("quality.change"),
            "problem": problem,
        },
        status=409 if problem else 200,
    )


def _entry(found: AuditDesign) -> dict[str, Any]:
    plan, named = found.plan, stratum_names()
    return {
        "design": found,
        "kind": design_kind_names()[found.kind],
        "unit": unit_kind_names()[found.unit_kind],
        "queues": [title_of(one) for one in found.queues.all()],
        "count": plan.get("count"),
        "share": plan.get("share"),
        "by": [named.get(name, name) for name in plan.get("by", [])],
        "allocation": allocation_names().get(plan.get("allocation", ""), ""),
        "floor": plan.get("floor"),
    }
