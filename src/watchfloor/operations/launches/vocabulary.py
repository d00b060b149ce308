"""The closed lists of launches: the gates, which of them guard which step, and for which queues.

`GUARDS` says which gates a queue must pass to enter a state on its way up. Ways down (pause, retire, a step
back) ask nothing: whoever sees something wrong can always stop it.
"""

from collections.abc import Mapping
from types import MappingProxyType

HARD = frozenset(range(1, 16))
"""Gates that must pass before cases come in."""

_UP_TO_CANARY = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

GUARDS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "configured": (),
        "policy_bound": (1,),
        "template_aligned": (1, 2),
        "training_ready": (1, 2, 3, 6),
        "calibrated": (1, 2, 3, 6, 7, 8),
        "canary": _UP_TO_CANARY,
        "live": _UP_TO_CANARY,
    }
)

_SERVED = frozenset({1, 2, 4, 5, 14, 15})
OF_PURPOSE: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "production": frozenset(range(1, 16)),
        "appeal": frozenset(range(1, 16)) - {3, 6, 8},
        "training": _SERVED,
        "qa": _SERVED,
        "monitor": _SERVED,
    }
)
"""Which gates a queue of a purpose has at all: what enforces nothing needs no staff, targets or audits."""

LADDER = (
    "draft",
    "configured",
    "policy_bound",
    "template_aligned",
    "training_ready",
    "calibrated",
    "canary",
    "live",
)
BY_THEMSELVES = LADDER[: LADDER.index("calibrated") + 1]
"""States that a queue is moved up to as soon as its gates pass; canary and live are a person's decision."""

NEEDS_APPROVAL = ("canary", "live")

STEPS = (
    "policy",
    "template",
    "training",
    "cases",
    "boundary",
    "targets",
    "audits",
    "staffing",
    "procedure",
    "canary",
    "rollback",
)
STEP_OF_GATE: Mapping[int, str] = MappingProxyType(
    {
        1: "policy",
        2: "template",
        3: "training",
        4: "boundary",
        5: "boundary",
        6: "cases",
        7: "cases",
        8: "cases",
        9: "staffing",
        10: "targets",
        11: "audits",
        12: "procedure",
        13: "rollback",
        14: "rollback",
        15: "boundary",
    }
)

RUN = (4, 5, 14)
"""Gates that are tests: they run, and what they found is kept."""

UNWATCHED: frozenset[str] = frozenset(
    {
        "intake_share",
        "canary_share",
        "canary_template",
        "canary_slower_share",
        "canary_disagreement_share",
        "priority_lift",
    }
)
WATCHED: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        9: ("sla_seconds", "sla_rules", "calendar", "double_share", "consensus_required", "consensus_of"),
        11: ("audit_share", "qa_plan", "double_share"),
    }
)
"""Settings whose change makes a result expire; for the other gates every setting that is not unwatched."""
