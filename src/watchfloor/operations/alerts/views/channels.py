"""The page of channels: which answer, setting one up, testing it, and who owns the alerts of a group."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.alerts import selectors
from watchfloor.operations.alerts.channels import NewChannel, note_test, put_channel, route_group
from watchfloor.operations.alerts.forms import ChannelForm
from watchfloor.operations.alerts.messages import trial_message
from watchfloor.operations.alerts.models import Channel, GroupRoute
from watchfloor.operations.alerts.sending import deliver
from watchfloor.operations.alerts.views.frame import tabs
from watchfloor.operations.alerts.vocabulary import CHANNEL_KINDS
from watchfloor.operations.alerts.words import channel_kind_names
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import NotFoundError


@require_GET
@page("alerts.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show the channels, and which of them were never heard to answer."""
    return _page(request)


@require_POST
@page("alerts.change")
def set_up(request: PageRequest) -> HttpResponse:
    """Set a channel up, or change it; its address and secret are kept and not shown again."""
    form = ChannelForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    try:
        put_channel(new=NewChannel(**form.cleaned_data), by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _page(request, form=form, problem=error)
    return redirect("alerts:channels")


@require_POST
@page("alerts.change")
def test(request: PageRequest, slug: str) -> HttpResponse:
    """Send a test to a channel, and keep what it answered."""
    found = selectors.channels(viewer=request.viewer).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no channel {slug!r}.", remedy="Check its name and your access.")
    now = timezone.now()
    owners = [request.viewer.name] if "@" in request.viewer.name else []
    try:
        answer = deliver(trial_message(channel=found.title), channel=found, owners=owners, now=now)
    except (WatchfloorError, OSError) as error:
        note_test(channel=found, answer=str(error), worked=False, by=request.viewer, now=now)
        return _page(request, problem=error if isinstance(error, WatchfloorError) else None)
    note_test(channel=found, answer=answer, worked=True, by=request.viewer, now=now)
    return redirect("alerts:channels")


@require_POST
@page("alerts.change")
def route(request: PageRequest) -> HttpResponse:
    """Say who owns the alerts of a group of queues, and where they are told."""
    group = request.POST.get("queue_group", "")
    chosen = selectors.channels(viewer=request.viewer).filter(slug__in=request.POST.getlist("channels"))
    if group not in _groups(request):
        return _page(request, problem=NotFoundError("There is no such group.", remedy="Choose one."))
    try:
        route_group(
            queue_group=group,
            owner=request.POST.get("owner", ""),
            channels=list(chosen),
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _page(request, problem=error)
    return redirect("alerts:channels")


def _groups(request: PageRequest) -> list[str]:
    rows = queues(viewer=request.viewer, permission="alerts.view").order_by()
    return sorted(set(rows.values_list("group", flat=True)))


def _page(
    request: PageRequest, *, form: ChannelForm | None = None, problem: WatchfloorError | None = None
) -> HttpResponse:
    kinds = channel_kind_names()
    rows: list[Channel] = list(selectors.channels(viewer=request.viewer).prefetch_related("rules"))
    groups = _groups(request)
    context: dict[str, Any] = {
        "tabs": tabs("channels"),
        "rows": [
            (each, kinds[each.kind], len([rule for rule in each.rules.all() if rule.state != "retired"]))
            for each in rows
        ],
        "untested": sum(each.active and each.tested_at is None for each in rows),
        "kinds": [(kind, kinds[kind]) for kind in CHANNEL_KINDS],
        "form": form,
        "problem": problem,
        "groups": groups,
        "routes": GroupRoute.objects.filter(queue_group__in=groups).prefetch_related("channels"),
        "may_change": request.viewer.can("alerts.change"),
    }
    faulty = problem is not None or (form is not None and not form.is_valid())
    return render(request, "alerts/channels.html", context, status=422 if faulty else 200)
