"""Which rule sets a deadline, and what is wrong with hours as people type them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from watchfloor.operations.queues.deadlines import Due, deadline_at, due_by
from watchfloor.operations.queues.hours import hours_faults
from watchfloor.operations.queues.models import Calendar, QueueVersion

RULES = [
    {"severity": ["critical"], "seconds": 3600, "clock": "elapsed"},
    {"source": ["notice"], "market": ["DE", "FR"], "seconds": 14400},
]


@pytest.mark.parametrize(
    ("case", "due"),
    [
        (("critical", "notice", "DE"), Due(3600, "elapsed")),
        (("low", "notice", "FR"), Due(14400, "business")),
        (("low", "notice", "US"), Due(86400, "business")),
        (("high", "model", "DE"), Due(28800, "business")),
        (("", "", ""), Due(86400, "business")),
    ],
)
def test_the_first_rule_that_matches_sets_the_deadline(case: tuple[str, str, str], due: Due) -> None:
    severity, source, market = case
    assert due == due_by(
        rules=RULES,
        seconds_by_severity={"high": 28800, "default": 86400},
        has_calendar=True,
        case={"severity": severity, "source": source, "market": market},
    )


def test_a_version_with_a_calendar_counts_its_hours_and_one_without_counts_the_clock() -> None:
    calendar = Calendar(
        pk=1, slug="berlin", time_zone="Europe/Berlin", hours={str(day): [[540, 1020]] for day in range(5)}
    )
    friday = datetime(2026, 3, 27, 15, 30, tzinfo=UTC)
    facts: dict[str, Any] = {"severity": "high", "source": "", "market": "DE", "enqueued_at": friday}
    version = QueueVersion(sla_seconds={"default": 7200}, calendar=calendar)
    # Half an hour is left on Friday; Berlin's clocks go forward on Sunday, so Monday's nine is 07:00 UTC.
    assert deadline_at(version=version, **facts) == datetime(2026, 3, 30, 8, 30, tzinfo=UTC)
    assert deadline_at(version=QueueVersion(sla_seconds={"default": 7200}), **facts) == datetime(
        2026, 3, 27, 17, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({}, "open on no day"),
        ({"7": [[0, 60]]}, "Weekday '7' is unknown"),
        ({"0": [[600, 540]]}, "600 to 540 is no stretch"),
        ({"0": [[0, 1441]]}, "0 to 1441 is no stretch"),
        ({"0": [[0, 600], [540, 700]]}, "overlaps"),
        ({"0": [[0, 60.5]]}, "whole numbers"),
        ({"0": [600]}, "pairs of minutes"),
    ],
)
def test_hours_are_refused_with_what_is_wrong(hours: Any, said: str) -> None:
    faults = hours_faults(zone="Europe/Berlin", hours=hours)
    assert len(faults) == 1
    assert said in faults[0]


def test_a_zone_that_does_not_exist_is_named() -> None:
    assert hours_faults(zone="Europe/Atlantis", hours={"0": [[0, 60]]}) == [
        "There is no time zone 'Europe/Atlantis'; write one like Europe/Berlin."
    ]
