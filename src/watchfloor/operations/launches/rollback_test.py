"""Gate 14: the switch is thrown. Paused, a queue takes cases and serves nobody; then it serves again.

Before the canary the switch is thrown on a queue that is rehearsed, and taken back. In the canary it is
thrown for real: two transitions, written to the change log like every other.
"""

from datetime import datetime
from typing import Any

from django.db import DatabaseError

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.launches.rehearsal import Stage, rehearsed
from watchfloor.operations.launches.round_trip import Outcome
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import transition
from watchfloor.operations.record.viewers import Viewer


def run_rollback_test(*, queue: Queue, by: Viewer, now: datetime) -> Outcome:
    """Return whether the queue stops serving when it is paused, and serves again when it goes on."""
    seen: dict[str, Any] = {"steps": [], "for_real": queue.state == "canary"}
    try:
        with rehearsed(queue=queue, now=now) as stage:
            broken = _throw(stage, seen["steps"])
        if broken:
            return Outcome(passed=False, reason=broken, evidence=seen)
        if queue.state == "canary":
            why = "The way back is tested."
            transition(queue=queue, to="paused", by=by, now=now, reason=why)
            transition(queue=queue, to="canary", by=by, now=now, reason=why)
            seen["steps"].append({"step": "pause and go on, for real"})
    except (WatchfloorError, DatabaseError) as error:
        return Outcome(passed=False, reason=str(error)[:400], evidence=seen)
    return Outcome(passed=True, reason="", evidence=seen)


def _throw(stage: Stage, steps: list[dict[str, Any]]) -> str:
    """Return what went wrong with the switch; blank when it works."""
    system = Viewer.system("launches")
    before = stage.queue.state
    transition(queue=stage.queue, to="paused", by=system, now=stage.now, reason="Rehearsed.")
    case_id = stage.case()
    served = stage.claim(stage.insider())
    steps.append({"step": "paused", "takes_cases": True, "serves": served is not None})
    if served is not None:
        return "The queue still served a case after it was paused."
    transition(queue=stage.queue, to=before, by=system, now=stage.now, reason="Rehearsed.")
    back = stage.claim(stage.insider())
    steps.append({"step": "on again", "serves": back is not None and back.case_id == case_id})
    if back is None or back.case_id != case_id:
        return "The queue did not serve again after it went on."
    return ""
