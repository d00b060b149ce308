"""The form that asks for a strategy, with what its cases would ask of people shown beside it."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.intake.views.tabs import intake_tabs
from watchfloor.operations.intake.words import source_names, strategy_title
from watchfloor.operations.intake.workload import (
    HOURS_A_WEEK,
    OCCUPANCY,
    PEAK_FACTOR,
    PEAK_HOURS,
    SHRINKAGE,
    workload,
)
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.models import Policy
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import NotPermittedError, Viewer
from watchfloor.operations.routing.models import Strategy
from watchfloor.operations.routing.selectors import strategy
from watchfloor.operations.routing.services import RoutingError, StrategyTerms, save_strategy

_PER_CENT = 100.0


class RequestForm(forms.Form):
    """What a strategy would send. Shares are typed as per cent."""

    slug = forms.SlugField(max_length=80)
    name = forms.CharField(max_length=160)
    name_zh_hans = forms.CharField(max_length=160, required=False)
    owner = forms.CharField(max_length=254, required=False)
    source = forms.ChoiceField(required=False)
    policy = forms.ChoiceField(required=False)
    queue_groups = forms.MultipleChoiceField(required=False)
    expected_cases_per_day = forms.FloatField(min_value=0)
    expected_violative_share = forms.FloatField(min_value=0, max_value=100)
    expected_handle_seconds = forms.FloatField(min_value=0)
    cost_per_hour = forms.FloatField(min_value=0, required=False)
    throttle_per_hour = forms.IntegerField(min_value=1, required=False)
    canary_share = forms.FloatField(min_value=0, max_value=100, initial=5)
    starts_at = forms.DateTimeField(required=False)
    ends_at = forms.DateTimeField()
    note = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policies = Policy.objects.order_by("slug").values_list("slug", "name")
        groups = sorted(set(queues(viewer=viewer).values_list("group", flat=True)))
        choices: dict[str, list[tuple[str, str]]] = {
            "source": list(source_names().items()),
            "policy": [("", "–"), *policies],
            "queue_groups": [(group, group) for group in groups if group],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined] # the three are choice fields
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_TYPED)

    def terms(self) -> StrategyTerms:
        """Return the terms; call after `is_valid`."""
        held = {name: value for name, value in self.cleaned_data.items() if name != "slug"}
        for name in ("expected_violative_share", "canary_share"):
            held[name] = held[name] / _PER_CENT
        return StrategyTerms(**held | {"queue_groups": tuple(held["queue_groups"])})


_TYPED = "%Y-%m-%dT%H:%M"


@page("strategies.change")
def new(request: PageRequest) -> HttpResponse:
    """Ask for a new strategy."""
    return _edit(request, None)


@page("strategies.change")
def edit(request: PageRequest, slug: str) -> HttpResponse:
    """Change a strategy's terms."""
    return _edit(request, strategy(viewer=request.viewer, slug=slug, permission="strategies.change"))


@page("strategies.change")
def sums(request: PageRequest) -> HttpResponse:
    """Answer what the volume typed so far would ask of people."""
    return render(request, "intake/sums.html", _sums(request.GET))


def _edit(request: PageRequest, found: Strategy | None) -> HttpResponse:
    problem: WatchfloorError | None = None
    if request.method == "POST":
        posted = request.POST.copy()
        if found is not None:
            posted["slug"] = found.slug
        form = RequestForm(posted, viewer=request.viewer)
        if form.is_valid():
            slug = form.cleaned_data["slug"]
            try:
                if found is None and Strategy.objects.filter(slug=slug).exists():
                    raise RoutingError(f"The short name {slug!r} is taken.", remedy="Choose another.")
                boundary = found.data_boundary_id if found else None
                save_strategy(
                    slug=slug,
                    terms=form.terms(),
                    by=request.viewer,
                    now=timezone.now(),
                    data_boundary_id=boundary,
                )
                return redirect("intake:strategy", slug)
            except NotPermittedError:
                raise
            except WatchfloorError as error:
                problem = error
    else:
        form = RequestForm(
            initial=_initial(found) if found else {"source": "voluntary"}, viewer=request.viewer
        )
    context = {
        "tabs": intake_tabs(request, "strategies"),
        "form": form,
        "strategy": found,
        "title": strategy_title(found) if found else "",
        "problem": problem,
        **_sums(request.POST if request.method == "POST" else form.initial),
    }
    return render(request, "intake/request.html", context, status=422 if form.errors or problem else 200)


def _initial(found: Strategy) -> dict[str, Any]:
    initial: dict[str, Any] = {name: getattr(found, name) for name in RequestForm.base_fields}
    for name in ("expected_violative_share", "canary_share"):
        if initial[name] is not None:
            initial[name] = round(initial[name] * _PER_CENT, 4)
    return initial


def _sums(typed: Any) -> dict[str, Any]:
    """Return the arithmetic of what is typed, or nothing where volume or handle time are missing."""
    volume, handle = (_number(typed, f"expected_{name}") for name in ("cases_per_day", "handle_seconds"))
    share, cost = _number(typed, "expected_violative_share"), _number(typed, "cost_per_hour")
    work = None
    if volume and handle:
        work = workload(
            cases_a_day=volume,
            handle_seconds=handle,
            violative_share=share / _PER_CENT if share is not None else None,
            cost_per_hour=cost,
        )
    return {
        "work": work,
        "volume": volume,
        "handle": handle,
        "hours_a_week": HOURS_A_WEEK,
        "shrinkage": SHRINKAGE,
        "occupancy": OCCUPANCY,
        "peak_factor": PEAK_FACTOR,
        "peak_hours": PEAK_HOURS,
    }


def _number(typed: Any, name: str) -> float | None:
    try:
        value = float(typed.get(name) or "")
    except (TypeError, ValueError):
        return None
    return value if 0 <= value < 1e9 else None
