"""Runs two versions of a metric beside each other over the same facts, within the reach of whoever asks."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.metrics import Answer, Catalogue, Query
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.governing import Difference, dual_run
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.viewers import Viewer

TRIAL_DAYS = 28


@dataclass(frozen=True, slots=True)
class DualRun:
    """Both versions over one period: the whole, by day in order, and by one dimension, the largest first.

    `problem` says why one of them has no answer.
    """

    period: Period
    whole: Difference
    days: tuple[Difference, ...] = ()
    units: tuple[Difference, ...] = ()
    unit: str = ""
    facts_version: int = 0
    problem: WatchfloorError | None = None


def trial_period(now: datetime) -> Period:
    """Return the last whole UTC days."""
    end = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Period(end - timedelta(days=TRIAL_DAYS), end)


def beside(*, old: Definition, new: Definition, viewer: Viewer, operation: str, now: datetime) -> DualRun:
    """Return the two versions side by side over the last four weeks, within the viewer's reach."""
    period = trial_period(now)
    shared = [name for name in old.dimensions if name in new.dimensions and name != "purpose"]
    unit = "queue" if "queue" in shared else (shared[0] if shared else "")
    versions: list[int] = []

    def ask(query: Query, known: Catalogue) -> Answer:
        found = ask_as(query, viewer=viewer, operation=operation, now=now, definitions=known)
        versions.append(found.version)
        return found

    def run(query: Query) -> tuple[Difference, ...]:
        return tuple(dual_run(old, new, catalogue=catalogue(), queries=[query], ask=ask))

    query = Query((new.id,), period)
    try:
        whole = run(query)
        days = run(replace(query, grain="day"))
        units = run(replace(query, by=(unit,))) if unit else ()
    except WatchfloorError as error:
        return DualRun(period, Difference(None, None), problem=error)
    first = whole[0] if whole else Difference(None, None)
    return DualRun(period, first, tuple(sorted(days, key=_day)), units, unit, max(versions, default=0))


def _day(one: Difference) -> str:
    cell = one.cell_new or one.cell_old
    return cell.bucket_start.isoformat() if cell is not None and cell.bucket_start else ""
