"""The floor's rule: late, due soon, on time, empty, not serving; and the sentence that follows from it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Estimate
from watchfloor.operations.insights.urgency import by_urgency, pooled, standing_of, summarise

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    queue_slug: str = "a"
    state: str = "live"
    backlog: int = 1
    in_review: int = 0
    oldest_deadline_at: datetime | None = None
    active_reviewers: int = 3
    arrivals_1h: int = 10
    plan_1h: float | None = 8.0
    decided_1h: int = 9
    sla_attainment: Estimate | None = None
    oldest_age_seconds: float | None = None
    title: str = "A"


def due(minutes: float, **values: object) -> Row:
    return Row(oldest_deadline_at=NOW + timedelta(minutes=minutes), **values)


@pytest.mark.parametrize(
    ("row", "level"),
    [
        (due(-1), "late"),
        (due(-1, state="paused"), "late"),
        (due(10), "soon"),
        (due(15), "soon"),
        (due(16), "ok"),
        (due(90, active_reviewers=0), "soon"),
        (due(90), "ok"),
        (due(90, state="paused"), "paused"),
        (Row(backlog=0), "empty"),
        (Row(), "ok"),
    ],
)
def test_a_queue_stands_by_its_oldest_deadline(row: Row, level: str) -> None:
    assert standing_of(row, now=NOW).level == level


def test_the_latest_queue_comes_first_and_those_without_deadline_last() -> None:
    rows = [
        Row("none"),
        due(30, queue_slug="later"),
        due(-5, queue_slug="late"),
        due(-60, queue_slug="latest"),
    ]
    assert [row.queue_slug for row, _ in by_urgency(rows, now=NOW)] == ["latest", "late", "later", "none"]


def test_the_summary_adds_up_and_names_the_worst() -> None:
    summary = summarise(by_urgency([due(-5, queue_slug="late"), due(5), Row(plan_1h=None)], now=NOW))
    assert (summary.late, summary.soon, summary.open_cases) == (1, 1, 3)
    assert (summary.arrivals, summary.plan) == (30, 16.0)
    assert summary.worst is not None
    assert summary.worst.queue_slug == "late"


def test_attainment_is_pooled_over_cases_not_over_queues() -> None:
    estimate = pooled([Estimate(1.0, 0.9, 1.0, n=10), Estimate(0.5, 0.4, 0.6, n=990), None])
    assert estimate is not None
    assert estimate.value == pytest.approx((10 + 495) / 1000)
    assert estimate.n == 1000
    assert estimate.low is not None
    assert 0.505 - 0.1 < estimate.low < 0.505


def test_no_observation_is_not_zero() -> None:
    assert pooled([None, Estimate(None)]) is None
