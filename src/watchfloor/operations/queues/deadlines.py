"""When a case is due: by severity, source and market, in elapsed time or in business hours.

A queue version holds `sla_rules`, asked in order; the first that matches a case sets its deadline, and where
none does `sla_seconds` by severity. Each rule is `{"severity": [...], "source": [...], "market": [...],
"seconds": n, "clock": "elapsed" | "business"}`; a condition that is left out matches everything. Where the
version names a calendar, deadlines count its open hours unless the rule says `elapsed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchfloor.operations.queues.hours import BusinessHours, hours_faults
from watchfloor.operations.queues.models import Calendar, QueueVersion

DEFAULT_SLA_SECONDS = 24 * 3600
CONDITIONS = ("severity", "source", "market")
CLOCKS = ("elapsed", "business")


@dataclass(frozen=True, slots=True)
class Due:
    """How long a case may take, and by which clock."""

    seconds: float
    clock: str


def deadline_at(
    *, version: QueueVersion, severity: str, source: str, market: str, enqueued_at: datetime
) -> datetime:
    """Return when a case of this queue version is due."""
    due = due_by(
        rules=version.sla_rules,
        seconds_by_severity=version.sla_seconds,
        has_calendar=version.calendar_id is not None,
        case={"severity": severity, "source": source, "market": market},
    )
    if due.clock == "elapsed" or version.calendar is None:
        return enqueued_at + timedelta(seconds=due.seconds)
    return business_hours(version.calendar).deadline(start=enqueued_at, open_seconds=due.seconds)


def due_by(
    *,
    rules: Sequence[Mapping[str, Any]],
    seconds_by_severity: Mapping[str, float],
    has_calendar: bool,
    case: Mapping[str, str],
) -> Due:
    """Return the time of the first rule that matches the case, else the time of its severity.

    >>> due_by(
    ...     rules=[{"market": ["DE"], "seconds": 3600, "clock": "elapsed"}],
    ...     seconds_by_severity={"default": 7200},
    ...     has_calendar=True,
    ...     case={"severity": "high", "source": "notice", "market": "FR"},
    ... )
    Due(seconds=7200, clock='business')
    """
    usual = "business" if has_calendar else "elapsed"
    for rule in rules:
        if all(not rule.get(name) or case[name] in rule[name] for name in CONDITIONS):
            return Due(rule["seconds"], rule.get("clock", usual))
    seconds = seconds_by_severity.get(case["severity"]) or seconds_by_severity.get("default")
    return Due(seconds or DEFAULT_SLA_SECONDS, usual)


def business_hours(calendar: Calendar) -> BusinessHours:
    """Return the open hours of a stored calendar."""
    return BusinessHours.of(zone=calendar.time_zone, hours=calendar.hours, holidays=calendar.holidays)


def calendar_faults(calendar: Calendar) -> list[str]:
    """Return what is wrong with a calendar, one sentence each."""
    return hours_faults(zone=calendar.time_zone, hours=calendar.hours, holidays=calendar.holidays)
