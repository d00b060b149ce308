"""What strategies really brought: volume, yield, handle time and price, each from the metric catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.kernel import Estimate, Period, WatchfloorError
from watchfloor.metrics import Cell, Query
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import ask, extent_of
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.routing.models import Strategy

METRICS = ("intake", "completed", "violative_rate", "aht")
FEWEST_DECIDED = 30


@dataclass(frozen=True, slots=True)
class Price:
    """Cost of a case found violative; its interval is that of the yield alone."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class StrategyFigures:
    """A strategy's figures over a period; None is not known, which is not zero."""

    strategy: Strategy
    cases_a_day: float | None = None
    completed: float | None = None
    violative_share: Estimate | None = None
    handle: Estimate | None = None
    price: Price | None = None
    verdict: str = "unknown"

    @property
    def volume_ratio(self) -> float | None:
        """Actual over expected volume."""
        expected = self.strategy.expected_cases_per_day
        return self.cases_a_day / expected if expected and self.cases_a_day is not None else None


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures, the days that stand behind them, and why there are none."""

    rows: tuple[StrategyFigures, ...]
    days: float
    problem: WatchfloorError | None = None


def period_of(*, days: int, now: datetime, operation: str) -> Period:
    """Return the last days up to now, cut to what was observed: means divide by observed days."""
    start = now - timedelta(days=days)
    extent = extent_of(operation)
    if extent is not None and start < extent.start < now:
        start = extent.start
    return Period(start, now)


def measure(
    strategies: Iterable[Strategy], *, viewer: Viewer, operation: str, now: datetime, days: int
) -> Measured:
    """Return what each strategy brought, in the order given, within the viewer's reach."""
    rows = list(strategies)
    period = period_of(days=days, now=now, operation=operation)
    observed = (period.end - period.start) / timedelta(days=1)
    where = within_reach({"purpose": ("production",)}, viewer=viewer, is_live=True)
    query = Query(metrics=METRICS, period=period, by=("strategy",), where=where)
    try:
        cells = ask(query, operation=operation, now=now).cells
    except WatchfloorError as error:
        return Measured(tuple(StrategyFigures(row) for row in rows), observed, error)
    found: dict[tuple[str, str], Cell] = {
        ("".join(cell.scope.as_dict().get("strategy", ())), cell.metric): cell for cell in cells
    }
    return Measured(tuple(_figures(row, found, observed) for row in rows), observed)


def _figures(row: Strategy, found: dict[tuple[str, str], Cell], observed: float) -> StrategyFigures:
    intake, completed, rate, aht = (found.get((row.slug, name)) for name in METRICS)
    share = rate.estimate if rate is not None and rate.estimate.value is not None else None
    return StrategyFigures(
        strategy=row,
        cases_a_day=(intake.estimate.value or 0.0) / observed if intake is not None and observed else None,
        completed=completed.estimate.value if completed is not None else None,
        violative_share=share,
        handle=aht.estimate if aht is not None and aht.estimate.value is not None else None,
        price=_price(row, aht, completed, share),
        verdict=yield_verdict(share, expected=row.expected_violative_share),
    )


def yield_verdict(share: Estimate | None, *, expected: float | None) -> str:
    """Return whether a yield is as expected: judged by its interval's bound, never by the point.

    `low` when the whole interval lies below what was expected, `met` when the whole lies at or above it,
    `open` when the interval holds it, `few` with too few decided cases, `unknown` without both.

    >>> yield_verdict(Estimate(0.1, 0.08, 0.12, n=900), expected=0.15)
    'low'
    >>> yield_verdict(Estimate(0.1, 0.02, 0.3, n=40), expected=0.15)
    'open'
    """
    if share is None or expected is None or share.low is None or share.high is None:
        return "unknown"
    if share.n < FEWEST_DECIDED:
        return "few"
    if share.high < expected:
        return "low"
    return "met" if share.low >= expected else "open"


def _price(row: Strategy, aht: Cell | None, completed: Cell | None, share: Estimate | None) -> Price | None:
    if row.cost_per_hour is None or aht is None or completed is None or share is None or not share.value:
        return None
    handled, decided = aht.numerator, completed.estimate.value
    if handled is None or not decided:
        return None
    per_case = handled / 3600 * row.cost_per_hour / decided
    return Price(
        per_case / share.value,
        per_case / share.high if share.high else None,
        per_case / share.low if share.low else None,
    )
