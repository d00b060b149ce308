"""Which form a step of the wizard has, filled with what stands."""

from collections.abc import Mapping
from typing import Any

from django import forms

from watchfloor.operations.launches.forms import (
    AuditsForm,
    CanaryForm,
    CareForm,
    CasesForm,
    PolicyForm,
    ProcedureForm,
    StaffingForm,
    TargetsForm,
    TemplateForm,
    TrainingForm,
)
from watchfloor.operations.launches.models import Launch, LaunchCheck
from watchfloor.operations.queues.configuring import Settings, version_of
from watchfloor.operations.queues.selectors import settings_of
from watchfloor.operations.record.viewers import Viewer

_FORECAST = {
    "arrivals_per_hour": None,
    "handle_seconds": None,
    "forecast_error": None,
    "full_time": None,
    "shrinkage": None,
    "occupancy_most": 0.9,
}


def form_of(step: str, data: Any, *, launch: Launch, viewer: Viewer) -> forms.Form | None:
    """Return the form of a step; None where it has only buttons."""
    settings = plain_settings(launch)
    if step == "policy":
        return PolicyForm(data, settings=settings)
    if step == "template":
        return TemplateForm(data, settings=settings)
    if step == "training":
        return TrainingForm(data, settings=settings, viewer=viewer)
    if step == "cases":
        return CasesForm(data, launch=launch)
    if step == "boundary":
        return CareForm(data, settings=settings)
    if step == "targets":
        return TargetsForm(data, launch=launch, settings=settings)
    if step == "audits":
        return AuditsForm(data, initial=_planned(launch))
    if step == "staffing":
        return StaffingForm(data, initial=_forecast(launch))
    if step == "procedure":
        return ProcedureForm(data, settings=settings)
    if step == "canary":
        return CanaryForm(data, initial={"canary_share": launch.canary_share})
    return None


def plain_settings(launch: Launch) -> Mapping[str, Any]:
    """Return the settings of the launch's queue, those of a bare one where it has none."""
    version = launch.queue.current_version
    return settings_of(version or version_of(queue=launch.queue, settings=Settings()))


def _latest(launch: Launch, gate: int) -> dict[str, Any]:
    check = LaunchCheck.objects.filter(launch=launch, gate=gate).order_by("-at", "-id").first()
    return dict(check.evidence) if check else {}


def _planned(launch: Launch) -> dict[str, Any]:
    kept = _latest(launch, 11)
    lines = [f"{one['stratum']} {one['population']}" for one in kept.get("strata", [])]
    if not lines:
        lines = [f"{language} 1000" for language in launch.queue.languages]
    return {
        "stratify_by": kept.get("by", "language"),
        "populations": "\n".join(lines),
        "half_width": kept.get("half_width"),
        "accuracy": kept.get("accuracy"),
    }


def _forecast(launch: Launch) -> dict[str, Any]:
    kept = _latest(launch, 9)
    held = {name: kept.get(name, value) for name, value in _FORECAST.items()}
    return held | {"gap_limit": launch.gap_limit}
