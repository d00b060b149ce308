"""Says how often a rule would have fired over the last weeks, before it is saved.

The past is walked in buckets: hours for windows of less than a day, else days. Sums and ratios are rolled
up from their buckets to the rule's window; what cannot be summed is taken bucket by bucket. Persistence is
applied to the buckets, so a rule that looks each minute fires at most a little more often than is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from watchfloor.kernel import Estimate, Period
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.alerts.breaching import Findings, burns, bursts, levels, unit_of
from watchfloor.operations.alerts.gathering import Ask, gather, where_of
from watchfloor.operations.alerts.models import AlertRule
from watchfloor.operations.alerts.persistence import clears, fires, remembered
from watchfloor.operations.alerts.vocabulary import BASELINE_DAYS
from watchfloor.operations.cells.grains import Grain
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.resolver import in_force

WEEKS = 4
SERIES = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Firing:
    """One time that the rule would have fired."""

    at: datetime
    unit: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """How often a rule would have fired, when, and the values around it.

    Attributes:
        period: The weeks that were looked at.
        grain: Buckets of the walk; None where the kind has no past to walk.
        firings: In order of time.
        points: Values of the units that fired most, as charts take them.
        units: How many units were watched.
        expected_false: How many of the firings are expected to be false.
        problem: Why there is no answer; empty when there is one.

    """

    period: Period
    grain: Grain | None
    firings: tuple[Firing, ...] = ()
    points: tuple[Mapping[str, Any], ...] = ()
    units: int = 0
    expected_false: float = 0.0
    problem: str = ""


def preview(rule: AlertRule, *, viewer: Viewer, operation: str, now: datetime, weeks: int = WEEKS) -> Preview:
    """Return how often the rule would have fired within the viewer's reach over the last weeks."""
    grain: Grain = "hour" if rule.window_seconds < _DAY.total_seconds() and rule.kind != "burst" else "day"
    end = now.replace(minute=0, second=0, microsecond=0)
    if grain == "day":
        end = end.replace(hour=0)
    period = Period(end - timedelta(weeks=weeks), end)
    if rule.kind == "freshness":
        return Preview(period, None)
    definition = catalogue()[rule.metric_id]
    early = timedelta(days=BASELINE_DAYS) if rule.kind == "burst" else _longest(rule)
    reach = Period(period.start - early, period.end)
    ask = Ask(rule.metric_id, tuple(rule.by), reach, grain, where_of(rule, definition=definition))
    gathered = gather([ask], operation=operation, now=now, viewer=viewer)
    if ask in gathered.problems:
        return Preview(period, grain, problem=gathered.problems[ask])
    cells = gathered.cells.get(ask, ())
    targets = in_force([rule.metric_id], at=period.start, until=now) if rule.level is None else []
    walk = _Walk(rule, definition, targets, grain, cells)
    firings, expected = walk.run(period)
    chosen = _chosen(firings, cells, rule)
    return Preview(
        period,
        grain,
        tuple(firings),
        tuple(_points(cells, rule=rule, chosen=chosen, period=period)),
        len({unit_of(cell, rule.by)[0] for cell in cells}),
        expected,
    )


def _longest(rule: AlertRule) -> timedelta:
    hours = [3_600.0 * float(hours) for _, hours in rule.burn_pairs] if rule.kind == "budget_burn" else []
    return timedelta(seconds=max([float(rule.window_seconds), *hours]))


class _Walk:
    """One pass over the buckets of the past, from the oldest."""

    def __init__(
        self,
        rule: AlertRule,
        definition: Definition,
        targets: Sequence[Target],
        grain: Grain,
        cells: Iterable[Cell],
    ) -> None:
        self.rule, self.definition, self.targets = rule, definition, targets
        self.step = timedelta(hours=1) if grain == "hour" else _DAY
        self.by_unit: dict[str, dict[datetime, Cell]] = {}
        for cell in cells:
            if cell.bucket_start is not None:
                self.by_unit.setdefault(unit_of(cell, rule.by)[0], {})[cell.bucket_start] = cell

    def run(self, period: Period) -> tuple[list[Firing], float]:
        memory: dict[str, str] = {}
        standing: dict[str, int] = {}
        firings: list[Firing] = []
        expected = 0.0
        at = period.start
        while at < period.end:
            found = self.look(at)
            new = 0
            for one in found.looked:
                if one.standing == "no_data":
                    continue
                over = one.standing == "over"
                memory[one.unit] = remembered(memory.get(one.unit, ""), over=over, looked=self.rule.looked)
                if one.unit in standing:
                    standing[one.unit] = 0 if over else standing[one.unit] + 1
                    if clears(standing[one.unit], needed=self.rule.needed):
                        del standing[one.unit]
                elif fires(memory[one.unit], needed=self.rule.needed):
                    standing[one.unit] = 0
                    value = one.cell.estimate.value if one.cell is not None else None
                    firings.append(Firing(at + self.step, one.unit, value))
                    new += 1
            out = sum(one.standing == "over" for one in found.looked)
            # Of what was over at this bucket, the same share is false of what fired there.
            expected += new * found.expected_false / out if out else 0.0
            at += self.step
        return firings, expected

    def look(self, at: datetime) -> Findings:
        """Return the units over, in order or unknown in the window that ends with the bucket at `at`."""
        if self.rule.kind == "burst":
            now = [cells[at] for cells in self.by_unit.values() if at in cells]
            past = [
                cell
                for cells in self.by_unit.values()
                for start, cell in cells.items()
                if at - timedelta(days=BASELINE_DAYS) <= start < at
            ]
            return bursts(now, past, rule=self.rule)
        shared: dict[str, Any] = {
            "rule": self.rule,
            "definition": self.definition,
            "targets": [each for each in self.targets if each.effective_from <= at],
            "at": at,
        }
        if self.rule.kind == "budget_burn":
            hours = [float(hours) for _, hours in self.rule.burn_pairs]
            return burns({each: self.rolled(at, seconds=each * 3_600.0) for each in hours}, **shared)
        return levels(self.rolled(at, seconds=self.rule.window_seconds), **shared)

    def rolled(self, at: datetime, *, seconds: float) -> list[Cell]:
        """Return one cell a unit over the window that ends with the bucket at `at`."""
        many = max(1, round(seconds / self.step.total_seconds()))
        made = []
        for cells in self.by_unit.values():
            held = [cells[start] for back in range(many) if (start := at - back * self.step) in cells]
            if held:
                made.append(_sum(held) if many > 1 else held[0])
        return made


def _sum(held: Sequence[Cell]) -> Cell:
    """Return the window's cell of its buckets: summed where sums are kept, else the newest bucket."""
    last = held[0]
    if last.weight_sum is not None or any(cell.numerator is None for cell in held):
        return last
    top = sum(cell.numerator or 0.0 for cell in held)
    below = None if last.denominator is None else sum(cell.denominator or 0.0 for cell in held)
    n = sum(cell.n for cell in held)
    value = top if below is None else top / below if below else None
    return replace(
        last,
        numerator=top,
        denominator=below,
        n=n,
        estimate=Estimate(value, n=n),
        reason="" if value is not None else "empty",
    )


def _chosen(firings: Sequence[Firing], cells: Sequence[Cell], rule: AlertRule) -> list[str]:
    """Return the units worth drawing: those that fired most, else those with most observations."""
    counts: dict[str, float] = {}
    for firing in firings:
        counts[firing.unit] = counts.get(firing.unit, 0.0) + 1.0
    if not counts:
        for cell in cells:
            unit = unit_of(cell, rule.by)[0]
            counts[unit] = counts.get(unit, 0.0) + cell.n
    return sorted(counts, key=lambda unit: (-counts[unit], unit))[:SERIES]


def _points(
    cells: Sequence[Cell], *, rule: AlertRule, chosen: Sequence[str], period: Period
) -> list[dict[str, Any]]:
    made = []
    for cell in cells:
        unit = unit_of(cell, rule.by)[0]
        if unit in chosen and cell.bucket_start is not None and cell.bucket_start >= period.start:
            made.append(
                {
                    "at": cell.bucket_start.isoformat().replace("+00:00", "Z"),
                    "value": cell.estimate.value,
                    "low": cell.estimate.low,
                    "high": cell.estimate.high,
                    "series": unit.replace("queue=", "") or rule.metric_id,
                }
            )
    return made
