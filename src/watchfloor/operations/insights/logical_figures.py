"""Figures of logical queues: open cases counted once each, and the filter on metrics that stands for one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchfloor.operations.insights.question import QuestionError
from watchfloor.operations.queues.logical import LogicalView, logical_queue, where_of
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import Viewer

LOGICAL = "logical"
_COLUMNS = {"language": "languages", "market": "markets", "strategy": "strategies", "severity": "severities"}


@dataclass(frozen=True, slots=True)
class OpenCases:
    """What waits or is held in a logical queue now; `past_promise` counts by its own SLA."""

    open: int = 0
    held: int = 0
    overdue: int = 0
    oldest_deadline_at: datetime | None = None
    past_promise: int = 0


def open_cases(*, views: Sequence[LogicalView], now: datetime) -> tuple[dict[str, OpenCases], OpenCases]:
    """Return the open cases of each logical queue by slug, and those of at least one, each counted once."""
    asked = [
        {
            "slug": view.logical.slug,
            "queues": [queue.pk for queue in view.members],
            "sla": view.logical.sla_seconds,
            **{column: view.logical.conditions.get(name) or None for name, column in _COLUMNS.items()},
        }
        for view in views
        if view.members
    ]
    found = run("insights", "logical_open", {"asked": json.dumps(asked), "now": now}) if asked else []
    counted = {row["slug"]: OpenCases(**{k: v for k, v in row.items() if k != "slug"}) for row in found}
    total = counted.pop(None, OpenCases())
    return {view.logical.slug: counted.get(view.logical.slug, OpenCases()) for view in views}, total


def with_logical(where: Mapping[str, tuple[str, ...]], *, viewer: Viewer) -> dict[str, tuple[str, ...]]:
    """Return the filters with `logical` replaced by what it stands for, within the viewer's reach.

    Raises:
        QuestionError: more than one logical queue is named; cases of two would count once or twice.
        NotFoundError: there is none of that slug within reach.
        LogicalQueueError: metrics do not know one of its conditions.

    """
    named = where.get(LOGICAL)
    kept = {name: values for name, values in where.items() if name != LOGICAL}
    if not named:
        return kept
    if len(named) > 1:
        raise QuestionError(
            f"{len(named)} logical queues are asked for at once.",
            remedy="Ask for one: a case may lie in both, and would count twice.",
        )
    for name, values in where_of(
        logical_queue(viewer=viewer, slug=named[0], permission="metrics.view")
    ).items():
        wanted = kept.get(name)
        both = tuple(value for value in wanted if value in values) if wanted else values
        kept[name] = both or ("(nothing in common)",)
    return kept
