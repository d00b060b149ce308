"""What leaves a data boundary: sums by queue and whole days of enough cases, and nothing to subtract."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Query
from watchfloor.operations.cells import warehouse
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.released import with_released
from watchfloor.operations.people.boundary_roles import seen_by
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.queues.services import NewQueue, create_queue
from watchfloor.operations.record.viewers import GrantScope, Viewer

FIRST = datetime(2026, 3, 2, tzinfo=UTC)
NOW = FIRST + timedelta(days=10)
PER_DAY = {"inside": (20, 12, 3, 15, 0, 11), "open": (5, 5, 5, 5, 5, 5)}
OUTSIDE = Viewer("outside", grants=(GrantScope("analyst"),))


@pytest.fixture
def operation(db: None, tmp_path: Path, settings: Any) -> DataBoundary:
    """A queue inside a boundary and one outside, with so many cases a day."""
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    boundary = DataBoundary.objects.create(slug="eu", name="EU", minimum_count=10, aggregates_leave=True)
    for slug, held in (("inside", boundary), ("open", None)):
        new = NewQueue(slug=slug, title=slug, group="g", surface="video", data_boundary=held)
        create_queue(new=new, by=Viewer.system(), now=FIRST)
    rows = [
        {"case_id": f"{slug}-{day}-{number}", "queue_id": slug, "purpose": "production", "surface": "video"}
        | {"enqueued_at": FIRST + timedelta(days=day, minutes=number), "language": "en"}
        | {"data_boundary": "eu" if slug == "inside" else None}
        for slug, counts in PER_DAY.items()
        for day, count in enumerate(counts)
        for number in range(count)
    ]
    schema = TABLES["case"].arrow_schema
    table = pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in rows], schema=schema)
    FactStore(tmp_path, settings.WATCHFLOOR_OPERATION).commit(
        {"case": table}, published_at=NOW, source="test"
    )
    yield boundary
    warehouse.store_of.cache_clear()


def _ask(
    first: int, last: int, *, viewer: Viewer = OUTSIDE, operation: str = "demo", **changes: Any
) -> dict[Any, Any]:
    """Return intake by queue (and bucket) from day `first` to before day `last`; a hidden sum is its mark."""
    asked: dict[str, Any] = {"by": ("queue",)} | changes
    period = Period(FIRST + timedelta(days=first), FIRST + timedelta(days=last))
    query = Query(metrics=("intake",), period=period, **asked)
    with seen_by(viewer):
        narrowed = replace(query, where=within_reach(query.where, viewer=viewer, is_live=True))
        found = warehouse.ask(narrowed, operation=operation, now=NOW)
        found = with_released(found, query=query, viewer=viewer, operation=operation, now=NOW)
    return {
        (
            *(cell.scope.as_dict()[name][0] for name in query.by),
            *([cell.bucket_start.day] if cell.bucket_start else []),
        ): (cell.suppression if cell.suppression != "exact" else cell.estimate.value)
        for cell in found.cells
    }


def test_whole_days_of_enough_cases_leave_and_others_are_marked(operation, settings):
    name = settings.WATCHFLOOR_OPERATION
    assert _ask(0, 2, operation=name) == {("inside",): 32, ("open",): 10}
    assert _ask(0, 3, operation=name) == {("inside",): "suppressed", ("open",): 15}
    assert _ask(0, 6, operation=name, grain="day") == {
        **{
            ("inside", day): value
            for day, value in ((2, 20), (3, 12), (4, "suppressed"), (5, 15), (6, 0), (7, 11))
        },
        **{("open", day): 5 for day in range(2, 8)},
    }


def test_no_difference_of_two_periods_tells_a_small_day(operation, settings):
    name = settings.WATCHFLOOR_OPERATION
    known = {
        (first, last): value
        for first in range(6)
        for last in range(first + 1, 7)
        if isinstance(value := _ask(first, last, operation=name).get(("inside",)), float | int)
    }
    assert known
    assert not any(first <= 2 < last for first, last in known)  # day 2 holds three cases
    differences = [abs(known[a] - known[b]) for a, b in pairwise(sorted(known)) if a[0] == b[0]]
    assert differences
    assert all(difference == 0 or difference >= 10 for difference in differences)


def test_totals_and_other_splits_hold_nothing_of_the_boundary(operation, settings):
    name = settings.WATCHFLOOR_OPERATION
    assert _ask(0, 6, operation=name, by=()) == {(): 30}
    assert _ask(0, 6, operation=name, by=("queue", "language")) == {("open", "en"): 30}
    assert _ask(0, 6, operation=name, where={"language": ("en",)}) == {("open",): 30}
    half = Query(metrics=("intake",), by=("queue",), period=Period(FIRST, FIRST + timedelta(hours=30)))
    with seen_by(OUTSIDE):
        found = with_released(
            warehouse.ask(half, operation=name, now=NOW), query=half, viewer=OUTSIDE, operation=name, now=NOW
        )
    assert any("whole UTC days" in warning for warning in found.warnings)


def test_without_approval_nothing_leaves_and_inside_everything_is_exact(operation, settings):
    name = settings.WATCHFLOOR_OPERATION
    inside = Viewer("inside", grants=(GrantScope("analyst", data_boundary="eu"),))
    assert _ask(0, 3, viewer=inside, operation=name) == {("inside",): 35, ("open",): 15}
    DataBoundary.objects.update(aggregates_leave=False)
    assert _ask(0, 2, operation=name) == {("open",): 10}


def test_a_grant_for_one_queue_group_sees_no_sum_of_another(operation, settings):
    elsewhere = Viewer("elsewhere", grants=(GrantScope("analyst", queue_group="other"),))
    assert _ask(0, 2, viewer=elsewhere, operation=settings.WATCHFLOOR_OPERATION) == {}
