"""Says how many more people the missing cases of a period ask for."""

from dataclasses import dataclass

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.targets.evidence import Asking, Tree
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.projecting import Outlook
from watchfloor.operations.targets.spans import so_far
from watchfloor.science import targeting

OCCUPANCY, SHRINKAGE, HOURS_A_WEEK = 0.85, 0.30, 40.0
"""What is assumed of everybody; the page says so beside the number."""
_OF_WORK = frozenset(
    {"completed", "reviews", "sla_attainment", "review_completion_24h", "review_completion_cohort",
     "review_completion_flow"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeopleNeeded:
    """+x full-time equivalents for the rest of the period, and what that stands on."""

    full_time: float
    cases: float
    handle_seconds: float
    occupancy: float = OCCUPANCY
    shrinkage: float = SHRINKAGE


def people_needed(target: Target, outlook: Outlook, *, asking: Asking) -> PeopleNeeded | None:
    """Return what the cases ask for that the expected end lacks; None where people would not help."""
    if target.metric_id not in _OF_WORK or outlook.missing <= 0 or outlook.days_left <= 0:
        return None
    handle = _handle_seconds(target, asking)
    if handle is None:
        return None
    hours = HOURS_A_WEEK * outlook.days_left / 7.0
    found = targeting.fte_needed(
        volume=outlook.missing,
        handle_seconds=handle,
        hours=hours,
        occupancy=OCCUPANCY,
        shrinkage=SHRINKAGE,
    )
    return PeopleNeeded(found, outlook.missing, handle)


def _handle_seconds(target: Target, asking: Asking) -> float | None:
    known = set(catalogue()["aht"].dimensions)
    scope = {name: kept for name, kept in target.scope.items() if name in known}
    tree = Tree("aht", (), so_far(target.period, at=asking.now), scope=scope)
    try:
        cells = asking.cells("aht", tree)
    except WatchfloorError:
        return None
    return cells[0].estimate.value if cells else None
