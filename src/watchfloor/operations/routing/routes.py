"""Keeps which rule chose a case's queue: one statement a batch, no row where there is nothing to keep."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from watchfloor.operations.record.statements import run


@dataclass(frozen=True, slots=True)
class Trace:
    """What is kept of a case at the door; `position` counts rules from one, None is the default queue."""

    case_id: UUID
    version: int | None = None
    position: int | None = None
    surface: str = ""
    labels: tuple[str, ...] = ()


def record_routes(*, traces: Sequence[Trace]) -> None:
    """Write the traces that hold something, in the caller's transaction."""
    rows = [
        {
            "case_id": str(trace.case_id),
            "version": trace.version,
            "position": trace.position,
            "surface": trace.surface,
            "labels": list(trace.labels),
        }
        for trace in traces
        if trace.version is not None or trace.surface or trace.labels
    ]
    if rows:
        run("routing", "record_routes", {"rows": json.dumps(rows)})
