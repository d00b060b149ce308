"""What the buttons of the wizard do: each one call of a service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchfloor.operations.alerts.standard import watch_queue
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.services import (
    LaunchError,
    Targets,
    advance,
    make_beside,
    open_through,
    plan_audits,
    preview_staffing,
    promote,
    publish_procedure,
    run_check,
    set_canary_share,
    set_targets,
    settle,
    sign_staffing,
    start_canary,
)
from watchfloor.operations.launches.staffing import Forecast
from watchfloor.operations.launches.views.step_forms import plain_settings
from watchfloor.operations.record.viewers import Viewer

_Run = Callable[[Launch, str, Any, Viewer, datetime], object]


@dataclass(frozen=True, slots=True)
class Act:
    """One button: what it runs, whether the form must be right first, whether the next step follows."""

    run: _Run
    needs_form: bool = True
    goes_on: bool = False


def _save(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> object:
    said = form.cleaned_data
    if step in ("policy", "template", "training", "boundary"):
        return _settings(launch, said, by, now)
    if step == "cases":
        _targets(launch, said, by, now)
        return None
    if step == "targets":
        _targets(launch, {name: said[name] for name in said if not name.startswith("sla__")}, by, now)
        return _settings(launch, {"sla_seconds": form.sla_seconds()}, by, now)
    if step == "canary":
        set_canary_share(launch=launch, share=said["canary_share"], by=by, now=now)
        return None
    raise LaunchError(f"Step {step!r} saves nothing by itself.", remedy="Use its own buttons.")


def _settings(launch: Launch, said: Mapping[str, Any], by: Viewer, now: datetime) -> object:
    """Put the settings that differ in force, or propose them where the queue is open."""
    held = plain_settings(launch)
    changes = {name: value for name, value in said.items() if held[name] != value}
    if not changes and launch.queue.current_version is not None:
        advance(launch=launch, by=by, now=now)
        return None
    return settle(launch=launch, changes=changes, by=by, now=now)


def _targets(launch: Launch, said: Mapping[str, Any], by: Viewer, now: datetime) -> None:
    held = {name: getattr(launch, name) for name in Targets.__dataclass_fields__}
    set_targets(launch=launch, targets=Targets(**(held | dict(said))), by=by, now=now)
    advance(launch=launch, by=by, now=now)


def _plan(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> None:
    del step
    plan_audits(launch=launch, **form.cleaned_data, by=by, now=now)
    advance(launch=launch, by=by, now=now)


def _forecast(form: Any) -> tuple[Forecast, float]:
    said = dict(form.cleaned_data)
    limit = said.pop("gap_limit")
    return Forecast(**said), limit


def _compute(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> dict[str, Any]:
    del step, by, now
    forecast, limit = _forecast(form)
    return {"computed": preview_staffing(launch=launch, forecast=forecast), "gap_limit": limit}


def _sign(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> None:
    del step
    forecast, limit = _forecast(form)
    _targets(launch, {"gap_limit": limit}, by, now)
    sign_staffing(launch=launch, forecast=forecast, by=by, now=now)
    advance(launch=launch, by=by, now=now)


def _publish(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> object:
    del step
    return publish_procedure(launch=launch, **form.cleaned_data, by=by, now=now)


def _beside(purpose: str) -> _Run:
    def make(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> None:
        del step, form
        made = make_beside(launch=launch, purpose=purpose, by=by, now=now)
        open_through(launch=made, by=by, now=now)
        advance(launch=launch, by=by, now=now)

    return make


def _check(*gates: int) -> _Run:
    def run(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> None:
        del step, form
        for gate in gates:
            run_check(launch=launch, gate=gate, by=by, now=now)
        advance(launch=launch, by=by, now=now)

    return run


def _watch(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> None:
    del step, form
    watch_queue(queue=launch.queue, by=by, now=now)
    advance(launch=launch, by=by, now=now)


def _canary(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> None:
    del step
    start_canary(launch=launch, share=form.cleaned_data["canary_share"], by=by, now=now)


def _promote(launch: Launch, step: str, form: Any, by: Viewer, now: datetime) -> None:
    del step, form
    promote(launch=launch, by=by, now=now)


ACTS: Mapping[str, Act] = {
    "save": Act(_save, goes_on=True),
    "make_training": Act(_beside("training"), needs_form=False),
    "make_pilot": Act(_beside("monitor"), needs_form=False),
    "run_tests": Act(_check(4, 5), needs_form=False),
    "throw_switch": Act(_check(14), needs_form=False),
    "watch": Act(_watch, needs_form=False),
    "plan": Act(_plan, goes_on=False),
    "compute": Act(_compute),
    "sign": Act(_sign),
    "publish": Act(_publish),
    "canary": Act(_canary),
    "promote": Act(_promote, needs_form=False),
}
