"""A cell as an alert keeps it: plain, so that it reads the same when the facts have moved on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchfloor.metrics import Cell
from watchfloor.operations.alerts.breaching import Looked
from watchfloor.operations.record.services import instant_text


def cell_as_kept(cell: Cell | None) -> dict[str, Any]:
    """Return the cell's number with everything needed to judge it; empty without one."""
    if cell is None:
        return {}
    estimate = cell.estimate
    return {
        "metric": cell.metric,
        "version": cell.version,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "method": estimate.method,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "n": cell.n,
        "unit": cell.unit,
        "start": instant_text(cell.period.start),
        "end": instant_text(cell.period.end),
        "as_of": instant_text(cell.as_of),
        "scope": {name: list(values) for name, values in cell.scope.as_dict().items()},
    }


def looked_as_kept(one: Looked, *, at: datetime) -> dict[str, Any]:
    """Return what an alert keeps of the evaluation that fired it."""
    return {
        **cell_as_kept(one.cell),
        "goal": one.goal,
        "adjusted": one.adjusted,
        "measures": dict(one.measures),
        "looked_at": instant_text(at),
    }


def value_of(kept: Mapping[str, Any]) -> float | None:
    """Return the value that was held against the goal."""
    if kept.get("value") is not None:
        return float(kept["value"])
    age = (kept.get("measures") or {}).get("age_seconds")
    return None if age is None else float(age)
