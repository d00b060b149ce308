"""The demo's launches: one that went live, one half way up, and a queue that recovers from an incident."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from watchfloor.operations.alerts.standard import watch_queue
from watchfloor.operations.demo.cast import APPEALS, PRODUCTION, Cast, queue_of
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.services import (
    Opening,
    Targets,
    advance,
    launch_of,
    make_beside,
    open_incident,
    open_launch,
    open_through,
    plan_audits,
    promote,
    publish_procedure,
    run_check,
    set_targets,
    settle,
    sign_staffing,
    start_canary,
)
from watchfloor.operations.launches.staffing import Forecast
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import NewQueue
from watchfloor.operations.queues.sops import acknowledge

HALFWAY = "comment-harassment-pt"
RECOVERING = "video-civic-es-pt"
_RUN = (4, 5, 14)
_FORECAST = Forecast(arrivals_per_hour=6, handle_seconds=150, forecast_error=0.2, full_time=9, shrinkage=0.3)
_APPEAL_SETTINGS: Mapping[str, Any] = {
    "training_queue": "",
    "gold_share": 0.0,
    "site_shares": {},
    "overflow_after": 0.5,
    "sla_seconds": {"default": 72 * 3600},
}
_STEPS = (
    "1. Read the complaint before the case, then the case as if nobody had answered it.\n\n"
    "2. Answer by the policy that was in force when the first decision was made.\n\n"
    "3. Send the case up where the policy gives both sides right."
)
_STEPS_CHINESE = (
    "1. 先读申诉，再看案件，当作无人答复过。\n\n"
    "2. 依照首次决定作出时生效的政策作答。\n\n"
    "3. 若政策使双方都有道理，请上报案件。"
)


def open_appeals(*, cast: Cast, at: datetime) -> Queue:
    """Return the queue of appeals, taken through every gate of its purpose, its canary, and live."""
    source = queue_of(PRODUCTION)
    new = NewQueue(
        slug=APPEALS,
        title="Appeals · comments · English",
        title_zh_hans="申诉 · 评论 · 英语",
        group=source.group,
        surface=source.surface,
        purpose="appeal",
        languages=("en",),
        markets=tuple(source.markets),
        tags=("simulated",),
        owner=source.owner,
    )
    opening = Opening(
        new=new, owner="community-text", note="A second look by people of its own.", source=source
    )
    launch = open_launch(opening=opening, by=cast.strategist, now=at)
    step = timedelta(minutes=20)
    settle(launch=launch, changes=_APPEAL_SETTINGS, by=cast.strategist, now=at + step)
    set_targets(launch=launch, targets=Targets(on_time_target=0.95), by=cast.strategist, now=at + 2 * step)
    plan_audits(
        launch=launch,
        stratify_by="action",
        populations={"none": 900, "remove": 2100},
        half_width=0.06,
        accuracy=0.92,
        by=cast.strategist,
        now=at + 3 * step,
    )
    publish_procedure(
        launch=launch,
        title="How to look a second time",
        text=_STEPS,
        text_zh_hans=_STEPS_CHINESE,
        by=cast.strategist,
        now=at + 4 * step,
    )
    procedure = Queue.objects.get(pk=launch.queue_id).sops.order_by("-version")[0]
    for number, reader in enumerate(cast.appeals, 1):
        acknowledge(sop=procedure, reviewer=reader, now=at + 4 * step + timedelta(minutes=number))
    sign_staffing(launch=launch, forecast=_FORECAST, by=cast.admin, now=at + 5 * step)
    for gate in _RUN:
        run_check(launch=launch, gate=gate, by=cast.strategist, now=at + 6 * step)
    watch_queue(queue=launch.queue, by=cast.strategist, now=at + 7 * step)
    advance(launch=launch, by=cast.strategist, now=at + 7 * step)
    start_canary(launch=launch, share=0.25, by=cast.admin, now=at + 8 * step)
    promote(
        launch=launch, by=cast.admin, now=at + 14 * step, reason="Six hours in canary without a surprise."
    )
    return queue_of(APPEALS)


def begin_launch(*, cast: Cast, at: datetime) -> Launch:
    """Return a launch about half of whose gates pass: gold, people, staffing and procedure are to come."""
    source = queue_of("comment-harassment-es")
    new = NewQueue(
        slug=HALFWAY,
        title="Comments · harassment · Portuguese",
        title_zh_hans="评论 · 骚扰 · 葡语",
        group=source.group,
        surface=source.surface,
        languages=("pt",),
        markets=("BR", "PT"),
        tags=("simulated",),
        owner=source.owner,
    )
    note = "Portuguese comments go to the Spanish team today; they get a queue of their own."
    launch = open_launch(
        opening=Opening(new=new, owner="community-text", note=note, source=source), by=cast.strategist, now=at
    )
    step = timedelta(minutes=15)
    settle(
        launch=launch,
        changes={"site_shares": {"bogota": 1.0}, "lease_seconds": 900},
        by=cast.strategist,
        now=at + step,
        note="Bogotá alone, for a start.",
    )
    targets = Targets(on_time_target=0.95, accuracy_floor=0.88, agreement_floor=0.7, gold_per_label=4)
    set_targets(launch=launch, targets=targets, by=cast.strategist, now=at + 2 * step)
    training = make_beside(launch=launch, purpose="training", by=cast.strategist, now=at + 3 * step)
    open_through(launch=training, by=cast.admin, now=at + 4 * step)
    plan_audits(
        launch=launch,
        stratify_by="violative",
        populations={"violative": 1500, "benign": 4200},
        half_width=0.05,
        accuracy=0.9,
        by=cast.strategist,
        now=at + 5 * step,
    )
    for gate in _RUN:
        run_check(launch=launch, gate=gate, by=cast.strategist, now=at + 6 * step)
    advance(launch=launch, by=cast.strategist, now=at + 7 * step)
    return launch


def break_queue(*, cast: Cast, at: datetime) -> None:
    """Open an incident, so that its queue recovers; its launch is opened to look at its gates again."""
    queue = queue_of(RECOVERING)
    note = "Opened before there were launches; its gates are looked at now."
    launch = launch_of(queue=queue, by=cast.strategist, now=at - timedelta(days=1), note=note)
    open_incident(
        queue=queue,
        reason="Transcripts were missing for an hour; people heard what they could not read.",
        overdue_at_most=3,
        criteria="Transcripts stand beside the last hundred videos, and the backlog is in time again.",
        by=cast.strategist,
        now=at,
    )
    advance(launch=launch, by=cast.strategist, now=at)
