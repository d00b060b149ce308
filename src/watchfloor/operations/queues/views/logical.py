"""Logical queues: the list, one with its members and figures, and the form that writes it."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.queues.durations import typed, typed_seconds
from watchfloor.operations.queues.logical import (
    CONDITIONS,
    LogicalView,
    NewLogical,
    logical_queue,
    logical_queues,
    save_logical,
)
from watchfloor.operations.queues.models import LogicalQueue
from watchfloor.operations.queues.views.tabs import design_tabs
from watchfloor.operations.queues.words import logical_title, state_names, surface_names, title_of
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, Viewer
from watchfloor.operations.shell import formats


def condition_names() -> dict[str, str]:
    """Return the words for what a logical queue chooses by."""
    return {
        "queue": gettext("Queues"),
        "group": gettext("Groups"),
        "surface": gettext("Surfaces"),
        "language": gettext("Languages"),
        "market": gettext("Markets"),
        "strategy": gettext("Strategies"),
        "severity": gettext("Severities"),
    }


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the logical queues within reach; their open cases load after, each case counted once."""
    context = {
        "tabs": design_tabs(request, "logical"),
        "rows": [_entry(view) for view in logical_queues(viewer=request.viewer)],
        "may_change": request.viewer.can("queues.change"),
    }
    return render(request, "queues/logical.html", context)


@page("queues.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show one logical queue: what belongs, its SLA and callback, and its physical queues."""
    view = logical_queue(viewer=request.viewer, slug=slug)
    states = state_names()
    context = {
        **_entry(view),
        "tabs": design_tabs(request, "logical"),
        "members": [(queue, title_of(queue), states[queue.state]) for queue in view.members],
        "may_change": request.viewer.can("queues.change"),
    }
    return render(request, "queues/logical_detail.html", context)


def _entry(view: LogicalView) -> dict[str, Any]:
    names, severities, surfaces = condition_names(), severity_names(), surface_names()
    words = severities | surfaces
    return {
        "logical": view.logical,
        "title": logical_title(view.logical),
        "member_count": len(view.members),
        "conditions": [
            (names[name], ", ".join(words.get(value, value) for value in view.logical.conditions[name]))
            for name in CONDITIONS
            if view.logical.conditions.get(name)
        ],
        "sla": _sla(view.logical),
    }


def _sla(logical: LogicalQueue) -> str:
    sla, names = logical.sla_seconds, severity_names()
    if set(sla) == {"default"}:
        return formats.duration(sla["default"])
    return ", ".join(
        f"{names.get(key, gettext('others'))} {formats.duration(seconds)}" for key, seconds in sla.items()
    )


class LogicalForm(forms.Form):
    """A logical queue as it is typed."""

    slug = forms.SlugField(max_length=80)
    title = forms.CharField(max_length=160)
    title_zh_hans = forms.CharField(max_length=160, required=False)
    owner = forms.CharField(max_length=254, required=False)
    state = forms.ChoiceField(choices=[(each, each) for each in ("draft", "live", "retired")])
    data_boundary = forms.ModelChoiceField(
        DataBoundary.objects.order_by("slug"), required=False, empty_label=formats.NONE
    )
    callback_endpoint = forms.SlugField(required=False)
    sla = forms.CharField(max_length=40, required=False)
    sla_share = forms.FloatField(min_value=0.1, max_value=100)
    queue = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    group = forms.CharField(required=False)
    surface = forms.CharField(required=False)
    language = forms.CharField(required=False)
    market = forms.CharField(required=False)
    strategy = forms.CharField(required=False)
    severity = forms.CharField(required=False)

    def new(self) -> NewLogical:
        """Return what was typed.

        Raises:
            ValueError: the SLA is no duration.

        """
        data = self.cleaned_data
        conditions = {
            name: [word.strip() for word in data[name].replace("\n", ",").split(",") if word.strip()]
            for name in CONDITIONS
        }
        plain = ("slug", "title", "title_zh_hans", "owner", "state", "data_boundary", "callback_endpoint")
        return NewLogical(
            **{name: data[name] for name in plain},
            conditions=conditions,
            sla_seconds={"default": typed_seconds(data["sla"])} if data["sla"] else {},
            sla_share=data["sla_share"] / 100,
        )


def reach_of_boundaries(viewer: Viewer) -> list[str] | None:
    """Return the boundaries that the viewer may write queues in; None where it is all of them."""
    held = {grant.data_boundary for grant in viewer.grants if "queues.change" in grant.permissions}
    return None if ALL_BOUNDARIES in held else sorted(held - {""})


@page("queues.change")
def edit(request: PageRequest, slug: str = "") -> HttpResponse:
    """Write a logical queue, new or changed."""
    logical = (
        logical_queue(viewer=request.viewer, slug=slug, permission="queues.change").logical if slug else None
    )
    form = LogicalForm(request.POST or None, initial=_initial(logical))
    seen = reach_of_boundaries(request.viewer)
    if seen is not None:
        boundaries = form.fields["data_boundary"]
        boundaries.queryset = boundaries.queryset.filter(slug__in=seen)  # type: ignore[attr-defined]  # of a ModelChoiceField
    names = {name: str(state_names().get(name, name)) for name in ("draft", "live", "retired")}
    form.fields["state"].choices = list(names.items())  # type: ignore[attr-defined]  # of a ChoiceField
    context: dict[str, Any] = {
        "tabs": design_tabs(request, "logical"),
        "logical": logical,
        "title": logical_title(logical) if logical else "",
        "form": form,
        "conditions": [(condition_names()[name], form[name]) for name in CONDITIONS],
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = save_logical(new=form.new(), by=request.viewer, now=timezone.now())
                return redirect("queues:logical_detail", saved.slug)
            except WatchfloorError as error:
                context["problem"] = error
            except ValueError:
                form.add_error("sla", gettext("Write a duration like 4h, 1d 12h or 90m."))
    return render(request, "queues/logical_edit.html", context, status=status)


def _initial(logical: LogicalQueue | None) -> dict[str, Any]:
    if logical is None:
        return {"sla_share": 95, "state": "live"}
    names = ("slug", "title", "title_zh_hans", "owner", "state", "data_boundary", "callback_endpoint")
    written = {name: ", ".join(logical.conditions.get(name, [])) for name in CONDITIONS}
    sla = logical.sla_seconds.get("default")
    return {
        **{name: getattr(logical, name) for name in names},
        **written,
        "sla": typed(sla) if sla else "",
        "sla_share": f"{logical.sla_share * 100:.6g}",
    }
