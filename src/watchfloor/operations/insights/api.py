"""The API of metrics: what there is to ask, and cells within the caller's reach."""

from datetime import UTC, datetime
from typing import Any, Literal

from django.conf import settings
from ninja import Field, Query, Router, Schema

from watchfloor.facts.store import list_operations
from watchfloor.kernel import WatchfloorError, nearest, parse_instant, parse_period
from watchfloor.metrics import Query as MetricQuery
from watchfloor.operations.cells import warehouse
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.insights.logical_figures import with_logical
from watchfloor.operations.people.api_access import ACCESS, Caller

router = Router(auth=ACCESS, tags=["metrics"])

MOST_CELLS = 50_000


class AskedWronglyError(WatchfloorError):
    """The parameters of a question about metrics cannot be read."""


class CellQuery(Schema):
    """A question: metrics over a period, split by dimensions and buckets."""

    metric: list[str] = Field(description="Metric ids; repeat the parameter for several.", min_length=1)
    by: list[str] = Field(default_factory=list, description="Dimensions to split by.")
    period: str = Field("7d", description="7d, 12h, 2026-03-01 or 2026-03-01..2026-03-08.")
    grain: Literal["hour", "day", "week", "month"] | None = None
    where: list[str] = Field(default_factory=list, description="dimension:value,value; repeat for several.")
    time_zone: str = Field("UTC", description="Zone of local days and hours.")
    as_of: str | None = Field(None, description="Answer with the facts published until this instant.")
    operation: str | None = Field(None, description="An imported operation; default is the living one.")


class CellOut(Schema):
    """One number with everything needed to judge it."""

    metric: str
    version: int
    scope: dict[str, list[str]]
    period_start: datetime
    period_end: datetime
    bucket_start: datetime | None
    value: float | None
    low: float | None
    high: float | None
    interval: str
    confidence: float
    numerator: float | None
    denominator: float | None
    weight_sum: float | None
    n: int
    n_eff: float | None
    unit: str
    as_of: datetime
    coverage: float | None
    suppression: str
    reason: str


class CellsOut(Schema):
    """The answer: cells, the facts' version, and what a reader should know first."""

    operation: str
    facts_version: int
    answered_from: dict[str, str]
    warnings: list[str]
    cells: list[CellOut]


class MetricOut(Schema):
    """A metric that may be asked for."""

    id: str
    version: int
    code: str
    name: dict[str, str]
    description: str
    formula: str
    unit: str
    dimensions: list[str]


@router.get("/metrics", response=list[MetricOut], summary="List metrics")
def list_metrics(request: Caller) -> list[dict[str, Any]]:
    """Return the metrics of the catalogue, by id."""
    request.auth.require("metrics.view")
    catalogue = warehouse.catalogue()
    return [
        {
            "id": each.id,
            "version": each.version,
            "code": each.code,
            "name": {"en": each.name.en, "zh-Hans": each.name.zh_hans},
            "description": each.description.en,
            "formula": each.formula.en,
            "unit": each.unit,
            "dimensions": list(each.dimensions),
        }
        for each in (catalogue[name] for name in sorted(catalogue))
    ]


@router.get("/cells", response=CellsOut, summary="Ask for metrics")
def read_cells(request: Caller, query: Query[CellQuery]) -> dict[str, Any]:
    """Return the cells of a question, limited to what the caller's grants reach."""
    viewer = request.auth
    viewer.require("metrics.view")
    where = _where(query.where)
    operation, now = _operation(query.operation)
    asked = MetricQuery(
        metrics=tuple(query.metric),
        by=tuple(query.by),
        period=parse_period(query.period, now=now, time_zone=query.time_zone),
        grain=query.grain,
        where=with_logical(where, viewer=viewer),
        time_zone=query.time_zone,
        as_of=parse_instant(query.as_of) if query.as_of else None,
    )
    found = ask_as(asked, viewer=viewer, operation=operation, now=now)
    if len(found.cells) > MOST_CELLS:
        raise AskedWronglyError(
            f"The answer has {len(found.cells):,} cells; at most {MOST_CELLS:,} are sent.",
            remedy="Ask for fewer dimensions, a shorter period or a coarser grain.",
        )
    return {
        "operation": operation,
        "facts_version": found.version,
        "answered_from": dict(found.notes),
        "warnings": list(found.warnings),
        "cells": [cell_out(cell) for cell in found.cells],
    }


def _where(written: list[str]) -> dict[str, tuple[str, ...]]:
    where: dict[str, tuple[str, ...]] = {}
    for each in written:
        name, colon, values = each.partition(":")
        kept = tuple(value.strip() for value in values.split(",") if value.strip())
        if not colon or not kept:
            raise AskedWronglyError(
                f"where={each!r} names no values.", remedy="Write dimension:value,value, such as site:manila."
            )
        where[name.strip()] = tuple(dict.fromkeys((*where.get(name.strip(), ()), *kept)))
    return where


def _operation(name: str | None) -> tuple[str, datetime]:
    """Return the operation and the instant it is seen from: now, or the end of an imported log."""
    now = datetime.now(UTC)
    if name is None or name == settings.WATCHFLOOR_OPERATION:
        return settings.WATCHFLOOR_OPERATION, now
    known = list_operations(settings.WATCHFLOOR_FACTS_ROOT)
    if name not in known:
        close = nearest(name, known)
        raise AskedWronglyError(
            f"There is no operation {name!r}.",
            remedy=f"Did you mean {close!r}?" if close else f"There are: {', '.join(known) or 'none'}.",
        )
    extent = warehouse.extent_of(name)
    return name, extent.end if extent else now


def cell_out(cell: Any) -> dict[str, Any]:
    """Return a cell as the API sends it."""
    estimate = cell.estimate
    return {
        "metric": cell.metric,
        "version": cell.version,
        "scope": {name: list(values) for name, values in cell.scope.as_dict().items()},
        "period_start": cell.period.start,
        "period_end": cell.period.end,
        "bucket_start": cell.bucket_start,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "interval": estimate.method,
        "confidence": estimate.confidence,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "weight_sum": cell.weight_sum,
        "n": estimate.n if cell.n is None else cell.n,
        "n_eff": cell.n_eff,
        "unit": cell.unit,
        "as_of": cell.as_of,
        "coverage": cell.coverage,
        "suppression": cell.suppression,
        "reason": cell.reason,
    }
