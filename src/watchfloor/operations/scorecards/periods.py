"""The period that a scorecard is about, the one before, and the buckets of its trend."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.kernel import Period
from watchfloor.metrics.grid import Grain
from watchfloor.operations.cells.grains import start_of
from watchfloor.operations.scorecards.errors import ScorecardError
from watchfloor.operations.scorecards.vocabulary import PERIODS

BUCKETS = 12


@dataclass(frozen=True, slots=True)
class Span:
    """The period, the one before it, and the time its trend covers in buckets of `grain`."""

    name: str
    period: Period
    before: Period
    trend: Period
    grain: Grain

    @property
    def is_bucket(self) -> bool:
        """Whether the period is one bucket of the trend, so that the trend is its history."""
        return self.name in ("week", "month")


def span_of(name: str, *, now: datetime) -> Span:
    """Return the span that ends before `now`: whole days, weeks and months of UTC only.

    >>> from datetime import UTC
    >>> span_of("month", now=datetime(2026, 3, 9, tzinfo=UTC)).before.start.date().isoformat()
    '2026-01-01'

    Raises:
        ScorecardError: there is no such period.

    """
    if name not in PERIODS:
        raise ScorecardError(f"There is no period {name!r}.", remedy=f"Choose one of {', '.join(PERIODS)}.")
    if name == "month":
        edges = [start_of(now, grain="month", time_zone="UTC")]
        while len(edges) <= BUCKETS:
            edges.append(start_of(edges[-1] - timedelta(days=1), grain="month", time_zone="UTC"))
        return Span(
            name, Period(edges[1], edges[0]), Period(edges[2], edges[1]), Period(edges[-1], edges[0]), "month"
        )
    grain: Grain = "week" if name == "week" else "day"
    end = start_of(now, grain=grain, time_zone="UTC")
    length = timedelta(days=7 if name == "week" else 28)
    weeks_end = start_of(end, grain="week", time_zone="UTC")
    trend = Period(weeks_end - BUCKETS * timedelta(days=7), weeks_end)
    return Span(name, Period(end - length, end), Period(end - 2 * length, end - length), trend, "week")
