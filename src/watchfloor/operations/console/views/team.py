"""The team lead's view: who is on what, for how long, which leases are stuck; take back and re-assign."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.console.teamwork import lease_within, people_at_work
from watchfloor.operations.console.words import state_names
from watchfloor.operations.console.working import NoTargetError
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.review import services as review


@require_GET
@page("cases.assign")
def overview(request: PageRequest) -> HttpResponse:
    """Show the people within reach."""
    return _shown(request)


def _shown(request: PageRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    site = request.GET.get("site", "")
    people = people_at_work(viewer=request.viewer, now=now, site=site)
    names = state_names()
    states: dict[str, int] = {}
    for person in people:
        states[person.state] = states.get(person.state, 0) + 1
    context = {
        "people": [(person, names.get(person.state, person.state)) for person in people],
        "states": [(state, names[state], states[state]) for state in names if state in states],
        "stuck": [(person, one) for person in people for one in person.held if one.is_stuck],
        "held_count": sum(len(person.held) for person in people),
        "problem": problem,
        "now": now,
    }
    part = "console/team_part.html" if request.headers.get("HX-Request") else "console/team.html"
    return render(request, part, context, status=status)


@require_POST
@page("cases.assign")
def take_back(request: PageRequest, token: UUID) -> HttpResponse:
    """Return a case to its queue."""
    lease = lease_within(viewer=request.viewer, token=token)
    reason = request.POST.get("reason", "").strip()[:200] or gettext("Taken back by the team lead")
    try:
        review.take_back(lease_token=lease.token, by=request.viewer, now=timezone.now(), reason=reason)
    except WatchfloorError as error:
        return _shown(request, problem=str(error), status=409)
    return redirect("console:team")


@require_POST
@page("cases.assign")
def assign(request: PageRequest, token: UUID) -> HttpResponse:
    """Give a case to a named reviewer."""
    lease = lease_within(viewer=request.viewer, token=token)
    code = request.POST.get("reviewer", "").strip()
    person = Reviewer.objects.filter(code=code, active=True).first()
    try:
        if person is None:
            raise NoTargetError(f"There is no reviewer {code!r}.", remedy="Write the code of an active one.")
        review.send_to(
            lease_token=lease.token,
            reviewer=person,
            by=request.viewer,
            reason=request.POST.get("reason", "").strip()[:200] or gettext("Re-assigned by the team lead"),
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _shown(request, problem=str(error), status=409)
    return redirect("console:team")
