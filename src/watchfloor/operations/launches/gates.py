"""The fifteen gates of a launch, in their order, and which of them hold a queue up on its next step."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from watchfloor.operations.launches import gates_design, gates_people, gates_proof
from watchfloor.operations.launches.gate import Finding, Gate, Situation
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.vocabulary import GUARDS, HARD, OF_PURPOSE
from watchfloor.operations.queues.models import Queue

GATES: dict[int, tuple[object, Callable[[Situation], Finding]]] = {
    1: (gettext_lazy("Policy bound, every label complete"), gates_design.policy_is_bound),
    2: (gettext_lazy("Template fits the policy"), gates_design.template_fits),
    3: (gettext_lazy("Production and training queues exist"), gates_design.queues_exist),
    4: (gettext_lazy("A synthetic case goes round"), gates_proof.case_goes_round),
    5: (gettext_lazy("Outsiders are refused"), gates_proof.boundary_holds),
    6: (gettext_lazy("Golden cases for every label"), gates_people.cases_are_gold),
    7: (gettext_lazy("Certified reviewers for every language"), gates_people.people_are_certified),
    8: (gettext_lazy("The pilot reached its floors"), gates_people.pilot_is_good),
    9: (gettext_lazy("Staffing signed off"), gates_proof.staffing_is_signed),
    10: (gettext_lazy("Deadlines and targets set"), gates_design.targets_are_set),
    11: (gettext_lazy("Audits planned"), gates_proof.audits_are_planned),
    12: (gettext_lazy("Procedure published and read"), gates_design.procedure_is_read),
    13: (gettext_lazy("Dashboards and alerts live"), gates_design.dashboards_are_live),
    14: (gettext_lazy("The way back is tested"), gates_proof.way_back_works),
    15: (gettext_lazy("Wellness settings applied"), gates_design.wellness_is_applied),
}


def evaluate(
    *, queue: Queue, launch: Launch | None, now: datetime, numbers: Iterable[int] | None = None
) -> list[Gate]:
    """Return the gates of a queue as they stand, in order: those of its purpose, or the ones asked for."""
    at = Situation(queue=queue, launch=launch, now=now)
    wanted = set(GATES if numbers is None else numbers) & OF_PURPOSE[queue.purpose]
    gates = []
    for number in sorted(wanted):
        name, look = GATES[number]
        found = look(at)
        gates.append(
            Gate(
                number=number,
                name=str(name),
                status=found.status,
                hard=number in HARD,
                reason=found.reason,
                action=found.action,
                url=found.url,
            )
        )
    return gates


def blocking(*, queue: Queue, launch: Launch | None, to: str, now: datetime) -> list[Gate]:
    """Return the gates that hold the queue up on its way to a state."""
    numbers = GUARDS.get(to, ())
    return [gate for gate in evaluate(queue=queue, launch=launch, now=now, numbers=numbers) if gate.blocks]


def said(gate: Gate) -> str:
    """Return what a gate says against a step, in one sentence."""
    return gettext("Gate %(number)s, %(name)s: %(reason)s") % {
        "number": gate.number,
        "name": gate.name,
        "reason": gate.reason,
    }
