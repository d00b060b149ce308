"""One's own page: what is left, what one is not given, how media is shown, whom to talk to. Nobody else's."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.wellbeing.care import WELLNESS_CLASSES
from watchfloor.operations.wellbeing.choices import (
    OWN,
    ChoiceError,
    set_opt_outs,
    set_own_presentation,
    set_own_rhythm,
    tell,
)
from watchfloor.operations.wellbeing.forms import OwnRhythmForm, PresentationForm, TellForm
from watchfloor.operations.wellbeing.frame import shown
from watchfloor.operations.wellbeing.models import Topic
from watchfloor.operations.wellbeing.presentation import ASPECTS
from watchfloor.operations.wellbeing.records import contacts_for, own_incidents, own_record
from watchfloor.operations.wellbeing.selectors import own_choices, presentations_for
from watchfloor.operations.wellbeing.words import (
    aspect_names,
    class_names,
    contact_names,
    incident_state_names,
    measure_names,
    span_names,
    topic_name,
)

_DONE = "wellbeing_done"


@page("cases.work")
def overview(request: PageRequest) -> HttpResponse:
    """Show a person what is theirs."""
    reviewer = _profile(request)
    if reviewer is None:
        return shown(request, "nobody", {"tab": "mine"})
    record = own_record(reviewer=reviewer, now=timezone.now())
    names, spans, measures, states = class_names(), span_names(), measure_names(), incident_state_names()
    chosen = {topic.slug for topic in record.topics}
    usual, own = presentations_for(reviewer=reviewer), own_choices(reviewer=reviewer)
    return shown(
        request,
        "mine",
        {
            "tab": "mine",
            "done": request.session.pop(_DONE, ""),
            "record": record,
            "budgets": [
                (
                    one,
                    names[one.wellness_class],
                    spans[one.span],
                    measures[one.measure],
                    _share(one.spent, one.most),
                )
                for one in record.left.budgets
            ],
            "overrides": [
                (one, names[one.wellness_class], spans[one.span], measures[one.measure])
                for one in record.overrides
            ],
            "caps": [
                (one, names[one.wellness_class], spans[one.span], measures[one.measure])
                for one in record.caps
            ],
            "closed": [names[name] for name in record.left.closed],
            "rhythm": record.rhythm,
            "is_own_rhythm": record.rhythm is None or record.rhythm.set_by == OWN,
            "topics": [
                (topic.slug, topic_name(topic), topic.slug in chosen) for topic in Topic.objects.all()
            ],
            "presentations": [
                (
                    name,
                    names[name],
                    [
                        (aspect, getattr(usual[name], aspect), own.get(name, {}).get(aspect))
                        for aspect in ASPECTS
                    ],
                )
                for name in WELLNESS_CLASSES
            ],
            "aspects": aspect_names(),
            "contacts": [(one, contact_names()[one.kind]) for one in contacts_for(reviewer=reviewer)],
            "incidents": [(at, states[state]) for at, state in own_incidents(reviewer=reviewer)],
            "seen": [(one, names[one.wellness_class]) for one in record.seen],
        },
    )


@require_POST
@page("cases.work")
def topics(request: PageRequest) -> HttpResponse:
    """Keep the chosen topics from the person."""
    wanted = request.POST.getlist("topic")
    known = set(Topic.objects.values_list("slug", flat=True))
    set_opt_outs(reviewer=_me(request), topics=known.intersection(wanted), now=timezone.now())
    return _done(request, "saved")


@require_POST
@page("cases.work")
def rhythm(request: PageRequest) -> HttpResponse:
    """Set the person's own rhythm of severe cases; what cannot be is left as it was."""
    form = OwnRhythmForm(request.POST)
    if not form.is_valid():
        return _done(request, "unchanged")
    try:
        set_own_rhythm(reviewer=_me(request), **form.cleaned_data, now=timezone.now())
    except ChoiceError:
        return _done(request, "unchanged")
    return _done(request, "saved")


@require_POST
@page("cases.work")
def presentation(request: PageRequest) -> HttpResponse:
    """Set how media is shown to the person."""
    form = PresentationForm(request.POST)
    if form.is_valid():
        set_own_presentation(
            reviewer=_me(request),
            wellness_class=form.cleaned_data["wellness_class"],
            aspects=form.aspects,
            now=timezone.now(),
        )
    return _done(request, "saved")


@require_POST
@page("cases.work")
def told(request: PageRequest) -> HttpResponse:
    """Write a private record for the wellbeing role."""
    form = TellForm(request.POST)
    if form.is_valid():
        tell(
            reviewer=_me(request),
            told=form.cleaned_data["told"],
            wants_contact=form.cleaned_data["wants_contact"],
            now=timezone.now(),
        )
    return _done(request, "told")


def _profile(request: PageRequest) -> Reviewer | None:
    if request.viewer.user_id is None:
        return None
    return Reviewer.objects.select_related("team__site").filter(user_id=request.viewer.user_id).first()


def _me(request: PageRequest) -> Reviewer:
    found = _profile(request)
    if found is None:
        raise NotFoundError(
            gettext("Your account has no reviewer profile."), remedy=gettext("Ask whoever keeps the roster.")
        )
    return found


def _done(request: PageRequest, what: str) -> HttpResponse:
    request.session[_DONE] = what
    return redirect("wellbeing:mine")


def _share(spent: float, most: int) -> float:
    return round(min(1.0, spent / most) * 100, 1) if most else 100.0
