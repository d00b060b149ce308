"""The writes of launches: targets, steps up, canary, live, and the way back.

Opening stands in `opening`, results of gates in `checking`, incidents in `recovering`, by name here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchfloor.operations.launches.checking import (
    plan_audits,
    preview_staffing,
    run_check,
    sign_staffing,
)
from watchfloor.operations.launches.gates import blocking, evaluate
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.opening import (
    LaunchError,
    Opening,
    launch_of,
    make_beside,
    open_launch,
)
from watchfloor.operations.launches.recovering import close_incident, open_incident
from watchfloor.operations.launches.vocabulary import BY_THEMSELVES, LADDER, OF_PURPOSE, RUN
from watchfloor.operations.queues.changes import change_settings
from watchfloor.operations.queues.configuring import Settings, place_of, require_reach, write_version
from watchfloor.operations.queues.faults import state_faults
from watchfloor.operations.queues.models import ChangeRequest, Queue
from watchfloor.operations.queues.services import transition
from watchfloor.operations.queues.sops import NewSop, publish_sop
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer

__all__ = [
    "LaunchError",
    "Opening",
    "Targets",
    "advance",
    "close_incident",
    "launch_of",
    "make_beside",
    "open_incident",
    "open_launch",
    "open_through",
    "plan_audits",
    "preview_staffing",
    "promote",
    "publish_procedure",
    "pull_back",
    "resume",
    "run_check",
    "set_canary_share",
    "set_targets",
    "settle",
    "sign_staffing",
    "start_canary",
]


_NUMBERS = {
    "gold_per_label": (1, 1000),
    "boundary_per_label": (0, 1000),
    "certified_per_language": (1, 1000),
}


@dataclass(frozen=True, slots=True)
class Targets:
    """What a person asks of the launch. Shares are 0 to 1; the first three have no value of ours."""

    on_time_target: float
    accuracy_floor: float | None = None
    agreement_floor: float | None = None
    gold_per_label: int = 5
    boundary_per_label: int = 1
    certified_per_language: int = 2
    gap_limit: float = 0.10


@transaction.atomic
def set_targets(*, launch: Launch, targets: Targets, by: Viewer, now: datetime) -> Launch:
    """Return the launch with what is asked of it.

    Raises:
        LaunchError: a share or a number is out of range.

    """
    locked = _locked(launch)
    require_reach(by, locked.queue, "queues.change")
    values = {name: getattr(targets, name) for name in Targets.__dataclass_fields__}
    for name, value in values.items():
        least, most = (0, 1) if name.endswith(("target", "floor", "limit")) else _NUMBERS[name]
        if value is not None and not least <= value <= most:
            raise LaunchError(
                f"The value of {name} is {value}.", remedy=f"It lies between {least} and {most}."
            )
    before = {name: getattr(locked, name) for name in values}
    for name, value in values.items():
        setattr(locked, name, value)
        setattr(launch, name, value)
    locked.save(update_fields=[*values])
    audit(
        actor=by.name,
        action="set targets",
        object_kind="launch",
        object_id=locked.queue.slug,
        before=before,
        after=values,
        now=now,
        place=place_of(locked.queue),
    )
    return launch


@transaction.atomic
def set_canary_share(*, launch: Launch, share: float, by: Viewer, now: datetime) -> Launch:
    """Return the launch with the share of the cases that its canary takes.

    Raises:
        LaunchError: the share is out of range.

    """
    if not 0.0 < share <= 1.0:
        raise LaunchError(f"A canary of {share:g} is refused.", remedy="Give a share above 0, up to 1.")
    locked = _locked(launch)
    require_reach(by, locked.queue, "queues.change")
    before, launch.canary_share = locked.canary_share, share
    Launch.objects.filter(pk=locked.pk).update(canary_share=share)
    audit(
        actor=by.name,
        action="set canary share",
        object_kind="launch",
        object_id=locked.queue.slug,
        before={"canary_share": before},
        after={"canary_share": share},
        now=now,
        place=place_of(locked.queue),
    )
    return launch


@transaction.atomic
def settle(
    *, launch: Launch, changes: Mapping[str, Any], by: Viewer, now: datetime, note: str = ""
) -> ChangeRequest | None:
    """Change the queue's settings and move it up as far as its gates pass; see `advance`.

    From its canary on two people agree: then the change is proposed, and returned.

    Raises:
        QueueError: the settings do not fit, or change nothing.

    """
    made = change_settings(queue=_locked(launch).queue, changes=changes, by=by, now=now, note=note)
    advance(launch=launch, by=by, now=now)
    return made if isinstance(made, ChangeRequest) else None


@transaction.atomic
def publish_procedure(
    *,
    launch: Launch,
    title: str,
    text: str,
    text_zh_hans: str,
    by: Viewer,
    now: datetime,
    required: bool = False,
) -> ChangeRequest | None:
    """Publish the next version of the procedure and put it in force; where that needs a proposal, return it.

    With `required`, only those who confirmed that they read it are served.

    Raises:
        SopError: title or text is missing, or nothing differs from the version before.

    """
    new = NewSop(title=title, text=text, text_zh_hans=text_zh_hans)
    sop = publish_sop(queue=_locked(launch).queue, new=new, by=by, now=now)
    return settle(
        launch=launch, changes={"sop_version": sop.version, "sop_required": required}, by=by, now=now
    )


@transaction.atomic
def advance(*, launch: Launch, by: Viewer, now: datetime) -> list[str]:
    """Return the states that the queue moved up to, as far as its gates pass, at most to calibrated.

    Also keeps what each gate says now, for the list of launches.
    """
    moved: list[str] = []
    while True:
        queue = _locked(launch).queue
        if queue.state not in BY_THEMSELVES[:-1]:
            break
        to = LADDER[LADDER.index(queue.state) + 1]
        if state_faults(queue, to) or blocking(queue=queue, launch=launch, to=to, now=now):
            break
        # A microsecond apart, so that the change log keeps their order.
        at = now + timedelta(microseconds=len(moved))
        transition(queue=queue, to=to, by=by, now=at, reason="Its gates pass.")
        moved.append(to)
    look_at(launch=launch, now=now)
    return moved


def look_at(*, launch: Launch, now: datetime) -> None:
    """Keep what each gate says now on the launch."""
    queue = _locked(launch).queue
    found = evaluate(queue=queue, launch=launch, now=now)
    gates = {str(gate.number): gate.status for gate in found}
    Launch.objects.filter(pk=launch.pk).update(gates=gates, looked_at=now)
    launch.gates, launch.looked_at = gates, now


@transaction.atomic
def start_canary(*, launch: Launch, share: float, by: Viewer, now: datetime) -> Launch:
    """Return the launch with its queue in canary, taking a share of the cases that are routed to it.

    Raises:
        LaunchError: the share is out of range.
        QueueError: a gate does not pass; nothing was changed.

    """
    if not 0.0 < share <= 1.0:
        raise LaunchError(f"A canary of {share:g} is refused.", remedy="Give a share above 0, up to 1.")
    locked = _locked(launch)
    require_reach(by, locked.queue, "queues.approve")
    _take_share(locked.queue, share, by=by, now=now)
    transition(queue=locked.queue, to="canary", by=by, now=now, reason=f"Canary at {share:.0%}.")
    Launch.objects.filter(pk=launch.pk).update(canary_share=share)
    look_at(launch=launch, now=now)
    launch.refresh_from_db()
    return launch


@transaction.atomic
def promote(*, launch: Launch, by: Viewer, now: datetime, reason: str = "") -> Launch:
    """Return the launch with its queue live, taking every case.

    Raises:
        QueueError: the queue is not in canary, or a gate does not pass; nothing was changed.

    """
    locked = _locked(launch)
    require_reach(by, locked.queue, "queues.approve")
    transition(queue=locked.queue, to="live", by=by, now=now, reason=reason or "Promoted from canary.")
    _take_share(locked.queue, 1.0, by=by, now=now)
    Launch.objects.filter(pk=launch.pk).update(live_at=now)
    look_at(launch=launch, now=now)
    launch.refresh_from_db()
    return launch


@transaction.atomic
def pull_back(*, launch: Launch, by: Viewer, now: datetime, reason: str, to: str = "paused") -> Launch:
    """Return the launch with its queue back: paused, or from live to a canary of the share it had.

    Raises:
        LaunchError: no reason is given.
        QueueError: the queue is neither in canary nor live.

    """
    if not reason.strip():
        raise LaunchError("A way back needs its reason.", remedy="Say what you saw.")
    locked = _locked(launch)
    transition(queue=locked.queue, to="paused", by=by, now=now, reason=reason.strip())
    if to == "canary":
        at = now + timedelta(microseconds=1)
        transition(queue=locked.queue, to="canary", by=by, now=at, reason=reason.strip())
        _take_share(locked.queue, locked.canary_share, by=by, now=now)
    look_at(launch=launch, now=now)
    return launch


@transaction.atomic
def resume(*, launch: Launch, to: str, by: Viewer, now: datetime, reason: str = "") -> Launch:
    """Return the launch with its paused queue serving again; gates are asked where anything was changed.

    Raises:
        QueueError: a gate does not pass, or the queue is not paused.

    """
    locked = _locked(launch)
    transition(queue=locked.queue, to=to, by=by, now=now, reason=reason or "Goes on.")
    look_at(launch=launch, now=now)
    return launch


def open_through(*, launch: Launch, by: Viewer, now: datetime) -> Launch:
    """Return the launch of a training, QA or monitor queue, taken up to live: its tests run, then its steps.

    Raises:
        LaunchError: the queue decides about content; it goes up step by step.
        QueueError: a gate does not pass.

    """
    queue = _locked_free(launch)
    if OF_PURPOSE[queue.purpose] & {9}:
        raise LaunchError(
            f"Queue {queue.slug!r} decides about content.", remedy="Take it through its canary instead."
        )
    for gate in sorted(set(RUN) & OF_PURPOSE[queue.purpose]):
        run_check(launch=launch, gate=gate, by=by, now=now)
    with transaction.atomic():
        advance(launch=launch, by=by, now=now)
        queue = _locked(launch).queue
        for later, to in enumerate(("training_ready", "calibrated", "canary", "live")):
            if queue.state in LADDER and LADDER.index(queue.state) < LADDER.index(to):
                at = now + timedelta(microseconds=10 + later)
                transition(queue=queue, to=to, by=by, now=at, reason="Its gates pass.")
        Launch.objects.filter(pk=launch.pk).update(live_at=now)
        look_at(launch=launch, now=now)
    launch.refresh_from_db()
    return launch


def _take_share(queue: Queue, share: float, *, by: Viewer, now: datetime) -> None:
    """Put a share of the intake in force; who may is asked by the callers, with `queues.approve`."""
    queue.refresh_from_db()
    version = queue.current_version
    if version is None or version.intake_share == share:
        return
    write_version(
        queue=queue,
        settings=replace(Settings.of(version), intake_share=share),
        author=by.name,
        now=now,
        note=f"{queue.title}: takes {share:.0%} of the cases routed to it.",
    )


def _locked(launch: Launch) -> Launch:
    found = Launch.objects.select_for_update(of=("self",)).get(pk=launch.pk)
    found.queue = _locked_free(launch)
    return found


def _locked_free(launch: Launch) -> Queue:
    return Queue.objects.select_related(
        "current_version__policy_version__policy",
        "current_version__template_version__template",
        "current_version__training_queue__current_version",
        "data_boundary",
    ).get(pk=launch.queue_id)
