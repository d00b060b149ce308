"""The rules: what is known, the caps, the rhythm, how media is shown, whom to talk to."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Site
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.wellbeing.care import LIMITED_CLASSES, SPANS, WELLNESS_CLASSES
from watchfloor.operations.wellbeing.forms import CapForm, ContactForm, PresentationForm, RhythmForm
from watchfloor.operations.wellbeing.frame import shown
from watchfloor.operations.wellbeing.limits import (
    Pace,
    Whom,
    add_contact,
    remove_cap,
    remove_contact,
    set_cap,
    set_class_presentation,
    set_rhythm,
)
from watchfloor.operations.wellbeing.presentation import ASPECTS
from watchfloor.operations.wellbeing.selectors import class_presentations, rules
from watchfloor.operations.wellbeing.words import (
    aspect_names,
    class_names,
    contact_names,
    evidence,
    measure_names,
    span_names,
)


@page("wellbeing.rules")
def overview(request: PageRequest) -> HttpResponse:
    """Show the rules and what is known of them."""
    return _rules_page(request)


@require_POST
@page("wellbeing.change")
def cap(request: PageRequest) -> HttpResponse:
    """Set a cap of the operation or of a site."""
    form = CapForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    given = form.cleaned_data
    return _written(
        request,
        lambda: set_cap(
            wellness_class=given["wellness_class"],
            span=given["span"],
            measure=given["measure"],
            most=given["most"],
            whom=Whom(site=given["site"]),
            reason=given["reason"],
            by=request.viewer,
            now=timezone.now(),
        ),
    )


@require_POST
@page("wellbeing.change")
def cap_removed(request: PageRequest, cap_id: UUID) -> HttpResponse:
    """Take a cap away."""
    return _written(request, lambda: remove_cap(cap_id=cap_id, by=request.viewer, now=timezone.now()))


@require_POST
@page("wellbeing.change")
def rhythm(request: PageRequest) -> HttpResponse:
    """Set the rhythm of the operation or of a site."""
    form = RhythmForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    given = form.cleaned_data
    site = given.pop("site")
    return _written(
        request,
        lambda: set_rhythm(pace=Pace(**given), whom=Whom(site=site), by=request.viewer, now=timezone.now()),
    )


@require_POST
@page("wellbeing.change")
def presentation(request: PageRequest) -> HttpResponse:
    """Set how the operation shows media of a class."""
    form = PresentationForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    return _written(
        request,
        lambda: set_class_presentation(
            wellness_class=form.cleaned_data["wellness_class"],
            aspects=form.aspects,
            by=request.viewer,
            now=timezone.now(),
        ),
    )


@require_POST
@page("wellbeing.change")
def contact(request: PageRequest) -> HttpResponse:
    """Add somebody to talk to."""
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    return _written(request, lambda: add_contact(**form.cleaned_data, by=request.viewer, now=timezone.now()))


@require_POST
@page("wellbeing.change")
def contact_removed(request: PageRequest, contact_id: int) -> HttpResponse:
    """Take a contact away."""
    return _written(
        request, lambda: remove_contact(contact_id=contact_id, by=request.viewer, now=timezone.now())
    )


def _written(request: PageRequest, write: Any) -> HttpResponse:
    try:
        write()
    except WatchfloorError as error:
        if getattr(error, "status", 400) in (403, 404):
            raise
        return _rules_page(request, trouble=[str(error)], status=422)
    return redirect("wellbeing:rules")


def _refused(request: PageRequest, form: forms.Form) -> HttpResponse:
    trouble = [f"{name}: {'; '.join(map(str, texts))}" for name, texts in form.errors.items()]
    return _rules_page(request, trouble=trouble, status=422)


def _rules_page(request: PageRequest, *, trouble: list[str] | None = None, status: int = 200) -> HttpResponse:
    held = rules()
    names, spans, measures = class_names(), span_names(), measure_names()
    usual = class_presentations()
    return shown(
        request,
        "rules",
        {
            "tab": "rules",
            "trouble": trouble or [],
            "may_change": request.viewer.can("wellbeing.change"),
            "caps": [
                (one, names[one.wellness_class], spans[one.span], measures[one.measure]) for one in held.caps
            ],
            "rhythms": held.rhythms,
            "contacts": [(one, contact_names()[one.kind]) for one in held.contacts],
            "evidence": evidence(),
            "presentations": [
                (name, names[name], [(aspect, getattr(usual[name], aspect)) for aspect in ASPECTS])
                for name in WELLNESS_CLASSES
            ],
            "aspects": aspect_names(),
            "limited": [(name, names[name]) for name in LIMITED_CLASSES],
            "spans": [(name, spans[name]) for name in SPANS],
            "measures": list(measures.items()),
            "kinds": list(contact_names().items()),
            "sites": list(Site.objects.filter(active=True).values_list("slug", "name")),
        },
        status=status,
    )
