"""Cells as plain records for JSON and CSV: numerator and denominator stay beside every value."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from watchfloor.metrics.cells import Answer, Cell

FIELDS = (
    "metric", "version", "period_start", "period_end", "bucket_start", "value", "low", "high", "n", "n_eff",
    "interval", "numerator", "denominator", "coverage", "unit", "as_of", "suppression", "source", "reason",
)  # fmt: skip


def cell_record(cell: Cell, *, source: str = "") -> dict[str, Any]:
    """Return one cell as a flat record of plain values; instants are ISO 8601 in UTC."""
    return {
        "metric": cell.metric,
        "version": cell.version,
        "period_start": _text(cell.period.start),
        "period_end": _text(cell.period.end),
        "bucket_start": _text(cell.bucket_start),
        "value": cell.estimate.value,
        "low": cell.estimate.low,
        "high": cell.estimate.high,
        "n": cell.n,
        "n_eff": cell.n_eff,
        "interval": cell.estimate.method,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "coverage": cell.coverage,
        "unit": cell.unit,
        "as_of": _text(cell.as_of),
        "suppression": cell.suppression,
        "source": source,
        "reason": cell.reason,
    }


def answer_records(answer: Answer, *, by: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield a record a cell, with a column for each dimension of `by` after the metric and its version."""
    for cell in answer.cells:
        record = cell_record(cell, source=answer.notes.get(cell.metric, ""))
        scope = cell.scope.as_dict()
        dimensions = {name: "|".join(scope.get(name, ("",))) for name in by}
        yield {"metric": record.pop("metric"), "version": record.pop("version"), **dimensions, **record}


def answer_document(answer: Answer) -> dict[str, Any]:
    """Return the whole answer for JSON: cells with their scope, sources, warnings and the facts' version."""
    return {
        "facts_version": answer.version,
        "sources": dict(answer.notes),
        "warnings": list(answer.warnings),
        "cells": [
            {**cell_record(cell, source=answer.notes.get(cell.metric, "")), "scope": dict(cell.scope.items)}
            for cell in answer.cells
        ],
    }


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
