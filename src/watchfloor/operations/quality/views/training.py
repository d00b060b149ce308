"""Training and certifications: who trains and how far, cases dealt, bridges to a new version of a policy."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.quality import services
from watchfloor.operations.quality.board import certified_policies
from watchfloor.operations.quality.chance import fresh_generator
from watchfloor.operations.quality.forms import BridgeForm, BuildForm, EnrolForm
from watchfloor.operations.quality.models import Training
from watchfloor.operations.quality.selectors import trainings
from watchfloor.operations.quality.training import STANDARD_TEST, test_of
from watchfloor.operations.quality.training_cases import BuiltTraining
from watchfloor.operations.quality.views.tabs import tabs
from watchfloor.operations.quality.words import (
    strictness_names,
    training_kind_names,
    training_state_names,
)
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import queue, queues
from watchfloor.operations.queues.words import policy_title, title_of
from watchfloor.operations.record.viewers import NotFoundError

MOST_ENDED = 200


@require_GET
@page("quality.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show each training queue with who trains there; people stand by code, never by result."""
    return _overview(request)


def _overview(
    request: PageRequest,
    *,
    at: Queue | None = None,
    problem: WatchfloorError | None = None,
    form: Any = None,
    built: BuiltTraining | None = None,
) -> HttpResponse:
    rows = trainings(viewer=request.viewer)
    open_ = list(rows.filter(state="training"))
    ended = list(rows.exclude(state="training").order_by("-ended_at", "-id")[:MOST_ENDED])
    training_queues = queues(viewer=request.viewer, permission="quality.view").filter(purpose="training")
    states, kinds = training_state_names(), training_kind_names()
    return render(
        request,
        "quality/training.html",
        {
            "tabs": tabs(request, "training"),
            "queues": [
                {
                    "queue": one,
                    "title": title_of(one),
                    "open": [_progress(each, kinds) for each in open_ if each.queue_id == one.pk],
                    "ended": [(each, states[each.state]) for each in ended if each.queue_id == one.pk],
                    "problem": problem if at is not None and at.pk == one.pk else None,
                    "form": form if at is not None and at.pk == one.pk else None,
                    "built": built if at is not None and at.pk == one.pk else None,
                }
                for one in training_queues
            ],
            "may_change": request.viewer.can("quality.change"),
            "strictness": [(name, words, _standard(name)) for name, words in strictness_names().items()],
        },
        status=422 if problem or (form is not None and form.errors) else 200,
    )


def _standard(name: str) -> str:
    """Return a share of the standard test, in per cent."""
    return f"{getattr(STANDARD_TEST, name) * 100:g}"


def _progress(training: Training, kinds: dict[str, str]) -> dict[str, Any]:
    test = test_of(training)
    return {
        "training": training,
        "kind": kinds[training.kind],
        "width": round(100 * test.progress(log_likelihood=training.log_likelihood), 1),
        "to_pass": test.right_to_pass(log_likelihood=training.log_likelihood),
    }


@require_POST
@page("quality.change")
def enrol(request: PageRequest, slug: str) -> HttpResponse:
    """Enrol reviewers by their codes, under the test asked for."""
    found = queue(viewer=request.viewer, slug=slug, permission="quality.change")
    form = EnrolForm(request.POST)
    if not form.is_valid():
        return _overview(request, at=found, form=form)
    try:
        services.enrol(
            reviewers=form.cleaned_data["codes"],
            queue=found,
            by=request.viewer,
            now=timezone.now(),
            test=form.test,
        )
    except WatchfloorError as error:
        return _overview(request, at=found, problem=error)
    return redirect("quality:training")


@require_POST
@page("quality.change")
def build(request: PageRequest, slug: str) -> HttpResponse:
    """Deal cases to everybody in training in the queue, and say what each was dealt."""
    found = queue(viewer=request.viewer, slug=slug, permission="quality.change")
    form = BuildForm(request.POST)
    if not form.is_valid():
        return _overview(request, at=found, form=form)
    version = found.current_version
    if version is None or version.policy_version is None:
        raise NotFoundError(f"Queue {slug!r} binds no policy.", remedy="Configure it first.")
    try:
        built = services.build_training(
            queue=found,
            policy=version.policy_version,
            count=form.cleaned_data["count"],
            labels=form.wanted,
            difficulty=form.difficulty,
            include_decided=form.cleaned_data["include_decided"],
            by=request.viewer,
            now=timezone.now(),
            rng=fresh_generator(),
        )
    except WatchfloorError as error:
        return _overview(request, at=found, problem=error)
    return _overview(request, at=found, built=built)


@require_GET
@page("quality.view")
def certifications(request: PageRequest) -> HttpResponse:
    """Show the policy versions in force with who is certified on them, by language."""
    return _certifications(request)


def _certifications(
    request: PageRequest,
    *,
    at: int | None = None,
    form: BridgeForm | None = None,
    problem: WatchfloorError | None = None,
) -> HttpResponse:
    found = certified_policies(viewer=request.viewer, at=timezone.now())
    return render(
        request,
        "quality/certifications.html",
        {
            "tabs": tabs(request, "certifications"),
            "policies": [
                {
                    "entry": one,
                    "policy": policy_title(one.version.policy),
                    "queues": [title_of(each) for each in one.queues],
                    "form": form if at == one.version.pk else None,
                    "problem": problem if at == one.version.pk else None,
                }
                for one in found
            ],
            "may_change": request.viewer.can("quality.change"),
        },
        status=422 if problem or (form is not None and form.errors) else 200,
    )


@require_POST
@page("quality.change")
def carry_over(request: PageRequest, version_id: int) -> HttpResponse:
    """Carry certifications of the version before over, until a day."""
    found = PolicyVersion.objects.select_related("policy").filter(pk=version_id).first()
    if found is None:
        raise NotFoundError(f"There is no policy version {version_id}.", remedy="See the policies.")
    form = BridgeForm(request.POST)
    if not form.is_valid():
        return _certifications(request, at=found.pk, form=form)
    try:
        services.carry_over(
            policy_version=found,
            until=form.ends_at,
            reason=form.cleaned_data["reason"],
            by=request.viewer,
            now=timezone.now(),
        )
    except WatchfloorError as error:
        return _certifications(request, at=found.pk, form=form, problem=error)
    return redirect("quality:certifications")
