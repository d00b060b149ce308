"""One launch: every gate with what to do about it, its tests, where it may go, and its incident."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.launches.gate import Gate
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.selectors import LaunchView, launch_view
from watchfloor.operations.launches.services import (
    LaunchError,
    advance,
    close_incident,
    launch_of,
    open_incident,
    open_through,
    promote,
    pull_back,
    resume,
    run_check,
    start_canary,
)
from watchfloor.operations.launches.vocabulary import LADDER, OF_PURPOSE, RUN, STEP_OF_GATE
from watchfloor.operations.launches.words import evidence_words, move_names, status_names, step_names
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.configuring import reaches_queue
from watchfloor.operations.queues.selectors import queue as queue_within
from watchfloor.operations.queues.words import purpose_names, state_names, title_of


@dataclass(frozen=True, slots=True)
class Rung:
    """One state on the way to live, as the page draws it."""

    name: str
    is_past: bool
    is_current: bool


@page("queues.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show the launch of a queue; a queue without one shows its gates and how to open a launch."""
    return _page(request, slug)


def _page(request: PageRequest, slug: str, problem: WatchfloorError | None = None) -> HttpResponse:
    view = launch_view(viewer=request.viewer, slug=slug, now=timezone.now())
    context = {
        **common(request, view),
        "gates": view.gates,
        "checks": [(check, step_names().get(STEP_OF_GATE[check.gate], "")) for check in view.checks],
        "moves": _moves(request, view),
        "incident": view.incident,
        "problem": problem,
    }
    return render(request, "launches/detail.html", context, status=422 if problem else 200)


def common(request: PageRequest, view: LaunchView) -> dict[str, Any]:
    """Return what every page of a launch shows around its own part."""
    queue = view.queue
    states = state_names()
    at = LADDER.index(queue.state) if queue.state in LADDER else -1
    return {
        "view": view,
        "queue": queue,
        "launch": view.launch,
        "title": title_of(queue),
        "state": states[queue.state],
        "purpose": purpose_names().get(queue.purpose, queue.purpose),
        "next_state": states.get(view.next_state, ""),
        "rungs": [Rung(states[name], number < at, number == at) for number, name in enumerate(LADDER)],
        "statuses": status_names(),
        "words": evidence_words(),
        "run": RUN,
        "may_change": reaches_queue(request.viewer, queue, "queues.change"),
        "may_approve": reaches_queue(request.viewer, queue, "queues.approve"),
    }


def gates_of_step(gates: tuple[Gate, ...], step: str) -> list[Gate]:
    """Return the gates that a step of the wizard is about."""
    return [gate for gate in gates if STEP_OF_GATE[gate.number] == step]


def _moves(request: PageRequest, view: LaunchView) -> list[dict[str, Any]]:
    """Return the ways that the launch may go from here, for whom the roles allow them."""
    if view.launch is None or not reaches_queue(request.viewer, view.queue, "queues.change"):
        return []
    approves = reaches_queue(request.viewer, view.queue, "queues.approve")
    state, names = view.queue.state, move_names()
    keys: list[str] = []
    if state in LADDER and state not in ("canary", "live"):
        keys.append("advance")
        if approves and 9 not in OF_PURPOSE[view.queue.purpose]:
            keys.append("open_through")
        elif approves and state == "calibrated":
            keys.append("canary")
    elif state == "canary":
        keys += ["promote", "pause"] if approves else ["pause"]
    elif state == "live":
        keys += ["pause", "back"]
    elif state == "paused":
        keys += ["resume_canary", "resume_live"]
    asks = ("pause", "back")
    stopped = {"canary", "promote"} if view.held_up else set()
    return [
        {"key": key, "name": names[key], "asks": key in asks, "is_stopped": key in stopped} for key in keys
    ]


@require_POST
@page("queues.change")
def open_existing(request: PageRequest, slug: str) -> HttpResponse:
    """Open the launch of a queue that exists."""
    queue = queue_within(viewer=request.viewer, slug=slug, permission="queues.change")
    launch_of(queue=queue, by=request.viewer, now=timezone.now())
    return redirect("launches:detail", slug)


@require_POST
@page("queues.change")
def check(request: PageRequest, slug: str, gate: int) -> HttpResponse:
    """Run the test of a gate, and go back to where it was asked for."""
    launch = launch_within(request, slug)
    try:
        run_check(launch=launch, gate=gate, by=request.viewer, now=timezone.now())
        advance(launch=launch, by=request.viewer, now=timezone.now())
    except WatchfloorError as error:
        return _page(request, slug, error)
    if request.POST.get("from") == "step":
        return redirect("launches:step", slug, STEP_OF_GATE[gate])
    return redirect("launches:detail", slug)


@require_POST
@page("queues.change")
def move(request: PageRequest, slug: str) -> HttpResponse:
    """Take the launch the way that the button pressed says."""
    launch = launch_within(request, slug)
    by, now, why = request.viewer, timezone.now(), request.POST.get("reason", "")
    acts: dict[str, Callable[[], object]] = {
        "advance": lambda: advance(launch=launch, by=by, now=now),
        "canary": lambda: start_canary(launch=launch, share=launch.canary_share, by=by, now=now),
        "promote": lambda: promote(launch=launch, by=by, now=now),
        "pause": lambda: pull_back(launch=launch, by=by, now=now, reason=why),
        "back": lambda: pull_back(launch=launch, by=by, now=now, reason=why, to="canary"),
        "resume_canary": lambda: resume(launch=launch, to="canary", by=by, now=now),
        "resume_live": lambda: resume(launch=launch, to="live", by=by, now=now),
        "open_through": lambda: open_through(launch=launch, by=by, now=now),
    }
    act = acts.get(request.POST.get("act", ""))
    if act is not None:
        try:
            act()
        except WatchfloorError as error:
            return _page(request, slug, error)
    return redirect("launches:detail", slug)


@require_POST
@page("queues.change")
def incident(request: PageRequest, slug: str) -> HttpResponse:
    """Open an incident, or close the open one."""
    queue = queue_within(viewer=request.viewer, slug=slug, permission="queues.change")
    view = launch_view(viewer=request.viewer, slug=slug, now=timezone.now())
    now, said = timezone.now(), request.POST
    try:
        if view.incident is not None:
            close_incident(
                incident=view.incident, finding=said.get("finding", ""), by=request.viewer, now=now
            )
        else:
            most = said.get("overdue_at_most", "0")
            if not most.isdecimal() or len(most) > 9:
                raise LaunchError(f"{most!r} is no number of cases.", remedy="Write a whole number.")
            open_incident(
                queue=queue,
                reason=said.get("reason", ""),
                overdue_at_most=int(most),
                criteria=said.get("criteria", ""),
                by=request.viewer,
                now=now,
            )
    except WatchfloorError as error:
        return _page(request, slug, error)
    return redirect("launches:detail", slug)


def launch_within(request: PageRequest, slug: str) -> Launch:
    """Return the launch of a queue that the viewer may change, opened now where there is none.

    Raises:
        NotFoundError: there is no such queue within reach.

    """
    queue = queue_within(viewer=request.viewer, slug=slug, permission="queues.change")
    return launch_of(queue=queue, by=request.viewer, now=timezone.now())
