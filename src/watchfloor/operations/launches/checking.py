"""Results of gates are made here: tests run, staffing is signed, audits are planned. Each is a row, once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from watchfloor.operations.launches.audit_planning import AuditPlan, audit_plan
from watchfloor.operations.launches.boundary_test import run_boundary_test
from watchfloor.operations.launches.gate import PASS, configuration_digest
from watchfloor.operations.launches.models import Launch, LaunchCheck
from watchfloor.operations.launches.opening import LaunchError
from watchfloor.operations.launches.rollback_test import run_rollback_test
from watchfloor.operations.launches.round_trip import Outcome, run_round_trip
from watchfloor.operations.launches.staffing import Forecast, staffing_evidence, staffing_plan
from watchfloor.operations.queues.changes import change_settings
from watchfloor.operations.queues.configuring import place_of, require_reach
from watchfloor.operations.queues.models import ACCEPTING_STATES, Queue, QueueVersion
from watchfloor.operations.queues.selectors import settings_of
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer


def run_check(*, launch: Launch, gate: int, by: Viewer, now: datetime) -> LaunchCheck:
    """Return what the test of a gate (4, 5 or 14) came to, after running it now.

    Raises:
        LaunchError: the gate has no test, or the queue no configuration.

    """
    queue = _queue(launch)
    require_reach(by, queue, "queues.change")
    _version(queue)
    if gate == 4:
        outcome = run_round_trip(queue=queue, now=now)
    elif gate == 5:
        outcome = run_boundary_test(queue=queue, now=now)
    elif gate == 14:
        with transaction.atomic():
            outcome = run_rollback_test(queue=queue, by=by, now=now)
            return write_check(launch=launch, gate=gate, outcome=outcome, by=by, now=now)
    else:
        raise LaunchError(f"Gate {gate} has no test to run.", remedy="Run 4, 5 or 14.")
    return write_check(launch=launch, gate=gate, outcome=outcome, by=by, now=now)


@transaction.atomic
def write_check(*, launch: Launch, gate: int, outcome: Outcome, by: Viewer, now: datetime) -> LaunchCheck:
    """Return the result of a gate, written for the configuration in force, with its audit entry."""
    queue = _queue(launch)
    version = _version(queue)
    check = LaunchCheck.objects.create(
        launch=launch,
        gate=gate,
        status=PASS if outcome.passed else "fail",
        reason=outcome.reason[:400],
        evidence=outcome.evidence,
        queue_version=version.version,
        configuration=configuration_digest(queue, settings_of(version), gate),
        by=by.name,
        at=now,
    )
    audit(
        actor=by.name,
        action="check",
        object_kind="launch",
        object_id=queue.slug,
        after={"gate": gate, "status": check.status, "reason": check.reason, "check": check.pk},
        now=now,
        place=place_of(queue),
    )
    return check


def sign_staffing(*, launch: Launch, forecast: Forecast, by: Viewer, now: datetime) -> LaunchCheck:
    """Return the staffing signed by whoever asks, with its figures; the gate judges them by the limits.

    Raises:
        StaffingError: a figure is out of range, or no staff keeps the promise.
        LaunchError: the share to be decided in time is not set.
        NotPermittedError: the viewer may not approve for this queue.

    """
    queue = _queue(launch)
    require_reach(by, queue, "queues.approve")
    evidence = preview_staffing(launch=launch, forecast=forecast)
    return write_check(
        launch=launch, gate=9, outcome=Outcome(passed=True, reason="", evidence=evidence), by=by, now=now
    )


def preview_staffing(*, launch: Launch, forecast: Forecast) -> dict[str, Any]:
    """Return what a signature would stand for; nothing is kept.

    Raises:
        StaffingError: a figure is out of range, or no staff keeps the promise.
        LaunchError: the share to be decided in time is not set.

    """
    version = _version(_queue(launch))
    if launch.on_time_target is None:
        raise LaunchError("Nobody has said what share is to be decided in time.", remedy="Set the targets.")
    found = staffing_plan(forecast=forecast, version=version, on_time_share=launch.on_time_target)
    return staffing_evidence(forecast=forecast, found=found, version=version)


@transaction.atomic
def plan_audits(
    *,
    launch: Launch,
    stratify_by: str,
    populations: Mapping[str, int],
    half_width: float,
    accuracy: float,
    by: Viewer,
    now: datetime,
) -> LaunchCheck:
    """Return the plan of the audits, computed and taken over into the queue's settings.

    Raises:
        AuditPlanError: the plan cannot be computed.
        LaunchError: the queue is open already; its settings then change by proposal and approval.

    """
    queue = _queue(launch)
    require_reach(by, queue, "queues.change")
    version = _version(queue)
    found = audit_plan(by=stratify_by, populations=populations, half_width=half_width, accuracy=accuracy)
    changes = _draws(found)
    if any(settings_of(version)[name] != value for name, value in changes.items()):
        if queue.state in ACCEPTING_STATES:
            raise LaunchError(
                f"Queue {queue.slug!r} is {queue.state}: its audits change by a proposal.",
                remedy="Propose the change on its settings page.",
            )
        change_settings(queue=queue, changes=changes, by=by, now=now, note=f"{queue.title}: audits planned.")
    evidence: dict[str, Any] = {
        "by": found.by,
        "half_width": half_width,
        "accuracy": accuracy,
        "audits": found.audits,
        "share": found.share,
        "strata": [
            {"stratum": name, "population": found.populations[name], "audits": size}
            for name, size in found.sizes.items()
        ],
    }
    return write_check(
        launch=launch, gate=11, outcome=Outcome(passed=True, reason="", evidence=evidence), by=by, now=now
    )


def _draws(found: AuditPlan) -> dict[str, Any]:
    return {
        "audit_share": float(f"{found.share:.6g}"),
        "qa_plan": {"kind": "stratified", "by": [found.by], "allocation": "equal", "floor": found.floor},
    }


def _queue(launch: Launch) -> Queue:
    return Queue.objects.select_related(
        "current_version__policy_version__policy",
        "current_version__template_version__template",
        "data_boundary",
    ).get(pk=launch.queue_id)


def _version(queue: Queue) -> QueueVersion:
    if queue.current_version is None:
        raise LaunchError(f"Queue {queue.slug!r} has no configuration.", remedy="Configure it first.")
    return queue.current_version
