"""The wizard: one page a step, resumable at any of them; each says which gate blocks and what to do."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.selectors import launch_view
from watchfloor.operations.launches.services import launch_of
from watchfloor.operations.launches.views.acts import ACTS
from watchfloor.operations.launches.views.detail import common, gates_of_step
from watchfloor.operations.launches.views.figures import figures_of
from watchfloor.operations.launches.views.step_forms import form_of
from watchfloor.operations.launches.vocabulary import STEP_OF_GATE, STEPS
from watchfloor.operations.launches.words import step_leads, step_names
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.configuring import require_reach
from watchfloor.operations.queues.models import ACCEPTING_STATES, ChangeRequest
from watchfloor.operations.queues.selectors import queue as queue_within


@page("queues.change")
def step(request: PageRequest, slug: str, step: str) -> HttpResponse:
    """Show a step of the wizard; a post does what its button says."""
    if step not in STEPS:
        raise Http404(step)
    queue = queue_within(viewer=request.viewer, slug=slug, permission="queues.change")
    require_reach(request.viewer, queue, "queues.change")
    if request.method == "POST":
        launch = launch_of(queue=queue, by=request.viewer, now=timezone.now())
        return _act(request, launch, slug, step)
    found = Launch.objects.filter(queue=queue).first()
    if found is None:
        return redirect("launches:detail", slug)
    return _page(request, slug, step, form_of(step, None, launch=found, viewer=request.viewer))


def _act(request: PageRequest, launch: Launch, slug: str, step: str) -> HttpResponse:
    act = ACTS.get(request.POST.get("act", "save"))
    if act is None:
        return redirect("launches:step", slug, step)
    form = form_of(step, request.POST, launch=launch, viewer=request.viewer)
    problem: WatchfloorError | None = None
    extra: dict[str, Any] = {}
    if act.needs_form and (form is None or not form.is_valid()):
        return _page(request, slug, step, form, status=422)
    try:
        done = act.run(launch, step, form, request.viewer, timezone.now())
    except WatchfloorError as error:
        problem = error
    else:
        if isinstance(done, ChangeRequest):
            return redirect("queues:change", done.pk)
        if isinstance(done, dict):
            extra = done
        elif act.goes_on:
            return redirect("launches:step", slug, _after(step))
        else:
            return redirect("launches:step", slug, step)
    status = 422 if problem else 200
    if not act.needs_form:
        now_held = Launch.objects.get(pk=launch.pk)  # a refused button may have done its first half
        form = form_of(step, None, launch=now_held, viewer=request.viewer)
    return _page(request, slug, step, form, problem=problem, status=status, **extra)


def _after(step: str) -> str:
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def _page(
    request: PageRequest,
    slug: str,
    step: str,
    form: Any,
    *,
    problem: WatchfloorError | None = None,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    now = timezone.now()
    view = launch_view(viewer=request.viewer, slug=slug, now=now)
    names = step_names()
    at = STEPS.index(step)
    context = {
        **common(request, view),
        "step": step,
        "step_name": names[step],
        "lead": step_leads()[step],
        "steps": [
            {"key": key, "name": names[key], "number": number + 1, "mark": _mark(view.gates, key)}
            for number, key in enumerate(STEPS)
        ],
        "before": STEPS[at - 1] if at else "",
        "after": STEPS[at + 1] if at + 1 < len(STEPS) else "",
        "form": form,
        "step_gates": gates_of_step(view.gates, step),
        "needs_approval": view.queue.state in ACCEPTING_STATES,
        "problem": problem,
        **figures_of(step, view, now=now),
        **extra,
    }
    return render(request, "launches/step.html", context, status=status)


def _mark(gates: tuple[Any, ...], key: str) -> str:
    """Return how a step stands: its worst gate; a step without gates has no mark."""
    statuses = [gate.status for gate in gates if STEP_OF_GATE[gate.number] == key and gate.hard]
    for status in ("fail", "unknown", "pass"):
        if status in statuses:
            return status
    return ""
