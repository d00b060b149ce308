"""Says how a queue stands against its deadlines. Pure: one rule for the grid, the headline and the tests.

A queue is *late* when its oldest open deadline has passed; *due soon* when that deadline is at most
`SOON_SECONDS` away, or at most `UNSTAFFED_SECONDS` away with nobody working in it. No forecast enters here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from watchfloor.kernel import Estimate

if TYPE_CHECKING:
    from watchfloor.operations.review.floor import FloorRow

SOON_SECONDS = 15 * 60
UNSTAFFED_SECONDS = 2 * 3600
NOT_SERVING = (
    "draft",
    "configured",
    "policy_bound",
    "template_aligned",
    "training_ready",
    "calibrated",
    "paused",
    "retired",
)

Level = Literal["late", "soon", "ok", "empty", "paused"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one queue stands; `seconds_left` is negative once late and None without an open deadline."""

    level: Level
    seconds_left: float | None


def standing_of(row: "FloorRow", *, now: datetime) -> Standing:
    """Return how the queue of `row` stands at `now`."""
    left = (row.oldest_deadline_at - now).total_seconds() if row.oldest_deadline_at else None
    if left is not None and left < 0:
        return Standing("late", left)
    if row.state in NOT_SERVING:
        return Standing("paused", left)
    if left is not None and (
        left <= SOON_SECONDS or (left <= UNSTAFFED_SECONDS and not row.active_reviewers)
    ):
        return Standing("soon", left)
    if not row.backlog and not row.in_review:
        return Standing("empty", None)
    return Standing("ok", left)


def by_urgency(rows: Sequence["FloorRow"], *, now: datetime) -> list[tuple["FloorRow", Standing]]:
    """Return the rows with their standing: furthest past its deadline first, the undated last by age."""
    stood = [(row, standing_of(row, now=now)) for row in rows]
    return sorted(
        stood,
        key=lambda pair: (
            pair[1].seconds_left is None,
            pair[1].seconds_left or 0.0,
            -(pair[0].oldest_age_seconds or 0.0),
            -pair[0].backlog,
            pair[0].queue_slug,
        ),
    )


@dataclass(frozen=True, slots=True)
class FloorSummary:
    """The whole floor in a few figures."""

    queues: int
    late: int
    soon: int
    open_cases: int
    in_review: int
    worst: "FloorRow | None"
    worst_left: float | None
    arrivals: int
    plan: float | None
    decided: int
    reviewers: int
    sla: Estimate | None
    oldest: "FloorRow | None" = None

    @property
    def level(self) -> Level:
        """The standing of the floor: that of its worst queue."""
        if self.late:
            return "late"
        if self.soon:
            return "soon"
        return "ok" if self.worst is not None else "empty"

    @property
    def arrivals_over_plan(self) -> float | None:
        """Arrivals of the last hour over the plan; None without a plan."""
        return self.arrivals / self.plan if self.plan else None


def summarise(stood: Sequence[tuple["FloorRow", Standing]]) -> FloorSummary:
    """Return the figures of the floor from rows in order of urgency."""
    levels = [standing.level for _, standing in stood]
    due = [(row, standing) for row, standing in stood if standing.seconds_left is not None]
    worst, worst_standing = due[0] if due else (None, None)
    plans = [row.plan_1h for row, _ in stood if row.plan_1h is not None]
    return FloorSummary(
        queues=len(stood),
        late=levels.count("late"),
        soon=levels.count("soon"),
        open_cases=sum(row.backlog + row.in_review for row, _ in stood),
        in_review=sum(row.in_review for row, _ in stood),
        worst=worst,
        worst_left=worst_standing.seconds_left if worst_standing else None,
        arrivals=sum(row.arrivals_1h or 0 for row, _ in stood),
        plan=sum(plans) if plans else None,
        decided=sum(row.decided_1h or 0 for row, _ in stood),
        reviewers=sum(row.active_reviewers or 0 for row, _ in stood),
        oldest=max(
            (row for row, _ in stood if row.oldest_age_seconds is not None),
            key=lambda row: row.oldest_age_seconds or 0.0,
            default=None,
        ),
        sla=pooled([row.sla_attainment for row, _ in stood]),
    )


def pooled(estimates: Sequence[Estimate | None]) -> Estimate | None:
    """Return the share over all queues: numerators over denominators, variances added as of strata.

    The half-width of each interval stands in for its standard error, so the pooled interval is approximate
    where a queue's own is skewed; None when no queue has an observation.
    """
    known = [e for e in estimates if e is not None and e.value is not None and e.n]
    total = sum(e.n for e in known)
    if not total:
        return None
    value = sum((e.value or 0.0) * e.n for e in known) / total
    squares = [
        (e.n / total * (e.high - e.low) / 2) ** 2 for e in known if e.low is not None and e.high is not None
    ]
    if len(squares) < len(known):
        return Estimate(value=value, n=total)
    half = sum(squares) ** 0.5
    return Estimate(
        value=value, low=max(0.0, value - half), high=min(1.0, value + half), n=total, method=known[0].method
    )
