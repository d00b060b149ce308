"""What a step of the wizard shows besides its form: tables of what stands, and the latest evidence."""

from datetime import datetime
from typing import Any

from watchfloor.operations.launches.gate import Situation
from watchfloor.operations.launches.models import LaunchCheck
from watchfloor.operations.launches.people_ready import (
    certified_by_language,
    gold_by_label,
    pilot_accuracy,
    pilot_agreement,
    read_and_certified,
)
from watchfloor.operations.launches.selectors import LaunchView
from watchfloor.operations.launches.vocabulary import GUARDS
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.sops import sop_of
from watchfloor.operations.queues.words import state_names, title_of


def figures_of(step: str, view: LaunchView, *, now: datetime) -> dict[str, Any]:
    """Return the variables of a step's own part of the page."""
    at = Situation(queue=view.queue, launch=view.launch, now=now)
    if step == "training":
        return _beside(view)
    if step == "cases":
        return {
            "gold": list(gold_by_label(at).values()),
            "certified": {one or "–": len(ids) for one, ids in certified_by_language(at).items()},
            "accuracy": pilot_accuracy(at),
            "agreement": pilot_agreement(at),
        }
    if step == "procedure":
        sop = sop_of(view.queue.current_version) if view.queue.current_version else None
        return {"sop": sop, "readers": sum(read_and_certified(at, sop).values()) if sop else 0}
    if step == "canary":
        wanted = GUARDS["canary"]
        return {"waiting": [gate for gate in view.gates if gate.number in wanted and gate.blocks]}
    gates = {"boundary": (4, 5), "audits": (11,), "staffing": (9,), "rollback": (14,)}.get(step, ())
    return {"kept": [(at.checks[gate], _steps(at.checks[gate])) for gate in gates if gate in at.checks]}


def _steps(check: LaunchCheck) -> list[tuple[str, str]]:
    """Return the steps of a test with what each saw, as it was kept; what is empty is left out."""
    return [
        (
            step["step"],
            " · ".join(
                f"{name} {', '.join(value) if isinstance(value, list) else value}"
                for name, value in step.items()
                if name != "step" and value not in (None, "", [])
            ),
        )
        for step in check.evidence.get("steps", [])
    ]


def _beside(view: LaunchView) -> dict[str, Any]:
    version = view.queue.current_version
    training = version.training_queue if version else None
    pilots = []
    if training is not None:
        pilots = list(
            Queue.objects.filter(purpose="monitor", current_version__training_queue=training).order_by("slug")
        )
    states = state_names()
    return {
        "training": training,
        "beside": [
            {"queue": one, "title": title_of(one), "state": states[one.state]}
            for one in [*([training] if training else []), *pilots]
        ],
        "has_pilot": bool(pilots),
    }
