"""The pages of callbacks: dead letters first, one delivery, endpoints, and sending again."""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement import endpoints, selectors
from watchfloor.operations.enforcement.forms import EndpointForm, NewEndpointForm
from watchfloor.operations.enforcement.messages import body_of
from watchfloor.operations.enforcement.models import Delivery, Endpoint
from watchfloor.operations.enforcement.signing import secret_of
from watchfloor.operations.enforcement.views.frame import one_of, one_page, tabs
from watchfloor.operations.enforcement.vocabulary import DELIVERY_STATES
from watchfloor.operations.enforcement.words import delivery_state_names, kind_names
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.shell.asked import asked_for


@require_GET
@page("callbacks.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show the endpoints, and the deliveries that the filters keep; dead letters unless asked otherwise."""
    return _overview(request, NewEndpointForm())


def _overview(
    request: PageRequest, form: NewEndpointForm, problem: WatchfloorError | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"tabs": tabs(request.viewer, "callbacks"), "problem": problem, "form": form}
    if asked_for(request).is_live:
        context |= _listed(request)
    return render(
        request, "enforcement/callbacks.html", context, status=422 if problem or form.errors else 200
    )


def _listed(request: PageRequest) -> dict[str, Any]:
    viewer = request.viewer
    counts = selectors.endpoint_counts(viewer=viewer, now=timezone.now())
    known = list(selectors.endpoints(viewer=viewer))
    endpoint = one_of(request.GET.get("endpoint"), [each.slug for each in known])
    totals = {state: sum(each[state] for each in counts.values()) for state in DELIVERY_STATES}
    # Whoever comes without a wish sees what needs a hand first.
    wished = request.GET.get("state")
    first = next((state for state in selectors.OPEN_STATES if totals[state]), "")
    state = first if wished is None else one_of(wished, DELIVERY_STATES)
    shown = one_page(selectors.deliveries(viewer=viewer, state=state, endpoint=endpoint), request)
    names, kinds = delivery_state_names(), kind_names()
    none = dict.fromkeys(DELIVERY_STATES, 0)
    return {
        "totals": totals,
        "endpoints": [(each, counts.get(each.pk, none)) for each in known],
        "state": state,
        "states": list(names.items()),
        "endpoint": endpoint,
        "page": shown,
        "rows": [
            (each, names[each.state], kinds[each.kind], title_of(each.decision.case.queue), said(each))
            for each in shown
        ],
        "may_change": viewer.can(endpoints.PERMISSION),
    }


def said(delivery: Delivery) -> str:
    """Return what the last attempt came to, in short."""
    response = delivery.response
    return str(response.get("status") or response.get("error") or "")


@require_POST
@page(endpoints.PERMISSION)
def new_endpoint(request: PageRequest) -> HttpResponse:
    """Set up an endpoint, and go to it."""
    form = NewEndpointForm(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    slug = form.cleaned_data["slug"]
    try:
        endpoints.put_endpoint(slug=slug, url=form.cleaned_data["url"], by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _overview(request, form, error)
    return redirect("enforcement:endpoint", slug=slug)


@require_GET
@page("callbacks.view")
def delivery(request: PageRequest, delivery_id: int) -> HttpResponse:
    """Show one delivery: what is told, and what the last attempt came to."""
    found = selectors.delivery(viewer=request.viewer, delivery_id=delivery_id)
    body = json.dumps(json.loads(body_of(found)), ensure_ascii=False, indent=2)
    context = {
        "tabs": tabs(request.viewer, "callbacks"),
        "delivery": found,
        "state": delivery_state_names()[found.state],
        "kind": kind_names()[found.kind],
        "title": title_of(found.decision.case.queue),
        "body": body,
        "attempts": selectors.attempts_of(found),
        "may_replay": found.state in endpoints.REPLAYABLE and request.viewer.can(endpoints.PERMISSION),
        "sees_case": request.viewer.can("cases.view"),
    }
    return render(request, "enforcement/delivery.html", context)


@require_POST
@page(endpoints.PERMISSION)
def replay(request: PageRequest) -> HttpResponse:
    """Send one delivery again, or all of an endpoint."""
    one, endpoint = request.POST.get("delivery", ""), request.POST.get("endpoint", "")
    ids = [int(one)] if one.isascii() and one.isdigit() and len(one) < 19 else []
    try:
        endpoints.replay(by=request.viewer, now=timezone.now(), delivery_ids=ids, endpoint=endpoint)
    except WatchfloorError as error:
        return _overview(request, NewEndpointForm(), error)
    if ids:
        return redirect("enforcement:delivery", delivery_id=ids[0])
    return redirect(f"{reverse('enforcement:callbacks')}?state=pending")


@require_GET
@page("callbacks.view")
def endpoint(request: PageRequest, slug: str) -> HttpResponse:
    """Show one endpoint; whoever may change it sees its secret."""
    found = _endpoint(request, slug)
    return _endpoint_page(request, found, _form_of(found))


@require_POST
@page(endpoints.PERMISSION)
def change_endpoint(request: PageRequest, slug: str) -> HttpResponse:
    """Change an endpoint."""
    found = _endpoint(request, slug)
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _endpoint_page(request, found, form)
    try:
        endpoints.put_endpoint(slug=slug, **form.cleaned_data, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _endpoint_page(request, found, form, error)
    return redirect("enforcement:endpoint", slug=slug)


@require_POST
@page(endpoints.PERMISSION)
def rotate(request: PageRequest, slug: str) -> HttpResponse:
    """Give an endpoint a new secret."""
    found = _endpoint(request, slug)
    try:
        endpoints.rotate_secret(slug=slug, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _endpoint_page(request, found, _form_of(found), error)
    return redirect("enforcement:endpoint", slug=slug)


def _endpoint(request: PageRequest, slug: str) -> Endpoint:
    found = selectors.endpoints(viewer=request.viewer).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no endpoint {slug!r}.", remedy="Check the name and your access.")
    return found


def _form_of(found: Endpoint) -> EndpointForm:
    boundary = found.boundary.slug if found.boundary else ""
    return EndpointForm(initial={"url": found.url, "active": found.active, "boundary": boundary})


def _endpoint_page(
    request: PageRequest, found: Endpoint, form: EndpointForm, problem: WatchfloorError | None = None
) -> HttpResponse:
    may_change = endpoints.may_change(request.viewer, found)
    context = {
        "tabs": tabs(request.viewer, "callbacks"),
        "endpoint": found,
        "form": form,
        "problem": problem,
        "may_change": may_change,
        "secret": secret_of(found) if may_change else "",
        "counts": selectors.endpoint_counts(viewer=request.viewer, now=timezone.now()).get(found.pk, {}),
    }
    return render(
        request, "enforcement/endpoint.html", context, status=422 if problem or form.errors else 200
    )
