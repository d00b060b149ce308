"""Judges the figures of a view against the targets that apply to them, each at its own instant."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from watchfloor.kernel import Period
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.insights.sights.parts import CellKey, Look, key_of
from watchfloor.operations.targets.judging import Judged, judge
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.resolver import NOTHING, choose, in_force

_SECONDS = {
    "day": 86_400.0,
    "week": 7 * 86_400.0,
    "month": 30.44 * 86_400.0,
    "quarter": 91.3 * 86_400.0,
    "rolling_7d": 7 * 86_400.0,
    "rolling_28d": 28 * 86_400.0,
}
_TICK = timedelta(microseconds=1)


def standing(
    cells: Sequence[Cell], *, definitions: Sequence[Definition], look: Look
) -> Mapping[CellKey, Judged]:
    """Return how cells stand against their targets; those without a target are left out.

    Targets are of the living operation, and for those who may see targets. A target of a sum holds for the
    length it was set for, so that a sum over another length is not judged by it.
    """
    if not look.asked.is_live or not look.viewer.can("targets.view"):
        return {}
    by_id = {definition.id: definition for definition in definitions}
    held: dict[str, list[Target]] = {}
    found = in_force(by_id, at=look.period.start, known_at=look.asked.known_at, until=look.period.end)
    for target in found:
        held.setdefault(target.metric_id, []).append(target)
    if not held:
        return {}
    kept = [cell for cell in cells if cell.metric in held and cell.estimate.value is not None]
    applied = []
    for cell in kept:
        at = max(cell.period.start, min(cell.period.end, look.period.end) - _TICK)
        candidates = [
            target
            for target in held[cell.metric]
            if target.effective_from <= at
            and (target.effective_to is None or target.effective_to > at)
            and _fits(target, by_id[cell.metric], cell.period)
        ]
        applied.append(choose(candidates, scope=cell.scope, at=at) if candidates else NOTHING)
    board = judge(kept, applied, definitions=by_id)
    return {key_of(one.cell): one for one in board.judged if one.status != "no_target"}


def common_limit(judged: Mapping[CellKey, Judged], *, metric: str) -> float | None:
    """Return the target that all judged cells of a metric share; None where they differ or there is none."""
    values = {one.applied.value for key, one in judged.items() if key[0] == metric}
    return values.pop() if len(values) == 1 else None


def _fits(target: Target, definition: Definition, period: Period) -> bool:
    if definition.additivity != "ADD":
        return True
    length = _SECONDS.get(target.period, 0.0)
    return abs(period.seconds - length) <= 0.1 * length
