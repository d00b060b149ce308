"""Teams in sums for those who lead; one person's record and private records for the wellbeing role alone."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.wellbeing.aggregates import MINIMUM_GROUP, team_exposure, whole_weeks
from watchfloor.operations.wellbeing.care import LIMITED_CLASSES, SPANS
from watchfloor.operations.wellbeing.choices import follow_up
from watchfloor.operations.wellbeing.forms import CapForm, FollowUpForm, OverrideForm
from watchfloor.operations.wellbeing.frame import shown
from watchfloor.operations.wellbeing.limits import Whom, grant_override, remove_cap, set_cap
from watchfloor.operations.wellbeing.records import incident, incidents, person_record
from watchfloor.operations.wellbeing.words import (
    class_names,
    incident_state_names,
    measure_names,
    span_names,
    topic_name,
)


@page("people.view")
def teams(request: PageRequest) -> HttpResponse:
    """Show the exposure of teams, where enough people stand behind a sum."""
    now, names = timezone.now(), class_names()
    period = whole_weeks(now)
    return shown(
        request,
        "teams",
        {
            "tab": "teams",
            "sites": [
                (one, names[one.wellness_class]) for one in team_exposure(viewer=request.viewer, now=now)
            ],
            "period": period,
            "last_day": period.end - timedelta(days=1),
            "minimum": MINIMUM_GROUP,
        },
    )


@page("wellbeing.view")
def people(request: PageRequest) -> HttpResponse:
    """Ask for a code, and open that person's page."""
    code = request.GET.get("code", "").strip()
    if code:
        with suppress(NotFoundError):
            person_record(viewer=request.viewer, code=code, now=timezone.now())
            return redirect("wellbeing:person", code)
    return shown(request, "people", {"tab": "people", "code": code})


@page("wellbeing.view")
def person(request: PageRequest, code: str) -> HttpResponse:
    """Show what is kept of one person."""
    return _person_page(request, code)


@require_POST
@page("wellbeing.view")
def person_cap(request: PageRequest, code: str) -> HttpResponse:
    """Set a cap of one person."""
    record = person_record(viewer=request.viewer, code=code, now=timezone.now())
    form = CapForm(request.POST)
    if not form.is_valid():
        return _person_page(request, code, trouble=_faults(form), status=422)
    given = form.cleaned_data
    try:
        set_cap(
            wellness_class=given["wellness_class"],
            span=given["span"],
            measure=given["measure"],
            most=given["most"],
            whom=Whom(reviewer=record.reviewer),
            reason=given["reason"],
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _person_page(request, code, trouble=[str(error)], status=422)
    return redirect("wellbeing:person", code)


@require_POST
@page("wellbeing.view")
def person_cap_removed(request: PageRequest, code: str, cap_id: UUID) -> HttpResponse:
    """Take a cap of one person away."""
    person_record(viewer=request.viewer, code=code, now=timezone.now())
    remove_cap(cap_id=cap_id, by=request.viewer, now=timezone.now())
    return redirect("wellbeing:person", code)


@require_POST
@page("wellbeing.view")
def override(request: PageRequest, code: str) -> HttpResponse:
    """Raise a cap for one person, for some hours and with a reason."""
    now = timezone.now()
    record = person_record(viewer=request.viewer, code=code, now=now)
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return _person_page(request, code, trouble=_faults(form), status=422)
    given = form.cleaned_data
    try:
        grant_override(
            reviewer=record.reviewer,
            wellness_class=given["wellness_class"],
            span=given["span"],
            measure=given["measure"],
            most=given["most"],
            until=now + timedelta(hours=given["hours"]),
            reason=given["reason"],
            by=request.viewer,
            now=now,
        )
    except WatchfloorError as error:
        return _person_page(request, code, trouble=[str(error)], status=422)
    return redirect("wellbeing:person", code)


@page("wellbeing.view")
def incident_list(request: PageRequest) -> HttpResponse:
    """List the private records within reach."""
    states = incident_state_names()
    rows = [(one, states[one.state]) for one in incidents(viewer=request.viewer)[:200]]
    return shown(request, "incidents", {"tab": "incidents", "incidents": rows})


@page("wellbeing.view")
def incident_detail(request: PageRequest, incident_id: UUID) -> HttpResponse:
    """Show one private record and what was done."""
    found = incident(viewer=request.viewer, incident_id=incident_id)
    return shown(
        request,
        "incident",
        {
            "tab": "incidents",
            "incident": found,
            "state": incident_state_names()[found.state],
            "notes": list(found.notes.all()),
            "states": list(incident_state_names().items()),
        },
    )


@require_POST
@page("wellbeing.view")
def incident_followed(request: PageRequest, incident_id: UUID) -> HttpResponse:
    """Note what was done, and where the record stands."""
    form = FollowUpForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        follow_up(
            incident_id=incident_id,
            state=given["state"],
            note=given["note"],
            by=request.viewer,
            now=timezone.now(),
        )
    return redirect("wellbeing:incident", incident_id)


def _faults(form: CapForm | OverrideForm) -> list[str]:
    return [f"{name}: {'; '.join(map(str, texts))}" for name, texts in form.errors.items()]


def _person_page(
    request: PageRequest, code: str, *, trouble: list[str] | None = None, status: int = 200
) -> HttpResponse:
    record = person_record(viewer=request.viewer, code=code, now=timezone.now())
    names, spans, measures = class_names(), span_names(), measure_names()

    def worded(rows: tuple[object, ...]) -> list[tuple[object, str, str, str]]:
        return [
            (one, names[one.wellness_class], spans[one.span], measures[one.measure])  # type: ignore[attr-defined] # budget, cap and override alike
            for one in rows
        ]

    return shown(
        request,
        "person",
        {
            "tab": "people",
            "trouble": trouble or [],
            "record": record,
            "budgets": worded(record.left.budgets),
            "caps": worded(record.caps),
            "overrides": worded(record.overrides),
            "closed": [names[name] for name in record.left.closed],
            "topics": [topic_name(topic) for topic in record.topics],
            "seen": [(one, names[one.wellness_class]) for one in record.seen],
            "limited": [(name, names[name]) for name in LIMITED_CLASSES],
            "spans": [(name, spans[name]) for name in SPANS],
            "measures": list(measures.items()),
        },
        status=status,
    )
